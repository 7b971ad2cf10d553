#include "tests/proof/referral_walk.h"

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/case_service.pb.h"
#include "gmock/gmock.h"
#include "node/base/error_reason.h"
#include "node/service/consent_steps.h"
#include "node/service/referral_step_handlers.h"
#include "node/service/referral_steps.h"
#include "node/wire/proto_time.h"
#include "tests/proof/case_calls.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Kind = ReferralEventKind;
using State = ReferralState;

const std::vector<v1::RecordGroup>& PacketGroups() {
  static const std::vector<v1::RecordGroup> groups = {
      v1::RECORD_GROUP_CASE_REF, v1::RECORD_GROUP_STATUS,
      v1::RECORD_GROUP_DEMOGRAPHIC, v1::RECORD_GROUP_NEEDS};
  return groups;
}

}  // namespace

ReferralWalk::ReferralWalk(const Clock& clock, LinkedNode& holder,
                           LinkedNode& receiver, std::mt19937_64& random)
    : clock_(clock),
      holder_(holder),
      receiver_(receiver),
      random_(random),
      ids_(random()) {}

template <typename Request, typename Response>
absl::StatusOr<Response> ReferralWalk::Do(
    LinkedNode& node, const Caller& person, LocalOperation operation,
    absl::Status (*handler)(OperatorCall&, const Request&, Response&),
    Request request, bool writes_event) {
  const Uuid id = NewUuid(ids_);
  request.set_request_id(id.ToString());
  const auto insist = [&] {
    auto response = node.Call(person, operation, handler, request);
    if (!try_again_ ||
        ReasonOf(response.status()) != ErrorReason::kLogUnwritable) {
      return response;
    }
    ++failures_;
    return node.Call(person, operation, handler, request);
  };
  const auto response = insist();
  if (!response.ok()) return response;
  if (writes_event) written_.emplace(id, node.code());
  if (Below(10) == 0) {
    const auto again = insist();
    if (!again.ok() ||
        again->SerializeAsString() != response->SerializeAsString()) {
      faults_.push_back(absl::StrCat(request.GetTypeName(), " ", id.ToString(),
                                     " repeated: ", again.status().ToString()));
    }
  }
  return response;
}

template <typename Request, typename Response>
absl::Status ReferralWalk::DoStep(
    LinkedNode& node, const WalkedReferral& referral, LocalOperation operation,
    absl::Status (*handler)(OperatorCall&, const Request&, Response&),
    Request request) {
  request.set_referral_id(referral.id.ToString());
  return Do(node, node.Coordinator("coord"), operation, handler,
            std::move(request), true)
      .status();
}

WalkedReferral ReferralWalk::Begin() {
  WalkedReferral referral;
  referral.case_name = absl::StrCat("C", ++begun_);
  const Uuid id = NewUuid(ids_);
  const record::v1::CaseRecord record = PlainRecord(referral.case_name);
  absl::Status made = MakeScreenedCase(holder_, id, record);
  if (try_again_ && !made.ok()) {
    ++failures_;
    made = MakeScreenedCase(holder_, id, record);
  }
  EXPECT_TRUE(made.ok()) << made;
  EXPECT_TRUE(
      RecordConsent(referral, PacketGroups(), absl::Hours(24 * 100)).ok());
  EXPECT_TRUE(Draft(referral).ok());
  return referral;
}

absl::Status ReferralWalk::Draft(WalkedReferral& referral) {
  ops::CreateReferralRequest draft;
  draft.set_case_id(referral.case_name);
  draft.set_receiver(receiver_.code().text());
  draft.set_purpose("SAFE_RETURN");
  const auto drafted =
      Do(holder_, holder_.Coordinator("coord"), LocalOperation::kReferralDraft,
         HandleCreateReferral, draft, false);
  if (!drafted.ok()) return drafted.status();
  referral.id = *Uuid::Parse(drafted->referral().referral_id());
  referral.pseudonym = drafted->referral().pseudonym();
  ops::ClearReferralRequest clear;
  clear.set_referral_id(referral.id.ToString());
  clear.set_risk("LOW");
  clear.set_reflection_waived(true);
  return Do(holder_, holder_.Coordinator("second"),
            LocalOperation::kReferralClear, HandleClearReferral, clear, false)
      .status();
}

absl::Status ReferralWalk::Send(const WalkedReferral& referral) {
  return DoStep(holder_, referral, LocalOperation::kReferralSend,
                HandleSendReferral, ops::SendReferralRequest());
}

absl::Status ReferralWalk::TakeDecision(const WalkedReferral& referral,
                                        LinkedNode& node, Kind kind) {
  if (kind == Kind::kInfoRequested) {
    ops::RequestInfoRequest request;
    request.add_groups(v1::RECORD_GROUP_NEEDS);
    request.add_groups(v1::RECORD_GROUP_MEDICAL);
    return DoStep(node, referral, LocalOperation::kReferralStep,
                  HandleRequestInfo, request);
  }
  if (kind == Kind::kInfoAnswered) {
    return DoStep(node, referral, LocalOperation::kReferralStep,
                  HandleAnswerInfo, ops::AnswerInfoRequest());
  }
  if (kind == Kind::kAccepted) {
    ops::AcceptReferralRequest request;
    request.add_services_offered("Health");
    request.set_reception("SHELTER");
    return DoStep(node, referral, LocalOperation::kReferralDecide,
                  HandleAcceptReferral, request);
  }
  if (kind == Kind::kDeclined) {
    ops::DeclineReferralRequest request;
    request.set_reason("NO_CAPACITY");
    return DoStep(node, referral, LocalOperation::kReferralDecide,
                  HandleDeclineReferral, request);
  }
  ops::CancelReferralRequest request;
  request.set_reason("PERSON_DECIDED");
  return DoStep(node, referral, LocalOperation::kReferralStep,
                HandleCancelReferral, request);
}

absl::Status ReferralWalk::TakePlanStep(const WalkedReferral& referral,
                                        LinkedNode& node, Kind kind) {
  const uint32_t version = StatusAt(node, referral).plan;
  if (kind == Kind::kPlanProposed) {
    ops::ProposePlanRequest request;
    auto* action = request.add_actions();
    action->set_service("Health");
    action->set_owner(receiver_.code().text());
    return DoStep(node, referral, LocalOperation::kReferralStep,
                  HandleProposePlan, request);
  }
  if (kind == Kind::kPlanAccepted) {
    ops::AcceptPlanRequest request;
    request.set_version(version);
    return DoStep(node, referral, LocalOperation::kReferralStep,
                  HandleAcceptPlan, request);
  }
  ops::RecordPlanAnswerRequest request;
  request.set_version(version);
  request.set_agrees(agrees_always_ || Below(8) != 0);
  request.set_follow_up(true);
  return DoStep(node, referral, LocalOperation::kReferralStep,
                HandleRecordPlanAnswer, request);
}

absl::Status ReferralWalk::TakeJourneyStep(const WalkedReferral& referral,
                                           LinkedNode& node, Kind kind) {
  constexpr LocalOperation kStep = LocalOperation::kReferralStep;
  const absl::Time now = clock_.Now();
  switch (kind) {
    case Kind::kReturnScheduled: {
      ops::ScheduleReturnRequest request;
      auto* schedule = request.mutable_schedule();
      *schedule->mutable_departs_at() = ToProtoTime(now + absl::Hours(24 * 4));
      *schedule->mutable_arrives_at() = ToProtoTime(now + absl::Hours(24 * 5));
      *schedule->mutable_reconfirmed_at() = ToProtoTime(now - absl::Hours(1));
      *schedule->mutable_risk_assessed_at() = ToProtoTime(now - absl::Hours(2));
      return DoStep(node, referral, kStep, HandleScheduleReturn, request);
    }
    case Kind::kDeparted:
      return DoStep(node, referral, kStep, HandleConfirmDeparture,
                    ops::ConfirmDepartureRequest());
    case Kind::kHandedOver: {
      ops::ConfirmArrivalRequest request;
      *request.mutable_handover()->mutable_arrived_at() =
          ToProtoTime(now - absl::Minutes(5));
      return DoStep(node, referral, kStep, HandleConfirmArrival, request);
    }
    case Kind::kAssistanceBegun:
      return DoStep(node, referral, kStep, HandleBeginAssistance,
                    ops::BeginAssistanceRequest());
    case Kind::kFollowUp: {
      ops::ReportFollowUpRequest request;
      request.mutable_report()->set_status(
          federation::v1::FOLLOW_UP_STATUS_WELL);
      return DoStep(node, referral, kStep, HandleReportFollowUp, request);
    }
    default: {
      ops::CloseReferralRequest request;
      request.set_outcome("INCLUDED");
      return DoStep(node, referral, kStep, HandleCloseReferral, request);
    }
  }
}

absl::Status ReferralWalk::Take(const WalkedReferral& referral,
                                LinkedNode& node, Kind kind) {
  absl::Status status;
  switch (kind) {
    case Kind::kSent:
      status = Send(referral);
      break;
    case Kind::kPlanProposed:
    case Kind::kPlanAccepted:
    case Kind::kPlanAnswered:
      status = TakePlanStep(referral, node, kind);
      break;
    case Kind::kInfoRequested:
    case Kind::kInfoAnswered:
    case Kind::kAccepted:
    case Kind::kDeclined:
    case Kind::kCancelled:
      status = TakeDecision(referral, node, kind);
      break;
    case Kind::kConsentRecorded:
      status = RecordConsent(referral, {v1::RECORD_GROUP_MEDICAL},
                             absl::Hours(24 * 100));
      break;
    case Kind::kConsentWithdrawn:
      status = WithdrawReferral(referral, node);
      break;
    default:
      status = TakeJourneyStep(referral, node, kind);
  }
  if (status.ok()) ++taken_[kind];
  return status;
}

// What people would do next, the likelier the more often it stands here.
std::vector<Kind> ReferralWalk::Invited(const ReferralStatus& status,
                                        bool holds) {
  if (Below(40) == 0) return {Kind::kConsentWithdrawn, Kind::kCancelled};
  switch (status.state) {
    case State::kRiskCleared:
      return {Kind::kSent};
    case State::kSent:
    case State::kReceived:
      if (holds) return {Kind::kConsentRecorded};
      return {Kind::kAccepted,      Kind::kAccepted,      Kind::kAccepted,
              Kind::kInfoRequested, Kind::kInfoRequested, Kind::kDeclined};
    case State::kNeedsInfo:
      if (holds) return {Kind::kInfoAnswered};
      return {Kind::kDeclined};
    case State::kAccepted:
      if (status.plan == 0 || status.person_agrees == false) {
        return {Kind::kPlanProposed};
      }
      if (holds) {
        return {Kind::kPlanAnswered, Kind::kPlanAnswered, Kind::kPlanAccepted,
                Kind::kPlanProposed};
      }
      return {Kind::kPlanAccepted, Kind::kPlanAccepted, Kind::kPlanProposed};
    case State::kPlanAgreed:
      if (holds)
        return {Kind::kReturnScheduled, Kind::kReturnScheduled,
                Kind::kPlanProposed};
      return {Kind::kPlanProposed};
    case State::kReturnScheduled:
      if (holds) return {Kind::kDeparted, Kind::kReturnScheduled};
      return {Kind::kHandedOver};
    case State::kInTransit:
      return {Kind::kHandedOver};
    case State::kHandedOver:
      return {Kind::kAssistanceBegun};
    case State::kInAssistance:
      return {Kind::kFollowUp, Kind::kFollowUp, Kind::kClosed};
    default:
      return {Kind::kConsentWithdrawn};
  }
}

absl::Status ReferralWalk::Step(const WalkedReferral& referral,
                                LinkedNode& node) {
  const std::vector<Kind> invited =
      Invited(StatusAt(node, referral), &node == &holder_);
  return Take(referral, node, invited[Below(invited.size())]);
}

absl::Status ReferralWalk::RecordConsent(
    const WalkedReferral& referral, const std::vector<v1::RecordGroup>& groups,
    absl::Duration lasting) {
  ops::RecordConsentRequest request;
  request.set_case_id(referral.case_name);
  auto* act = request.mutable_consent();
  act->set_recipient(receiver_.code().text());
  act->set_purpose("SAFE_RETURN");
  for (const v1::RecordGroup group : groups) act->add_groups(group);
  act->set_state("GIVEN");
  act->set_language("ha");
  act->set_withdrawal_channel("SHELTER");
  *act->mutable_expires_at() = ToProtoTime(clock_.Now() + lasting);
  return Do(holder_, holder_.Coordinator("coord"),
            LocalOperation::kConsentRecord, HandleRecordConsent, request, false)
      .status();
}

absl::Status ReferralWalk::WithdrawGroups(
    const WalkedReferral& referral,
    const std::vector<v1::RecordGroup>& groups) {
  ops::WithdrawConsentRequest request;
  request.set_case_id(referral.case_name);
  for (const v1::RecordGroup group : groups) request.add_groups(group);
  request.set_channel("SHELTER");
  return Do(holder_, holder_.Coordinator("coord"),
            LocalOperation::kConsentWithdraw, HandleWithdrawConsent, request,
            false)
      .status();
}

absl::Status ReferralWalk::WithdrawReferral(const WalkedReferral& referral,
                                            LinkedNode& node) {
  ops::WithdrawReferralRequest request;
  request.set_referral_id(referral.id.ToString());
  request.set_channel("SHELTER");
  return Do(node, node.Coordinator("coord"), LocalOperation::kConsentWithdraw,
            HandleWithdrawReferral, request, false)
      .status();
}

absl::Status ReferralWalk::Screen(const WalkedReferral& referral,
                                  bool excludes_receiver) {
  return ScreenCase(holder_, referral.case_name,
                    excludes_receiver ? receiver_.code().text() : "TG");
}

absl::Status ReferralWalk::AskCase(const WalkedReferral& referral,
                                   const std::vector<v1::RecordGroup>& groups) {
  ops::RequestCaseRequest request;
  request.set_request_id(NewUuid(ids_).ToString());
  request.set_holder(holder_.code().text());
  request.set_referral_id(referral.id.ToString());
  request.set_purpose("SAFE_RETURN");
  for (const v1::RecordGroup group : groups) request.add_wanted(group);
  const auto response =
      receiver_.Call(receiver_.Coordinator("coord"),
                     LocalOperation::kCaseQueryAsk, HandleRequestCase, request);
  if (!response.ok()) return response.status();
  if (response->answer().has_released()) return absl::OkStatus();
  return absl::PermissionDeniedError(response->answer().refusal().reason());
}

ReferralStatus ReferralWalk::StatusAt(LinkedNode& node,
                                      const WalkedReferral& referral) const {
  const auto dossier = ReadDossier(node.store(), referral.id);
  return dossier.ok() ? dossier->status : ReferralStatus();
}

ReferralState ReferralWalk::StateAt(LinkedNode& node,
                                    const WalkedReferral& referral) const {
  const auto row = node.store().ReadReferral(referral.id);
  return row.ok() ? row->state : State::kUnset;
}

}  // namespace comity
