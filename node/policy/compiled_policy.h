#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "node/policy/policy_set.h"
#include "node/policy/rule_index.h"

namespace comity {

// One rule of a compiled set: exactly one of grant, deny and require is set.
struct RuleInfo {
  std::string id;  // "agreement/grant", "national/rule"
  const Agreement* agreement = nullptr;
  const Grant* grant = nullptr;
  const Deny* deny = nullptr;
  const Require* require = nullptr;

  const RulePlaces& places() const;
};

// A policy set with everything a decision looks up made ready. Immutable,
// thread-safe; a new set is a new object.
class CompiledPolicy {
 public:
  // One agreement with its index. Grants are numbered from `first_rule` on.
  struct IndexedAgreement {
    const Agreement* agreement = nullptr;
    RuleIndex index;
    RuleRef first_rule = 0;
    std::vector<Duties> duties;  // of each grant, joined with the agreement's
  };

  explicit CompiledPolicy(PolicySet set);
  CompiledPolicy(const CompiledPolicy&) = delete;
  CompiledPolicy& operator=(const CompiledPolicy&) = delete;

  const PolicySet& set() const { return set_; }
  const RuleInfo& rule(RuleRef ref) const { return rules_[ref]; }
  const std::vector<RuleInfo>& rules() const { return rules_; }

  // nullptr if no agreement of this id and digest is in the set.
  const IndexedAgreement* Find(const std::string& id,
                               const std::string& digest) const;

  // Grants of `agreement` that fit the request (policy.md 2.3, line 3), the
  // national denials and requirements that address it, in ascending order.
  // `visit` gets the RuleRef and the rule.
  template <typename Visit>
  void ForEachGrant(const IndexedAgreement& agreement,
                    const RequestFacts& request, const Visit& visit) const {
    agreement.index.ForEach(request, [&](size_t i) {
      const Grant& grant = agreement.agreement->grants[i];
      if (!GrantFits(agreement, i, request)) return;
      visit(static_cast<RuleRef>(agreement.first_rule + i), grant,
            agreement.duties[i]);
    });
  }
  template <typename Visit>
  void ForEachDeny(const RequestFacts& request, const Visit& visit) const {
    denies_.ForEach(request, [&](size_t i) {
      if (!DenyFits(i, request)) return;
      visit(static_cast<RuleRef>(first_deny_ + i), set_.national->denies[i]);
    });
  }
  template <typename Visit>
  void ForEachRequire(const RequestFacts& request, const Visit& visit) const {
    requires_.ForEach(request, [&](size_t i) {
      if (!RequireFits(i, request)) return;
      visit(static_cast<RuleRef>(first_require_ + i),
            set_.national->requires_[i]);
    });
  }

 private:
  static bool GrantFits(const IndexedAgreement& agreement, size_t i,
                        const RequestFacts& request);
  bool DenyFits(size_t i, const RequestFacts& request) const;
  bool RequireFits(size_t i, const RequestFacts& request) const;

  PolicySet set_;
  std::vector<RuleInfo> rules_;
  std::vector<IndexedAgreement> agreements_;
  absl::flat_hash_map<std::string, size_t> by_digest_;
  RuleIndex denies_;
  RuleIndex requires_;
  RuleRef first_deny_ = 0;
  RuleRef first_require_ = 0;
};

}  // namespace comity
