#include "node/wire/proto_time.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

// What she says of how she was treated: codes, if she wants to be asked.
class FeedbackTest : public ReferralStory {
 protected:
  fed::Feedback Says(fed::FeedbackReply safe, absl::Duration agreed_ago) {
    fed::Feedback feedback;
    auto* answer = feedback.add_answers();
    answer->set_question(fed::FEEDBACK_QUESTION_SAFE);
    answer->set_reply(safe);
    *feedback.mutable_agreed_at() = ToProtoTime(clock_.Now() - agreed_ago);
    return feedback;
  }
  absl::Status Record(CommandContext& person, const std::string& id,
                      const fed::Feedback& feedback) {
    ops::RecordFeedbackRequest request;
    *request.mutable_feedback() = feedback;
    return Take<ops::RecordFeedbackResponse>(
               person, id, &Steps::Stub::RecordFeedback, request)
        .status();
  }
  // She is assisted in Nigeria.
  std::string Assisted() {
    Open({});
    const std::string id = Refer("C1");
    AgreeOnPlan(id);
    ExpectBoth(id, "PLAN_AGREED");
    Travel(id);
    EXPECT_OK(Assist(id));
    ExpectBoth(id, "IN_ASSISTANCE");
    return id;
  }
};

TEST_F(FeedbackTest, BothSidesReadWhatSheSays) {
  const std::string id = Assisted();
  fed::Feedback feedback =
      Says(fed::FEEDBACK_REPLY_PARTLY, absl::ZeroDuration());
  auto* more = feedback.add_answers();
  more->set_question(fed::FEEDBACK_QUESTION_PRIVACY);
  more->set_reply(fed::FEEDBACK_REPLY_NO_ANSWER);
  feedback.set_interpreter(true);
  ASSERT_OK(Record(Receiver(), id, feedback));
  ASSERT_OK(Close(id));
  ExpectBoth(id, "CLOSED");
  // Later, too.
  ASSERT_OK(
      Record(Receiver(), id, Says(fed::FEEDBACK_REPLY_YES, absl::Hours(24))));
  ExpectBoth(id, "CLOSED");
  for (TestParticipant* node : {&ne_, &ng_}) {
    const auto shown = Show(*node, id);
    ASSERT_OK(shown);
    ASSERT_EQ(shown->progress().feedback_size(), 2);
    EXPECT_EQ(shown->progress().feedback(0).SerializeAsString(),
              feedback.SerializeAsString());
  }
}

TEST_F(FeedbackTest, SheIsAskedByWhoAssistsHerOnceSheAgreed) {
  const std::string id = Assisted();
  const auto good = Says(fed::FEEDBACK_REPLY_YES, absl::Hours(1));
  EXPECT_THAT(Record(Holder(), id, good),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_THAT(
      Record(Receiver(), id, Says(fed::FEEDBACK_REPLY_YES, -absl::Hours(1))),
      FailsWith(ErrorReason::kReferralStateConflict));
  fed::Feedback never_agreed = good;
  never_agreed.clear_agreed_at();
  EXPECT_THAT(Record(Receiver(), id, never_agreed),
              FailsWith(ErrorReason::kFieldMissing));
  EXPECT_OK(Record(Receiver(), id, good));
}

TEST_F(FeedbackTest, SheAnswersEachQuestionOnceByACodeThatIsThere) {
  const std::string id = Assisted();
  fed::Feedback twice = Says(fed::FEEDBACK_REPLY_YES, absl::Hours(1));
  *twice.add_answers() = twice.answers(0);
  EXPECT_THAT(Record(Receiver(), id, twice),
              FailsWith(ErrorReason::kFieldInvalid));
  fed::Feedback unknown = Says(fed::FEEDBACK_REPLY_YES, absl::Hours(1));
  unknown.mutable_answers(0)->set_reply(static_cast<fed::FeedbackReply>(99));
  EXPECT_THAT(Record(Receiver(), id, unknown),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(FeedbackTest, NobodyAsksBeforeSheIsAssisted) {
  Open({});
  const std::string id = Refer("C1");
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  EXPECT_THAT(
      Record(Receiver(), id, Says(fed::FEEDBACK_REPLY_YES, absl::Hours(1))),
      FailsWith(ErrorReason::kReferralStateConflict));
}

}  // namespace
}  // namespace comity
