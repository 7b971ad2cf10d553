// What a bilateral case query costs with everything on, beside bare gRPC calls
// of the same messages, and what of it is which.
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/crypto/signature.h"
#include "tests/benchmark/asker.h"
#include "tests/benchmark/border_pair.h"
#include "tests/benchmark/case_questions.h"
#include "tests/benchmark/durable_file.h"
#include "tests/benchmark/echo.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/report.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

constexpr int kMany = 64;

// The signatures that each message would need if evidence were not one
// signature for a whole commit: question and answer, made and checked.
absl::Status SignBoth(const SigningKey& key, const fed::CaseQuestion& question,
                      const std::string& answer) {
  const std::string asked = question.SerializeAsString();
  for (const std::string* each : {&asked, &answer}) {
    const absl::Status checked =
        key.public_key().Verify(*each, key.Sign(*each));
    if (!checked.ok()) return checked;
  }
  return absl::OkStatus();
}

// Of one thread and a text as long as a head.
double SignAndVerifyUs(KeyAlgorithm algorithm) {
  const SigningKey key = SigningKey::Generate(algorithm);
  const VerifyKey verify = key.public_key();
  const std::string text(150, 'x');
  const LoadResult load = RunLoad(1, absl::Seconds(1), [&](int) {
    return verify.Verify(text, key.Sign(text));
  });
  Must(load.failure, "a signature");
  return load.cpu_us_per_call;
}

// Both ends as a node's parts, without an operator's call around them.
class BetweenNodes {
 public:
  explicit BetweenNodes(Report& report)
      : report_(report), seconds_(absl::Seconds(report.quick() ? 3 : 12)) {
    Must(asker_.Sample(questions_[0], request_, response_), "a question");
    report_.Figure("question as it travels",
                   static_cast<double>(request_.ByteSizeLong()), "bytes");
    report_.Figure("answer as it travels",
                   static_cast<double>(response_.ByteSizeLong()), "bytes");
  }

  void MeasureMany() {
    const LoadResult bare = BareCallbacks(kMany);
    Tell(report_, "bare gRPC, 64 at once", bare);
    const LoadResult blocking = BareThreads(kMany);
    Tell(report_, "bare gRPC of 64 threads", blocking);
    const LoadResult query = Queries(kMany);
    Tell(report_, "query, 64 at once", query, 5000);
    many_per_second_ = query.calls_per_second;
    report_.Ratio("query / bare gRPC, 64 at once, calls a second",
                  query.calls_per_second / bare.calls_per_second, Better::kMore,
                  0.35);
    report_.Ratio("query / bare gRPC, 64 at once, p99",
                  query.p99_us / bare.p99_us, Better::kLess, 3);
    report_.Ratio("query / bare gRPC, 64 at once, CPU of a call",
                  query.cpu_us_per_call / bare.cpu_us_per_call, Better::kLess);
    report_.Ratio("query / bare gRPC of 64 threads, calls a second",
                  query.calls_per_second / blocking.calls_per_second,
                  Better::kMore);
    MeasureSigned(query);
  }

  // For whoever looks from outside where the time goes (profile.sh).
  void AskForLong() {
    std::cout << "asking" << std::endl;
    Tell(report_, "query, 64 at once", RunQueries(kMany, absl::Seconds(60)));
  }

  double many_per_second() const { return many_per_second_; }

  void MeasureOne() {
    const LoadResult bare = BareThreads(1);
    Tell(report_, "bare gRPC, one at a time", bare);
    const LoadResult query = Queries(1);
    Tell(report_, "query, one at a time", query);
    // Of what the disk writes at least.
    DurableFile file;
    const std::string page(4096, 'x');
    const LoadResult append = RunLoad(1, seconds_ / 3, [&](int) {
      file.Append(page);
      return absl::OkStatus();
    });
    report_.Figure("write and fdatasync of a page, p50", append.p50_us, "us");
    const LoadResult commit =
        RunLoad(1, seconds_ / 3, [&](int) { return asker_.CommitAlone(); });
    Must(commit.failure, "a commit");
    report_.Figure("commit of one entry, p50", commit.p50_us, "us");
    const double added = query.p50_us - bare.p50_us;
    // The target leaves out what being durable costs on this disk at least,
    // not what our commits cost beyond it.
    report_.Figure(
        "query, one at a time, added to bare gRPC beyond three "
        "fdatasync",
        (added - 3 * append.p50_us) / 1000, "ms", Better::kLess, 1);
    report_.Figure(
        "query, one at a time, added to bare gRPC beyond three "
        "commits of our own",
        (added - 3 * commit.p50_us) / 1000, "ms");
    report_.Ratio("query / bare gRPC and three fdatasync, one at a time, p50",
                  query.p50_us / (bare.p50_us + 3 * append.p50_us),
                  Better::kLess);
  }

 private:
  Echo& Bare() {
    if (echo_ == nullptr) {
      echo_ = std::make_unique<Echo>(TlsFilesOf(pair_.ne(), pair_.ng().card()),
                                     TlsFilesOf(pair_.ng(), pair_.ne().card()),
                                     request_, response_);
    }
    return *echo_;
  }
  LoadResult BareCallbacks(int calls) {
    Bare().RunInFlight(calls, seconds_ / 6);
    return Bare().RunInFlight(calls, seconds_ * 5 / 6);
  }
  LoadResult BareThreads(int threads) {
    return RunLoad(threads, seconds_,
                   [&](int thread) { return Bare().Call(thread); });
  }
  const fed::CaseQuestion& QuestionOf(int thread) const {
    return questions_[static_cast<size_t>(thread % kAskedCases)];
  }
  LoadResult Queries(int threads) { return RunQueries(threads, seconds_); }
  LoadResult RunQueries(int threads, absl::Duration duration) {
    return RunLoad(threads, duration,
                   [&](int thread) { return asker_.Ask(QuestionOf(thread)); });
  }
  // Signatures beside those of commits would make us look better than in their
  // place: what those take is given back to the others, as if all of a call
  // were CPU.
  void MeasureSigned(const LoadResult& query) {
    const HeadTally::Seen before = asker_.heads();
    const LoadResult both = SignedQueries(kMany);
    const HeadTally::Seen after = asker_.heads();
    Tell(report_, "query with P-256 for each message beside, 64 at once", both);
    const double heads_per_message =
        static_cast<double>(after.heads - before.heads) /
        static_cast<double>(after.messages - before.messages);
    report_.Figure("messages under one signature, 64 at once",
                   1 / heads_per_message, "messages", Better::kMore);
    const double shared_us =
        SignAndVerifyUs(KeyAlgorithm::kEd25519) * 2 * heads_per_message;
    report_.Figure("P-256, made and checked once",
                   SignAndVerifyUs(KeyAlgorithm::kP256), "us");
    report_.Figure("shared signatures, CPU of a call", shared_us, "us");
    const double instead_per_second = both.calls_per_second *
                                      both.cpu_us_per_call /
                                      (both.cpu_us_per_call - shared_us);
    report_.Ratio(
        "query / query with P-256 for each message instead, calls a second",
        query.calls_per_second / instead_per_second, Better::kMore, 2);
  }
  LoadResult SignedQueries(int threads) {
    const SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
    const std::string answer = response_.SerializeAsString();
    return RunLoad(threads, seconds_, [&](int thread) {
      absl::Status status = SignBoth(key, QuestionOf(thread), answer);
      if (status.ok()) status = asker_.Ask(QuestionOf(thread));
      return status;
    });
  }

  Report& report_;
  const absl::Duration seconds_;
  BorderPair pair_{/*with_nigeria=*/false};
  const std::vector<fed::CaseQuestion> questions_ =
      MakeQuestions(pair_, kAskedCases);
  Asker asker_{pair_.ng(), pair_.ne(), pair_.clock()};
  fed::AnswerCaseQueryRequest request_;
  fed::AnswerCaseQueryResponse response_;
  std::unique_ptr<Echo> echo_;
  double many_per_second_ = 0;
};

// The same, entered by officers at the asker's node: two real nodes.
void MeasureEntered(Report& report, double between_nodes) {
  BorderPair pair(/*with_nigeria=*/true);
  std::vector<ops::RequestCaseRequest> requests;
  for (int i = 0; i < kAskedCases; ++i) {
    ops::RequestCaseRequest request;
    request.set_holder("NE");
    request.set_pseudonym(pair.MakeReferral(absl::StrCat("C", i)).pseudonym());
    request.set_purpose("SAFE_RETURN");
    request.add_wanted(v1::RECORD_GROUP_STATUS);
    request.add_wanted(v1::RECORD_GROUP_NEEDS);
    requests.push_back(request);
  }
  CommandContext& officer = BorderPair::Coordinator(pair.ng(), "officer");
  // One connection for all threads, made before they share it.
  Must(officer.Connect().status(), "the officer's connection");
  const auto ask = [&](int thread) -> absl::Status {
    const auto response =
        BorderPair::As<ops::ReferralService, ops::RequestCaseResponse>(
            officer, &ops::ReferralService::Stub::RequestCase,
            requests[static_cast<size_t>(thread % kAskedCases)]);
    if (!response.ok()) return response.status();
    if (response->answer().has_released()) return absl::OkStatus();
    return absl::InternalError(response->answer().refusal().reason());
  };
  const absl::Duration seconds = absl::Seconds(report.quick() ? 3 : 12);
  const LoadResult many = RunLoad(kMany, seconds, ask);
  Tell(report, "query entered by an operator, 64 at once", many);
  report.Ratio("query entered by an operator / between nodes, calls a second",
               many.calls_per_second / between_nodes, Better::kMore);
  Tell(report, "query entered by an operator, one at a time",
       RunLoad(1, seconds, ask));
}

int Main(int argc, char** argv) {
  const bool profiled = argc == 2 && std::string(argv[1]) == "--profile";
  Report report("query", profiled ? 1 : argc, argv);
  PrepareTransport();
  if (profiled) {
    BetweenNodes(report).AskForLong();
    return 0;
  }
  double between_nodes = 0;
  {
    BetweenNodes nodes(report);
    nodes.MeasureMany();
    nodes.MeasureOne();
    between_nodes = nodes.many_per_second();
  }
  MeasureEntered(report, between_nodes);
  return report.Finish();
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) { return comity::Main(argc, argv); }
