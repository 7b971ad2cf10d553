#include "node/service/referral_step_handlers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/dossier_step.h"
#include "node/service/referral_steps.h"
#include "node/wire/enum_code.h"
#include "node/wire/proto_time.h"
#include "node/wire/service_code.h"

// The steps that tell nothing of the record; clearance and answers stand in
// files of their own.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Payload = fed::ReferralEventPayload;

Payload PayloadOf(fed::ReferralEventKind kind) {
  Payload payload;
  payload.set_kind(kind);
  return payload;
}

// Takes the step that `request` names, and shows it in `response`.
template <typename Request, typename Response>
absl::Status Take(OperatorCall& call, const Request& request, Payload payload,
                  Response& response) {
  return TakeStep(call, request.request_id(), request.referral_id(),
                  std::move(payload), *response.mutable_referral());
}

absl::StatusOr<fed::PlanAction> ActionOf(const fed::PlanAction& from) {
  fed::PlanAction action = from;
  ASSIGN_OR_RETURN(*action.mutable_service(), ServiceCode(from.service()));
  return action;
}

// Who sees to an action is one of the two who agree on it.
absl::Status CheckOwners(const ReferralParties& parties,
                         const fed::Plan& plan) {
  for (const fed::PlanAction& action : plan.actions()) {
    if (action.owner() == parties.holder.text() ||
        action.owner() == parties.receiver.text()) {
      continue;
    }
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("\"", action.owner(), "\" cannot see to an action; ",
                     parties.holder.text(), " or ", parties.receiver.text(),
                     " does"));
  }
  return absl::OkStatus();
}

// At home it is known who drafted and who cleared the referral.
absl::Status CheckGuardian(const OperatorCall& call, const ReferralRow& row) {
  const std::string person = call.caller().OperatorName();
  const bool other_role =
      row.drafted_by == person ||
      (row.clearance.has_value() && row.clearance->cleared_by == person);
  return other_role
             ? ReasonError(ErrorReason::kLocalAccessDenied,
                           "whoever drafted or cleared a referral is not the "
                           "child's guardian in it")
             : absl::OkStatus();
}

// When she left at the earliest: as scheduled or as confirmed, whichever was
// first; while nobody confirmed it, when it was scheduled.
absl::Time LeftAt(const Dossier& dossier) {
  absl::Time left = absl::InfinitePast();
  for (const ReferralEvent& event : dossier.ordered) {
    if (event.kind == ReferralEventKind::kReturnScheduled) {
      left = event.occurred_at;
    } else if (event.kind == ReferralEventKind::kDeparted &&
               dossier.status.schedule.has_value()) {
      left = std::min(event.occurred_at, dossier.status.schedule->departs_at);
    }
  }
  return left;
}

// Within an hour: who confirms the one may be later with it than who confirms
// the other.
absl::Status CheckArrival(const OperatorCall& call,
                          const std::string& referral_id, absl::Time arrived) {
  const StoreReader& store = call.node().store;
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(referral_id));
  const absl::StatusOr<Dossier> dossier = ReadDossier(store, id);
  // The step itself says that there is no such referral.
  if (!dossier.ok() || !SeesReferral(call, store, dossier->row) ||
      arrived >= LeftAt(*dossier) - absl::Hours(1)) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "she did not arrive before she left; comity referral "
                     "timeline says when that was");
}

}  // namespace

absl::Status HandleProposePlan(OperatorCall& call,
                               const pb::ProposePlanRequest& request,
                               pb::ProposePlanResponse& response) {
  ASSIGN_OR_RETURN(const ReferralRow row,
                   FindReferral(call, request.referral_id()));
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(call.node().store, row.referral_id));
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_PLAN_PROPOSED);
  fed::Plan& plan = *payload.mutable_plan();
  plan.set_version(dossier.status.plan + 1);
  for (const fed::PlanAction& each : request.actions()) {
    ASSIGN_OR_RETURN(*plan.add_actions(), ActionOf(each));
  }
  RETURN_IF_ERROR(CheckOwners(row.parties, plan));
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleAcceptPlan(OperatorCall& call,
                              const pb::AcceptPlanRequest& request,
                              pb::AcceptPlanResponse& response) {
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_PLAN_ACCEPTED);
  payload.mutable_plan_acceptance()->set_version(request.version());
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleRecordPlanAnswer(OperatorCall& call,
                                    const pb::RecordPlanAnswerRequest& request,
                                    pb::RecordPlanAnswerResponse& response) {
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_PLAN_ANSWERED);
  fed::PlanAnswer& answer = *payload.mutable_plan_answer();
  answer.set_version(request.version());
  answer.set_agrees(request.agrees());
  answer.set_follow_up(request.follow_up());
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleApproveAsGuardian(
    OperatorCall& call, const pb::ApproveAsGuardianRequest& request,
    pb::ApproveAsGuardianResponse& response) {
  ASSIGN_OR_RETURN(const ReferralRow row,
                   FindReferral(call, request.referral_id()));
  RETURN_IF_ERROR(CheckGuardian(call, row));
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_GUARDIAN_APPROVED);
  payload.mutable_guardian_approval()->set_plan_version(request.plan_version());
  payload.mutable_guardian_approval()->set_for_return(request.for_return());
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleAskRisk(OperatorCall& call,
                           const pb::AskRiskRequest& request,
                           pb::AskRiskResponse& response) {
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_RISK_ASKED);
  *payload.mutable_risk_question() = request.question();
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleAnswerRisk(OperatorCall& call,
                              const pb::AnswerRiskRequest& request,
                              pb::AnswerRiskResponse& response) {
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_RISK_ANSWERED);
  *payload.mutable_risk_answer() = request.answer();
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleScheduleReturn(OperatorCall& call,
                                  const pb::ScheduleReturnRequest& request,
                                  pb::ScheduleReturnResponse& response) {
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_RETURN_SCHEDULED);
  *payload.mutable_return_schedule() = request.schedule();
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleConfirmDeparture(OperatorCall& call,
                                    const pb::ConfirmDepartureRequest& request,
                                    pb::ConfirmDepartureResponse& response) {
  return Take(call, request, PayloadOf(fed::REFERRAL_EVENT_KIND_DEPARTED),
              response);
}

absl::Status HandleConfirmArrival(OperatorCall& call,
                                  const pb::ConfirmArrivalRequest& request,
                                  pb::ConfirmArrivalResponse& response) {
  ASSIGN_OR_RETURN(const absl::Time arrived,
                   FromProtoTime(request.handover().arrived_at()));
  if (arrived > call.now()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "an arrival is confirmed once she is there");
  }
  RETURN_IF_ERROR(CheckArrival(call, request.referral_id(), arrived));
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_HANDED_OVER);
  *payload.mutable_handover() = request.handover();
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleBeginAssistance(OperatorCall& call,
                                   const pb::BeginAssistanceRequest& request,
                                   pb::BeginAssistanceResponse& response) {
  return Take(call, request,
              PayloadOf(fed::REFERRAL_EVENT_KIND_ASSISTANCE_BEGUN), response);
}

absl::Status HandleReportFollowUp(OperatorCall& call,
                                  const pb::ReportFollowUpRequest& request,
                                  pb::ReportFollowUpResponse& response) {
  if (request.report().status() == fed::FOLLOW_UP_STATUS_STOPPED) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        "that she wants no more reports is no report: comity "
        "referral withdraw --follow-ups ends them on both sides");
  }
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_FOLLOW_UP);
  fed::FollowUp& report = *payload.mutable_follow_up();
  report = request.report();
  for (std::string& need : *report.mutable_needs()) {
    ASSIGN_OR_RETURN(need, ServiceCode(need));
  }
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleRecordFeedback(OperatorCall& call,
                                  const pb::RecordFeedbackRequest& request,
                                  pb::RecordFeedbackResponse& response) {
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_FEEDBACK);
  *payload.mutable_feedback() = request.feedback();
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleCloseReferral(OperatorCall& call,
                                 const pb::CloseReferralRequest& request,
                                 pb::CloseReferralResponse& response) {
  ASSIGN_OR_RETURN(
      const int outcome,
      ParseEnumCode(*fed::ClosureOutcome_descriptor(), request.outcome()));
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_CLOSED);
  payload.mutable_closure()->set_outcome(
      static_cast<fed::ClosureOutcome>(outcome));
  return Take(call, request, std::move(payload), response);
}

absl::Status HandleCancelReferral(OperatorCall& call,
                                  const pb::CancelReferralRequest& request,
                                  pb::CancelReferralResponse& response) {
  ASSIGN_OR_RETURN(
      const int reason,
      ParseEnumCode(*fed::CancelReason_descriptor(), request.reason()));
  Payload payload = PayloadOf(fed::REFERRAL_EVENT_KIND_CANCELLED);
  payload.mutable_cancellation()->set_reason(
      static_cast<fed::CancelReason>(reason));
  return Take(call, request, std::move(payload), response);
}

}  // namespace comity
