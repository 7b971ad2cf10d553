#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace comity {

// Operators whose certificates were revoked, by name ("NAPTIP/amina.b"), each
// with the instant of it in whole seconds: what was issued until then is
// refused, what is issued later is not. A file of the node's directory:
//
//   comity revoked operators v1
//   2026-11-29T17:00:00Z NAPTIP/amina.b
class RevocationList {
 public:
  // FIELD_INVALID unless `text` has the form above.
  static absl::StatusOr<RevocationList> Parse(absl::string_view text);
  std::string Format() const;

  void Revoke(const std::string& name, absl::Time at);
  // InfinitePast for who was never revoked.
  absl::Time RevokedAt(absl::string_view name) const;
  const std::map<std::string, absl::Time, std::less<>>& entries() const {
    return entries_;
  }

 private:
  std::map<std::string, absl::Time, std::less<>> entries_;
};

// The list in force at a node: read again whenever its file changed. A file
// that does not read, or went away, leaves the list before in force.
// Thread-safe.
class RevokedOperators {
 public:
  // Without a file, nobody is revoked.
  explicit RevokedOperators(std::string path) : path_(std::move(path)) {}

  // Whether a certificate of `name` whose time begins at `not_before` is
  // refused at `now`; looks at the file first.
  bool Holds(absl::string_view name, absl::Time not_before, absl::Time now);

  // Whose revocation came into force since the last call of this.
  // FIELD_INVALID, once for each state of the file, if it does not read.
  absl::StatusOr<std::vector<std::string>> TakeNew();

 private:
  void Refresh() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  absl::Mutex mutex_;
  RevocationList list_ ABSL_GUARDED_BY(mutex_);
  std::string mark_ ABSL_GUARDED_BY(mutex_);  // the file's state when read
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> new_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
