#include "node/domain/referral.h"

#include <random>

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

const ParticipantCode kHolder = *ParticipantCode::Create("NE");
const ParticipantCode kReceiver = *ParticipantCode::Create("NG");
const ReferralParties kParties{kHolder, kReceiver};

ReferralEvent Event(char id, const ParticipantCode& author,
                    ReferralEventKind kind, std::vector<char> parents,
                    Role role = Role::kCoordinator) {
  ReferralEvent event{*Uuid::FromBytes(std::string(16, id)), Uuid(), author};
  event.kind = kind;
  event.role = role;
  event.occurred_at = absl::FromUnixSeconds(id);
  for (const char parent : parents) {
    event.parents.push_back(*Uuid::FromBytes(std::string(16, parent)));
  }
  return event;
}

using Kind = ReferralEventKind;

std::vector<ReferralEvent> History() {
  return {Event(1, kHolder, Kind::kSent, {}),
          Event(3, kReceiver, Kind::kAccepted, {1}),
          Event(2, kHolder, Kind::kConsentRecorded, {1}),
          Event(4, kHolder, Kind::kConsentRecorded, {2, 3})};
}

TEST(ReferralTest, EveryOrderOfArrivalLeadsToTheSameState) {
  std::vector<ReferralEvent> events = History();
  const auto expected = OrderEvents(events);
  std::mt19937 random(5);
  for (int i = 0; i < 200; ++i) {
    std::shuffle(events.begin(), events.end(), random);
    const auto ordered = OrderEvents(events);
    ASSERT_EQ(ordered.size(), expected.size());
    for (size_t j = 0; j < ordered.size(); ++j) {
      EXPECT_EQ(ordered[j].event_id, expected[j].event_id);
    }
    EXPECT_EQ(StateOf(kParties, ordered), ReferralState::kAccepted);
  }
}

TEST(ReferralTest, AnEventWhoseParentIsMissingWaits) {
  std::vector<ReferralEvent> events = History();
  events.erase(events.begin());
  EXPECT_TRUE(OrderEvents(events).empty());
}

TEST(ReferralTest, NothingIsAcceptedThatWasNotSent) {
  EXPECT_EQ(StateOf(kParties, {Event(3, kReceiver, Kind::kAccepted, {})}),
            ReferralState::kCleared);
}

TEST(ReferralTest, EachStepBelongsToItsSideAndRole) {
  const ReferralState sent = ReferralState::kSent;
  EXPECT_OK(
      CheckEvent(kParties, sent, Event(1, kReceiver, Kind::kAccepted, {})));
  for (const ReferralEvent& event :
       {Event(1, kHolder, Kind::kAccepted, {}),
        Event(1, kReceiver, Kind::kAccepted, {}, Role::kCaseWorker),
        Event(1, kReceiver, Kind::kConsentRecorded, {}),
        Event(1, kHolder, Kind::kSent, {}),
        Event(1, *ParticipantCode::Create("TG"), Kind::kAccepted, {})}) {
    EXPECT_THAT(CheckEvent(kParties, sent, event),
                FailsWith(ErrorReason::kReferralStateConflict));
  }
}

TEST(ReferralTest, ADeclinedReferralIsClosed) {
  const ReferralState declined =
      StateOf(kParties, {Event(1, kHolder, Kind::kSent, {}),
                         Event(2, kReceiver, Kind::kDeclined, {1}),
                         Event(3, kReceiver, Kind::kAccepted, {2})});
  EXPECT_EQ(declined, ReferralState::kDeclined);
  EXPECT_EQ(StageOf(declined), DossierStage::kClosed);
}

}  // namespace
}  // namespace comity
