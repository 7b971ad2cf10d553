#include "node/service/correction.h"

#include "absl/strings/str_cat.h"
#include "node/audit/own_log.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/service/approvals.h"
#include "node/service/case_view.h"
#include "node/service/correction_intake.h"
#include "node/service/decision_state.h"
#include "node/service/dossier_event.h"
#include "node/service/dossier_step.h"
#include "node/service/federation_gate.h"
#include "node/service/info_exchange.h"
#include "node/service/log_detail.h"
#include "node/service/officers.h"
#include "node/wire/case_record.h"
#include "node/wire/decision_wire.h"
#include "node/wire/own_leaf.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Payload = fed::ReferralEventPayload;

// Whether a group could be told is asked as if everybody had approved.
constexpr uint32_t kEverybody = UINT32_MAX;

// One group or several on their way out in one dossier.
struct Telling {
  const Dossier& dossier;
  const CaseFacts& facts;
  Operation operation;
};

struct Judged {
  RequestFacts request;
  RecordFacts record;
  StateFacts state;
  Ruling ruling;
};

RequestFacts RequestFor(const OperatorCall& call, const Telling& telling,
                        FieldGroups groups, absl::Time now) {
  RequestFacts request =
      AnswerFacts(call.node(), call.engine(), telling.dossier.row,
                  Role::kCoordinator, groups, now);
  request.operation = telling.operation;
  return request;
}

// `approvals` of the own people count for the agreement and for the own rules:
// nobody at the receiver asked.
absl::StatusOr<Judged> Decide(OperatorCall& call, const Telling& telling,
                              FieldGroups groups, uint32_t approvals,
                              CommitScope& scope) {
  const PolicyEngine& engine = call.engine();
  Judged judged{RequestFor(call, telling, groups, scope.now())};
  judged.record = ProjectFacts(
      telling.facts, StageOf(telling.dossier.status.state), judged.request);
  ASSIGN_OR_RETURN(judged.state, ReadState(engine.policy(), judged.request, "",
                                           scope.store()));
  judged.state.approvals = judged.state.approvals_at_home = approvals;
  judged.ruling = engine.Decide(call.caller(), judged.request, judged.record,
                                judged.state, &telling.facts);
  return judged;
}

// Why a group is not told, and the approval that it waits for, if any.
struct Refused {
  std::string reason;
  std::string approval_id;
};
using Reasons = std::map<FieldGroup, Refused>;

// The groups that wait for approvals alone.
FieldGroups WaitingIn(const Reasons& reasons) {
  FieldGroups waiting;
  for (const auto& [group, refused] : reasons) {
    if (!refused.approval_id.empty()) waiting = waiting.With(group);
  }
  return waiting;
}

Refused RefusalOf(const Decision& decision) {
  return {std::string(decision.private_reason == PrivateReason::kNone
                          ? ReasonName(decision.reason)
                          : Name(decision.private_reason)),
          ""};
}

// The groups that may go with so many approvals, each judged by itself; why
// others may not.
absl::StatusOr<FieldGroups> Releasable(OperatorCall& call,
                                       const Telling& telling,
                                       FieldGroups groups, uint32_t approvals,
                                       CommitScope& scope, Reasons& reasons) {
  FieldGroups releasable;
  for (const FieldGroup group : groups.Values()) {
    ASSIGN_OR_RETURN(const Judged judged,
                     Decide(call, telling, {group}, approvals, scope));
    if (judged.ruling.permit.has_value()) {
      releasable = releasable.With(group);
    } else {
      reasons[group] = RefusalOf(judged.ruling.decision);
    }
  }
  return releasable;
}

// The entry of a disclosure of its own, under the event's id.
absl::Status LogTelling(OperatorCall& call, const Telling& telling,
                        const Judged& judged, const Uuid& event_id,
                        CommitScope& scope) {
  const ReferralRow& row = telling.dossier.row;
  OwnEntry own;
  own.kind = OwnKind::kOperatorAction;
  own.time = scope.now();
  own.request_id = event_id;
  own.peer = row.parties.receiver.text();
  own.subject = row.case_id.ToString();
  own.policy_digest = PolicyDigestOf(call.engine());
  own.actor = absl::StrCat(call.caller().OperatorName(), " (",
                           Name(call.caller().role), ")");
  own.detail = absl::StrCat("CORRECTED ",
                            DescribeDecision(call.engine(), telling.operation,
                                             judged.ruling.decision),
                            ToldGroups(judged.ruling.permit->groups()));
  own.facts = SerializeDecisionFacts(call.engine().policy(), judged.request,
                                     judged.record, judged.state);
  own.about = {row.referral_id, row.case_id};
  return AppendOwn(call.node().self, own, call.node().random, scope).status();
}

// The event that tells what the ruling's permit releases.
absl::StatusOr<NewEvent> BeginCorrection(
    OperatorCall& call, const Telling& telling, const Ruling& ruling,
    const FoundApproval& approval, const Uuid& event_id, CommitScope& scope) {
  NodeContext& node = call.node();
  const Permit& permit = *ruling.permit;
  const ParticipantCode& partner = telling.dossier.row.parties.receiver;
  ASSIGN_OR_RETURN(const StoredCase stored,
                   scope.store().ReadCase(permit, telling.facts.case_id));
  ASSIGN_OR_RETURN(const record::v1::CaseRecord record,
                   ParseRecord(stored.body));
  Payload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_CORRECTED);
  fed::Correction& correction = *payload.mutable_correction();
  std::vector<FieldOpening> openings;
  AddFields(permit, record, node.random, correction.mutable_fields(), openings);
  *correction.mutable_terms() = TermsOf(permit, ruling.decision.break_glass);
  if (GivenIn(approval) > 0) {
    correction.set_officer_pseudonym(OfficerPseudonym(
        node.officer_key, partner, call.caller().OperatorName()));
    AddApprovers(node.officer_key, partner, approval,
                 correction.mutable_approver_pseudonyms());
  }
  ASSIGN_OR_RETURN(
      NewEvent event,
      BeginEvent(node, telling.dossier, event_id, std::move(payload),
                 ActingRole(call, &telling.facts), scope.now()));
  event.openings = std::move(openings);
  return event;
}

// Writes the event, with all that a release brings with it.
absl::Status WriteCorrection(OperatorCall& call, const Telling& telling,
                             const Judged& judged, const NewEvent& event,
                             const FoundApproval& approval,
                             CommitScope& scope) {
  const ReferralRow& row = telling.dossier.row;
  const Decision& decision = judged.ruling.decision;
  const Uuid& event_id = event.event.event_id;
  RETURN_IF_ERROR(WriteEvent(call.node(), telling.dossier, event, scope));
  call.AddNote({row.parties.receiver, true, "RELEASED", decision.duties.notify,
                telling.facts.owner, decision.break_glass, row.agreement_id,
                telling.facts.case_id});
  RETURN_IF_ERROR(UseApproval(approval, event_id, scope.store()));
  RETURN_IF_ERROR(ChargeLimits(call.engine().policy(), judged.request, decision,
                               "", scope.now(), scope.store()));
  return LogTelling(call, telling, judged, event_id, scope);
}

// What approvals to tell these groups are bound to.
std::string ContentOf(const ContentDigests& content, FieldGroups groups) {
  std::string bound;
  for (const FieldGroup group : groups.Values()) {
    const auto digest = content.find(group);
    if (digest != content.end()) bound += digest->second;
  }
  return Sha256(bound);
}

// Asks for the approvals that are missing.
absl::Status Hold(OperatorCall& call, const ApprovalBinding& binding,
                  const FoundApproval& approval, uint32_t missing,
                  CommitScope& scope, Reasons& reasons) {
  ASSIGN_OR_RETURN(
      const ApprovalRequest waits,
      AskForApproval(binding, approval, GivenIn(approval) + missing,
                     scope.now(), call.node().random, scope.store()));
  for (const FieldGroup group : binding.request.wanted.Values()) {
    reasons[group] = {std::string(ApprovalsMissing(waits).message()),
                      waits.id.ToString()};
  }
  return absl::OkStatus();
}

// Tells groups, of which each may go by itself, by one event, or asks for the
// approvals that this needs. Returns what was told.
absl::StatusOr<FieldGroups> TellTogether(OperatorCall& call,
                                         const Uuid& referral_id,
                                         Operation operation,
                                         FieldGroups groups,
                                         const ContentDigests& content,
                                         CommitScope& scope, Reasons& reasons) {
  if (groups.empty()) return FieldGroups();
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(scope.store(), referral_id));
  ASSIGN_OR_RETURN(const CaseFacts facts,
                   scope.store().ReadFacts(dossier.row.case_id));
  const Telling telling{dossier, facts, operation};
  const RequestFacts request = RequestFor(call, telling, groups, scope.now());
  const ApprovalBinding binding{ApprovalMatter::kTellCorrection,
                                facts.case_id,
                                request,
                                call.caller().OperatorName(),
                                "",
                                ContentOf(content, groups)};
  const Uuid event_id = NewUuid(call.node().random);
  ASSIGN_OR_RETURN(const FoundApproval approval,
                   FindApproval(scope.store(), binding, event_id, scope.now()));
  ASSIGN_OR_RETURN(const Judged judged,
                   Decide(call, telling, groups, GivenIn(approval), scope));
  const Ruling& ruling = judged.ruling;
  if (ruling.decision.outcome == Outcome::kHold) {
    RETURN_IF_ERROR(Hold(call, binding, approval,
                         ruling.decision.approvals_missing, scope, reasons));
    return FieldGroups();
  }
  for (const FieldGroup group : groups.Values()) {
    reasons[group] = RefusalOf(ruling.decision);
  }
  if (!ruling.permit.has_value()) return FieldGroups();
  const absl::StatusOr<NewEvent> event =
      BeginCorrection(call, telling, ruling, approval, event_id, scope);
  if (ReasonOf(event.status()) == ErrorReason::kReferralStateConflict) {
    for (const FieldGroup group : groups.Values()) {
      reasons[group] = {std::string(ReasonName(ReasonOf(event.status()))), ""};
    }
    return FieldGroups();
  }
  RETURN_IF_ERROR(event.status());
  RETURN_IF_ERROR(
      WriteCorrection(call, telling, judged, *event, approval, scope));
  return ruling.permit->groups();
}

// Tells what may go of `groups` by one operation, and returns it. What needs no
// approval does not wait for what does.
absl::StatusOr<FieldGroups> TellBy(OperatorCall& call, const Uuid& referral_id,
                                   Operation operation, FieldGroups groups,
                                   const ContentDigests& content,
                                   CommitScope& scope, Reasons& reasons) {
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(scope.store(), referral_id));
  ASSIGN_OR_RETURN(const CaseFacts facts,
                   scope.store().ReadFacts(dossier.row.case_id));
  const Telling telling{dossier, facts, operation};
  ASSIGN_OR_RETURN(const FieldGroups free,
                   Releasable(call, telling, groups, 0, scope, reasons));
  ASSIGN_OR_RETURN(const FieldGroups held,
                   Releasable(call, telling, groups.Minus(free), kEverybody,
                              scope, reasons));
  ASSIGN_OR_RETURN(const FieldGroups told,
                   TellTogether(call, referral_id, operation, free, content,
                                scope, reasons));
  ASSIGN_OR_RETURN(const FieldGroups approved,
                   TellTogether(call, referral_id, operation, held, content,
                                scope, reasons));
  return told.Union(approved);
}

}  // namespace

ContentDigests DigestsOf(const record::v1::CaseRecord& record,
                         FieldGroups groups) {
  ContentDigests digests;
  for (const FieldGroup group : groups.Values()) {
    record::v1::CaseRecord part = record;
    RedactRecord({group}, Redactions(), part);
    digests[group] = Sha256(part.SerializeAsString());
  }
  return digests;
}

absl::StatusOr<pb::CorrectionOutcome> TellAnew(OperatorCall& call,
                                               const ToldInDossier& told,
                                               FieldGroups groups,
                                               const ContentDigests& content,
                                               CommitScope& scope) {
  Reasons reasons;
  FieldGroups left = groups;
  for (const Operation operation : kCorrectingOperations) {
    const bool identity = operation == Operation::kIdentityRelease;
    if (identity && !told.groups.Contains(FieldGroup::kIdentity)) continue;
    // What waits for approvals goes by the operation that they are asked for.
    const FieldGroups open = left.Minus(WaitingIn(reasons));
    ASSIGN_OR_RETURN(
        const FieldGroups gone,
        TellBy(call, told.row.referral_id, operation,
               identity ? open : open.Minus({FieldGroup::kIdentity}), content,
               scope, reasons));
    left = left.Minus(gone);
  }
  call.AddAbout(told.row.referral_id);
  pb::CorrectionOutcome outcome;
  outcome.set_referral_id(told.row.referral_id.ToString());
  outcome.set_participant(told.row.parties.receiver.text());
  AddGroups(groups.Minus(left), outcome.mutable_told());
  for (const FieldGroup group : left.Values()) {
    pb::RefusedGroup& refused = *outcome.add_refused();
    refused.set_group(static_cast<v1::RecordGroup>(group));
    refused.set_reason(reasons[group].reason);
    refused.set_approval_id(reasons[group].approval_id);
  }
  return outcome;
}

}  // namespace comity
