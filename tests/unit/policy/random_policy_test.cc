#include "tests/support/random_policy.h"

#include <map>

#include "node/policy/judge.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Properties over random pairs prove little if most pairs are refused at the
// first line.
TEST(RandomPolicyTest, EveryKindOfVerdictIsFrequent) {
  RandomPolicy random(1);
  std::map<Outcome, int> outcomes;
  std::map<ErrorReason, int> reasons;
  std::map<PrivateReason, int> private_reasons;
  int break_glass = 0;
  for (int set = 0; set < 4000; ++set) {
    const CompiledPolicy policy(random.NextSet());
    for (int i = 0; i < 5; ++i) {
      const RandomCase one = random.NextCase(policy);
      const Decision decision =
          Judge(policy, one.request, one.record, one.state);
      ++outcomes[decision.outcome];
      ++reasons[decision.reason];
      ++private_reasons[decision.private_reason];
      break_glass += decision.break_glass ? 1 : 0;
    }
  }
  EXPECT_GT(outcomes[Outcome::kPermit], 6000);
  EXPECT_GT(outcomes[Outcome::kDeny], 6000);
  EXPECT_GT(outcomes[Outcome::kHold], 1000);
  for (const ErrorReason reason :
       {ErrorReason::kFieldInvalid, ErrorReason::kAgreementNotInForce,
        ErrorReason::kNoGrant, ErrorReason::kLimitReached,
        ErrorReason::kApprovalsMissing, ErrorReason::kNotAvailable}) {
    EXPECT_GT(reasons[reason], 300) << ReasonName(reason);
  }
  for (int reason = 0;
       reason <= static_cast<int>(PrivateReason::kNationalLimit); ++reason) {
    const auto why = static_cast<PrivateReason>(reason);
    EXPECT_GT(private_reasons[why], 50) << Name(why);
  }
  EXPECT_GT(break_glass, 100);
}

TEST(RandomPolicyTest, TheSameSeedGivesTheSameSequence) {
  RandomPolicy one(5);
  RandomPolicy two(5);
  for (int i = 0; i < 20; ++i) {
    const CompiledPolicy policy(one.NextSet());
    const CompiledPolicy same(two.NextSet());
    ASSERT_EQ(policy.rules().size(), same.rules().size());
    const RandomCase a = one.NextCase(policy);
    const RandomCase b = two.NextCase(same);
    EXPECT_EQ(a.request, b.request);
    EXPECT_EQ(a.record, b.record);
    EXPECT_EQ(a.state, b.state);
  }
}

}  // namespace
}  // namespace comity
