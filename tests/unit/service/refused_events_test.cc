#include "node/service/refused_events.h"

#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class RefusedEventsTest : public testing::Test {
 protected:
  void Refuse(const ParticipantCode& partner, const Uuid& id) {
    ASSERT_OK(parts_.writer
                  .Commit([&](CommitScope& scope) {
                    return NoteRefused(
                        scope.store(), partner, id,
                        ReasonError(ErrorReason::kNoGrant, "refused"));
                  })
                  .status());
  }
  size_t Marks() { return parts_.store.ListMeta("refused/")->size(); }

  ServiceParts parts_;
  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  const ParticipantCode tg_ = *ParticipantCode::Create("TG");
  const Uuid first_ = *Uuid::FromBytes("ab" + std::string(14, '1'));
  const Uuid second_ = *Uuid::FromBytes("ab" + std::string(14, '2'));
};

TEST_F(RefusedEventsTest, Law7WhatWasRefusedOnceStaysRefused) {
  Refuse(ng_, first_);
  EXPECT_THAT(CheckNotRefused(parts_.store, ng_, first_),
              FailsWith(ErrorReason::kNoGrant));
  EXPECT_OK(CheckNotRefused(parts_.store, ng_, second_));
  EXPECT_OK(CheckNotRefused(parts_.store, tg_, first_));
}

// A partner that sends refused events without end fills its own places.
TEST_F(RefusedEventsTest, Law12MarksOfAPartnerHaveSoManyPlaces) {
  Refuse(ng_, first_);
  Refuse(tg_, first_);
  EXPECT_EQ(Marks(), 2u);
  Refuse(ng_, second_);
  EXPECT_EQ(Marks(), 2u);
  EXPECT_THAT(CheckNotRefused(parts_.store, ng_, second_),
              FailsWith(ErrorReason::kNoGrant));
  EXPECT_THAT(CheckNotRefused(parts_.store, tg_, first_),
              FailsWith(ErrorReason::kNoGrant));
}

TEST_F(RefusedEventsTest, Law5APacketThatItsWithdrawalOvertookIsRefused) {
  ASSERT_OK(parts_.writer
                .Commit([&](CommitScope& scope) {
                  return NoteWithdrawn(scope.store(), ng_, first_);
                })
                .status());
  EXPECT_THAT(CheckNotWithdrawn(parts_.store, ng_, first_),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(CheckNotWithdrawn(parts_.store, ng_, second_));
}

}  // namespace
}  // namespace comity
