#include "node/policy/policy_set.h"

#include <algorithm>

namespace comity {

bool Agreement::GrantsReferrals() const {
  return std::any_of(grants.begin(), grants.end(), [](const Grant& grant) {
    return grant.operation.Contains(Operation::kReferralDeliver);
  });
}

bool ParticipantGroup::Has(absl::string_view participant, absl::Time at) const {
  return std::any_of(members.begin(), members.end(),
                     [&](const Membership& member) {
                       return participant == member.participant &&
                              at >= member.from && at < member.until;
                     });
}

const Agreement* PolicySet::Find(absl::string_view id,
                                 absl::string_view digest) const {
  for (const Agreement& agreement : agreements) {
    if (id == agreement.id && digest == agreement.digest) return &agreement;
  }
  return nullptr;
}

const Agreement* PolicySet::FindLast(absl::string_view id) const {
  const auto found =
      std::find_if(agreements.rbegin(), agreements.rend(),
                   [&](const Agreement& each) { return id == each.id; });
  return found == agreements.rend() ? nullptr : &*found;
}

std::string DigestInput(const PolicySet& set) {
  std::string digests;
  for (const Agreement& agreement : set.agreements) {
    digests += agreement.digest;
  }
  if (set.national.has_value()) digests += set.national->digest;
  if (set.local.has_value()) digests += set.local->digest;
  return digests;
}

}  // namespace comity
