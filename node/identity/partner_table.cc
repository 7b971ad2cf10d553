#include "node/identity/partner_table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

absl::Status Unknown(absl::string_view what) {
  return ReasonError(ErrorReason::kCertificateUnknown, what);
}

absl::Status Revoked() {
  return ReasonError(ErrorReason::kCertificateRevoked,
                     "the certificate was revoked");
}

absl::StatusOr<std::string> OnlyUri(const Certificate& certificate) {
  const auto uris = certificate.UriNames();
  if (!uris.ok() || uris->size() != 1) {
    return Unknown("the certificate must carry exactly one URI name");
  }
  return (*uris)[0];
}

bool IsName(absl::string_view text, size_t limit, bool upper,
            absl::string_view others) {
  return !text.empty() && text.size() <= limit &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  (upper && c >= 'A' && c <= 'Z') ||
                  others.find(c) != absl::string_view::npos;
         });
}

}  // namespace

PartnerTable::PartnerTable(
    std::vector<ParticipantCard> cards, std::set<ParticipantCode> suspended,
    std::map<ParticipantCode, RevokedCertificates> revoked)
    : suspended_(std::move(suspended)), revoked_(std::move(revoked)) {
  for (ParticipantCard& card : cards) {
    const ParticipantCode code = card.code;
    cards_.emplace(code, std::move(card));
  }
}

const ParticipantCard* PartnerTable::Find(const ParticipantCode& code) const {
  const auto found = cards_.find(code);
  return found == cards_.end() ? nullptr : &found->second;
}

const RevokedCertificates& PartnerTable::RevokedBy(
    const ParticipantCode& code) const {
  static const auto* none = new RevokedCertificates();
  const auto found = revoked_.find(code);
  return found == revoked_.end() ? *none : found->second;
}

absl::StatusOr<Caller> PartnerTable::IdentifyNode(
    const Certificate& certificate, const std::vector<Certificate>& presented,
    ChainPurpose purpose, absl::Time now) const {
  ASSIGN_OR_RETURN(const std::string uri, OnlyUri(certificate));
  for (const auto& [code, card] : cards_) {
    if (uri != code.NodeSpiffeId()) continue;
    const RevokedCertificates& revoked = RevokedBy(code);
    RETURN_IF_ERROR(VerifyChain(certificate, revoked.Without(presented),
                                revoked.Without(card.Anchors()), purpose, now));
    if (revoked.Holds(certificate.Fingerprint())) return Revoked();
    if (purpose == ChainPurpose::kClient && IsSuspended(code)) {
      return ReasonError(ErrorReason::kPartnerSuspended,
                         "this node takes no calls of the partner's node for "
                         "now; its administrator knows why");
    }
    return Caller{code, true, "", Role::kUnset, "", certificate.Fingerprint()};
  }
  return Unknown("the certificate names no partner's node");
}

std::string PartnerTable::UnionAnchorsPem() const {
  std::string pem;
  for (const auto& [code, card] : cards_) {
    for (const Certificate& anchor : card.Anchors()) pem += anchor.ToPem();
  }
  return pem;
}

absl::StatusOr<Caller> NationalTrust::IdentifyOperator(
    const Certificate& certificate, const std::vector<Certificate>& presented,
    absl::Time now) const {
  ASSIGN_OR_RETURN(const std::string uri, OnlyUri(certificate));
  absl::string_view rest = uri;
  if (!absl::ConsumePrefix(&rest, absl::StrCat("spiffe://", self_.TrustDomain(),
                                               "/operator/"))) {
    return Unknown("the certificate names no operator of this country");
  }
  const std::vector<std::string> parts = absl::StrSplit(rest, '/');
  if (parts.size() != 3) return Unknown("the operator's name is malformed");
  const Role role = FromName<Role>(parts[1]);
  const auto canonical = OperatorUri(self_, parts[0], role, parts[2]);
  if (!canonical.ok() || *canonical != uri) {
    return Unknown("the operator's name is malformed");
  }
  const auto revoked = certificates_ == nullptr
                           ? std::make_shared<const RevokedCertificates>()
                           : certificates_->Get();
  RETURN_IF_ERROR(VerifyChain(certificate, revoked->Without(presented, now),
                              revoked->Without(Anchors(), now),
                              ChainPurpose::kClient, now));
  Caller caller{self_, false,    parts[0],
                role,  parts[2], certificate.Fingerprint()};
  RETURN_IF_ERROR(CheckNotRevoked(caller, certificate, now));
  return caller;
}

absl::Status NationalTrust::CheckNotRevoked(const Caller& caller,
                                            const Certificate& certificate,
                                            absl::Time now) const {
  if (certificates_ != nullptr &&
      certificates_->Get()->Holds(caller.certificate, now)) {
    return Revoked();
  }
  if (revoked_ == nullptr ||
      !revoked_->Holds(caller.OperatorName(), certificate.not_before(), now)) {
    return absl::OkStatus();
  }
  return Revoked();
}

absl::StatusOr<std::string> OperatorUri(const ParticipantCode& participant,
                                        absl::string_view organisation,
                                        Role role, absl::string_view person) {
  const auto invalid = [](absl::string_view what) {
    return ReasonError(ErrorReason::kFieldInvalid, what);
  };
  if (!IsName(organisation, 32, true, "-")) {
    return invalid("an organisation is 1 to 32 of A-Z, a-z, 0-9 and -");
  }
  if (!IsName(person, 64, false, ".-") || person[0] == '.') {
    return invalid(
        "a person is named by 1 to 64 of a-z, 0-9, . and -, not beginning with "
        "a dot");
  }
  if (role == Role::kUnset) {
    return invalid(
        "a role is one of CASE_WORKER, COORDINATOR, COMMISSION, ADMIN, "
        "AUDITOR, STATISTICIAN, DATA_PROTECTION_OFFICER");
  }
  return absl::StrCat("spiffe://", participant.TrustDomain(), "/operator/",
                      organisation, "/", Name(role), "/", person);
}

}  // namespace comity
