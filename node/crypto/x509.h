#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/crypto/random.h"
#include "node/crypto/signature.h"

struct x509_st;

namespace comity {

// An X.509 certificate. Immutable, copyable, thread-safe.
class Certificate {
 public:
  // FIELD_INVALID unless `pem` holds exactly one certificate, in clear, whose
  // public key can be read.
  static absl::StatusOr<Certificate> FromPem(absl::string_view pem);
  // All certificates of a PEM bundle, in order; an empty bundle is fine.
  // FIELD_INVALID for a public key that cannot be read.
  static absl::StatusOr<std::vector<Certificate>> ListFromPem(
      absl::string_view pem);

  std::string ToPem() const;
  std::string Fingerprint() const;   // SHA-256 of the DER form, 32 bytes
  std::string SerialNumber() const;  // big-endian, without leading zeros
  VerifyKey public_key() const;
  absl::Time not_before() const;
  absl::Time not_after() const;
  // The URI subject alternative names, in order. FIELD_INVALID if one holds a
  // NUL or a character outside printable ASCII.
  absl::StatusOr<std::vector<std::string>> UriNames() const;

 private:
  friend struct X509Access;
  explicit Certificate(std::shared_ptr<x509_st> certificate)
      : certificate_(std::move(certificate)) {}
  std::shared_ptr<x509_st> certificate_;
};

enum class CertificateKind { kRoot, kIssuing, kNode, kOperator };

// What a new certificate says.
struct CertificateRequest {
  CertificateKind kind = CertificateKind::kNode;
  VerifyKey public_key;
  std::string common_name;  // for people who read it; never read by programs
  std::string uri;          // SPIFFE id; empty for authorities
  std::string dns_name;     // empty: none
  // For authorities: the trust domain that may appear below them, as a critical
  // name constraint on URI hosts and DNS names.
  std::string permitted_domain;
  absl::Time not_before;
  absl::Time not_after;
};

// Issues a certificate. `issuer` null: self-signed with `key`.
absl::StatusOr<Certificate> IssueCertificate(const CertificateRequest& request,
                                             const Certificate* issuer,
                                             const SigningKey& key,
                                             RandomSource& random);

enum class ChainPurpose { kClient, kServer };

// Verifies `leaf` against these anchors alone (design.md law 9), with what the
// peer presented as untrusted help. CERTIFICATE_EXPIRED if only the time is
// wrong, else CERTIFICATE_UNKNOWN.
absl::Status VerifyChain(const Certificate& leaf,
                         const std::vector<Certificate>& presented,
                         const std::vector<Certificate>& anchors,
                         ChainPurpose purpose, absl::Time now);

}  // namespace comity
