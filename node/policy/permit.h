#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/caller.h"
#include "node/domain/case_facts.h"
#include "node/domain/vocabulary.h"
#include "node/policy/decision.h"

namespace comity {

// Proof that policy allowed one operation, for one caller and purpose, on one
// case (or none), for named field groups, under one policy version, at one
// instant, with its duties. Only PolicyEngine makes one; every store method
// that yields person data takes one. Immutable, copyable.
class Permit {
 public:
  const Caller& caller() const { return caller_; }
  // kUnset for work at home, and then local_operation() is set.
  Operation operation() const { return operation_; }
  LocalOperation local_operation() const { return local_operation_; }
  // Whose cases a local permit reaches.
  CaseScope scope() const { return scope_; }
  Purpose purpose() const { return purpose_; }
  // nullopt: no single case (an import, a search, a table).
  const std::optional<Uuid>& case_id() const { return case_id_; }
  FieldGroups groups() const { return groups_; }
  const Duties& duties() const { return duties_; }
  // Version of the policy set and of the case's facts that were decided on.
  uint64_t policy_version() const { return policy_version_; }
  uint64_t case_version() const { return case_version_; }
  absl::Time decided_at() const { return decided_at_; }

 private:
  friend class PolicyEngine;
  explicit Permit(Caller caller) : caller_(std::move(caller)) {}

  Caller caller_;
  Operation operation_ = Operation::kUnset;
  LocalOperation local_operation_ = LocalOperation::kUnset;
  CaseScope scope_ = CaseScope::kUnset;
  Purpose purpose_ = Purpose::kUnset;
  std::optional<Uuid> case_id_;
  FieldGroups groups_;
  Duties duties_;
  uint64_t policy_version_ = 0;
  uint64_t case_version_ = 0;
  absl::Time decided_at_;
};

// Whether a local scope reaches a case for `caller` at `now`. A delegate
// reaches the case like its owner.
bool Reaches(CaseScope scope, const Caller& caller, const CaseFacts& facts,
             absl::Time now);

}  // namespace comity
