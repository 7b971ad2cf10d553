#include "node/policy/compiled_policy.h"

#include "absl/strings/str_cat.h"
#include "node/policy/dimensions.h"

namespace comity {

const RulePlaces& RuleInfo::places() const {
  return grant != nullptr  ? grant->places
         : deny != nullptr ? deny->places
                           : require->places;
}

CompiledPolicy::CompiledPolicy(PolicySet set) : set_(std::move(set)) {
  for (const Agreement& agreement : set_.agreements) {
    IndexedAgreement indexed{&agreement, RuleIndex(agreement),
                             static_cast<RuleRef>(rules_.size())};
    for (const Grant& grant : agreement.grants) {
      indexed.duties.push_back(Join(agreement.duties, grant.duties));
      RuleInfo info{absl::StrCat(agreement.id, "/", grant.id), &agreement};
      info.grant = &grant;
      rules_.push_back(std::move(info));
    }
    by_digest_.emplace(agreement.digest, agreements_.size());
    agreements_.push_back(std::move(indexed));
  }
  if (!set_.national.has_value()) return;
  denies_ = RuleIndex(*set_.national, set_.national->denies);
  requires_ = RuleIndex(*set_.national, set_.national->requires_);
  first_deny_ = static_cast<RuleRef>(rules_.size());
  for (const Deny& deny : set_.national->denies) {
    RuleInfo info{absl::StrCat("national/", deny.id)};
    info.deny = &deny;
    rules_.push_back(std::move(info));
  }
  first_require_ = static_cast<RuleRef>(rules_.size());
  for (const Require& require : set_.national->requires_) {
    RuleInfo info{absl::StrCat("national/", require.id)};
    info.require = &require;
    rules_.push_back(std::move(info));
  }
}

const CompiledPolicy::IndexedAgreement* CompiledPolicy::Find(
    const std::string& id, const std::string& digest) const {
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return nullptr;
  const IndexedAgreement& indexed = agreements_[found->second];
  return indexed.agreement->id == id ? &indexed : nullptr;
}

bool CompiledPolicy::GrantFits(const IndexedAgreement& agreement, size_t i,
                               const RequestFacts& request) {
  const Agreement& body = *agreement.agreement;
  const Grant& grant = body.grants[i];
  if (request.operation == Operation::kReferralEvent ||
      agreement.index.NeedsCheck(i)) {
    return FitsAll(body, grant, request);
  }
  return Fits(Dimension::kRelease, body, grant, request);
}

bool CompiledPolicy::DenyFits(size_t i, const RequestFacts& request) const {
  return !denies_.NeedsCheck(i) ||
         FitsAll(*set_.national, set_.national->denies[i], request);
}

bool CompiledPolicy::RequireFits(size_t i, const RequestFacts& request) const {
  return !requires_.NeedsCheck(i) ||
         FitsAll(*set_.national, set_.national->requires_[i], request);
}

}  // namespace comity
