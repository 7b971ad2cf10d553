#include "node/identity/revoked_certificates.h"

#include <vector>

namespace comity {

bool RevokedCertificates::Holds(absl::string_view fingerprint,
                                absl::Time at) const {
  const auto entry = entries.find(fingerprint);
  return entry != entries.end() && entry->second.since <= at;
}

std::vector<Certificate> RevokedCertificates::Without(
    std::vector<Certificate> certificates, absl::Time at) const {
  if (entries.empty()) return certificates;
  std::erase_if(certificates, [&](const Certificate& each) {
    return Holds(each.Fingerprint(), at);
  });
  return certificates;
}

}  // namespace comity
