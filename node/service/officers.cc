#include "node/service/officers.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/crypto/hash.h"

namespace comity {
namespace {

constexpr size_t kPseudonymSize = 16;

}  // namespace

std::string OfficerPseudonym(const SecretBytes& officer_key,
                             const ParticipantCode& partner,
                             absl::string_view operator_name) {
  const absl::string_view end("\0", 1);
  return HmacSha256(officer_key.Expose(),
                    absl::StrCat("comity-officer/v1", end, partner.text(), end,
                                 operator_name))
      .substr(0, kPseudonymSize);
}

absl::Status CheckOfficer(absl::string_view pseudonym) {
  if (pseudonym.empty() || pseudonym.size() == kPseudonymSize) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "an officer's pseudonym has 16 bytes");
}

}  // namespace comity
