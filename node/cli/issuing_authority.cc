#include "node/cli/issuing_authority.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/issued_certificates.h"
#include "node/cli/open_keys.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

constexpr absl::Duration kLeafLife = absl::Hours(24 * 90);

}  // namespace

absl::StatusOr<IssuingAuthority> IssuingAuthority::Read(
    const NodeLayout& layout, absl::Time now) {
  ASSIGN_OR_RETURN(KeyFiles keys, OpenKeys(layout));
  ASSIGN_OR_RETURN(SigningKey key, keys.ReadSigningKey(layout.IssuingKey()));
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(layout.IssuingCertificate()));
  ASSIGN_OR_RETURN(Certificate certificate, Certificate::FromPem(text));
  if (certificate.public_key() != key.public_key()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "keys/issuing.pem is not the key of certs/issuing.pem; "
                       "comity node renew-ca makes both anew");
  }
  if (certificate.not_after() <= now) {
    return ReasonError(ErrorReason::kCertificateExpired,
                       "the issuing CA has ended, and only the root key makes "
                       "another: comity node renew-ca");
  }
  IssuingAuthority issuing(std::move(certificate), std::move(key),
                           std::move(keys));
  const auto link = ReadPublicFile(layout.RootLink());
  if (ReasonOf(link.status()) == ErrorReason::kNotFound) return issuing;
  RETURN_IF_ERROR(link.status());
  issuing.link_ = *link;
  return issuing;
}

absl::StatusOr<absl::Time> IssuingAuthority::IssueNode(
    const NodeLayout& layout, const ParticipantCode& code, absl::Time now,
    RandomSource& random) const {
  return Issue(nullptr,
               {CertificateKind::kNode, code.text(), code.NodeSpiffeId(),
                absl::StrCat("node.", code.TrustDomain()), now - kIssuingSlack},
               layout, layout.TlsKey(), layout.TlsCertificate(), now, random);
}

absl::StatusOr<IssuingAuthority::Subject> IssuingAuthority::SubjectOf(
    const NodeLayout& layout, const std::string& person, const std::string& uri,
    absl::Time now) const {
  ASSIGN_OR_RETURN(const RevocationList revoked, ReadRevoked(layout));
  ASSIGN_OR_RETURN(const std::string name, OperatorNameIn(uri));
  // The space keeps a name such as "a.b" from looking like a host name, which
  // the authorities' name constraints would refuse.
  return Subject{CertificateKind::kOperator, absl::StrCat("operator ", person),
                 uri, "",
                 std::max(now - kIssuingSlack,
                          revoked.RevokedAt(name) + absl::Seconds(1))};
}

absl::StatusOr<absl::Time> IssuingAuthority::IssueOperator(
    const NodeLayout& layout, const std::string& person, const std::string& uri,
    absl::Time now, RandomSource& random) const {
  ASSIGN_OR_RETURN(const Subject subject, SubjectOf(layout, person, uri, now));
  const std::string profile = absl::StrCat(layout.Operators(), "/", person);
  return Issue(nullptr, subject, layout, profile + "/key.pem",
               profile + "/certificate.pem", now, random);
}

absl::StatusOr<absl::Time> IssuingAuthority::IssueOperator(
    const CertificatesLock& lock, const NodeLayout& layout,
    const std::string& person, const std::string& uri, absl::Time now,
    RandomSource& random) const {
  ASSIGN_OR_RETURN(const Subject subject, SubjectOf(layout, person, uri, now));
  const std::string profile = absl::StrCat(layout.Operators(), "/", person);
  return Issue(&lock, subject, layout, profile + "/key.pem",
               profile + "/certificate.pem", now, random);
}

absl::Status IssuingAuthority::CheckStands(const NodeLayout& layout) const {
  // A node that is being made: what is there a run that was cut off left.
  if (ReasonOf(ReadPublicFile(layout.Config()).status()) ==
      ErrorReason::kNotFound) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(layout.IssuingCertificate()));
  ASSIGN_OR_RETURN(const Certificate in_place, Certificate::FromPem(text));
  if (in_place.ToPem() == certificate_.ToPem()) return absl::OkStatus();
  return ReasonError(ErrorReason::kVersionConflict,
                     "another command put another issuing CA in place "
                     "meanwhile; nothing was issued");
}

absl::StatusOr<absl::Time> IssuingAuthority::Issue(
    const CertificatesLock* held, const Subject& subject,
    const NodeLayout& layout, const std::string& key_path,
    const std::string& certificate_path, absl::Time now,
    RandomSource& random) const {
  const SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
  const CertificateRequest request{
      subject.kind,        key.public_key(),
      subject.common_name, subject.uri,
      subject.dns_name,    "",
      subject.not_before,  std::min(now + kLeafLife, certificate_.not_after())};
  ASSIGN_OR_RETURN(const Certificate issued,
                   IssueCertificate(request, &certificate_, key_, random));
  // Until all is written: the CA, or the passphrase of the keys, may be changed
  // meanwhile.
  std::optional<CertificatesLock> taken;
  if (held == nullptr) {
    ASSIGN_OR_RETURN(CertificatesLock lock, CertificatesLock::Take(layout));
    taken.emplace(std::move(lock));
  }
  RETURN_IF_ERROR(CheckStands(layout));
  const bool of_node = subject.kind == CertificateKind::kNode;
  if (of_node) RETURN_IF_ERROR(CheckKeysStand(keys_));
  // Before anybody can use it: what is out can be revoked.
  RETURN_IF_ERROR(
      NoteIssued(held == nullptr ? *taken : *held, layout, issued, now));
  // A person's key goes with the person, who knows no passphrase of the node's.
  const KeyFiles in_the_clear(layout);
  RETURN_IF_ERROR(
      (of_node ? keys_ : in_the_clear).WriteSigningKey(key_path, key));
  RETURN_IF_ERROR(WritePublicFile(
      certificate_path, issued.ToPem() + certificate_.ToPem() + link_));
  return issued.not_after();
}

absl::StatusOr<RevocationList> ReadRevoked(const NodeLayout& layout) {
  const auto text = ReadPublicFile(layout.RevokedOperators());
  if (ReasonOf(text.status()) == ErrorReason::kNotFound) {
    return RevocationList();
  }
  RETURN_IF_ERROR(text.status());
  return RevocationList::Parse(*text);
}

absl::StatusOr<std::string> OperatorNameIn(const std::string& uri) {
  // spiffe://ng.comity/operator/NAPTIP/COORDINATOR/amina.b
  const std::vector<std::string> parts = absl::StrSplit(uri, '/');
  if (parts.size() == 7 && parts[3] == "operator") {
    return absl::StrCat(parts[4], "/", parts[6]);
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("\"", uri, "\" names no operator"));
}

}  // namespace comity
