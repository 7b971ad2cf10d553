#include "node/service/referral_steps.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Kind = ReferralEventKind;

// An erasure is a commit of its own, and comes between any two reads of who
// looks at a referral meanwhile.
class ReadBesideErasureTest : public testing::Test {
 protected:
  ReadBesideErasureTest() {
    referral_ = nodes_.walk.Begin();
    EXPECT_OK(nodes_.walk.Take(referral_, nodes_.ne, Kind::kSent));
    EXPECT_TRUE(nodes_.Deliver());
  }

  absl::StatusOr<ops::GetReferralResponse> Show() {
    ops::GetReferralRequest request;
    request.set_referral_id(referral_.id.ToString());
    return nodes_.ng.Call(nodes_.ng.Coordinator("coord"),
                          LocalOperation::kReferralRead, HandleGetReferral,
                          request);
  }
  void Erase() {
    EXPECT_OK(nodes_.ng.context()
                  .writer
                  .Commit([&](CommitScope& scope) {
                    return scope.store().EraseDossier(referral_.id);
                  })
                  .status());
  }

  PairOfNodes nodes_{20261211};
  WalkedReferral referral_;
};

// What is shown is one state of the store, and never a part of two.
TEST_F(ReadBesideErasureTest, WhoLooksMeanwhileSeesAllAsItWasBefore) {
  const auto before = Show();
  ASSERT_OK(before);
  EXPECT_EQ(before->packet().x_age_class(), "Adult");
  nodes_.ng.store().BeforeNextOpenings([this] { Erase(); });
  const auto meanwhile = Show();
  ASSERT_OK(meanwhile);
  EXPECT_FALSE(meanwhile->referral().erased());
  EXPECT_EQ(meanwhile->packet().SerializeAsString(),
            before->packet().SerializeAsString());
  EXPECT_EQ(meanwhile->history_size(), before->history_size());
  const auto after = Show();
  ASSERT_OK(after);
  EXPECT_TRUE(after->referral().erased());
  EXPECT_FALSE(after->has_packet());
  EXPECT_EQ(after->history_size(), before->history_size());
}

}  // namespace
}  // namespace comity
