#include "tests/support/attachment_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::Contains;
using testing::Not;

// What the agreement, or Niger's own rules, want approved before it is told in
// answer to a question of Nigeria's people.
class AnswerApprovalTest : public AttachmentStory {
 protected:
  static constexpr auto kNeeds = v1::RECORD_GROUP_NEEDS;

  // A referral whose receiver asked for the needs.
  std::string Asked() {
    std::string id = Refer("C1");
    EXPECT_OK(Ask(id, {kNeeds}));
    ExpectBoth(id, "NEEDS_INFO");
    return id;
  }
  // The one matter that waits for Niger's second coordinator.
  std::string Waiting() {
    const auto inbox = Inbox(Holder());
    if (inbox.approvals_size() != 1) return "";
    EXPECT_EQ(inbox.approvals(0).matter(), "ANSWER_PARTNER");
    return inbox.approvals(0).approval_id();
  }
};

TEST_F(AnswerApprovalTest, AnAnswerAsksForWhatTheAgreementDemands) {
  Open({{"max_per_day: 200", "max_per_day: 200 approvals: 1"}});
  const std::string id = Asked();
  EXPECT_THAT(Answer(Drafter(), id), FailsWith(ErrorReason::kApprovalsMissing));
  EXPECT_THAT(KindsAt(ne_, id), Not(Contains("NE INFO_ANSWERED")));
  ASSERT_OK(BorderTest::Approve(Holder(), Waiting()));
  const auto answered = Answer(Drafter(), id);
  ASSERT_OK(answered);
  EXPECT_THAT(answered->told(), testing::ElementsAre(kNeeds));
  // The receiver counts the persons too, and takes it.
  ExpectBoth(id, "RECEIVED");
  EXPECT_THAT(KindsAt(ng_, id), Contains("NE INFO_ANSWERED"));
  // Once: another round needs another approval.
  ASSERT_OK(Ask(id, {kNeeds}));
  ExpectBoth(id, "NEEDS_INFO");
  EXPECT_THAT(Answer(Drafter(), id), FailsWith(ErrorReason::kApprovalsMissing));
}

// Who does not want to wait for it refuses the group.
TEST_F(AnswerApprovalTest, WhatIsWithheldNeedsNobody) {
  Open({{"max_per_day: 200", "max_per_day: 200 approvals: 1"}});
  const std::string id = Asked();
  ops::AnswerInfoRequest request;
  request.add_withhold(kNeeds);
  const auto answered = Take<ops::AnswerInfoResponse>(
      Drafter(), id, &Steps::Stub::AnswerInfo, request);
  ASSERT_OK(answered);
  EXPECT_THAT(answered->told(), testing::IsEmpty());
  ExpectBoth(id, "RECEIVED");
}

constexpr char kFourEyes[] = R"(schema: "comity.policy.v1"
national {
  node: "NE"
  revision: 1
  title: "Niger"
  require {
    id: "four-eyes"
    operation: [CASE_QUERY, IDENTITY_RELEASE]
    duties { approvals: 1 }
  }
}
)";

// Both are decided alike: an offer asks by the same matter, and an approval of
// one is none of the other's.
TEST_F(AnswerApprovalTest, AnOfferAsksLikewiseAndForItsDocumentAlone) {
  Open({}, kFourEyes);
  const std::string id = ReferAccepted();
  const auto first = Attach(Pdf(100));
  const auto other = Attach(Pdf(200));
  ASSERT_OK(first);
  ASSERT_OK(other);
  EXPECT_THAT(Offer(id, *first), FailsWith(ErrorReason::kApprovalsMissing));
  ASSERT_OK(BorderTest::Approve(Holder(), Waiting()));
  EXPECT_THAT(Offer(id, *other), FailsWith(ErrorReason::kApprovalsMissing));
  EXPECT_OK(Offer(id, *first));
}

}  // namespace
}  // namespace comity
