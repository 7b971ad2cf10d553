#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace comity {

// A copy of a store as of one instant, in a private directory beside the store,
// deleted with this object. It holds what the store holds, wrapped keys of
// persons too, so Store::ForgetDeleted deletes it as well: an erasure leaves no
// copy from before it behind.
class StoreCopy {
 public:
  // Copies the store at `path`, which may be served meanwhile, by another
  // process too; waits for nobody and holds nobody up but an emptying of the
  // store's journal. STORE_UNAVAILABLE if it cannot be read, or the disk is
  // full; ALREADY_EXISTS if a copy is being made.
  static absl::StatusOr<std::unique_ptr<StoreCopy>> Make(
      const std::string& path);
  ~StoreCopy();
  StoreCopy(const StoreCopy&) = delete;
  StoreCopy& operator=(const StoreCopy&) = delete;

  std::string path() const { return directory_ + "/store.db"; }
  // A place for files that live as long as the copy.
  std::string Scratch() const { return directory_ + "/scratch"; }
  // STORE_UNAVAILABLE if an erasure deleted the copy meanwhile.
  absl::Status StillThere() const;

 private:
  StoreCopy(std::string directory, int lock)
      : directory_(std::move(directory)), lock_(lock) {}

  const std::string directory_;
  const int lock_;  // on the directory, so that a dead process's is known
};

// Deletes what copies of the store at `path` are there, of a process that died
// too.
void DeleteCopies(const std::string& path);

// Looks at every page and index of the store at `path`, which nobody serves.
// INTEGRITY_FAILURE if one is damaged.
absl::Status CheckStore(const std::string& path);

}  // namespace comity
