#include "node/cli/restored_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

// A configuration of a megabyte is none.
constexpr uint64_t kMaxWaiting = uint64_t{1} << 20;

absl::Status CannotWrite(const std::string& path) {
  return ReasonError(
      ErrorReason::kStoreUnavailable,
      absl::StrCat("cannot write ", path, "; look at the free space there"));
}

// Fails if the file is there already: no entry of a backup comes twice.
bool MadeNew(const std::string& path, bool is_private) {
  const mode_t mode = is_private ? 0600 : 0644;
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return false;
  const bool made = fchmod(fd, mode) == 0;
  close(fd);
  return made;
}

bool Synced(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) close(fd);
  return synced;
}

}  // namespace

absl::Status RestoredFiles::Begin(const BackupEntry& entry) {
  entry_ = entry;
  if (entry.path == last_) {
    if (entry.size > kMaxWaiting || has_last_) return CannotWrite(entry.path);
    has_last_ = true;
    return absl::OkStatus();
  }
  const std::string path = PathOf(entry.path);
  RETURN_IF_ERROR(MakePrivateDirectory(directory_));
  RETURN_IF_ERROR(
      MakePrivateDirectory(std::filesystem::path(path).parent_path().string()));
  if (!MadeNew(path, entry.is_private)) return CannotWrite(path);
  file_.open(path, std::ios::binary);
  return file_.good() ? absl::OkStatus() : CannotWrite(path);
}

absl::Status RestoredFiles::Append(absl::string_view bytes) {
  if (entry_.path == last_) {
    absl::StrAppend(&waiting_, bytes);
    return absl::OkStatus();
  }
  file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return file_.good() ? absl::OkStatus() : CannotWrite(PathOf(entry_.path));
}

absl::Status RestoredFiles::End() {
  ++count_;
  if (entry_.path == last_) return absl::OkStatus();
  const std::string path = PathOf(entry_.path);
  file_.close();
  if (file_.fail() || !Synced(path)) return CannotWrite(path);
  return absl::OkStatus();
}

absl::Status RestoredFiles::Complete() {
  if (!has_last_) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       absl::StrCat("the backup lacks ", last_));
  }
  return WritePublicFile(PathOf(last_), waiting_);
}

}  // namespace comity
