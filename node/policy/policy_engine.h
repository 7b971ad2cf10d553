#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "node/domain/caller.h"
#include "node/domain/case_facts.h"
#include "node/policy/compiled_policy.h"
#include "node/policy/decision.h"
#include "node/policy/facts.h"
#include "node/policy/permit.h"

namespace comity {

// A decision about one operation across a border, and the Permit if it allows.
struct Ruling {
  Decision decision;
  std::optional<Permit> permit;
};

// Decides from facts alone. Pure: no clock, no I/O; the same function serves
// gate, pre-flight and explain (design.md law 13). Immutable, thread-safe; a
// new policy set is a new engine.
class PolicyEngine {
 public:
  // `version` rises by one with each activation on this node.
  PolicyEngine(PolicySet set, uint64_t version)
      : policy_(std::move(set)), version_(version) {}

  // Decides one operation across a border (policy.md 2.3). `subject` is the
  // case that `record` was projected from; null if no case is looked at.
  Ruling Decide(const Caller& caller, const RequestFacts& request,
                const RecordFacts& record, const StateFacts& state,
                const CaseFacts* subject = nullptr) const;

  // Decides one operation at home under local access. `facts` null: no single
  // case. LOCAL_ACCESS_DENIED when no rule allows it; NOT_FOUND when the case
  // is outside the caller's scope, so that nobody learns of it.
  absl::StatusOr<Permit> DecideLocal(const Caller& caller,
                                     LocalOperation operation,
                                     const CaseFacts* facts,
                                     absl::Time now) const;

  // Permits for the node's own work, from a closed list of operations that
  // need no person: tabulating at start and publishing; comparing what a
  // dossier told with a case that was made of it.
  Permit PermitTabulation(const ParticipantCode& self, absl::Time now) const;
  Permit PermitReadTold(const ParticipantCode& self, absl::Time now) const;

  const CompiledPolicy& policy() const { return policy_; }
  const PolicySet& set() const { return policy_.set(); }
  uint64_t version() const { return version_; }

 private:
  CompiledPolicy policy_;
  uint64_t version_;
};

}  // namespace comity
