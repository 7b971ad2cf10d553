#include "node/wire/proto_time.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace ops = operators::v1;

constexpr auto kConflict = ErrorReason::kReferralStateConflict;

class ReferralPathTest : public ReferralStory {};

// Scenario A: question, two plans, journey, handover, report, closure.
TEST_F(ReferralPathTest, AReturnGoesFromTheDraftToItsClosure) {
  Open({});
  const std::string id = Refer("C1");
  ASSERT_OK(Ask(id, {v1::RECORD_GROUP_NEEDS, v1::RECORD_GROUP_MEDICAL}));
  ExpectBoth(id, "NEEDS_INFO");
  const auto answer = Answer(Holder(), id);
  ASSERT_OK(answer);
  EXPECT_THAT(answer->told(), ElementsAre(v1::RECORD_GROUP_NEEDS));
  EXPECT_THAT(answer->refused(), ElementsAre(v1::RECORD_GROUP_MEDICAL));
  ExpectBoth(id, "RECEIVED");
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");

  ASSERT_OK(Propose(Receiver(), id));
  ASSERT_TRUE(
      Await([&] { return Show(ne_, id)->progress().plan().version() == 1; }));
  ASSERT_OK(AcceptPlan(Holder(), id, 1));
  ASSERT_OK(AnswerPlan(id, 1, false));
  ASSERT_OK(Propose(Holder(), id));
  ASSERT_TRUE(
      Await([&] { return Show(ng_, id)->progress().plan().version() == 2; }));
  ASSERT_OK(AcceptPlan(Receiver(), id, 2));
  ASSERT_OK(AnswerPlan(id, 2, true, true));
  ExpectBoth(id, "PLAN_AGREED");

  Travel(id);
  ASSERT_OK(Assist(id));
  clock_.Advance(absl::Hours(24 * 30));
  ASSERT_OK(FollowUp(id));
  ASSERT_OK(Close(id));
  ExpectBoth(id, "CLOSED");
  const auto here = Show(ne_, id);
  const auto there = Show(ng_, id);
  EXPECT_EQ(KindsAt(ne_, id), KindsAt(ng_, id));
  EXPECT_EQ(here->progress().outcome(), "INCLUDED");
  EXPECT_EQ(there->progress().follow_ups_size(), 1);
  EXPECT_THAT(here->referral().next_steps(), IsEmpty());
}

// Law 4: a question before acceptance is answered by the policy, group by
// group, and cannot be about who she is.
TEST_F(ReferralPathTest, Law4AnAnswerTellsWhatConsentCoversAndNothingElse) {
  Open({});
  const std::string id = Refer("C1");
  EXPECT_THAT(Ask(id, {v1::RECORD_GROUP_IDENTITY}),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(Answer(Holder(), id), FailsWith(kConflict));
  ASSERT_OK(Ask(id, {v1::RECORD_GROUP_NEEDS, v1::RECORD_GROUP_MEDICAL}));
  ExpectBoth(id, "NEEDS_INFO");
  EXPECT_THAT(Answer(Receiver(), id), FailsWith(kConflict));
  CommandContext& worker = ne_.As("ORG", Role::kCaseWorker, "worker");
  ASSERT_OK(Answer(worker, id));
  ExpectBoth(id, "RECEIVED");
  const auto shown = Show(ng_, id);
  EXPECT_EQ(shown->packet().plans(0).spl_type(), "Health");
  EXPECT_THAT(shown->SerializeAsString(), Not(HasSubstr("insulin")));
  EXPECT_THAT(shown->progress().refused(),
              ElementsAre(v1::RECORD_GROUP_MEDICAL));
}

TEST_F(ReferralPathTest, AnAnswerIsNotToldOnceTheAgreementIsOver) {
  const absl::Time end = clock_.Now() + absl::Hours(24 * 10);
  Open({{"2030-12-31T00:00:00Z",
         absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", end, absl::UTCTimeZone())}});
  const std::string id = Refer("C1");
  ASSERT_OK(Ask(id, {v1::RECORD_GROUP_NEEDS}));
  ExpectBoth(id, "NEEDS_INFO");
  clock_.Advance(absl::Hours(24 * 11));
  const auto answer = Answer(Holder(), id);
  ASSERT_OK(answer);
  EXPECT_THAT(answer->told(), IsEmpty());
}

// A child: guardians of both sides sign the plan and the return.
TEST_F(ReferralPathTest, AChildTravelsWithTheApprovalOfBothGuardians) {
  Open({});
  const std::string id = Refer("C1", /*child=*/true);
  AgreeOnPlan(id);
  ExpectBoth(id, "ACCEPTED");
  EXPECT_EQ(InInbox(Guardian(ng_), id).waits_for(), "YOU");
  EXPECT_THAT(Approve(Receiver(), id, false), FailsWith(kConflict));
  ASSERT_OK(Approve(Guardian(ng_), id, false));
  EXPECT_EQ(InInbox(Guardian(ng_), id).owed_steps_size(), 0);
  ASSERT_OK(Approve(Guardian(ne_), id, false));
  ExpectBoth(id, "PLAN_AGREED");
  EXPECT_THAT(Schedule(id, 4), FailsWith(kConflict));
  ASSERT_OK(Approve(Guardian(ne_), id, true));
  ASSERT_OK(Approve(Guardian(ng_), id, true));
  ASSERT_TRUE(Await([&] {
    return Show(ne_, id)->progress().guardians_of_return_size() == 2;
  }));
  EXPECT_OK(Schedule(id, 4));
}

TEST_F(ReferralPathTest, WithoutTravelAssistanceFollowsThePlan) {
  Open({{"purpose: [SAFE_RETURN]", "purpose: [SAFE_RETURN, PROTECTION]"}});
  const std::string id = Refer("C1", false, "PROTECTION");
  AgreeOnPlan(id);
  ExpectBoth(id, "PLAN_AGREED");
  EXPECT_THAT(Schedule(id, 4), FailsWith(kConflict));
  EXPECT_THAT(InInbox(Holder(), id).owed_steps(), IsEmpty());
  EXPECT_THAT(InInbox(Receiver(), id).owed_steps(), ElementsAre("assist"));
  ASSERT_OK(Assist(id));
  ExpectBoth(id, "IN_ASSISTANCE");
}

// The lane to save a life: no consent, but screening and a second person.
TEST_F(ReferralPathTest, ALifeIsSavedAheadOfConsentByTwoPersons) {
  Open({{R"(basis: [CONSENT, GUARDIAN_CONSENT]
    when {
      consent: [GIVEN, GIVEN_BY_GUARDIAN]
      stage: [NONE, DRAFTED]
    })",
         R"(basis: [CONSENT, GUARDIAN_CONSENT, VITAL_INTEREST]
    when {
      consent: [GIVEN, GIVEN_BY_GUARDIAN, NOT_ASKED]
      stage: [NONE, DRAFTED]
    })"}});
  MakePerson("C1", false, "PROTECTION");
  const auto id = Draft("C1", "SAFE_RETURN", "VITAL_INTEREST");
  ASSERT_OK(id);
  EXPECT_THAT(SendBy(Drafter(), *id),
              FailsWith(ErrorReason::kClearanceMissing));
  EXPECT_THAT(Clear(Drafter(), *id),
              FailsWith(ErrorReason::kLocalAccessDenied));
  ASSERT_OK(Clear(Holder(), *id));
  ASSERT_OK(SendBy(Drafter(), *id));
  ExpectBoth(*id, "RECEIVED");
  EXPECT_TRUE(Show(ng_, *id)->progress().vital_interest());
}

TEST_F(ReferralPathTest, NothingLeavesBeforeASecondPersonClearedTheRisk) {
  Open({});
  MakePerson("C1");
  const auto id = Draft("C1");
  ASSERT_OK(id);
  EXPECT_EQ(StateAt(ne_, *id), "CONSENTED");
  EXPECT_THAT(SendBy(Drafter(), *id),
              FailsWith(ErrorReason::kClearanceMissing));
  EXPECT_THAT(Clear(Drafter(), *id),
              FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_THAT(Clear(ne_.As("ORG", Role::kCaseWorker, "worker"), *id),
              FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_THAT(InInbox(Holder(), *id).owed_steps(), ElementsAre("clear"));
  EXPECT_EQ(InInbox(Drafter(), *id).waits_for(), "US");
  ASSERT_OK(Clear(Holder(), *id));
  EXPECT_EQ(StateAt(ne_, *id), "RISK_CLEARED");
  clock_.Advance(absl::Hours(24 * 31));
  EXPECT_EQ(StateAt(ne_, *id), "CONSENTED");
  EXPECT_THAT(SendBy(Drafter(), *id),
              FailsWith(ErrorReason::kClearanceMissing));
  ASSERT_OK(Clear(Holder(), *id));
  ASSERT_OK(SendBy(Drafter(), *id));
  EXPECT_THAT(Clear(Holder(), *id), FailsWith(kConflict));
}

// Law 3: a flag that is set later stops every event to the one it names.
TEST_F(ReferralPathTest, Law3AFlagAgainstTheReceiverStopsTheDossier) {
  Open({});
  const std::string id = Refer("C1");
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  ops::RecordScreeningRequest flag;
  flag.set_case_id("C1");
  flag.mutable_screening()->add_never_share_with("NG");
  ASSERT_OK((As<ops::CaseService, ops::RecordScreeningResponse>(
      Holder(), &ops::CaseService::Stub::RecordScreening, flag)));
  EXPECT_THAT(Propose(Holder(), id), FailsWith(ErrorReason::kNotAvailable));
  EXPECT_THAT(Cancel(Holder(), id), FailsWith(ErrorReason::kNotAvailable));
  EXPECT_EQ(KindsAt(ne_, id).size(), 2u);
  EXPECT_OK(Propose(Receiver(), id));
}

TEST_F(ReferralPathTest, NobodyArrivesBeforeSheLeft) {
  Open({});
  const std::string id = Refer("C1");
  AgreeOnPlan(id);
  ExpectBoth(id, "PLAN_AGREED");
  ASSERT_OK(Schedule(id, 4));
  ExpectBoth(id, "RETURN_SCHEDULED");
  const auto arrive = [&](absl::Duration ago) {
    ops::ConfirmArrivalRequest request;
    *request.mutable_handover()->mutable_arrived_at() =
        ToProtoTime(clock_.Now() - ago);
    return Take<ops::ConfirmArrivalResponse>(
               Receiver(), id, &Steps::Stub::ConfirmArrival, request)
        .status();
  };
  EXPECT_THAT(arrive(absl::Hours(240)), FailsWith(ErrorReason::kFieldInvalid));
  clock_.Advance(absl::Hours(24 * 4));
  ASSERT_OK(Depart(id));
  ExpectBoth(id, "IN_TRANSIT");
  EXPECT_THAT(arrive(absl::Hours(48)), FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_OK(arrive(absl::Minutes(5)));
}

TEST_F(ReferralPathTest, AWrongRoleOrMomentIsToldWhatIsAwaited) {
  Open({});
  const std::string id = Refer("C1");
  const auto scheduled = Schedule(id, 4);
  EXPECT_THAT(scheduled, FailsWith(kConflict));
  EXPECT_THAT(std::string(scheduled.message()),
              HasSubstr("the holder's coordinator schedules the return, when a "
                        "plan is agreed"));
  EXPECT_THAT(Cancel(Receiver(), id), FailsWith(kConflict));
  EXPECT_THAT(AcceptPlan(Holder(), id, 1), FailsWith(kConflict));
  EXPECT_THAT(Depart(id), FailsWith(kConflict));
  EXPECT_THAT(Arrive(id), FailsWith(kConflict));
  EXPECT_THAT(Assist(id), FailsWith(kConflict));
  EXPECT_THAT(FollowUp(id), FailsWith(kConflict));
  EXPECT_THAT(Close(id), FailsWith(kConflict));
  EXPECT_THAT(Cancel(ne_.As("ORG", Role::kCaseWorker, "worker"), id),
              FailsWith(kConflict));
  EXPECT_THAT(Cancel(ne_.As("ORG", Role::kStatistician, "stat"), id),
              FailsWith(ErrorReason::kLocalAccessDenied));
  ASSERT_OK(Cancel(Holder(), id));
  ExpectBoth(id, "CANCELLED");
  EXPECT_THAT(Accept(id), FailsWith(kConflict));
}

TEST_F(ReferralPathTest, AnAcceptanceAndACancellationThatCrossEndAlike) {
  Open({});
  const std::string id = Refer("C1");
  ne_.Stop();
  ASSERT_OK(Accept(id));
  ng_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  ASSERT_OK(Cancel(Holder(), id));
  ASSERT_OK(ng_.Start(clock_));
  ExpectBoth(id, "CANCELLED");
  EXPECT_EQ(KindsAt(ne_, id), KindsAt(ng_, id));
}

// Ready local access with a deputy, "ORG/deputy", as its second revision.
std::string WithDeputy(const std::string& file) {
  std::string local = ReadyPolicy(file);
  local.insert(local.find("  allow {\n    id: \"statisticians\""), R"(  allow {
    id: "deputy-of-org"
    role: [CASE_WORKER]
    organisation: ["ORG"]
    person: ["ORG/deputy"]
    operation: [REFERRAL_SEND, REFERRAL_DECIDE, REFERRAL_STEP, REFERRAL_READ, CASE_QUERY_ASK]
    scope: ALL
  }
)");
  return local.replace(local.find("revision: 1"), 11, "revision: 2");
}

// The case worker who stands in for a coordinator acts as one, on both sides;
// another one does not.
TEST_F(ReferralPathTest, ADeputyTakesTheStepsOfACoordinator) {
  Open({});
  ASSERT_OK(ne_.ActivateTexts({WithDeputy("local/ne.textproto")}));
  ASSERT_OK(ng_.ActivateTexts({WithDeputy("local/ng.textproto")}));
  MakePerson("C1");
  const auto id = Draft("C1");
  ASSERT_OK(id);
  ASSERT_OK(Clear(Holder(), *id));
  EXPECT_THAT(SendBy(ne_.As("ORG", Role::kCaseWorker, "worker"), *id),
              FailsWith(ErrorReason::kLocalAccessDenied));
  ASSERT_OK(SendBy(ne_.As("ORG", Role::kCaseWorker, "deputy"), *id));
  ExpectBoth(*id, "RECEIVED");
  CommandContext& deputy = ng_.As("ORG", Role::kCaseWorker, "deputy");
  EXPECT_EQ(InInbox(deputy, *id).waits_for(), "YOU");
  ops::AcceptReferralRequest accept;
  accept.set_referral_id(*id);
  ASSERT_OK((As<ops::ReferralService, ops::AcceptReferralResponse>(
      deputy, &ops::ReferralService::Stub::AcceptReferral, accept)));
  ASSERT_OK(Propose(deputy, *id));
  EXPECT_THAT(KindsAt(ng_, *id), Contains("NG PLAN_PROPOSED"));
}

}  // namespace
}  // namespace comity
