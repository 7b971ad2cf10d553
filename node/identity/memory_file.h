#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace comity {

// A file that is on no disk and in no directory, for readers in this process
// that want a path. Whoever opens it reads what was put there last, as a whole.
// Gone with the process, however that ends. Replace is for one thread at a
// time; readers need no care.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // Opens for this process alone.
  const std::string& path() const { return path_; }

  // STORE_UNAVAILABLE, with what was there still there, if the system has no
  // memory or descriptor left.
  absl::Status Replace(absl::string_view text);

 private:
  const int fd_;
  const std::string path_;
};

}  // namespace comity
