#include "node/wire/proto_time.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using testing::Contains;
using testing::HasSubstr;

// What risk there is where she would go: asked before a return, and answered.
class RiskQuestionFederationTest : public ReferralStory {
 protected:
  absl::Status AskRisk(CommandContext& person, const std::string& id,
                       const std::string& place) {
    ops::AskRiskRequest request;
    request.mutable_question()->set_place(place);
    return Take<ops::AskRiskResponse>(person, id, &Steps::Stub::AskRisk,
                                      request)
        .status();
  }
  absl::Status AnswerRisk(CommandContext& person, const std::string& id) {
    ops::AnswerRiskRequest request;
    fed::RiskAnswer& answer = *request.mutable_answer();
    answer.set_threat(fed::RISK_LEVEL_MEDIUM);
    answer.set_family_contact(fed::FAMILY_CONTACT_NOT_SAFE);
    *answer.mutable_valid_until() =
        ToProtoTime(clock_.Now() + absl::Hours(24 * 20));
    return Take<ops::AnswerRiskResponse>(person, id, &Steps::Stub::AnswerRisk,
                                         request)
        .status();
  }
};

TEST_F(RiskQuestionFederationTest, SheReturnsKnowingWhatTheReceiverAnswered) {
  Open({});
  const std::string id = Refer("C1");
  AgreeOnPlan(id);
  ExpectBoth(id, "PLAN_AGREED");
  EXPECT_THAT(AskRisk(Holder(), id, "Kano, Sabon Gari"),
              FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK(AskRisk(Holder(), id, "NG-KN"));
  EXPECT_THAT(Schedule(id, 4), FailsWith(ErrorReason::kReferralStateConflict));
  ASSERT_TRUE(Await([&] {
    return Show(ng_, id)->progress().risk_question().place() == "NG-KN";
  }));
  const ops::Referral waiting = InInbox(Receiver(), id);
  EXPECT_THAT(waiting.owed_steps(), Contains("risk answer"));
  EXPECT_EQ(waiting.waits_for(), "YOU");
  EXPECT_THAT(AnswerRisk(Holder(), id),
              FailsWith(ErrorReason::kReferralStateConflict));
  ASSERT_OK(AnswerRisk(Receiver(), id));
  ASSERT_TRUE(
      Await([&] { return Show(ne_, id)->progress().has_risk_answer(); }));
  const auto shown = Show(ne_, id);
  EXPECT_EQ(shown->progress().risk_answer().threat(), fed::RISK_LEVEL_MEDIUM);
  EXPECT_EQ(shown->progress().risk_answer().family_contact(),
            fed::FAMILY_CONTACT_NOT_SAFE);
  // She said that she would return an hour before that was known.
  const absl::Status uninformed = Schedule(id, 4);
  EXPECT_THAT(uninformed, FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_THAT(std::string(uninformed.message()), HasSubstr("knowing"));
  clock_.Advance(absl::Hours(2));
  ASSERT_OK(Schedule(id, 4));
  ExpectBoth(id, "RETURN_SCHEDULED");
  EXPECT_THAT(KindsAt(ne_, id), Contains("NE RISK_ASKED"));
  EXPECT_THAT(KindsAt(ng_, id), Contains("NG RISK_ANSWERED"));
}

}  // namespace
}  // namespace comity
