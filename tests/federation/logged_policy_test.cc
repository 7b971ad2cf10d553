#include "absl/synchronization/notification.h"
#include "node/service/case_answer.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

// A gate of Niger's, and Nigeria's question, made and proved by hand.
class LoggedPolicyTest : public testing::Test {
 protected:
  LoggedPolicyTest() {
    parts_.partners.Set(std::make_shared<PartnerTable>(
        std::vector<ParticipantCard>{ng_.card()}));
    Activate('a');
  }

  // Puts a file of another digest in force.
  void Activate(char name) {
    PolicySet set;
    set.national.emplace();
    set.national->digest = std::string(32, name);
    parts_.policy.Set({{absl::InfinitePast(),
                        std::make_shared<PolicyEngine>(set, ++version_)}},
                      {});
  }

  void Answer(const QuestionMethod& method) {
    HandmadePartner partner(ng_, ne_, parts_.clock);
    FederationGate gate(parts_.node);
    absl::Notification answered;
    gate.Answer(method, Caller{ng_.code(), true, "", Role::kUnset, "", ""},
                partner.Ask(partner.QuestionAbout(std::string(16, 'x')),
                            NewUuid(parts_.random)),
                [&](const absl::StatusOr<Message>& answer) {
                  EXPECT_OK(answer);
                  answered.Notify();
                });
    answered.WaitForNotification();
  }

  ServiceParts parts_;
  TestParticipant ne_{"NE", parts_.clock.Now()};
  TestParticipant ng_{"NG", parts_.clock.Now()};
  uint64_t version_ = 0;
};

// A file that comes in force between a decision and its entry decided nothing.
TEST_F(LoggedPolicyTest, TheOwnLogNamesThePolicyThatDecided) {
  std::string decided_by;
  QuestionMethod method = CaseAnswerMethod(parts_.node);
  method.handle = [&](const FederationCall& call, const StoreReader&) {
    FederationAnswer answer;
    answer.engine = parts_.policy.Get(call.now);
    decided_by = PolicyDigestOf(*answer.engine);
    Activate(version_ == 1 ? 'b' : 'c');
    return answer;
  };
  Answer(method);
  // Decided by the second, after which the third came in force.
  EXPECT_EQ(version_, 3u);
  const auto rows =
      parts_.store.ReadLeaves(OwnLogOrigin(parts_.self), 0, 10, true);
  ASSERT_OK(rows);
  ASSERT_EQ(rows->size(), 1u);
  const auto entry = OpenOwnEntry(rows->at(0).leaf, rows->at(0).opening);
  ASSERT_OK(entry);
  EXPECT_EQ(entry->policy_digest, decided_by);
}

}  // namespace
}  // namespace comity
