#include <cstdio>

#include "tests/proof/pair_of_nodes.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Kind = ReferralEventKind;
using State = ReferralState;

// Less than a minute of a line that carries 20 kbit/s.
constexpr size_t kMostBytes = size_t{128} << 10;

// domain.md, invariant 14: from the packet to the arrival over a line on which
// a third of all calls fail and that is gone for twelve hours before each step.
class SlowLineTest : public testing::Test {
 protected:
  SlowLineTest() {
    nodes_.walk.AgreeAlways(true);
    for (LossyLink* link : {nodes_.to_ng.get(), nodes_.to_ne.get()}) {
      link->AddTap([this](LinkCall, const std::string& request,
                          const std::string* answer) {
        bytes_ += answer == nullptr ? request.size() : answer->size();
      });
    }
    referral_ = nodes_.walk.Begin();
  }

  void Take(LinkedNode& node, Kind kind) {
    CutBoth(true);
    EXPECT_OK(nodes_.walk.Take(referral_, node, kind)) << Name(kind);
    EXPECT_FALSE(node.Round().ok());
    nodes_.clock.Advance(absl::Hours(12));
    CutBoth(false);
    nodes_.SetFaults({.request_lost = 200, .answer_lost = 150});
    for (int i = 0; i < 100 && Waiting(); ++i) {
      nodes_.ne.Round().IgnoreError();
      nodes_.ng.Round().IgnoreError();
    }
    EXPECT_FALSE(Waiting()) << Name(kind);
  }
  void CutBoth(bool cut) {
    nodes_.to_ng->Cut(cut);
    nodes_.to_ne->Cut(cut);
  }
  bool Waiting() {
    return PairOfNodes::Waiting(nodes_.ne, nodes_.ng) +
               PairOfNodes::Waiting(nodes_.ng, nodes_.ne) >
           0;
  }

  PairOfNodes nodes_{20261209};
  WalkedReferral referral_;
  size_t bytes_ = 0;
};

TEST_F(SlowLineTest, AWholeReferralFitsALineThatHardlyHolds) {
  Take(nodes_.ne, Kind::kSent);
  Take(nodes_.ng, Kind::kAccepted);
  Take(nodes_.ng, Kind::kPlanProposed);
  Take(nodes_.ne, Kind::kPlanAccepted);
  Take(nodes_.ne, Kind::kPlanAnswered);
  Take(nodes_.ne, Kind::kReturnScheduled);
  Take(nodes_.ne, Kind::kDeparted);
  nodes_.clock.Advance(absl::Hours(24 * 4));
  Take(nodes_.ng, Kind::kHandedOver);
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kHandedOver);
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ng, referral_), State::kHandedOver);
  EXPECT_THAT(nodes_.Contradictions(), testing::IsEmpty());
  std::printf("%zu bytes crossed\n", bytes_);
  EXPECT_LE(bytes_, kMostBytes);
}

}  // namespace
}  // namespace comity
