#include "node/service/dossier_step.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/judge.h"
#include "node/service/referral_steps.h"
#include "node/service/referral_view.h"

namespace comity {
namespace {

using Payload = federation::v1::ReferralEventPayload;

}  // namespace

const Agreement* AgreementOf(const PolicyEngine& engine,
                             const ReferralRow& row) {
  const Agreement* named =
      engine.set().Find(row.agreement_id, row.agreement_digest);
  return named != nullptr ? named : engine.set().FindLast(row.agreement_id);
}

absl::StatusOr<std::optional<CaseFacts>> FactsOf(const ReferralRow& row,
                                                 const StoreReader& store) {
  if (row.case_id.IsNil()) return std::nullopt;
  absl::StatusOr<CaseFacts> facts = store.ReadFacts(row.case_id);
  if (facts.ok()) return *std::move(facts);
  // What is left of a dossier whose case is erased.
  if (ReasonOf(facts.status()) == ErrorReason::kNotFound) return std::nullopt;
  return facts.status();
}

absl::Status CheckMayWrite(const NodeContext& node, const PolicyEngine& engine,
                           const ReferralRow& row, const StoreReader& store,
                           absl::Time now) {
  const Agreement* agreement = AgreementOf(engine, row);
  if (agreement == nullptr) {
    return ReasonError(ErrorReason::kAgreementNotInForce,
                       absl::StrCat("the agreement \"", row.agreement_id,
                                    "\" that the referral rests on is not here "
                                    "any more; activate it again"));
  }
  const bool holds = row.parties.holder == node.self;
  RequestFacts request{now, node.self,
                       holds ? row.parties.receiver : row.parties.holder,
                       row.parties.holder, row.parties.receiver};
  request.operation = Operation::kReferralEvent;
  request.agreement_id = agreement->id;
  request.agreement_digest = agreement->digest;
  ASSIGN_OR_RETURN(const std::optional<CaseFacts> facts, FactsOf(row, store));
  const RecordFacts record =
      facts.has_value() ? ProjectFacts(*facts, StageOf(row.state), request)
                        : RecordFacts();
  const Decision decision =
      Judge(engine.policy(), request, record, StateFacts());
  if (decision.outcome == Outcome::kPermit) return absl::OkStatus();
  return RefusalInFull(decision);
}

absl::Status RefusalInFull(const Decision& decision) {
  return ReasonError(
      decision.reason,
      absl::StrCat("policy refuses: ",
                   decision.private_reason == PrivateReason::kNone
                       ? ReasonName(decision.reason)
                       : Name(decision.private_reason)));
}

Role ActingRole(const OperatorCall& call, const CaseFacts* facts) {
  const Caller& caller = call.caller();
  const bool deputy = caller.role == Role::kCaseWorker &&
                      call.engine()
                          .DecideLocal(caller, LocalOperation::kReferralDecide,
                                       facts, call.now())
                          .ok();
  return deputy ? Role::kCoordinator : caller.role;
}

std::string StepDetail(const OperatorCall& call, absl::string_view what,
                       Role role) {
  return absl::StrCat(
      what, role == call.caller().role ? "" : absl::StrCat(" as ", Name(role)));
}

absl::StatusOr<NewEvent> BeginStep(OperatorCall& call, const Dossier& dossier,
                                   const Uuid& event_id, Payload payload,
                                   CommitScope& scope) {
  ASSIGN_OR_RETURN(const std::optional<CaseFacts> facts,
                   FactsOf(dossier.row, scope.store()));
  const Role role = ActingRole(call, facts.has_value() ? &*facts : nullptr);
  call.SetRequestId(event_id);
  call.SetDetail(StepDetail(
      call, Name(static_cast<ReferralEventKind>(payload.kind())), role));
  ASSIGN_OR_RETURN(NewEvent event,
                   BeginEvent(call.node(), dossier, event_id,
                              std::move(payload), role, scope.now()));
  RETURN_IF_ERROR(CheckMayWrite(call.node(), call.engine(), dossier.row,
                                scope.store(), scope.now()));
  return event;
}

absl::Status TakeStep(OperatorCall& call, const std::string& request_id,
                      const std::string& referral_id, Payload payload,
                      operators::v1::Referral& view) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid event_id, Uuid::Parse(request_id));
  ASSIGN_OR_RETURN(const ReferralRow referral, FindReferral(call, referral_id));
  call.SetPeer(referral.parties.holder == node.self ? referral.parties.receiver
                                                    : referral.parties.holder);
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(const Dossier dossier,
                         ReadDossier(scope.store(), referral.referral_id));
        ASSIGN_OR_RETURN(const NewEvent event,
                         BeginStep(call, dossier, event_id, payload, scope));
        RETURN_IF_ERROR(WriteEvent(node, dossier, event, scope));
        return ShowReferral(call, scope, referral.referral_id, view);
      })
      .status();
}

}  // namespace comity
