#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::SizeIs;
using Oversight = ops::OversightService;

// Thirty days around the real clock, as the fixture's nodes read it.
std::string AgreementText(absl::Time now) {
  const auto day = [&](int days) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now + absl::Hours(24 * days),
                            absl::UTCTimeZone());
  };
  return R"(schema: "comity.policy.v1"
agreement {
  id: "lake" revision: 1 title: "Lake crossing" party: ["NE", "NG"]
  valid_from: ")" +
         day(-1) + R"(" valid_until: ")" + day(29) + R"("
  emergency: true
  duties { retention_days: 30 }
  grant {
    id: "draft" holder: ["NE"] asker: ["NG"] role: [COORDINATOR]
    operation: [REFERRAL_DELIVER, CASE_QUERY] purpose: [SAFE_RETURN]
    basis: [CONSENT] when { consent: [GIVEN] } release: [STATUS]
  }
  grant {
    id: "life-at-risk" holder: ["NE"] asker: ["NG"] role: [COORDINATOR]
    operation: [CASE_QUERY] purpose: [PROTECTION] basis: [VITAL_INTEREST]
    when { consent: [NOT_ASKED] } release: [NEEDS] break_glass: true
    duties { retention_days: 7 }
  }
})";
}

class EmergencyTest : public BorderTest {
 protected:
  void SetUp() override {
    OpenWith(AgreementText(clock_.Now()), "");
    draft_ = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  }

  absl::StatusOr<ops::DeclareEmergencyResponse> Declare(uint32_t hours) {
    ops::DeclareEmergencyRequest request;
    request.set_agreement_id("lake");
    request.set_partner("NG");
    request.set_hours(hours);
    request.set_reason("DANGER_TO_LIFE");
    return As<Oversight, ops::DeclareEmergencyResponse>(
        Coordinator(ne_, "coord"), &Oversight::Stub::DeclareEmergency, request);
  }
  absl::Status Confirm(const std::string& person, const std::string& id) {
    ops::ConfirmEmergencyRequest request;
    request.set_emergency_id(id);
    return As<Oversight, ops::ConfirmEmergencyResponse>(
               Coordinator(ne_, person), &Oversight::Stub::ConfirmEmergency,
               request)
        .status();
  }
  std::string InForce() {
    const std::string id = Declare(24)->emergency().emergency_id();
    EXPECT_OK(Confirm("second", id));
    return id;
  }
  absl::Status End(const std::string& id) {
    ops::EndEmergencyRequest request;
    request.set_emergency_id(id);
    return As<Oversight, ops::EndEmergencyResponse>(
               Coordinator(ne_, "coord"), &Oversight::Stub::EndEmergency,
               request)
        .status();
  }
  absl::StatusOr<federation::v1::CaseAnswer> AskNeeds() {
    ops::RequestCaseRequest question = StatusQuestion(draft_);
    question.set_purpose("PROTECTION");
    question.set_basis("VITAL_INTEREST");
    question.clear_wanted();
    question.add_wanted(v1::RECORD_GROUP_NEEDS);
    return Ask("amina", question);
  }
  CommandContext& Officer(TestParticipant& node) {
    return node.As("ORG", Role::kDataProtectionOfficer, "dpo");
  }
  absl::Status Review(TestParticipant& node, const std::string& id,
                      const std::string& finding = "JUSTIFIED") {
    ops::ReviewEmergencyRequest request;
    request.set_review_id(id);
    request.set_finding(finding);
    return As<Oversight, ops::ReviewEmergencyResponse>(
               Officer(node), &Oversight::Stub::ReviewEmergency, request)
        .status();
  }

  ops::Referral draft_;
};

TEST_F(EmergencyTest, TwoPersonsDeclareItAndItEnds) {
  EXPECT_EQ(OutcomeOf(AskNeeds()), "NOT_AVAILABLE");
  EXPECT_THAT(Declare(73), FailsWith(ErrorReason::kFieldInvalid));
  const std::string id = Declare(24)->emergency().emergency_id();
  EXPECT_EQ(OutcomeOf(AskNeeds()), "NOT_AVAILABLE");
  EXPECT_THAT(Confirm("coord", id), FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_EQ(OutcomeOf(AskNeeds()), "NOT_AVAILABLE");
  EXPECT_OK(Confirm("second", id));
  const auto answer = AskNeeds();
  ASSERT_EQ(OutcomeOf(answer), "RELEASED");
  EXPECT_TRUE(answer->released().terms().break_glass());
  EXPECT_EQ(answer->released().terms().retention_days(), 7u);
  EXPECT_THAT(answer->released().released(), SizeIs(1));
  EXPECT_OK(End(id));
  EXPECT_EQ(OutcomeOf(AskNeeds()), "NOT_AVAILABLE");
  EXPECT_FALSE(End(id).ok());
  EXPECT_FALSE(Confirm("second", id).ok());
}

TEST_F(EmergencyTest, ItWaitsInTheInboxOfWhoMayConfirmIt) {
  const std::string id = Declare(24)->emergency().emergency_id();
  EXPECT_THAT(Inbox(Coordinator(ne_, "coord")).emergencies(), SizeIs(0));
  const auto waiting = Inbox(Coordinator(ne_, "second"));
  ASSERT_THAT(waiting.emergencies(), SizeIs(1));
  EXPECT_EQ(waiting.emergencies(0).emergency_id(), id);
  ASSERT_OK(Confirm("second", id));
  EXPECT_THAT(Inbox(Coordinator(ne_, "second")).emergencies(), SizeIs(0));
  // Who reviews sees it as long as it is in force, and in the list afterwards.
  ASSERT_THAT(Inbox(Officer(ne_)).emergencies(), SizeIs(1));
  EXPECT_EQ(Inbox(Officer(ne_)).emergencies(0).state(), "IN_FORCE");
  ASSERT_OK(End(id));
  EXPECT_THAT(Inbox(Officer(ne_)).emergencies(), SizeIs(0));
  const auto listed = As<Oversight, ops::ListEmergenciesResponse>(
      Officer(ne_), &Oversight::Stub::ListEmergencies,
      ops::ListEmergenciesRequest());
  ASSERT_OK(listed);
  EXPECT_EQ(listed->emergencies(0).state(), "ENDED");
}

TEST_F(EmergencyTest, ItEndsByItself) {
  InForce();
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(OutcomeOf(AskNeeds()), "NOT_AVAILABLE");
}

TEST_F(EmergencyTest, EachReleaseIsReviewedOnBothSides) {
  InForce();
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft_)), "RELEASED");
  EXPECT_THAT(Inbox(Officer(ne_)).reviews(), SizeIs(0));
  EXPECT_EQ(OutcomeOf(AskNeeds()), "RELEASED");
  clock_.Advance(absl::Hours(73));
  for (TestParticipant* node : {&ne_, &ng_}) {
    const auto inbox = Inbox(Officer(*node));
    ASSERT_THAT(inbox.reviews(), SizeIs(1));
    EXPECT_EQ(inbox.reviews(0).as_holder(), node == &ne_);
    EXPECT_TRUE(inbox.reviews(0).overdue());
    EXPECT_THAT(inbox.notices(), SizeIs(1));
    EXPECT_OK(Review(*node, inbox.reviews(0).review_id()));
    EXPECT_FALSE(Review(*node, inbox.reviews(0).review_id()).ok());
    EXPECT_THAT(Inbox(Officer(*node)).reviews(), SizeIs(0));
  }
}

TEST_F(EmergencyTest, OnlyTheSideThatToldItFindsThatThePartnerIsToErase) {
  InForce();
  EXPECT_EQ(OutcomeOf(AskNeeds()), "RELEASED");
  const auto review_of = [&](TestParticipant& node) {
    return Inbox(Officer(node)).reviews(0).review_id();
  };
  EXPECT_THAT(Review(ng_, review_of(ng_), "PARTNER_TO_ERASE"),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_OK(Review(ne_, review_of(ne_), "PARTNER_TO_ERASE"));
}

// Law 3 stands above an emergency.
TEST_F(EmergencyTest, Law3DangerOutranksAnEmergency) {
  InForce();
  ops::RecordScreeningRequest screening;
  screening.set_case_id("C1");
  screening.mutable_screening()->set_never_contact(true);
  EXPECT_OK((As<ops::CaseService, ops::RecordScreeningResponse>(
      Coordinator(ne_, "coord"), &ops::CaseService::Stub::RecordScreening,
      screening)));
  EXPECT_EQ(OutcomeOf(AskNeeds()), "NOT_AVAILABLE");
}

}  // namespace
}  // namespace comity
