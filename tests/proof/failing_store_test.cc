#include "tests/proof/durability_watch.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Kind = ReferralEventKind;

constexpr uint64_t kSeed = 20261201;

// A referral from its draft to its closure, at two nodes whose stores can be
// made to fail. People and couriers try again what failed.
class WholeStory {
 public:
  WholeStory() {
    watch_.Watch(*nodes_.to_ng, nodes_.ne, nodes_.ng);
    watch_.Watch(*nodes_.to_ne, nodes_.ng, nodes_.ne);
    nodes_.walk.TryAgain(true);
    nodes_.walk.AgreeAlways(true);
  }

  LinkedNode& holder() { return nodes_.ne; }
  LinkedNode& receiver() { return nodes_.ng; }

  void Tell() {
    referral_ = nodes_.walk.Begin();
    Take(nodes_.ne, Kind::kSent);
    Take(nodes_.ng, Kind::kInfoRequested);
    EXPECT_OK(nodes_.walk.RecordConsent(
        referral_, {v1::RECORD_GROUP_MEDICAL, v1::RECORD_GROUP_IDENTITY},
        absl::Hours(100)));
    Take(nodes_.ne, Kind::kInfoAnswered);
    Take(nodes_.ng, Kind::kAccepted);
    AskForIdentity();
    Take(nodes_.ng, Kind::kPlanProposed);
    Take(nodes_.ne, Kind::kPlanAccepted);
    Take(nodes_.ne, Kind::kPlanAnswered);
    Take(nodes_.ne, Kind::kReturnScheduled);
    Take(nodes_.ne, Kind::kDeparted);
    nodes_.clock.Advance(absl::Hours(24 * 7));
    nodes_.ne.Tick();
    nodes_.ng.Tick();
    Exchange();
    Take(nodes_.ng, Kind::kHandedOver);
    Take(nodes_.ng, Kind::kAssistanceBegun);
    Take(nodes_.ng, Kind::kClosed);
    EXPECT_OK(nodes_.walk.WithdrawReferral(referral_, nodes_.ne));
    Exchange();
  }

  void ExpectWhole() {
    EXPECT_TRUE(nodes_.Deliver()) << "something waits for ever";
    EXPECT_THAT(nodes_.Contradictions(), testing::IsEmpty());
    EXPECT_TRUE(IsTerminal(nodes_.walk.StateAt(nodes_.ng, referral_)));
    EXPECT_EQ(nodes_.walk.written().size(), 12u);
  }
  int failures() const { return nodes_.walk.failures() + failed_rounds_; }

 private:
  void Take(LinkedNode& node, Kind kind) {
    EXPECT_OK(nodes_.walk.Take(referral_, node, kind)) << Name(kind);
    Exchange();
  }
  // Both couriers run until nothing waits.
  void Exchange() {
    for (int i = 0; i < 8; ++i) {
      for (LinkedNode* node : {&nodes_.ne, &nodes_.ng}) {
        const auto round = node->Round();
        if (!round.ok()) ++failed_rounds_;
      }
      if (PairOfNodes::Waiting(nodes_.ne, nodes_.ng) +
              PairOfNodes::Waiting(nodes_.ng, nodes_.ne) ==
          0) {
        return;
      }
    }
  }
  // A question whose answer did not come is asked anew.
  void AskForIdentity() {
    for (int i = 0; i < 3; ++i) {
      const absl::Status asked =
          nodes_.walk.AskCase(referral_, {v1::RECORD_GROUP_IDENTITY});
      if (asked.ok()) return;
      ++failed_rounds_;
      Exchange();
    }
    ADD_FAILURE() << "the question was never answered";
  }

  PairOfNodes nodes_{kSeed};
  DurabilityWatch watch_;
  WalkedReferral referral_;
  int failed_rounds_ = 0;
};

class FailingStoreTest : public testing::TestWithParam<bool> {
 protected:
  // How many commits the whole story needs at one side.
  static int CommitsOf(bool holder) {
    WholeStory story;
    FaultInjectingStore& store =
        (holder ? story.holder() : story.receiver()).store();
    const int before = store.commits();
    story.Tell();
    story.ExpectWhole();
    return store.commits() - before;
  }
};

// Laws 1, 6 and 7: each commit of the story fails once; nothing leaves for it,
// and once the store is well again nothing is lost and nothing doubled.
TEST_P(FailingStoreTest, Law1And7EachCommitOfAReferralMayFailOnce) {
  const bool holder = GetParam();
  const int commits = CommitsOf(holder);
  ASSERT_GT(commits, 30);
  const auto step = static_cast<int>(SizeOf("COMITY_FAILING_STEP", 1));
  for (int failing = 0; failing < commits; failing += step) {
    SCOPED_TRACE(testing::Message()
                 << "commit " << failing << " of " << commits << " at "
                 << (holder ? "the holder" : "the receiver"));
    WholeStory story;
    (holder ? story.holder() : story.receiver())
        .store()
        .FailNextCommits(1, failing);
    story.Tell();
    story.ExpectWhole();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Sides, FailingStoreTest, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& info) {
                           return info.param ? "Holder" : "Receiver";
                         });

// What the story counts on: a store that fails is noticed.
TEST(WholeStoryTest, MeetsTheFailure) {
  WholeStory story;
  story.holder().store().FailNextCommits(2, 12);
  story.Tell();
  EXPECT_GT(story.failures(), 0);
}

}  // namespace
}  // namespace comity
