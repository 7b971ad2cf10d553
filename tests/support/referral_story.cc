#include "tests/support/referral_story.h"

#include "node/wire/proto_time.h"

namespace comity {

namespace ops = operators::v1;

void ReferralStory::MakePerson(const std::string& reference, bool child,
                               const std::string& purpose) {
  ops::CreateCaseRequest create;
  auto* record = create.mutable_record();
  record->set_x_local_reference(reference);
  record->set_cas_status("Active");
  record->set_x_age_class(child ? "Child" : "Adult");
  record->set_x_health_summary("needs insulin");
  record->add_plans()->set_spl_type("Health");
  create.mutable_screening()->add_never_share_with("TG");
  ASSERT_OK((As<ops::CaseService, ops::CreateCaseResponse>(
      Drafter(), &ops::CaseService::Stub::CreateCase, create)));
  ops::RecordConsentRequest consent;
  consent.set_case_id(reference);
  auto* act = consent.mutable_consent();
  act->set_recipient("NG");
  act->set_purpose(purpose);
  act->add_groups(v1::RECORD_GROUP_STATUS);
  act->add_groups(v1::RECORD_GROUP_NEEDS);
  act->set_state(child ? "GIVEN_BY_GUARDIAN" : "GIVEN");
  if (child) act->set_guardian("Her aunt");
  act->set_language("ha");
  act->set_withdrawal_channel("SHELTER");
  ASSERT_OK((As<ops::CaseService, ops::RecordConsentResponse>(
      Drafter(), &ops::CaseService::Stub::RecordConsent, consent)));
}

absl::StatusOr<std::string> ReferralStory::Draft(const std::string& reference,
                                                 const std::string& purpose,
                                                 const std::string& basis) {
  ops::CreateReferralRequest draft;
  draft.set_case_id(reference);
  draft.set_receiver("NG");
  draft.set_purpose(purpose);
  draft.set_basis(basis);
  const auto drafted = As<ops::ReferralService, ops::CreateReferralResponse>(
      Drafter(), &ops::ReferralService::Stub::CreateReferral, draft);
  if (!drafted.ok()) return drafted.status();
  return drafted->referral().referral_id();
}

absl::Status ReferralStory::Clear(CommandContext& person,
                                  const std::string& id) {
  ops::ClearReferralRequest request;
  request.set_risk("MEDIUM");
  request.set_reflection_waived(true);
  return Take<ops::ClearReferralResponse>(person, id,
                                          &Steps::Stub::ClearReferral, request)
      .status();
}

absl::Status ReferralStory::SendBy(CommandContext& person,
                                   const std::string& id) {
  ops::SendReferralRequest send;
  send.set_referral_id(id);
  return As<ops::ReferralService, ops::SendReferralResponse>(
             person, &ops::ReferralService::Stub::SendReferral, send)
      .status();
}

std::string ReferralStory::Refer(const std::string& reference, bool child,
                                 const std::string& purpose) {
  MakePerson(reference, child, purpose);
  const auto id = Draft(reference, purpose);
  EXPECT_OK(id);
  EXPECT_OK(Clear(Holder(), *id));
  EXPECT_OK(SendBy(Drafter(), *id));
  ExpectBoth(*id, "RECEIVED");
  return *id;
}

absl::Status ReferralStory::Accept(const std::string& id) {
  ops::AcceptReferralRequest request;
  request.set_referral_id(id);
  request.add_services_offered("Health");
  request.set_reception("SHELTER");
  return As<ops::ReferralService, ops::AcceptReferralResponse>(
             Receiver(), &ops::ReferralService::Stub::AcceptReferral, request)
      .status();
}

absl::Status ReferralStory::Ask(const std::string& id,
                                const std::vector<v1::RecordGroup>& groups) {
  ops::RequestInfoRequest request;
  for (const v1::RecordGroup group : groups) request.add_groups(group);
  return Take<ops::RequestInfoResponse>(Receiver(), id,
                                        &Steps::Stub::RequestInfo, request)
      .status();
}

absl::StatusOr<ops::AnswerInfoResponse> ReferralStory::Answer(
    CommandContext& person, const std::string& id) {
  return Take<ops::AnswerInfoResponse>(person, id, &Steps::Stub::AnswerInfo,
                                       ops::AnswerInfoRequest());
}

absl::Status ReferralStory::Propose(CommandContext& person,
                                    const std::string& id) {
  ops::ProposePlanRequest request;
  auto* action = request.add_actions();
  action->set_service("Health");
  action->set_owner("NG");
  return Take<ops::ProposePlanResponse>(person, id, &Steps::Stub::ProposePlan,
                                        request)
      .status();
}

absl::Status ReferralStory::AcceptPlan(CommandContext& person,
                                       const std::string& id,
                                       uint32_t version) {
  ops::AcceptPlanRequest request;
  request.set_version(version);
  return Take<ops::AcceptPlanResponse>(person, id, &Steps::Stub::AcceptPlan,
                                       request)
      .status();
}

absl::Status ReferralStory::AnswerPlan(const std::string& id, uint32_t version,
                                       bool agrees, bool follow_up) {
  ops::RecordPlanAnswerRequest request;
  request.set_version(version);
  request.set_agrees(agrees);
  request.set_follow_up(follow_up);
  return Take<ops::RecordPlanAnswerResponse>(
             Holder(), id, &Steps::Stub::RecordPlanAnswer, request)
      .status();
}

absl::Status ReferralStory::Approve(CommandContext& person,
                                    const std::string& id, bool for_return) {
  ops::ApproveAsGuardianRequest request;
  request.set_plan_version(1);
  request.set_for_return(for_return);
  return Take<ops::ApproveAsGuardianResponse>(
             person, id, &Steps::Stub::ApproveAsGuardian, request)
      .status();
}

absl::Status ReferralStory::Schedule(const std::string& id, int days) {
  ops::ScheduleReturnRequest request;
  auto* schedule = request.mutable_schedule();
  const absl::Time departs = clock_.Now() + absl::Hours(24) * days;
  *schedule->mutable_departs_at() = ToProtoTime(departs);
  *schedule->mutable_arrives_at() = ToProtoTime(departs + absl::Hours(12));
  *schedule->mutable_reconfirmed_at() =
      ToProtoTime(clock_.Now() - absl::Hours(1));
  *schedule->mutable_risk_assessed_at() =
      ToProtoTime(clock_.Now() - absl::Hours(2));
  return Take<ops::ScheduleReturnResponse>(
             Holder(), id, &Steps::Stub::ScheduleReturn, request)
      .status();
}

absl::Status ReferralStory::Depart(const std::string& id) {
  return Take<ops::ConfirmDepartureResponse>(Holder(), id,
                                             &Steps::Stub::ConfirmDeparture,
                                             ops::ConfirmDepartureRequest())
      .status();
}

absl::Status ReferralStory::Arrive(const std::string& id) {
  ops::ConfirmArrivalRequest request;
  *request.mutable_handover()->mutable_arrived_at() =
      ToProtoTime(clock_.Now() - absl::Minutes(5));
  return Take<ops::ConfirmArrivalResponse>(
             Receiver(), id, &Steps::Stub::ConfirmArrival, request)
      .status();
}

absl::Status ReferralStory::Assist(const std::string& id) {
  return Take<ops::BeginAssistanceResponse>(Receiver(), id,
                                            &Steps::Stub::BeginAssistance,
                                            ops::BeginAssistanceRequest())
      .status();
}

absl::Status ReferralStory::FollowUp(const std::string& id) {
  ops::ReportFollowUpRequest request;
  request.mutable_report()->set_status(federation::v1::FOLLOW_UP_STATUS_WELL);
  return Take<ops::ReportFollowUpResponse>(
             Receiver(), id, &Steps::Stub::ReportFollowUp, request)
      .status();
}

absl::Status ReferralStory::Close(const std::string& id) {
  ops::CloseReferralRequest request;
  request.set_outcome("INCLUDED");
  return Take<ops::CloseReferralResponse>(Receiver(), id,
                                          &Steps::Stub::CloseReferral, request)
      .status();
}

absl::Status ReferralStory::Cancel(CommandContext& person,
                                   const std::string& id) {
  ops::CancelReferralRequest request;
  request.set_reason("PERSON_DECIDED");
  return Take<ops::CancelReferralResponse>(
             person, id, &Steps::Stub::CancelReferral, request)
      .status();
}

void ReferralStory::AgreeOnPlan(const std::string& id) {
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  ASSERT_OK(Propose(Receiver(), id));
  ASSERT_TRUE(
      Await([&] { return Show(ne_, id)->progress().plan().version() == 1; }));
  ASSERT_OK(AcceptPlan(Holder(), id, 1));
  ASSERT_OK(AnswerPlan(id, 1, true, true));
}

void ReferralStory::Travel(const std::string& id) {
  ASSERT_OK(Schedule(id, 4));
  ExpectBoth(id, "RETURN_SCHEDULED");
  clock_.Advance(absl::Hours(24 * 4));
  ASSERT_OK(Depart(id));
  ExpectBoth(id, "IN_TRANSIT");
  clock_.Advance(absl::Hours(13));
  ASSERT_OK(Arrive(id));
  ExpectBoth(id, "HANDED_OVER");
}

std::string ReferralStory::StateAt(TestParticipant& node,
                                   const std::string& id) {
  const auto shown = Show(node, id);
  return shown.ok() ? shown->referral().state() : "";
}

void ReferralStory::ExpectBoth(const std::string& id,
                               const std::string& state) {
  for (TestParticipant* node : {&ne_, &ng_}) {
    EXPECT_TRUE(Await([&] {
      const auto shown = Show(*node, id);
      return shown.ok() && shown->referral().state() == state &&
             shown->referral().undelivered_events() == 0;
    })) << node->code().text()
        << " is " << StateAt(*node, id) << ", not " << state;
  }
}

std::vector<std::string> ReferralStory::KindsAt(TestParticipant& node,
                                                const std::string& id) {
  std::vector<std::string> kinds;
  const auto shown = Show(node, id);
  if (!shown.ok()) return kinds;
  for (const auto& entry : shown->history()) {
    kinds.push_back((entry.without_effect() ? "-" : "") + entry.author() + " " +
                    entry.kind());
  }
  return kinds;
}

ops::Referral ReferralStory::InInbox(CommandContext& person,
                                     const std::string& id) {
  const ops::ListInboxResponse inbox = Inbox(person);
  for (const ops::Referral& each : inbox.referrals()) {
    if (each.referral_id() == id) return each;
  }
  return {};
}

void ReferralStory::TickBoth() {
  ne_.Tick();
  ng_.Tick();
}

}  // namespace comity
