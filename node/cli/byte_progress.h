#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace comity {

// How much of something has come, on one line of a terminal, once it takes
// longer than half a second. Gone when it ends. Used by one thread.
class ByteProgress {
 public:
  ByteProgress(const char* verb, bool quiet)
      : verb_(verb), shown_(!quiet && isatty(STDERR_FILENO) != 0) {}
  ~ByteProgress() { Clear(); }
  ByteProgress(const ByteProgress&) = delete;
  ByteProgress& operator=(const ByteProgress&) = delete;

  void Show(uint64_t done, uint64_t all) {
    if (!shown_ || absl::Now() - started_ < absl::Milliseconds(500)) return;
    Clear();
    const std::string line = absl::StrCat(verb_, " ", (done + 1023) / 1024,
                                          " of ", (all + 1023) / 1024, " KiB");
    fprintf(stderr, "%s", line.c_str());
    width_ = line.size();
  }

 private:
  void Clear() {
    if (width_ == 0) return;
    fprintf(stderr, "\r%s\r", std::string(width_, ' ').c_str());
    width_ = 0;
  }

  const char* verb_;
  const bool shown_;
  const absl::Time started_ = absl::Now();
  size_t width_ = 0;
};

}  // namespace comity
