#include "node/identity/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr off_t kMaxFileSize = 16 << 20;

absl::Status Failed(const std::string& path, absl::string_view what) {
  const int error = errno;
  return ReasonError(
      error == ENOENT ? ErrorReason::kNotFound : ErrorReason::kStoreUnavailable,
      absl::StrCat(what, " ", path, ": ",
                   std::generic_category().message(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::StatusOr<std::string> ReadAll(int fd, const std::string& path) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return Failed(path, "cannot read");
  const absl::Status too_large = ReasonError(
      ErrorReason::kFieldInvalid, absl::StrCat(path, " is larger than 16 MiB"));
  if (info.st_size > kMaxFileSize) return too_large;
  std::string text;
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0) return Failed(path, "cannot read");
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(count));
    // A device says of none how large it is.
    if (text.size() > static_cast<size_t>(kMaxFileSize)) return too_large;
  }
}

absl::Status Write(const std::string& path, absl::string_view text,
                   mode_t mode) {
  RETURN_IF_ERROR(CheckReplaceable(path));
  const std::string temporary = absl::StrCat(path, ".new");
  // What somebody put there is neither followed nor written to: who holds it
  // open would read along.
  if (unlink(temporary.c_str()) != 0 && errno != ENOENT) {
    return Failed(temporary, "cannot write");
  }
  {
    const Descriptor file(
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (file.get() < 0) return Failed(temporary, "cannot write");
    if (fchmod(file.get(), mode) != 0) return Failed(temporary, "cannot write");
    while (!text.empty()) {
      const ssize_t count = write(file.get(), text.data(), text.size());
      if (count < 0) return Failed(temporary, "cannot write");
      text.remove_prefix(static_cast<size_t>(count));
    }
    if (fsync(file.get()) != 0) return Failed(temporary, "cannot write");
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    return Failed(path, "cannot write");
  }
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const Descriptor directory(
      open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY));
  if (directory.get() < 0 || fsync(directory.get()) != 0) {
    return Failed(path, "cannot write");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckReplaceable(const std::string& path) {
  struct stat there {};
  if (stat(path.c_str(), &there) != 0 || S_ISREG(there.st_mode)) {
    return absl::OkStatus();
  }
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat(path,
                   " is a device, a directory or the like, whose place a file "
                   "would take; name another one"));
}

absl::StatusOr<std::string> ReadPublicFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Failed(path, "cannot read");
  return ReadAll(file.get(), path);
}

absl::StatusOr<SecretBytes> ReadPrivateFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (file.get() < 0 || fstat(file.get(), &info) != 0) {
    return Failed(path, "cannot read");
  }
  if (info.st_uid != geteuid() || (info.st_mode & 0077) != 0) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("the key file ", path,
                     " must belong to this user and be closed to others: "
                     "chown it and chmod 600"));
  }
  ASSIGN_OR_RETURN(std::string text, ReadAll(file.get(), path));
  return SecretBytes(std::move(text));
}

absl::Status WritePublicFile(const std::string& path, absl::string_view text) {
  return Write(path, text, 0644);
}

absl::Status WritePrivateFile(const std::string& path, absl::string_view text) {
  return Write(path, text, 0600);
}

std::string FileMark(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return "";
  return absl::StrCat(info.st_ino, "/", info.st_mtim.tv_sec, ".",
                      info.st_mtim.tv_nsec, "/", info.st_size);
}

absl::Status MakePrivateDirectory(const std::string& path) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (error) {
    return ReasonError(
        ErrorReason::kStoreUnavailable,
        absl::StrCat("cannot make ", path, ": ", error.message()));
  }
  if (made) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_all,
                                 error);
  }
  return absl::OkStatus();
}

}  // namespace comity
