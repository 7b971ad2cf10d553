#include "node/cli/own_authorities.h"

#include <algorithm>

#include "node/cli/issuing_authority.h"

namespace comity {
namespace {

constexpr absl::Duration kRootLife = absl::Hours(24 * 3650);
constexpr absl::Duration kIssuingLife = absl::Hours(24 * 365);

}  // namespace

CertificateRequest RootRequest(const ParticipantCode& code,
                               const VerifyKey& key, absl::Time now) {
  return {CertificateKind::kRoot,
          key,
          code.text() + " root",
          "",
          "",
          code.TrustDomain(),
          now - kIssuingSlack,
          now + kRootLife};
}

CertificateRequest IssuingRequest(const ParticipantCode& code,
                                  const VerifyKey& key, const Certificate& root,
                                  absl::Time now) {
  return {CertificateKind::kIssuing,
          key,
          code.text() + " issuing",
          "",
          "",
          code.TrustDomain(),
          now - kIssuingSlack,
          std::min(now + kIssuingLife, root.not_after())};
}

}  // namespace comity
