#include "absl/strings/str_replace.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Kind = ReferralEventKind;
using State = ReferralState;

// The receiver's own check: Nigeria's agreement demands another person, and
// Niger's, of another day, does not.
TEST(UnapprovedAnswerTest, TheReceiverRefusesAnAnswerThatNobodyElseApproved) {
  PairOfNodes nodes(20261208);
  const WalkedReferral referral = nodes.walk.Begin();
  ASSERT_OK(nodes.walk.Take(referral, nodes.ne, Kind::kSent));
  ASSERT_TRUE(nodes.Deliver());
  ASSERT_OK(nodes.walk.Take(referral, nodes.ng, Kind::kInfoRequested));
  ASSERT_TRUE(nodes.Deliver());
  nodes.ng.Enact({absl::StrReplaceAll(
                      ReadyPolicyText("agreements/ng-ne-bilateral.textproto"),
                      {{"max_per_day: 200", "max_per_day: 200 approvals: 1"}}),
                  ReadyPolicyText("local/ng.textproto")});
  ASSERT_OK(nodes.walk.Take(referral, nodes.ne, Kind::kInfoAnswered));
  ASSERT_TRUE(nodes.Deliver());
  // It has no effect at either side: the question stays open.
  EXPECT_EQ(nodes.walk.StateAt(nodes.ne, referral), State::kNeedsInfo);
  EXPECT_EQ(nodes.walk.StateAt(nodes.ng, referral), State::kNeedsInfo);
}

}  // namespace
}  // namespace comity
