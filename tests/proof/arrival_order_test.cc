#include <algorithm>

#include "tests/proof/pair_of_nodes.h"
#include "tests/support/dossier_script.h"

namespace comity {
namespace {

constexpr uint64_t kSeed = 20261205;
constexpr uint64_t kUsualRuns = 3000;
constexpr int kOrders = 4;

const absl::Time kStart = absl::FromUnixSeconds(1790000000);

std::vector<Uuid> IdsOf(const std::vector<ReferralEvent>& events) {
  std::vector<Uuid> ids;
  for (const ReferralEvent& event : OrderEvents(events)) {
    ids.push_back(event.event_id);
  }
  return ids;
}

// Whoever gets the events of one dossier in an order of its own: what comes too
// early it takes once what it builds on is there. Returns what it refused.
std::string TakeInOrder(const ReferralParties& parties,
                        std::vector<ReferralEvent> coming,
                        std::vector<ReferralEvent>& held) {
  std::string refused;
  for (bool progress = true; progress && !coming.empty();) {
    progress = false;
    for (auto event = coming.begin(); event != coming.end();) {
      const absl::Status taken = CheckIncoming(parties, held, *event);
      if (taken.ok()) {
        held.push_back(*event);
      } else if (ReasonOf(taken) == ErrorReason::kEventTooEarly) {
        ++event;
        continue;
      } else {
        absl::StrAppend(&refused, taken.message(), "; ");
      }
      event = coming.erase(event);
      progress = true;
    }
  }
  if (!coming.empty()) absl::StrAppend(&refused, coming.size(), " for ever");
  return refused;
}

// Both sides run at random; then the union of what they wrote arrives in any
// order at somebody who was not there, and leads to the same events in the same
// order and to the same status.
TEST(ArrivalOrderTest, EveryOrderOfArrivalLeadsToTheSameDossier) {
  const uint64_t first = SizeOf("COMITY_SEED", kSeed);
  const uint64_t runs = SizeOf("COMITY_ARRIVALS", kUsualRuns);
  std::set<ReferralState> reached;
  for (uint64_t seed = first; seed < first + runs; ++seed) {
    SCOPED_TRACE(testing::Message()
                 << "COMITY_SEED=" << seed << " COMITY_ARRIVALS=1");
    std::mt19937_64 random(seed);
    TwoNodes nodes(random, kStart);
    const uint64_t steps = 40 + random() % 200;
    for (uint64_t step = 0; step < steps; ++step) nodes.Step();
    nodes.DeliverAll();
    const DossierScript& holder = nodes.Side(true);
    const DossierScript& receiver = nodes.Side(false);
    ASSERT_EQ(IdsOf(holder.events()), IdsOf(receiver.events()));
    ASSERT_EQ(holder.Status().state, receiver.Status().state);
    reached.insert(holder.Status().state);
    for (int order = 0; order < kOrders; ++order) {
      std::vector<ReferralEvent> coming = holder.events();
      std::shuffle(coming.begin(), coming.end(), random);
      std::vector<ReferralEvent> held;
      ASSERT_EQ(TakeInOrder(holder.parties(), coming, held), "");
      ASSERT_EQ(IdsOf(held), IdsOf(holder.events()));
      const ReferralStatus status =
          StatusOf(holder.parties(), OrderEvents(held));
      ASSERT_EQ(status.state, holder.Status().state);
      ASSERT_EQ(status.plan, holder.Status().plan);
      ASSERT_EQ(status.withdrawn, holder.Status().withdrawn);
      ASSERT_EQ(status.alarm, holder.Status().alarm);
      ASSERT_EQ(status.follow_ups, holder.Status().follow_ups);
    }
  }
  EXPECT_GT(reached.size(), 8u);
}

}  // namespace
}  // namespace comity
