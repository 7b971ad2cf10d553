#include "node/service/restored_node.h"

#include "node/audit/restore_mark.h"
#include "node/identity/private_file.h"
#include "node/policy/budgets.h"
#include "node/service/decision_state.h"
#include "node/service/epsilon_budget.h"
#include "node/service/table_budgets.h"
#include "node/wire/policy_file.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Nobody knows what a node answered between its backup and its restore.
class RestoredNodeTest : public testing::Test {
 protected:
  RestoredNodeTest() {
    const std::string text = *ReadPublicFile(
        COMITY_SOURCE_DIR "/policy/agreements/ng-ne-bilateral.textproto");
    const PolicyFileBody bilateral = *LoadPolicyFile("a", text).body;
    digest_ = bilateral.digest;
    const PolicySet set = *AssemblePolicySet("NE", {bilateral});
    engine_ = std::make_shared<PolicyEngine>(set, 1);
    parts_.policy.Set({{absl::InfinitePast(), engine_}}, {});
  }

  void Restore() {
    ASSERT_OK(
        MarkRestored(parts_.store, parts_.clock.Now() - absl::Minutes(5)));
    ASSERT_OK(TakeUpRestored(parts_.node));
  }
  uint32_t Given(absl::Time agreement_from = absl::UnixEpoch()) {
    const auto given =
        CellsGiven(parts_.store, "ECOWAS", agreement_from, parts_.clock.Now());
    EXPECT_OK(given);
    return given.value_or(0);
  }
  // The limits of Nigeria's question for the status of a case that are used up.
  size_t LimitsUsed() {
    const ParticipantCode ng = *ParticipantCode::Create("NG");
    RequestFacts request{parts_.clock.Now(), parts_.self, ng, parts_.self, ng};
    request.operation = Operation::kCaseQuery;
    request.role = Role::kCoordinator;
    request.purpose = Purpose::kSafeReturn;
    request.basis = LegalBasis::kConsent;
    request.agreement_id = "ng-ne-bilateral";
    request.agreement_digest = digest_;
    request.wanted = {FieldGroup::kStatus};
    const auto state = ReadStateOfQuestion(engine_->policy(), request,
                                           "officer", parts_.store);
    EXPECT_OK(state);
    return state.ok() ? state->used.size() : 0;
  }

  ServiceParts parts_;
  std::string digest_;
  std::shared_ptr<const PolicyEngine> engine_;
};

TEST_F(RestoredNodeTest, ANodeThatWasNotRestoredKnowsWhatItGave) {
  ASSERT_OK(TakeUpRestored(parts_.node));
  EXPECT_EQ(Given(), 0u);
  EXPECT_EQ(LimitsUsed(), 0u);
  EXPECT_EQ(*SpentAt(parts_.store), absl::InfinitePast());
}

TEST_F(RestoredNodeTest, Law8TheYearsBudgetIsSpentUntilTheYearEnds) {
  Restore();
  EXPECT_EQ(Given(), kAllOfABudget);
  parts_.clock.Advance(absl::Hours(24 * 366));
  EXPECT_EQ(Given(), 0u);
  // The mark was taken up once.
  ASSERT_OK(TakeUpRestored(parts_.node));
  EXPECT_EQ(Given(), 0u);
}

TEST_F(RestoredNodeTest, AnAgreementThatBeginsAfterwardsHasItsOwnBudget) {
  Restore();
  EXPECT_EQ(Given(parts_.clock.Now() + absl::Hours(1)), 0u);
}

TEST_F(RestoredNodeTest, LimitsOfPartnersAreSpentUntilTheirWindowEnds) {
  Restore();
  EXPECT_GE(LimitsUsed(), 1u);
  parts_.clock.Advance(absl::Hours(24 * 32));
  EXPECT_EQ(LimitsUsed(), 0u);
}

TEST_F(RestoredNodeTest, TheOwnLogSaysSo) {
  const auto before = parts_.store.ReadLogHead("comity/NE");
  ASSERT_OK(before);
  Restore();
  const auto after = parts_.store.ReadLogHead("comity/NE");
  ASSERT_OK(after);
  EXPECT_EQ(after->size, before->size + 1);
}

TEST_F(RestoredNodeTest, Law8PublishedRevisionsTakeNoNewQuestions) {
  ASSERT_OK(parts_.writer
                .Commit([&](CommitScope& scope) {
                  return scope.store().InsertSnapshot(
                      {"2018", 1, scope.now(), "ORG/stat", "columns"});
                })
                .status());
  Restore();
  const auto published = parts_.store.ListSnapshots();
  ASSERT_OK(published);
  ASSERT_EQ(published->size(), 1u);
  EXPECT_TRUE(published->front().closed);
}

TEST_F(RestoredNodeTest, Law8EpsilonOfPeriodsThatWereOverIsSpentForGood) {
  const ParticipantCode asker = *ParticipantCode::Create("ECOWAS");
  StateFacts state;
  ASSERT_OK(ReadEpsilonSpent("2018", asker, parts_.store, state));
  EXPECT_EQ(state.epsilon_spent, 0u);
  Restore();
  const std::string running =
      absl::FormatTime("%E4Y", parts_.clock.Now(), absl::UTCTimeZone());
  ASSERT_OK(ReadEpsilonSpent(running, asker, parts_.store, state));
  EXPECT_EQ(state.epsilon_spent, 0u);
  // Nothing that an agreement allows, and no time that passes, brings it back.
  parts_.clock.Advance(absl::Hours(24 * 800));
  ASSERT_OK(ReadEpsilonSpent("2018", asker, parts_.store, state));
  state.epsilon_new = 1;
  Duties duties;
  duties.epsilon_asker_thousandths = 1'000'000;
  EXPECT_TRUE(GoesOverABudget(duties, state));
  duties.epsilon_asker_thousandths = 0;
  duties.epsilon_all_thousandths = 1'000'000;
  state.epsilon_new_for_all = 1;
  EXPECT_TRUE(GoesOverABudget(duties, state));
}

TEST_F(RestoredNodeTest, Law8DeltaOfPeriodsThatWereOverIsSpentForGood) {
  const ParticipantCode asker = *ParticipantCode::Create("ECOWAS");
  Duties duties;
  duties.delta_budget_exponent = 4;
  StateFacts state;
  state.delta_new = 1;
  ASSERT_OK(ReadEpsilonSpent("2018", asker, parts_.store, state));
  EXPECT_EQ(state.delta_spent, 0u);
  EXPECT_FALSE(GoesOverABudget(duties, state));
  Restore();
  ASSERT_OK(ReadEpsilonSpent("2018", asker, parts_.store, state));
  EXPECT_TRUE(GoesOverABudget(duties, state));
  state.delta_new = 0;
  state.delta_new_for_all = 1;
  EXPECT_TRUE(GoesOverABudget(duties, state));
}

}  // namespace
}  // namespace comity
