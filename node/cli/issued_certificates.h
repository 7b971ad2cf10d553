#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/crypto/x509.h"
#include "node/identity/node_layout.h"

namespace comity {

// What a node's issuing CAs have issued and has not ended yet, so that a
// certificate that is nowhere any more can be revoked: certs/issued.txt, a line
// each with its end, its serial number and fingerprint in hex, and its name.
struct IssuedCertificate {
  absl::Time until;
  std::string serial;       // hex
  std::string fingerprint;  // 32 bytes
  std::string name;         // its URI; of a CA "issuing CA"
};

// Keeps the directory of certificates for one command, until it goes.
class CertificatesLock {
 public:
  // STORE_UNAVAILABLE if there is no such directory.
  static absl::StatusOr<CertificatesLock> Take(const NodeLayout& layout);
  CertificatesLock(CertificatesLock&& other) noexcept : fd_(other.fd_) {
    other.fd_ = -1;
  }
  CertificatesLock& operator=(CertificatesLock&&) = delete;
  ~CertificatesLock();

 private:
  explicit CertificatesLock(int fd) : fd_(fd) {}
  int fd_;
};

// Adds one, and leaves out what has ended. Takes the lock, or is given it.
absl::Status NoteIssued(const NodeLayout& layout,
                        const Certificate& certificate, absl::Time now);
absl::Status NoteIssued(const CertificatesLock& lock, const NodeLayout& layout,
                        const Certificate& certificate, absl::Time now);

// By serial number or fingerprint in hex, in either case, with or without ":"
// and "-" between; or the first one in a PEM file of that name. NOT_FOUND if it
// was not issued here.
absl::StatusOr<IssuedCertificate> FindIssued(const NodeLayout& layout,
                                             const std::string& which);

// Whether one that has not ended was issued to that person, named as in the
// log: "NAPTIP/amina.b".
absl::StatusOr<bool> WasIssuedTo(const NodeLayout& layout,
                                 absl::string_view person);

}  // namespace comity
