#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace comity {

// What calls took, in this process: both ends of them, where both are here.
struct LoadResult {
  uint64_t calls = 0;
  uint64_t failed = 0;
  absl::Status failure;  // the first one
  double calls_per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  double cpu_us_per_call = 0;  // user and system, of the whole process
  double peak_mib = 0;         // resident, at most during the load
};

// Measures a stretch of calls that somebody else makes. Used by one thread.
class LoadMeter {
 public:
  LoadMeter();
  // `latencies_us` of the calls that succeeded.
  LoadResult Take(std::vector<double> latencies_us) const;

 private:
  const absl::Time start_;
  const double cpu_start_us_;
};

// Calls again and again from so many threads at once, `call` with the thread's
// number. The first sixth of the time warms up and is not counted.
LoadResult RunLoad(int threads, absl::Duration duration,
                   const std::function<absl::Status(int)>& call);

// The value below which that share of `values` lies; 0 of none.
double Percentile(std::vector<double> values, double share);

// Forgets how much memory the process took at most so far, and says it.
void ForgetPeakMemory();
double PeakMebibytes();
// What a process takes now: a number, or "self".
double ResidentMebibytes(const std::string& process = "self");

}  // namespace comity
