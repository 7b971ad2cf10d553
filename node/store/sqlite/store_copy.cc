#include "node/store/store_copy.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/store/sqlite/database.h"

namespace comity {
namespace {

std::string CopiesOf(const std::string& path) { return path + ".copy"; }

// Opens and locks the directory, making it if it is not there.
absl::StatusOr<int> LockDirectory(const std::string& directory) {
  mkdir(directory.c_str(), 0700);
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  const int error = errno;
  if (fd >= 0) close(fd);
  if (error == EWOULDBLOCK) {
    return ReasonError(
        ErrorReason::kAlreadyExists,
        "another backup of this node is being made; wait for it");
  }
  return ReasonError(ErrorReason::kStoreUnavailable,
                     absl::StrCat("cannot make ", directory, ": ",
                                  std::generic_category().message(error)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoreCopy>> StoreCopy::Make(
    const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteDatabase> database,
                   SqliteDatabase::Open(path, true));
  ASSIGN_OR_RETURN(const int lock, LockDirectory(CopiesOf(path)));
  std::unique_ptr<StoreCopy> copy(new StoreCopy(CopiesOf(path), lock));
  const std::string target = copy->path();
  // What a process that died left behind.
  std::error_code ignored;
  std::filesystem::remove(target, ignored);
  std::filesystem::remove_all(copy->Scratch(), ignored);
  // One read transaction; free pages and what was deleted are not copied.
  RETURN_IF_ERROR(
      database->Run("VACUUM INTO CAST(? AS TEXT)", absl::string_view(target)));
  return copy;
}

StoreCopy::~StoreCopy() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
  close(lock_);
}

absl::Status StoreCopy::StillThere() const {
  std::error_code ignored;
  if (std::filesystem::exists(path(), ignored)) return absl::OkStatus();
  return ReasonError(ErrorReason::kStoreUnavailable,
                     "something was erased while the store was copied, and the "
                     "copy with it; run the command again");
}

void DeleteCopies(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(CopiesOf(path), ignored);
}

absl::Status CheckStore(const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteDatabase> database,
                   SqliteDatabase::Open(path, true));
  ASSIGN_OR_RETURN(SqliteStatement row,
                   database->Query("PRAGMA integrity_check(1)"));
  const auto found = row.Step();
  if (found.ok() && *found && row.Blob(0) == "ok") return absl::OkStatus();
  return ReasonError(ErrorReason::kIntegrityFailure,
                     absl::StrCat("the store ", path, " is damaged"));
}

}  // namespace comity
