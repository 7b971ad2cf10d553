// What importing cases costs beside SQLite's bulk insert of the same bytes, and
// what a node with many cases needs to start, to answer partners and its own
// people, and of memory.
#include <sqlite3.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "tests/benchmark/asker.h"
#include "tests/benchmark/border_pair.h"
#include "tests/benchmark/case_questions.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/report.h"
#include "tests/benchmark/serving_process.h"
#include "tests/support/silent_server.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Cases = ops::CaseService;

constexpr char kHeader[] =
    "x_local_reference,x_danger,x_registered_on,prs_FirstName,prs_SecondName,"
    "prs_Gender,hte_Description\n";
constexpr size_t kPiece = size_t{511} * 1024;
constexpr std::chrono::seconds kLongCall{7200};
constexpr int kMany = 64;

std::string ReferenceOf(int number) { return absl::StrCat("L", number); }

// About 180 bytes, as a case of a form that was filled in half.
std::string RowOf(int number) {
  static const std::string rest = absl::StrCat(
      ",none,2026-01-02,Amina,", std::string(50, 'B'), ",Feminine,",
      "what she told of it in a few words and in her own language\n");
  return ReferenceOf(number) + rest;
}

// Niger's node in this process, or its directory served by a process of its
// own, and who asks it from Nigeria.
class MeasuredNode {
 public:
  // As comity case import does it; returns the seconds.
  double Import(int cases) {
    const absl::Time start = absl::Now();
    ops::BeginImportRequest begin;
    begin.set_request_id(Coordinator("importer").NewRequestId());
    const auto begun = Coordinator("importer")
                           .Call<Cases, ops::BeginImportResponse>(
                               &Cases::Stub::BeginImport, begin);
    Must(begun.status(), "the import's begin");
    ops::AppendImportRequest piece;
    piece.set_import_id(begun->import_id());
    std::string content = kHeader;
    for (int i = 0; i < cases; ++i) {
      content += RowOf(i);
      const bool last = i + 1 == cases;
      if (content.size() < kPiece && !last) continue;
      piece.set_sequence(piece.sequence() + 1);
      piece.set_content(content);
      piece.set_last(last);
      Must(Coordinator("importer")
               .Call<Cases, ops::AppendImportResponse>(
                   &Cases::Stub::AppendImport, piece, kLongCall)
               .status(),
           "a piece");
      content.clear();
    }
    ops::CommitImportRequest commit;
    commit.set_request_id(Coordinator("importer").NewRequestId());
    commit.set_import_id(begun->import_id());
    const auto done = Coordinator("importer")
                          .Call<Cases, ops::CommitImportResponse>(
                              &Cases::Stub::CommitImport, commit, kLongCall);
    Must(done.status(), "the import's end");
    if (done->imported() != static_cast<uint64_t>(cases)) {
      Must(absl::InternalError("rows were not imported"), "the import");
    }
    return absl::ToDoubleSeconds(absl::Now() - start);
  }
  // Questions of a partner about 64 cases among all of these.
  LoadResult Query(int threads, absl::Duration duration) {
    // One for all: another one's log would be another history.
    if (asker_ == nullptr) {
      asker_ = std::make_unique<Asker>(pair_.ng(), pair_.ne(), pair_.clock());
    }
    return RunLoad(threads, duration, [&](int thread) {
      return asker_->Ask(
          questions_[static_cast<size_t>(thread) % questions_.size()]);
    });
  }

  void Stop() {
    asker_.reset();
    pair_.Close();
  }
  const std::string& directory() { return pair_.ne().directory(); }

  // Whether a partner that looks is told that it serves.
  bool IsHealthy() {
    return HealthOf(pair_.ne().card().endpoints[0],
                    TlsFilesOf(pair_.ng(), pair_.ne().card()), "") == 1;
  }

  // A table of all cases by everybody's year; the first one reads them.
  double CountSeconds() {
    ops::CountTableRequest request;
    request.set_period("2026");
    request.add_dimensions("gender");
    const absl::Time start = absl::Now();
    Must(pair_.ne()
             .As("ANLTP", Role::kStatistician, "counter")
             .Call<ops::TableService, ops::CountTableResponse>(
                 &ops::TableService::Stub::CountTable, request, kLongCall)
             .status(),
         "a count");
    return absl::ToDoubleSeconds(absl::Now() - start);
  }
  // Reading cases by their references, one after the other.
  LoadResult Read(int cases, absl::Duration duration) {
    CommandContext& reader = Coordinator("reader");
    int next = 0;
    return RunLoad(1, duration, [&](int) {
      ops::GetCaseRequest request;
      // Far from the one before.
      next = static_cast<int>((int64_t{next} + 7919) % cases);
      request.set_case_id(ReferenceOf(next));
      return reader
          .Call<Cases, ops::GetCaseResponse>(&Cases::Stub::GetCase, request)
          .status();
    });
  }

 private:
  CommandContext& Coordinator(const std::string& name) {
    return pair_.ne().As("ANLTP", Role::kCoordinator, name);
  }

  BorderPair pair_{/*with_nigeria=*/false};
  const std::vector<federation::v1::CaseQuestion> questions_ =
      MakeQuestions(pair_, kAskedCases);
  std::unique_ptr<Asker> asker_;
};

// The same bytes by SQLite alone, found by the same reference, as durable; the
// seconds.
double BulkInsertSeconds(int cases) {
  const TestDirectory directory;
  sqlite3* database = nullptr;
  sqlite3_open(directory.Path("plain.db").c_str(), &database);
  const absl::Time start = absl::Now();
  sqlite3_exec(database,
               "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
               "CREATE TABLE cases (reference TEXT PRIMARY KEY, body BLOB);"
               "BEGIN",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO cases VALUES (?, ?)", -1, &insert,
                     nullptr);
  for (int i = 0; i < cases; ++i) {
    const std::string reference = ReferenceOf(i);
    const std::string row = RowOf(i);
    sqlite3_bind_text(insert, 1, reference.data(),
                      static_cast<int>(reference.size()), SQLITE_STATIC);
    sqlite3_bind_blob(insert, 2, row.data(), static_cast<int>(row.size()),
                      SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) std::abort();
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  if (sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr) !=
      SQLITE_OK) {
    std::abort();
  }
  sqlite3_close(database);
  return absl::ToDoubleSeconds(absl::Now() - start);
}

// A node with so many cases, measured from outside.
struct Sized {
  int cases = 0;
  double import_seconds = 0;
  double mebibytes = 0;  // with its columns in memory
  double read_us = 0;
  double query_us = 0;
  double queries_per_second = 0;
};

void MeasureImport(Report& report, MeasuredNode& node, const std::string& of,
                   Sized& sized) {
  const double plain = BulkInsertSeconds(sized.cases);
  sized.import_seconds = node.Import(sized.cases);
  report.Figure("import" + of, sized.cases / sized.import_seconds, "1/s",
                Better::kMore);
  report.Figure("SQLite's bulk insert" + of, sized.cases / plain, "1/s",
                Better::kMore);
  report.Ratio("SQLite's bulk insert / import" + of + ", time",
               plain / sized.import_seconds, Better::kMore, 0.3);
}

void MeasureQueries(Report& report, MeasuredNode& node, const std::string& of,
                    Sized& sized) {
  const absl::Duration duration = absl::Seconds(report.quick() ? 2 : 5);
  const LoadResult one = node.Query(1, duration);
  MustWork(report, "query" + of + ", one at a time", one);
  sized.query_us = one.p50_us;
  report.Figure("query" + of + ", one at a time, p50", one.p50_us, "us");
  const LoadResult many = node.Query(kMany, duration);
  MustWork(report, "query" + of + ", 64 at once", many);
  sized.queries_per_second = many.calls_per_second;
  report.Figure("query" + of + ", 64 at once", many.calls_per_second, "1/s",
                Better::kMore);
}

Sized MeasureSize(Report& report, int cases) {
  const std::string of = absl::StrCat(" of ", cases, " cases");
  Sized sized;
  sized.cases = cases;
  MeasuredNode node;
  MeasureImport(report, node, of, sized);
  MeasureQueries(report, node, of, sized);
  node.Stop();
  const ServingProcess process(node.directory());
  if (!node.IsHealthy()) {
    Must(absl::InternalError("is not answered"), "a health check");
  }
  report.Figure("health answered" + of + ", after the process began",
                process.SecondsSinceBegin(), "s", Better::kLess, 30);
  report.Figure("start" + of, process.start_seconds(), "s", Better::kLess, 30);
  report.Figure("memory after the start" + of, process.Mebibytes(), "MiB");
  report.Figure("first count" + of, node.CountSeconds(), "s");
  sized.mebibytes = process.Mebibytes();
  const LoadResult read =
      node.Read(cases, absl::Seconds(report.quick() ? 2 : 5));
  Must(read.failure, "reading cases");
  sized.read_us = read.p50_us;
  report.Figure("memory with columns" + of, sized.mebibytes, "MiB");
  report.Figure("reading a case" + of + ", p50", sized.read_us, "us");
  return sized;
}

void Compare(Report& report, const Sized& small, const Sized& large) {
  const std::string beside = absl::StrCat(": ", large.cases, " / 10000 cases");
  report.Ratio("reading a case" + beside, large.read_us / small.read_us,
               Better::kLess, 1.3);
  report.Ratio("query, one at a time, p50" + beside,
               large.query_us / small.query_us, Better::kLess, 1.3);
  report.Ratio("query, 64 at once, time of each" + beside,
               small.queries_per_second / large.queries_per_second,
               Better::kLess, 1.3);
  report.Figure(
      absl::StrCat("memory for each further case up to ", large.cases),
      (large.mebibytes - small.mebibytes) * 1024 * 1024 /
          (large.cases - small.cases),
      "bytes");
}

// How long the next size may take to import, if nobody asked for it to be as
// long as it is.
constexpr double kPatienceSeconds = 240;

// False if it was left out, which is said.
bool FitsInTime(const Report& report, const Sized& last, int cases) {
  const double expected = last.import_seconds * cases / last.cases;
  if (report.large() || expected <= kPatienceSeconds) return true;
  std::cerr << "left out: importing " << cases << " cases would take about "
            << expected << " s; --large measures it\n";
  return false;
}

int Main(int argc, char** argv) {
  Report report("import", argc, argv);
  PrepareTransport();
  std::vector<int> sizes = {100'000, 1'000'000};
  if (report.quick()) sizes = {50'000};
  if (report.large()) sizes.push_back(10'000'000);
  const Sized small = MeasureSize(report, 10'000);
  std::vector<Sized> measured = {small};
  for (const int cases : sizes) {
    if (!FitsInTime(report, measured.back(), cases)) return 1;
    measured.push_back(MeasureSize(report, cases));
    Compare(report, small, measured.back());
  }
  // Linear: every further case takes as much as the ones before.
  if (measured.size() > 2) {
    const auto each = [&](const Sized& from, const Sized& to) {
      return (to.mebibytes - from.mebibytes) / (to.cases - from.cases);
    };
    const Sized& last = measured.back();
    const Sized& before = measured[measured.size() - 2];
    report.Ratio(
        "memory for a case: of the last size / of the one before",
        each(before, last) / each(measured[measured.size() - 3], before),
        Better::kLess, 1.3);
  }
  return report.Finish();
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) {
  comity::ServeIfAsked(argc, argv);
  return comity::Main(argc, argv);
}
