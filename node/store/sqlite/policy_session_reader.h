#pragma once

#include "node/store/sqlite/policy_tables.h"

namespace comity {

// The part of SessionReader that implements PolicyReader; `Base` and `Derived`
// are as there.
template <typename Base, typename Derived>
class PolicySessionReader : public Base {
 public:
  absl::StatusOr<std::vector<PolicyRow>> ListPolicies(
      absl::Time now) const override {
    return With(
        [&](Session& s) { return policy_tables::ListPolicies(s, now); });
  }
  absl::StatusOr<std::vector<PolicyRow>> ListPolicyVersions(
      absl::string_view kind, absl::string_view id, int limit) const override {
    return With([&](Session& s) {
      return policy_tables::ListPolicyVersions(s, kind, id, limit);
    });
  }
  absl::StatusOr<PolicyRow> ReadPolicy(
      absl::string_view digest) const override {
    return With(
        [&](Session& s) { return policy_tables::ReadPolicy(s, digest); });
  }
  absl::StatusOr<std::vector<PolicyProposal>> ListProposals() const override {
    return With([&](Session& s) { return policy_tables::ListProposals(s); });
  }
  absl::StatusOr<std::vector<RefusedActivation>> ListRefusedActivations(
      int limit) const override {
    return With([&](Session& s) {
      return policy_tables::ListRefusedActivations(s, limit);
    });
  }

 private:
  template <typename F>
  auto With(const F& body) const {
    return static_cast<const Derived*>(this)->WithSession(body);
  }
};

}  // namespace comity
