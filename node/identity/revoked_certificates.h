#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/crypto/x509.h"

namespace comity {

// Certificates that a participant revoked, as it tells itself and its partners
// (wire/revocation_file.h): by fingerprint alone, so that a partner learns of
// nobody's name. Leaves and issuing CAs. Immutable once made.
struct RevokedCertificates {
  struct Entry {
    absl::Time since;
    absl::Time until;  // its end, or later: then it needs no entry any more
  };
  // Rises with each list that is made; 0: there is none.
  uint64_t sequence = 0;
  std::map<std::string, Entry, std::less<>> entries;  // by fingerprint

  // Whether a certificate of that fingerprint is revoked. A partner judges
  // without a time: its clock may go behind.
  bool Holds(absl::string_view fingerprint,
             absl::Time at = absl::InfiniteFuture()) const;
  // Those that are not revoked.
  std::vector<Certificate> Without(
      std::vector<Certificate> certificates,
      absl::Time at = absl::InfiniteFuture()) const;
};

// The list in force. Thread-safe; a reader keeps the list it took.
class RevokedCertificatesHolder {
 public:
  std::shared_ptr<const RevokedCertificates> Get() const {
    absl::MutexLock lock(&mutex_);
    return list_;
  }
  void Set(RevokedCertificates list) {
    auto next = std::make_shared<const RevokedCertificates>(std::move(list));
    absl::MutexLock lock(&mutex_);
    list_ = std::move(next);
  }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<const RevokedCertificates> list_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<const RevokedCertificates>();
};

}  // namespace comity
