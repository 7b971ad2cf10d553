#include "tests/benchmark/load.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/time/clock.h"

namespace comity {
namespace {

double CpuMicroseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 +
           static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

// A line of what the kernel says of a process, in kB there.
double StatusMebibytes(const std::string& process, const std::string& name) {
  std::ifstream status("/proc/" + process + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (absl::StartsWith(line, name + ":")) {
      return std::atof(line.c_str() + name.size() + 1) / 1024;
    }
  }
  return 0;
}

// What one thread saw.
struct Seen {
  std::vector<double> latencies_us;
  uint64_t failed = 0;
  absl::Status failure;
};

Seen CallUntil(absl::Time end, const std::function<absl::Status()>& call) {
  Seen seen;
  for (absl::Time start = absl::Now(); start < end;) {
    const absl::Status status = call();
    const absl::Time now = absl::Now();
    if (status.ok()) {
      seen.latencies_us.push_back(absl::ToDoubleMicroseconds(now - start));
    } else if (seen.failed++ == 0) {
      seen.failure = status;
    }
    start = now;
  }
  return seen;
}

std::vector<Seen> CallFromThreads(
    int threads, absl::Duration duration,
    const std::function<absl::Status(int)>& call) {
  std::vector<Seen> seen(static_cast<size_t>(threads));
  std::vector<std::thread> running;
  const absl::Time end = absl::Now() + duration;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&seen, &call, end, i] {
      seen[static_cast<size_t>(i)] =
          CallUntil(end, [&call, i] { return call(i); });
    });
  }
  for (std::thread& each : running) each.join();
  return seen;
}

}  // namespace

LoadMeter::LoadMeter()
    : start_(absl::Now()), cpu_start_us_(CpuMicroseconds()) {}

LoadResult LoadMeter::Take(std::vector<double> latencies_us) const {
  LoadResult result;
  const double cpu = CpuMicroseconds() - cpu_start_us_;
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start_);
  result.calls = latencies_us.size();
  result.peak_mib = PeakMebibytes();
  if (latencies_us.empty()) return result;
  const auto calls = static_cast<double>(latencies_us.size());
  result.calls_per_second = calls / seconds;
  result.cpu_us_per_call = cpu / calls;
  result.p50_us = Percentile(latencies_us, 0.5);
  result.p99_us = Percentile(std::move(latencies_us), 0.99);
  return result;
}

LoadResult RunLoad(int threads, absl::Duration duration,
                   const std::function<absl::Status(int)>& call) {
  CallFromThreads(threads, duration / 6, call);
  ForgetPeakMemory();
  const LoadMeter meter;
  const std::vector<Seen> seen =
      CallFromThreads(threads, duration * 5 / 6, call);
  std::vector<double> latencies;
  for (const Seen& each : seen) {
    latencies.insert(latencies.end(), each.latencies_us.begin(),
                     each.latencies_us.end());
  }
  LoadResult result = meter.Take(std::move(latencies));
  for (const Seen& each : seen) {
    result.failed += each.failed;
    result.failure.Update(each.failure);
  }
  return result;
}

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const size_t at =
      std::min(values.size() - 1,
               static_cast<size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(),
                   values.begin() + static_cast<std::ptrdiff_t>(at),
                   values.end());
  return values[at];
}

void ForgetPeakMemory() { std::ofstream("/proc/self/clear_refs") << "5"; }

double PeakMebibytes() { return StatusMebibytes("self", "VmHWM"); }

double ResidentMebibytes(const std::string& process) {
  return StatusMebibytes(process, "VmRSS");
}

}  // namespace comity
