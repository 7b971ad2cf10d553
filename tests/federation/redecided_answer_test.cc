#include "absl/synchronization/notification.h"
#include "comity/federation/v1/case_query.pb.h"
#include "node/service/case_answer.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

// A gate of Niger's, and Nigeria's question, made and proved by hand.
class RedecidedAnswerTest : public testing::Test {
 protected:
  RedecidedAnswerTest() {
    parts_.partners.Set(std::make_shared<PartnerTable>(
        std::vector<ParticipantCard>{ng_.card()}));
  }

  // What leaves, verified as Nigeria's node does.
  absl::StatusOr<VerifiedMessage> Answer(const QuestionMethod& method) {
    HandmadePartner partner(ng_, ne_, parts_.clock);
    FederationGate gate(parts_.node);
    absl::Notification answered;
    absl::StatusOr<Message> answer;
    gate.Answer(method, Caller{ng_.code(), true, "", Role::kUnset, "", ""},
                partner.Ask(partner.QuestionAbout(std::string(16, 'x')),
                            NewUuid(parts_.random)),
                [&](absl::StatusOr<Message> came) {
                  answer = std::move(came);
                  answered.Notify();
                });
    answered.WaitForNotification();
    if (!answer.ok()) return answer.status();
    return VerifyMessage(*std::move(answer), MessageKind::kCaseAnswer,
                         parts_.self, ng_.code(), parts_.signer.public_key(),
                         parts_.checkpoints);
  }

  ServiceParts parts_;
  TestParticipant ne_{"NE", parts_.clock.Now()};
  TestParticipant ng_{"NG", parts_.clock.Now()};
};

// The first decision's answer was made ready before the commit.
TEST_F(RedecidedAnswerTest, WhatIsDecidedAgainIsWhatLeaves) {
  int decided = 0;
  QuestionMethod method = CaseAnswerMethod(parts_.node);
  method.handle = [&](const FederationCall& call, const StoreReader&) {
    FederationAnswer answer;
    answer.engine = parts_.policy.Get(call.now);
    answer.payload = ++decided == 1 ? "told" : "withheld";
    answer.still_holds = [](const StoreReader&) { return false; };
    if (decided == 1) parts_.clock.Advance(absl::Seconds(1));
    return answer;
  };
  ASSERT_OK_AND_ASSIGN(const VerifiedMessage answer, Answer(method));
  EXPECT_EQ(decided, 2);
  EXPECT_EQ(answer.message.payload, "withheld");
  // Its time is the commit's.
  EXPECT_EQ(answer.leaf.time, parts_.clock.Now());
}

// So that what takes long is not done while everybody waits for the commit.
TEST_F(RedecidedAnswerTest, WhatIsDecidedAgainKnowsThatItIsInTheCommit) {
  std::vector<bool> in_commit;
  QuestionMethod method = CaseAnswerMethod(parts_.node);
  method.handle = [&](const FederationCall& call, const StoreReader&) {
    in_commit.push_back(call.in_commit);
    FederationAnswer answer;
    answer.engine = parts_.policy.Get(call.now);
    answer.payload = "told";
    answer.still_holds = [](const StoreReader&) { return false; };
    return answer;
  };
  ASSERT_OK(Answer(method));
  EXPECT_THAT(in_commit, testing::ElementsAre(false, true));
}

TEST_F(RedecidedAnswerTest, WhatFailsInTheCommitIsRefused) {
  QuestionMethod method = CaseAnswerMethod(parts_.node);
  method.handle = [&](const FederationCall& call, const StoreReader&) {
    FederationAnswer answer;
    answer.engine = parts_.policy.Get(call.now);
    answer.payload = "told";
    answer.effect = [](CommitScope&) {
      return ReasonError(ErrorReason::kLimitReached, "enough for today");
    };
    return answer;
  };
  ASSERT_OK_AND_ASSIGN(const VerifiedMessage answer, Answer(method));
  federation::v1::CaseAnswer told;
  ASSERT_TRUE(told.ParseFromString(answer.message.payload));
  EXPECT_EQ(told.refusal().reason(), "LIMIT_REACHED");
}

}  // namespace
}  // namespace comity
