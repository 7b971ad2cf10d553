#include "node/policy/policy_engine.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/policy/judge.h"

namespace comity {
namespace {

bool Lists(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Whether a local grant is for this caller at this time, whatever the case.
bool Admits(const LocalGrant& grant, const Caller& caller,
            LocalOperation operation, absl::Time now) {
  return grant.role.Contains(caller.role) &&
         grant.operation.Contains(operation) &&
         (Lists(grant.organisation, "*") ||
          Lists(grant.organisation, caller.organisation)) &&
         (grant.person.empty() || Lists(grant.person, caller.OperatorName())) &&
         now >= grant.valid_from && now < grant.valid_until;
}

}  // namespace

bool Reaches(CaseScope scope, const Caller& caller, const CaseFacts& facts,
             absl::Time now) {
  if (scope == CaseScope::kUnset) return false;
  if (facts.DelegatedTo(caller.OperatorName(), now)) return true;
  switch (scope) {
    case CaseScope::kUnset:
      return false;
    case CaseScope::kOwn:
      return facts.owner == caller.OperatorName();
    case CaseScope::kOrganisation:
      return facts.organisation == caller.organisation;
    case CaseScope::kAll:
      return true;
  }
  return false;
}

Ruling PolicyEngine::Decide(const Caller& caller, const RequestFacts& request,
                            const RecordFacts& record, const StateFacts& state,
                            const CaseFacts* subject) const {
  Ruling ruling{Judge(policy_, request, record, state), std::nullopt};
  if (ruling.decision.outcome != Outcome::kPermit) return ruling;
  Permit permit(caller);
  permit.operation_ = request.operation;
  permit.purpose_ = request.purpose;
  permit.groups_ = ruling.decision.released;
  permit.duties_ = ruling.decision.duties;
  permit.policy_version_ = version_;
  permit.decided_at_ = request.now;
  if (subject != nullptr) {
    permit.case_id_ = subject->case_id;
    permit.case_version_ = subject->version;
  }
  ruling.permit = std::move(permit);
  return ruling;
}

absl::StatusOr<Permit> PolicyEngine::DecideLocal(const Caller& caller,
                                                 LocalOperation operation,
                                                 const CaseFacts* facts,
                                                 absl::Time now) const {
  CaseScope widest = CaseScope::kUnset;
  if (set().local.has_value()) {
    for (const LocalGrant& grant : set().local->grants) {
      if (Admits(grant, caller, operation, now)) {
        widest = std::max(widest, grant.scope);
      }
    }
  }
  if (widest == CaseScope::kUnset) {
    return ReasonError(
        ErrorReason::kLocalAccessDenied,
        absl::StrCat("the local access file gives the role ", Name(caller.role),
                     " of your organisation no ", Name(operation),
                     "; that file gives it once two administrators sign a "
                     "version that does"));
  }
  if (facts != nullptr && !Reaches(widest, caller, *facts, now)) {
    // The words of a case that is not there: whose it is tells, too.
    return ReasonError(
        ErrorReason::kNotFound,
        "there is no such case; give its id or its local reference");
  }
  Permit permit(caller);
  permit.local_operation_ = operation;
  permit.scope_ = widest;
  permit.groups_ = FieldGroups::FromBits(0x1FFFE);
  permit.policy_version_ = version_;
  permit.decided_at_ = now;
  if (facts != nullptr) {
    permit.case_id_ = facts->case_id;
    permit.case_version_ = facts->version;
  }
  return permit;
}

Permit PolicyEngine::PermitTabulation(const ParticipantCode& self,
                                      absl::Time now) const {
  Permit permit(Caller{self, true, "", Role::kUnset, "", ""});
  permit.local_operation_ = LocalOperation::kTableTabulate;
  permit.scope_ = CaseScope::kAll;
  permit.policy_version_ = version_;
  permit.decided_at_ = now;
  return permit;
}

Permit PolicyEngine::PermitReadTold(const ParticipantCode& self,
                                    absl::Time now) const {
  Permit permit = PermitTabulation(self, now);
  permit.local_operation_ = LocalOperation::kReferralRead;
  return permit;
}

}  // namespace comity
