#include "node/identity/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"

namespace comity {
namespace {

int NewFile() { return memfd_create("comity", MFD_CLOEXEC); }

bool Wrote(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(fd, text.data(), text.size());
    if (count <= 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

}  // namespace

MemoryFile::MemoryFile()
    : fd_(NewFile()), path_(absl::StrCat("/proc/self/fd/", fd_)) {}

MemoryFile::~MemoryFile() {
  if (fd_ >= 0) close(fd_);
}

// It changes what the descriptor leads to.
// NOLINTNEXTLINE(readability-make-member-function-const)
absl::Status MemoryFile::Replace(absl::string_view text) {
  const int fresh = NewFile();
  // The path is the descriptor's: it leads to the new file from one instant on.
  const bool replaced = fd_ >= 0 && fresh >= 0 && Wrote(fresh, text) &&
                        dup3(fresh, fd_, O_CLOEXEC) == fd_;
  if (fresh >= 0) close(fresh);
  if (replaced) return absl::OkStatus();
  return ReasonError(ErrorReason::kStoreUnavailable,
                     "the system gives no file in memory for the TLS key");
}

}  // namespace comity
