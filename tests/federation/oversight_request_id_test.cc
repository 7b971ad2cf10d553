#include "absl/strings/str_cat.h"
#include "tests/support/border.h"
#include "tests/support/operator_call.h"

namespace comity {
namespace {

// An emergency agreement of thirty days under which a question for the status
// needs a second person.
std::string AgreementText(absl::Time now) {
  const auto day = [&](int days) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now + absl::Hours(24 * days),
                            absl::UTCTimeZone());
  };
  return absl::StrCat(R"(schema: "comity.policy.v1"
agreement {
  id: "lake" revision: 1 title: "Lake crossing" party: ["NE", "NG"]
  valid_from: ")",
                      day(-1), R"(" valid_until: ")", day(29), R"("
  emergency: true
  duties { retention_days: 30 }
  grant {
    id: "draft" holder: ["NE"] asker: ["NG"] role: [COORDINATOR]
    operation: [REFERRAL_DELIVER] purpose: [SAFE_RETURN]
    basis: [CONSENT] when { consent: [GIVEN] } release: [STATUS]
  }
  grant {
    id: "status" holder: ["NE"] asker: ["NG"] role: [COORDINATOR]
    operation: [CASE_QUERY] purpose: [SAFE_RETURN]
    basis: [CONSENT] when { consent: [GIVEN] } release: [STATUS]
    duties { approvals: 1 }
  }
  grant {
    id: "life-at-risk" holder: ["NE"] asker: ["NG"] role: [COORDINATOR]
    operation: [CASE_QUERY] purpose: [PROTECTION] basis: [VITAL_INTEREST]
    when { consent: [NOT_ASKED] } release: [NEEDS] break_glass: true
    duties { retention_days: 7 }
  }
})");
}

class OversightRequestIdTest : public BorderTest {
 protected:
  void SetUp() override {
    OpenWith(AgreementText(clock_.Now()), "");
    draft_ = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  }

  CommandContext& Officer(TestParticipant& node) {
    return node.As("ORG", Role::kDataProtectionOfficer, "dpo");
  }

  // A call, the same once more, and another one under its id.
  void Twice(CommandContext& person, const std::string& method,
             const std::string& request, const std::string& other) {
    SCOPED_TRACE(method);
    const std::string id = person.NewRequestId();
    last_ = id;
    const auto first = CallByName(person, method, request, id);
    ASSERT_OK(first);
    const auto second = CallByName(person, method, request, id);
    ASSERT_OK(second);
    EXPECT_EQ(*first, *second);
    EXPECT_THAT(CallByName(person, method, other, id),
                FailsWith(ErrorReason::kRequestIdReused));
  }

  operators::v1::Referral draft_;
  std::string last_;  // request id
};

// Law 7 at home, for what RequestIdTest does not call.
TEST_F(OversightRequestIdTest, Law7AnApprovalIsDecidedOnce) {
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft_)), "APPROVALS_MISSING");
  CommandContext& bola = Coordinator(ng_, "bola");
  const auto inbox = Inbox(bola);
  ASSERT_EQ(inbox.approvals_size(), 1);
  const std::string named =
      absl::StrCat("approval_id: '", inbox.approvals(0).approval_id(), "'");
  Twice(bola, "OversightService/DecideApproval", named,
        named + " decline: true");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft_)), "RELEASED");
}

TEST_F(OversightRequestIdTest, Law7AnEmergencyIsDeclaredAndReviewedOnce) {
  const std::string wanted =
      "agreement_id: 'lake' partner: 'NG' reason: 'DANGER_TO_LIFE' hours: ";
  CommandContext& coordinator = Coordinator(ne_, "coord");
  Twice(coordinator, "OversightService/DeclareEmergency", wanted + "24",
        wanted + "23");
  const std::string named = absl::StrCat("emergency_id: '", last_, "'");
  const std::string other =
      absl::StrCat("emergency_id: '", coordinator.NewRequestId(), "'");
  Twice(Coordinator(ne_, "second"), "OversightService/ConfirmEmergency", named,
        other);
  auto question = StatusQuestion(draft_);
  question.set_purpose("PROTECTION");
  question.set_basis("VITAL_INTEREST");
  question.set_wanted(0, v1::RECORD_GROUP_NEEDS);
  EXPECT_EQ(OutcomeOf(Ask("amina", question)), "RELEASED");
  Twice(coordinator, "OversightService/EndEmergency", named, other);
  const auto reviews = Inbox(Officer(ne_)).reviews();
  ASSERT_EQ(reviews.size(), 1);
  const std::string review =
      absl::StrCat("review_id: '", reviews[0].review_id(), "' finding: ");
  Twice(Officer(ne_), "OversightService/ReviewEmergency",
        review + "'JUSTIFIED'", review + "'NOT_JUSTIFIED'");
}

TEST_F(OversightRequestIdTest, Law7WhatIsDueIsPurgedOnce) {
  const std::string id = Officer(ne_).NewRequestId();
  const auto first =
      CallByName(Officer(ne_), "RetentionService/PurgeDue", "", id);
  ASSERT_OK(first);
  const auto second =
      CallByName(Officer(ne_), "RetentionService/PurgeDue", "", id);
  ASSERT_OK(second);
  EXPECT_EQ(*first, *second);
  EXPECT_THAT(CallByName(Officer(ne_), "OversightService/ReviewEmergency",
                         "review_id: '00000000-0000-4000-8000-000000000001' "
                         "finding: 'JUSTIFIED'",
                         id),
              FailsWith(ErrorReason::kRequestIdReused));
}

}  // namespace
}  // namespace comity
