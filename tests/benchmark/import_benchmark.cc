// What importing cases costs beside SQLite's bulk insert of the same bytes, and
// what a node with many cases needs to start, to answer, and of memory.
#include <fcntl.h>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "absl/time/clock.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/base/clock.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/report.h"
#include "tests/support/test_directory.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Cases = ops::CaseService;

constexpr char kServe[] = "--serve=";
constexpr char kHeader[] =
    "x_local_reference,x_danger,x_registered_on,prs_FirstName,prs_SecondName,"
    "prs_Gender,hte_Description\n";
constexpr size_t kPiece = size_t{128} * 1024;
constexpr std::chrono::seconds kLongCall{1800};

std::string ReferenceOf(int number) { return absl::StrCat("L", number); }

// About 180 bytes, as a case of a form that was filled in half.
std::string RowOf(int number) {
  static const std::string rest = absl::StrCat(
      ",none,2026-01-02,Amina,", std::string(50, 'B'), ",Feminine,",
      "what she told of it in a few words and in her own language\n");
  return ReferenceOf(number) + rest;
}

// A node in this process, or its directory served by a process of its own.
class MeasuredNode {
 public:
  MeasuredNode() {
    Must(ne_.Start(clock_), "the node");
    Must(ne_.Activate({"local/ne.textproto"}), "its policies");
  }

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
  void Stop() { ne_.Stop(); }
  const std::string& directory() const { return ne_.directory(); }

  // A table of all cases by everybody's year; the first one reads them.
  double CountSeconds() {
    ops::CountTableRequest request;
    request.set_period("2026");
    request.add_dimensions("gender");
    const absl::Time start = absl::Now();
    Must(ne_.As("ANLTP", Role::kStatistician, "counter")
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
    return ne_.As("ANLTP", Role::kCoordinator, name);
  }

  const SystemClock clock_;
  TestParticipant ne_{"NE", clock_.Now()};
};

// This program, serving a node's directory by a process of its own until the
// object goes.
class ServingProcess {
 public:
  explicit ServingProcess(const std::string& directory) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string name = "import_benchmark";
    std::string option = kServe + directory;
    const std::array<char*, 3> arguments = {name.data(), option.data(),
                                            nullptr};
    if (posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr,
                    arguments.data(), environ) != 0) {
      std::abort();
    }
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    FILE* said = fdopen(ends[0], "r");
    if (fscanf(said, "%lf", &start_seconds_) != 1) {
      Must(absl::InternalError("it did not start"), "a process of its own");
    }
    fclose(said);
  }
  ~ServingProcess() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  ServingProcess(const ServingProcess&) = delete;
  ServingProcess& operator=(const ServingProcess&) = delete;

  double start_seconds() const { return start_seconds_; }
  double Mebibytes() const { return ResidentMebibytes(std::to_string(pid_)); }

 private:
  pid_t pid_ = 0;
  double start_seconds_ = 0;
};

// That process: says how long its node took to start, and serves.
int Serve(const std::string& directory) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // It does not outlive who measures it.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  PrepareTransport();
  const SystemClock clock;
  SystemRandom random;
  const absl::Time start = absl::Now();
  const auto node = StartNode(directory, clock, random, OpenStore);
  Must(node.status(), directory);
  printf("%f\n", absl::ToDoubleSeconds(absl::Now() - start));
  fflush(stdout);
  const timespec pause{0, 500'000'000};
  while (sigtimedwait(&signals, nullptr, &pause) < 0) (*node)->Tick();
  return 0;
}

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
  double mebibytes = 0;  // with its columns in memory
  double read_us = 0;
};

Sized MeasureSize(Report& report, int cases, bool largest) {
  const std::string of = absl::StrCat(" of ", cases, " cases");
  const double plain = BulkInsertSeconds(cases);
  MeasuredNode node;
  const double imported = node.Import(cases);
  node.Stop();
  report.Figure("import" + of, cases / imported, "1/s", Better::kMore);
  report.Figure("SQLite's bulk insert" + of, cases / plain, "1/s",
                Better::kMore);
  if (largest) {
    report.Ratio("SQLite's bulk insert / import, time", plain / imported,
                 Better::kMore, 0.3);
  }
  const ServingProcess process(node.directory());
  report.Figure("start" + of, process.start_seconds(), "s", Better::kLess, 30);
  report.Figure("memory after the start" + of, process.Mebibytes(), "MiB");
  report.Figure("first count" + of, node.CountSeconds(), "s");
  Sized sized;
  sized.mebibytes = process.Mebibytes();
  const LoadResult read =
      node.Read(cases, absl::Seconds(report.quick() ? 3 : 6));
  Must(read.failure, "reading cases");
  sized.read_us = read.p50_us;
  report.Figure("memory with columns" + of, sized.mebibytes, "MiB");
  report.Figure("reading a case" + of + ", p50", sized.read_us, "us");
  return sized;
}

int Main(int argc, char** argv) {
  Report report("import", argc, argv);
  PrepareTransport();
  const int few = 10'000;
  const int many = report.large()   ? 1'000'000
                   : report.quick() ? 50'000
                                    : 100'000;
  const Sized small = MeasureSize(report, few, false);
  const Sized large = MeasureSize(report, many, true);
  report.Ratio("reading a case of many / of 10,000",
               large.read_us / small.read_us, Better::kLess, 1.3);
  report.Figure(
      "memory for each further case",
      (large.mebibytes - small.mebibytes) * 1024 * 1024 / (many - few),
      "bytes");
  return report.Finish();
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  if (first.starts_with(comity::kServe)) {
    return comity::Serve(first.substr(sizeof(comity::kServe) - 1));
  }
  return comity::Main(argc, argv);
}
