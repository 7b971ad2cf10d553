#include "node/policy/policy_engine.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/policy/judge.h"

namespace comity {
namespace {

template <typename T>
bool Lists(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool Reaches(CaseScope scope, const Caller& caller, const CaseFacts& facts) {
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

}  // namespace

std::string DigestInput(const PolicySet& set) {
  std::string digests;
  for (const auto& [id, agreement] : set.agreements) {
    digests += agreement.digest;
  }
  if (set.national.has_value()) digests += set.national->digest;
  if (set.local.has_value()) digests += set.local->digest;
  return digests;
}

PolicyEngine::PolicyEngine(std::shared_ptr<const PolicySet> set,
                           uint64_t version)
    : set_(std::move(set)), version_(version) {}

Ruling PolicyEngine::Decide(const Caller& caller, const RequestFacts& request,
                            const RecordFacts& record,
                            const UsageFacts& usage) const {
  Ruling ruling{Judge(*set_, request, record, usage), std::nullopt};
  for (RuleTrace& rule : ruling.decision.trace) {
    rule.decided = rule.decided || Lists(ruling.decision.rule_ids, rule.id);
  }
  if (ruling.decision.outcome != Outcome::kPermit) return ruling;
  Permit permit(caller);
  permit.operation_ = request.operation;
  permit.purpose_ = request.purpose;
  permit.groups_ = ruling.decision.released;
  permit.duties_ = ruling.decision.duties;
  permit.policy_version_ = version_;
  permit.decided_at_ = request.now;
  if (record.facts != nullptr) {
    permit.case_id_ = record.facts->case_id;
    permit.case_version_ = record.facts->version;
  }
  ruling.permit = std::move(permit);
  return ruling;
}

absl::StatusOr<Permit> PolicyEngine::DecideLocal(const Caller& caller,
                                                 LocalOperation operation,
                                                 const CaseFacts* facts,
                                                 absl::Time now) const {
  CaseScope widest = CaseScope::kUnset;
  if (set_->local.has_value()) {
    for (const LocalGrant& grant : set_->local->grants) {
      if (Lists(grant.role, caller.role) && Lists(grant.operation, operation) &&
          (Lists(grant.organisation, std::string("*")) ||
           Lists(grant.organisation, caller.organisation))) {
        widest = std::max(widest, grant.scope);
      }
    }
  }
  if (widest == CaseScope::kUnset) {
    return ReasonError(
        ErrorReason::kLocalAccessDenied,
        absl::StrCat("the local access file gives the role ", Name(caller.role),
                     " of your organisation no ", Name(operation),
                     "; ask an administrator"));
  }
  if (facts != nullptr && !Reaches(widest, caller, *facts)) {
    return ReasonError(ErrorReason::kNotFound, "there is no such case");
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

}  // namespace comity
