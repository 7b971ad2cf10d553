// Officers who ask for one case at an even rate, for as long as they are told,
// and write down each call that failed and when (soak.sh).
//
//   soak_load ASKER COORDINATOR CLEARER RATE SECONDS ERRORS
//
// The first three are profiles: an officer of Nigeria's, two of Niger's who
// make the case. A line of ERRORS: seconds since 1970 when the call began and
// ended, and the reason.
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/peer/tls_credentials.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/made_referral.h"
#include "tests/benchmark/report.h"

namespace comity {
namespace {

namespace ops = operators::v1;

// So many calls may be on their way at once; operators' calls share 16 threads
// of the node.
constexpr int kThreads = 16;

// What failed, as it fails. Thread-safe.
class ErrorFile {
 public:
  explicit ErrorFile(const std::string& path) : file_(path) {}
  void Add(absl::Time start, absl::string_view reason) {
    absl::MutexLock lock(&mutex_);
    ++count_;
    file_ << absl::StrFormat("%.3f %.3f ", Seconds(start), Seconds(absl::Now()))
          << reason << std::endl;
  }
  int count() {
    absl::MutexLock lock(&mutex_);
    return count_;
  }

 private:
  static double Seconds(absl::Time time) {
    return absl::ToDoubleSeconds(time - absl::UnixEpoch());
  }
  absl::Mutex mutex_;
  std::ofstream file_ ABSL_GUARDED_BY(mutex_);
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

class Officers {
 public:
  Officers(CommandContext& asker, const std::string& pseudonym,
           ErrorFile& errors)
      : asker_(asker), errors_(errors) {
    question_.set_holder("NE");
    question_.set_pseudonym(pseudonym);
    question_.set_purpose("SAFE_RETURN");
    question_.add_wanted(v1::RECORD_GROUP_STATUS);
  }

  // Who falls behind asks at once.
  void AskAt(double rate, absl::Duration duration) {
    const absl::Time start = absl::Now();
    std::vector<std::thread> running;
    for (int i = 0; i < kThreads; ++i) {
      running.emplace_back([&] {
        while (true) {
          const absl::Time due =
              start + absl::Seconds(static_cast<double>(next_++) / rate);
          if (due > start + duration) return;
          absl::SleepFor(due - absl::Now());
          AskOnce();
        }
      });
    }
    for (std::thread& each : running) each.join();
  }

  std::vector<double> TakeLatencies() {
    absl::MutexLock lock(&mutex_);
    return std::move(latencies_us_);
  }

 private:
  void AskOnce() {
    ops::RequestCaseRequest request = question_;
    request.set_request_id(asker_.NewRequestId());
    const absl::Time start = absl::Now();
    const auto response =
        asker_.Call<ops::ReferralService, ops::RequestCaseResponse>(
            &ops::ReferralService::Stub::RequestCase, request);
    if (!response.ok()) {
      errors_.Add(start, ReasonName(ReasonOf(response.status())));
    } else if (response->answer().has_refusal()) {
      errors_.Add(start, response->answer().refusal().reason());
    } else {
      absl::MutexLock lock(&mutex_);
      latencies_us_.push_back(absl::ToDoubleMicroseconds(absl::Now() - start));
    }
  }

  CommandContext& asker_;
  ErrorFile& errors_;
  ops::RequestCaseRequest question_;
  std::atomic<int64_t> next_ = 0;
  absl::Mutex mutex_;
  std::vector<double> latencies_us_ ABSL_GUARDED_BY(mutex_);
};

int Main(const std::vector<std::string>& arguments) {
  double rate = 0;
  double seconds = 0;
  if (arguments.size() != 6 || !absl::SimpleAtod(arguments[3], &rate) ||
      !absl::SimpleAtod(arguments[4], &seconds) || rate <= 0) {
    std::cerr << "usage: soak_load ASKER COORDINATOR CLEARER RATE SECONDS "
                 "ERRORS\n";
    return 2;
  }
  PrepareTransport();
  CommandContext asker;
  CommandContext coordinator;
  CommandContext clearer;
  asker.profile = arguments[0];
  coordinator.profile = arguments[1];
  clearer.profile = arguments[2];
  const ops::Referral referral = MadeReferral(coordinator, clearer, "SOAKED");
  // One connection for all threads, made before they share it.
  Must(asker.Connect().status(), "the officer's connection");
  ErrorFile errors(arguments[5]);
  Officers officers(asker, referral.pseudonym(), errors);
  officers.AskAt(rate, absl::Seconds(seconds));
  std::vector<double> latencies = officers.TakeLatencies();
  printf(
      "{\"answered\": %zu, \"failed\": %d, \"seconds\": %.0f, \"p50_us\": "
      "%.0f, \"p99_us\": %.0f}\n",
      latencies.size(), errors.count(), seconds, Percentile(latencies, 0.5),
      Percentile(latencies, 0.99));
  return 0;
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) {
  return comity::Main({argv + 1, argv + argc});
}
