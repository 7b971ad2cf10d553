#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"

namespace comity {

// Who may read a file that a command writes: as the umask says, or, for what
// names a person's case, its writer alone (mode 0600).
enum class Readers { kAsUmaskSays, kWriterAlone };

// Writes beside the file and renames at the end: a file of that name is whole.
class OutputFile {
 public:
  explicit OutputFile(std::string path, Readers readers = Readers::kAsUmaskSays)
      : path_(std::move(path)), part_(path_ + ".part") {
    if (readers == Readers::kWriterAlone && !MadePrivate()) {
      file_.setstate(std::ios::failbit);
      return;
    }
    file_.open(part_);
  }
  ~OutputFile() {
    if (!kept_) std::remove(part_.c_str());
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  std::ostream& stream() { return file_; }
  absl::Status Keep() {
    file_.close();
    RETURN_IF_ERROR(CheckReplaceable(path_));
    kept_ = !file_.fail() && std::rename(part_.c_str(), path_.c_str()) == 0;
    if (kept_) return absl::OkStatus();
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat("cannot write ", path_));
  }

  // Likewise, but ALREADY_EXISTS if there is a file of that name by now.
  absl::Status KeepNew() {
    file_.close();
    if (file_.fail()) return Keep();
    if (link(part_.c_str(), path_.c_str()) == 0) return absl::OkStatus();
    return errno == EEXIST
               ? ReasonError(
                     ErrorReason::kAlreadyExists,
                     absl::StrCat(path_, " exists; nothing is overwritten"))
               : ReasonError(ErrorReason::kStoreUnavailable,
                             absl::StrCat("cannot write ", path_));
  }

 private:
  // Anew: what an earlier run left behind may be open to others.
  bool MadePrivate() const {
    std::remove(part_.c_str());
    const int fd =
        open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    const bool closed = fchmod(fd, 0600) == 0;
    close(fd);
    return closed;
  }

  std::string path_;
  std::string part_;
  std::ofstream file_;
  bool kept_ = false;
};

}  // namespace comity
