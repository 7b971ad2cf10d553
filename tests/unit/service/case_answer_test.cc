#include "node/service/case_answer.h"

#include "comity/federation/v1/case_query.pb.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Nigeria asks under an agreement for emergencies.
class CaseAnswerTest : public testing::Test {
 protected:
  CaseAnswerTest() {
    Agreement agreement;
    agreement.id = "crisis";
    agreement.party = {"NE", "NG"};
    agreement.emergency = true;
    agreement.digest = std::string(32, 'd');
    parts_.policy.Set(
        {{absl::InfinitePast(),
          std::make_shared<PolicyEngine>(PolicySet{{agreement}, {}, {}}, 1)}},
        {});
  }

  absl::StatusOr<FederationAnswer> Answer() {
    federation::v1::CaseQuestion question;
    question.set_agreement_id("crisis");
    question.set_agreement_digest(std::string(32, 'd'));
    question.set_pseudonym(NewUuid(parts_.random).ToBytes());
    question.add_wanted(v1::RECORD_GROUP_STATUS);
    const MessageLeaf leaf{MessageKind::kCaseQuestion, parts_.clock.Now(),
                           asker_, parts_.self};
    FederationCall call{Caller{asker_, true, "", Role::kUnset, "", ""},
                        VerifiedMessage{{}, leaf, "", {}}, parts_.clock.Now()};
    call.message.message.payload = question.SerializeAsString();
    return method_.handle(call, parts_.store);
  }

  // Declared and confirmed, until then.
  void PutEmergency(absl::Time ends_at) {
    emergency_.confirmed_by = "ANLTP/b";
    emergency_.ends_at = ends_at;
    ASSERT_OK(parts_.store.Transact(
        [&](StoreTransaction& tx) { return tx.PutEmergency(emergency_); }));
  }

  const ParticipantCode asker_ = *ParticipantCode::Create("NG");
  ServiceParts parts_;
  const QuestionMethod method_ = CaseAnswerMethod(parts_.node);
  Emergency emergency_{NewUuid(parts_.random), asker_, "crisis",
                       "DANGER_TO_LIFE",       24,     "ANLTP/a",
                       parts_.clock.Now()};
};

// In the committing transaction, by what it finds.
TEST_F(CaseAnswerTest, AnEmergencyThatBeginsOrEndsUndoesTheDecision) {
  const auto before = Answer();
  ASSERT_OK(before);
  EXPECT_TRUE(*before->still_holds(parts_.store));
  PutEmergency(parts_.clock.Now() + absl::Hours(24));
  EXPECT_FALSE(*before->still_holds(parts_.store));
  const auto during = Answer();
  ASSERT_OK(during);
  EXPECT_TRUE(*during->still_holds(parts_.store));
  PutEmergency(parts_.clock.Now());
  EXPECT_FALSE(*during->still_holds(parts_.store));
}

}  // namespace
}  // namespace comity
