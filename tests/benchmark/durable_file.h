#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/synchronization/mutex.h"
#include "tests/support/test_directory.h"

namespace comity {

// What being durable costs on this machine at least: a file that each append
// makes durable by itself, with write and fdatasync. Thread-safe: appends wait
// for each other.
class DurableFile {
 public:
  DurableFile()
      : file_(open(directory_.Path("appended").c_str(),
                   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (file_ < 0) std::abort();
  }
  ~DurableFile() { close(file_); }
  DurableFile(const DurableFile&) = delete;
  DurableFile& operator=(const DurableFile&) = delete;

  void Append(const std::string& bytes) {
    absl::MutexLock lock(&mutex_);
    if (write(file_, bytes.data(), bytes.size()) !=
            static_cast<ssize_t>(bytes.size()) ||
        fdatasync(file_) != 0) {
      std::abort();
    }
  }

 private:
  TestDirectory directory_;
  absl::Mutex mutex_;
  const int file_;
};

}  // namespace comity
