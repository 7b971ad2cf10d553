#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/crypto/x509.h"
#include "node/domain/participant.h"
#include "node/identity/key_files.h"
#include "node/identity/memory_file.h"

namespace comity {

// The TLS key and certificate of a node: read from its directory, checked, and
// put into the one file that gRPC watches, key and chain together, so that no
// handshake ever sees the key of one and the certificate of another. Where keys
// are protected that file is in memory alone. Thread-safe.
class OwnCertificate {
 public:
  // `anchors` are the node's own, root and issuing CA.
  OwnCertificate(ParticipantCode self, std::vector<Certificate> anchors,
                 KeyFiles keys)
      : self_(std::move(self)),
        keys_(std::move(keys)),
        in_memory_(keys_.has_passphrase() ? std::make_unique<MemoryFile>()
                                          : nullptr),
        anchors_(std::move(anchors)) {}

  // What a renewed one has to lead to, from the next on; one that was refused
  // is judged again.
  void SetAnchors(std::vector<Certificate> anchors) {
    absl::MutexLock lock(&mutex_);
    anchors_ = std::move(anchors);
    if (refused_) judged_.clear();
  }

  // Of the file that gRPC watches, for key and chain.
  std::string path() const {
    return in_memory_ == nullptr ? layout().RunIdentity() : in_memory_->path();
  }

  // Reads and puts in place, whatever their time: an expired certificate shows
  // in the status. FIELD_INVALID if key and certificate do not belong together,
  // or the certificate is not this node's.
  absl::Status Load();

  // Puts a renewed certificate in place, once its files have stayed as they are
  // from one call to the next; true then. Errors as above, and
  // CERTIFICATE_EXPIRED or CERTIFICATE_UNKNOWN if it is not valid now: the one
  // before stays in place, and each state of the files is told of once.
  absl::StatusOr<bool> LoadIfRenewed(absl::Time now);

  // When the one in place ends.
  absl::Time expires() const;

 private:
  struct Files {
    SecretBytes key;
    std::string chain;
    Certificate leaf;
    std::vector<Certificate> presented;
  };
  absl::StatusOr<Files> Read() const;
  absl::Status PutInPlace(const Files& files)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What tells one state of both files from another; cheap.
  std::string Mark() const;
  const NodeLayout& layout() const { return keys_.layout(); }

  const ParticipantCode self_;
  const KeyFiles keys_;
  const std::unique_ptr<MemoryFile> in_memory_;  // none: keys in the clear
  mutable absl::Mutex mutex_;
  std::vector<Certificate> anchors_ ABSL_GUARDED_BY(mutex_);
  absl::Time expires_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::string judged_ ABSL_GUARDED_BY(mutex_);  // state in place, or refused
  bool refused_ ABSL_GUARDED_BY(mutex_) = false;
  std::string seen_ ABSL_GUARDED_BY(mutex_);  // state of the last call
};

}  // namespace comity
