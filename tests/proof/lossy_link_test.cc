#include "tests/proof/durability_watch.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Events that the plain run sends; tests/run.sh --full sends 100,000.
constexpr uint64_t kUsualEvents = 2000;
constexpr uint64_t kSeed = 20261129;
constexpr size_t kOpenAtOnce = 24;

// Many referrals at once, over a line that loses, repeats, reorders and delays;
// Nigeria's node is called, or collects its mail.
class LossyLinkTest : public testing::TestWithParam<bool> {
 protected:
  LossyLinkTest() {
    nodes_.SetFaults(kBadLine);
    watch_.Watch(*nodes_.to_ng, nodes_.ne, nodes_.ng);
    watch_.Watch(*nodes_.to_ne, nodes_.ng, nodes_.ne);
  }

  uint64_t Below(uint64_t limit) { return nodes_.random() % limit; }

  LinkedNode& AnySide() { return Below(2) == 0 ? nodes_.ne : nodes_.ng; }

  // One thing that people, couriers or the time do.
  void Happen() {
    const uint64_t what = Below(100);
    if (what < 62) {
      if (open_.size() < kOpenAtOnce) open_.push_back(nodes_.walk.Begin());
      const size_t index = Below(open_.size());
      nodes_.walk.Step(open_[index], AnySide()).IgnoreError();
      if (IsOver(open_[index]) && Below(4) == 0) {
        open_.erase(open_.begin() + static_cast<ptrdiff_t>(index));
      }
    } else if (what < 97) {
      AnySide().Round().status().IgnoreError();
    } else if (what < 98) {
      BringAReceiptAgain();
    } else {
      nodes_.clock.Advance(absl::Minutes(Below(40)));
      nodes_.ne.Tick();
      nodes_.ng.Tick();
    }
  }
  // Of any event, by a courier who was on the way since then.
  void BringAReceiptAgain() {
    if (nodes_.walk.written().empty()) return;
    const auto& [id, author] =
        *std::next(nodes_.walk.written().begin(),
                   static_cast<ptrdiff_t>(Below(nodes_.walk.written().size())));
    LinkedNode& node = author == nodes_.ne.code() ? nodes_.ne : nodes_.ng;
    EXPECT_OK(node.BringReceiptAgain(nodes_.Other(node), id));
  }
  // Also one that was withdrawn before it arrived, which the receiver does not
  // know.
  bool IsOver(const WalkedReferral& referral) {
    const ReferralState there = nodes_.walk.StateAt(nodes_.ng, referral);
    return IsTerminal(nodes_.walk.StateAt(nodes_.ne, referral)) &&
           (there == ReferralState::kUnset || IsTerminal(there));
  }

  PairOfNodes nodes_{SizeOf("COMITY_SEED", kSeed), GetParam()};
  DurabilityWatch watch_;
  std::vector<WalkedReferral> open_;
};

TEST_P(LossyLinkTest, Law6And7NothingIsLostDoubledOrContradictory) {
  const uint64_t sends = SizeOf("COMITY_SENDS", kUsualEvents);
  SCOPED_TRACE(testing::Message()
               << "COMITY_SEED=" << nodes_.seed << " COMITY_SENDS=" << sends);
  // Collecting takes more calls.
  const uint64_t events = GetParam() ? sends * 3 / 5 : sends;
  while (nodes_.walk.written().size() < events) Happen();
  ASSERT_TRUE(nodes_.Deliver()) << "something waits for ever";
  EXPECT_THAT(nodes_.Contradictions(), testing::IsEmpty());
  // The walk is worth something only if it gets everywhere.
  for (const ReferralEventKind kind :
       {ReferralEventKind::kClosed, ReferralEventKind::kDeclined,
        ReferralEventKind::kCancelled, ReferralEventKind::kConsentWithdrawn,
        ReferralEventKind::kInfoAnswered, ReferralEventKind::kFollowUp}) {
    EXPECT_TRUE(nodes_.walk.taken().contains(kind)) << Name(kind);
  }
  std::printf("%zu events, %zu calls, %zu messages\n",
              nodes_.walk.written().size(),
              nodes_.to_ng->calls() + nodes_.to_ne->calls(), watch_.messages());
  for (const auto& [reason, count] : watch_.refusals()) {
    std::printf("refused %s: %d\n", reason.c_str(), count);
  }
}

INSTANTIATE_TEST_SUITE_P(All, LossyLinkTest, testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Collecting" : "Called";
                         });

}  // namespace
}  // namespace comity
