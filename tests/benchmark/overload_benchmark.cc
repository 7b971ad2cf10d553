// What one partner's questions cost while another partner calls ten times as
// often as it may, beside the same questions without that.
#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "node/base/error_reason.h"
#include "node/peer/tls_credentials.h"
#include "tests/benchmark/asker.h"
#include "tests/benchmark/border_pair.h"
#include "tests/benchmark/case_questions.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/report.h"

namespace comity {
namespace {

// What Niger's node lets each partner call.
constexpr int kAllowed = 300;
constexpr int kAsked = 100;  // questions of the partner that behaves, a second
constexpr int kWindows = 3;
constexpr absl::Duration kTimeout = absl::Seconds(10);

// Calls at even moments, whether or not the calls before have ended, as far as
// so many threads can. In microseconds: how long after its moment each ended.
std::vector<double> CallEvenly(int threads, int per_second,
                               absl::Duration duration,
                               const std::function<void(int)>& call) {
  std::vector<std::vector<double>> took(static_cast<size_t>(threads));
  std::vector<std::thread> running;
  const absl::Duration apart = absl::Seconds(1) * threads / per_second;
  const absl::Time start = absl::Now();
  const absl::Time end = start + duration;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      absl::Time due = start + apart * i / threads;
      for (; due < end && absl::Now() < end; due += apart) {
        absl::SleepFor(due - absl::Now());
        call(i);
        took[static_cast<size_t>(i)].push_back(
            absl::ToDoubleMicroseconds(absl::Now() - due));
      }
    });
  }
  for (std::thread& each : running) each.join();
  std::vector<double> all;
  for (const std::vector<double>& each : took) {
    all.insert(all.end(), each.begin(), each.end());
  }
  return all;
}

// Togo's calls, as two clients with its certificate: the same proved question,
// which Niger's node decides and answers each time that it lets one in.
class TooManyCalls {
 public:
  explicit TooManyCalls(BorderPair& pair) : pair_(pair) {
    Must(pair_.ne().Pair(tg_), "Niger adds Togo");
    // gRPC reads changed anchors once a second.
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    absl::Status reached;
    do {
      reached =
          first_.peer().Handshake({1, pair_.clock().Now()}, kTimeout).status();
    } while (!reached.ok() && absl::Now() < limit);
    Must(reached, "Togo reaches Niger");
  }

  void Call(absl::Duration duration) {
    const Message question = question_;
    CallEvenly(kThreads, 10 * kAllowed, duration, [&](int thread) {
      Peer& peer = thread % 2 == 0 ? first_.peer() : second_.peer();
      const auto answer = peer.AskCase(question, kTimeout);
      ++calls_;
      if (ReasonOf(answer.status()) == ErrorReason::kOverloaded) {
        ++refused_;
      } else {
        Must(answer.status(), "a call of Togo's that was not refused by name");
      }
    });
  }

  double calls() const { return static_cast<double>(calls_); }
  double refused() const { return static_cast<double>(refused_); }

 private:
  static constexpr int kThreads = 16;

  BorderPair& pair_;
  SystemRandom random_;
  TestParticipant tg_{"TG", pair_.clock().Now()};
  HandmadePartner first_{tg_, pair_.ne(), pair_.clock()};
  HandmadePartner second_{tg_, pair_.ne(), pair_.clock(), "again"};
  const Message question_ =
      first_.Ask(first_.QuestionAbout(std::string(16, 'x')), NewUuid(random_));
  std::atomic<uint64_t> calls_ = 0;
  std::atomic<uint64_t> refused_ = 0;
};

double QuestionsP99(BorderPair& pair, Asker& asker, absl::Duration window) {
  static const federation::v1::CaseQuestion question =
      QuestionAbout(pair.agreement(), pair.MakeReferral("C1").pseudonym());
  return Percentile(
      CallEvenly(8, kAsked, window,
                 [&](int) { Must(asker.Ask(question), "a question"); }),
      0.99);
}

int Main(int argc, char** argv) {
  Report report("overload", argc, argv);
  PrepareTransport();
  const absl::Duration window = absl::Seconds(report.quick() ? 4 : 12);
  BorderPair pair(/*with_nigeria=*/false, kAllowed);
  Asker asker(pair.ng(), pair.ne(), pair.clock());
  TooManyCalls calls(pair);
  QuestionsP99(pair, asker, absl::Seconds(2));  // warms up
  std::vector<double> alone;
  std::vector<double> beside;
  double held = 0;
  for (int i = 0; i < kWindows; ++i) {
    alone.push_back(QuestionsP99(pair, asker, window));
    std::thread other([&] { calls.Call(window + absl::Seconds(2)); });
    // What a pause saved up is spent by then.
    absl::SleepFor(absl::Seconds(1));
    beside.push_back(QuestionsP99(pair, asker, window));
    other.join();
    if (i == 0) held = ResidentMebibytes();
  }
  const double without = Percentile(alone, 0.5);
  const double with = Percentile(beside, 0.5);
  report.Figure("question of a partner, p99", without, "us");
  report.Figure("question while another partner calls ten times too much, p99",
                with, "us");
  report.Figure("share of the other partner's calls that is refused",
                100 * calls.refused() / calls.calls(), "%");
  report.Figure("memory taken by more such calls", ResidentMebibytes() - held,
                "MiB");
  report.Ratio(
      "question while another partner calls ten times too much / alone, p99",
      with / without, Better::kLess, 2);
  return report.Finish();
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) { return comity::Main(argc, argv); }
