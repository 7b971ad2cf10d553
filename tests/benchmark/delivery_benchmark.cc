// What it costs until a referral is durable at both ends and its receipt is
// back, beside two fdatasync on each side.
#include <atomic>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "tests/benchmark/border_pair.h"
#include "tests/benchmark/durable_file.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/report.h"

namespace comity {
namespace {

namespace ops = operators::v1;

// Two real nodes, and referrals that wait to be sent.
class Delivery {
 public:
  explicit Delivery(int referrals) {
    for (int i = 0; i < referrals; ++i) {
      drafts_.push_back(pair_.MakeReferral(absl::StrCat("C", i)).referral_id());
    }
    Must(Sender().Connect().status(), "the sender's connection");
  }

  // From the coordinator's call until its receipt is durable at Niger's node.
  double SendOneUs() {
    const absl::Time start = absl::Now();
    Send(Next());
    AwaitReceipts();
    return absl::ToDoubleMicroseconds(absl::Now() - start);
  }

  // Referrals a second that are sent by so many threads and have receipts.
  double SendMany(int referrals, int threads) {
    std::atomic<int> left = referrals;
    std::vector<std::thread> running;
    const absl::Time start = absl::Now();
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&] {
        while (left-- > 0) Send(Next());
      });
    }
    for (std::thread& each : running) each.join();
    AwaitReceipts();
    return referrals / absl::ToDoubleSeconds(absl::Now() - start);
  }

 private:
  CommandContext& Sender() {
    return BorderPair::Coordinator(pair_.ne(), "coord");
  }
  const std::string& Next() { return drafts_[next_++]; }
  void Send(const std::string& referral_id) {
    ops::SendReferralRequest send;
    send.set_referral_id(referral_id);
    Must(BorderPair::As<ops::ReferralService, ops::SendReferralResponse>(
             sender_, &ops::ReferralService::Stub::SendReferral, send)
             .status(),
         "a referral");
  }
  // Looks into the store: a call would cost an entry of its own. Not all the
  // time: the nodes need these cores.
  void AwaitReceipts() {
    const absl::Time limit = absl::Now() + absl::Seconds(60);
    while (true) {
      const auto waiting = pair_.ne_store().ReadOutbox(pair_.ng().code(), 1);
      Must(waiting.status(), "the outbox");
      if (waiting->empty()) return;
      if (absl::Now() > limit) {
        Must(absl::DeadlineExceededError("no receipt came"), "a referral");
      }
      absl::SleepFor(absl::Microseconds(250));
    }
  }

  BorderPair pair_{/*with_nigeria=*/true};
  CommandContext& sender_ = Sender();
  std::vector<std::string> drafts_;
  std::atomic<size_t> next_ = 0;
};

int Main(int argc, char** argv) {
  Report report("delivery", argc, argv);
  PrepareTransport();
  const int one_by_one = report.quick() ? 60 : 200;
  const int many = report.quick() ? 128 : 512;
  constexpr int kWarmUp = 10;
  Delivery delivery(kWarmUp + one_by_one + many);
  DurableFile here;
  DurableFile there;
  const std::string page(4096, 'x');
  std::vector<double> sent;
  std::vector<double> synced;
  for (int i = 0; i < kWarmUp; ++i) delivery.SendOneUs();
  // Interleaved: a busy moment of the machine hits both alike.
  for (int i = 0; i < one_by_one; ++i) {
    sent.push_back(delivery.SendOneUs());
    const absl::Time start = absl::Now();
    for (DurableFile* each : {&here, &here, &there, &there}) each->Append(page);
    synced.push_back(absl::ToDoubleMicroseconds(absl::Now() - start));
  }
  const double four = Percentile(synced, 0.5);
  const double delivered = Percentile(sent, 0.5);
  report.Figure("two fdatasync on each side, p50", four, "us");
  report.Figure("referral sent, delivered and receipted, p50", delivered, "us");
  report.Figure("referral sent, delivered and receipted, p99",
                Percentile(sent, 0.99), "us");
  report.Ratio("delivery / two fdatasync on each side, one at a time",
               delivered / four, Better::kLess, 2);
  const double rate = delivery.SendMany(many, 16);
  report.Figure("referrals of 16 senders", rate, "1/s", Better::kMore);
  report.Ratio("two fdatasync on each side / delivery, 16 senders",
               rate * four / 1e6, Better::kMore, 0.5);
  return report.Finish();
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) { return comity::Main(argc, argv); }
