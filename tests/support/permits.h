#pragma once

#include "node/policy/policy_engine.h"

namespace comity {

// An engine whose local access lets a coordinator do everything everywhere and
// a case worker only with cases of her own organisation.
inline PolicyEngine EngineForTest(absl::string_view self = "NE") {
  PolicySet set;
  set.local = LocalAccess{std::string(self), 1};
  set.local->digest = std::string(32, 'l');
  LocalGrant all{"all", {Role::kCoordinator}, {"*"}, {}, CaseScope::kAll};
  for (int i = 1; i <= static_cast<int>(LocalOperation::kRetentionRun); ++i) {
    all.operation = all.operation.With(static_cast<LocalOperation>(i));
  }
  LocalGrant own = all;
  own.id = "organisation";
  own.role = {Role::kCaseWorker};
  own.scope = CaseScope::kOrganisation;
  set.local->grants = {all, own};
  return PolicyEngine(std::move(set), 1);
}

inline Caller CallerForTest(Role role, absl::string_view organisation = "ANLTP",
                            absl::string_view self = "NE") {
  return Caller{*ParticipantCode::Create(self),
                false,
                std::string(organisation),
                role,
                "tester",
                std::string(32, 'c')};
}

}  // namespace comity
