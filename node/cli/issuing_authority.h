#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/crypto/random.h"
#include "node/crypto/x509.h"
#include "node/domain/participant.h"
#include "node/domain/vocabulary.h"
#include "node/identity/key_files.h"
#include "node/identity/node_layout.h"
#include "node/identity/revoked_operators.h"

namespace comity {

class CertificatesLock;

// A certificate's time begins so much before it is made, for clocks that go
// behind.
inline constexpr absl::Duration kIssuingSlack = absl::Minutes(5);

// A node's issuing CA. Whatever it issues has a new key of its own and ends
// after 90 days, or with the CA. VERSION_CONFLICT, with nothing issued, once
// another command put another CA in its place. Immutable.
class IssuingAuthority {
 public:
  IssuingAuthority(Certificate certificate, SigningKey key, KeyFiles keys)
      : certificate_(std::move(certificate)),
        key_(std::move(key)),
        keys_(std::move(keys)) {}
  // From the node's directory. CERTIFICATE_EXPIRED if it has ended: only the
  // root can make another.
  static absl::StatusOr<IssuingAuthority> Read(const NodeLayout& layout,
                                               absl::Time now);

  // Writes the node's TLS key, protected as the directory's others are, and its
  // certificate; returns when it ends.
  absl::StatusOr<absl::Time> IssueNode(const NodeLayout& layout,
                                       const ParticipantCode& code,
                                       absl::Time now,
                                       RandomSource& random) const;

  // Writes key and certificate of an operator's profile; returns when it ends.
  // The name in `uri` may be on the node's list of the revoked: the certificate
  // begins after that, so that it is not.
  absl::StatusOr<absl::Time> IssueOperator(const NodeLayout& layout,
                                           const std::string& person,
                                           const std::string& uri,
                                           absl::Time now,
                                           RandomSource& random) const;
  // The same for who holds the lock already.
  absl::StatusOr<absl::Time> IssueOperator(const CertificatesLock& lock,
                                           const NodeLayout& layout,
                                           const std::string& person,
                                           const std::string& uri,
                                           absl::Time now,
                                           RandomSource& random) const;

  const Certificate& certificate() const { return certificate_; }
  const SigningKey& key() const { return key_; }

 private:
  struct Subject {
    CertificateKind kind;
    std::string common_name;
    std::string uri;
    std::string dns_name;  // empty: none
    absl::Time not_before;
  };
  // VERSION_CONFLICT unless it is the node's issuing CA still. The caller holds
  // the CertificatesLock.
  absl::Status CheckStands(const NodeLayout& layout) const;
  absl::StatusOr<Subject> SubjectOf(const NodeLayout& layout,
                                    const std::string& person,
                                    const std::string& uri,
                                    absl::Time now) const;
  // Takes the lock behind what takes long, unless it is `held`.
  absl::StatusOr<absl::Time> Issue(const CertificatesLock* held,
                                   const Subject& subject,
                                   const NodeLayout& layout,
                                   const std::string& key_path,
                                   const std::string& certificate_path,
                                   absl::Time now, RandomSource& random) const;

  Certificate certificate_;
  SigningKey key_;
  KeyFiles keys_;
  std::string link_;  // PEM that goes behind it; empty but for a new root
};

// The operators revoked at a node; empty without a list.
absl::StatusOr<RevocationList> ReadRevoked(const NodeLayout& layout);

// "NAPTIP/amina.b" of an operator's URI.
absl::StatusOr<std::string> OperatorNameIn(const std::string& uri);

}  // namespace comity
