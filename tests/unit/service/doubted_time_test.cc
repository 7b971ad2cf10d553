#include "node/service/doubted_time.h"

#include "tests/support/self_made_card.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class DoubtedTimeTest : public testing::Test {
 protected:
  DoubtedTimeTest() {
    const VerifyKey key =
        SigningKey::Generate(KeyAlgorithm::kEd25519).public_key();
    std::vector<ParticipantCard> cards;
    for (const char* code : {"GH", "NG", "TG"}) {
      cards.push_back(SelfMadeCard(*ParticipantCode::Create(code), key,
                                   parts_.clock.Now(), parts_.random));
    }
    parts_.partners.Set(std::make_shared<const PartnerTable>(std::move(cards)));
  }

  absl::Status Check() {
    return CheckTime(parts_.node, parts_.store, parts_.clock.Now());
  }
  void Note() {
    ASSERT_OK(
        parts_.writer.Commit([](CommitScope& scope) { return NoteTime(scope); })
            .status());
  }
  void Confirm() {
    ASSERT_OK(parts_.writer
                  .Commit([](CommitScope& scope) { return ConfirmTime(scope); })
                  .status());
  }
  // A handshake in which the partner's clock is so much behind.
  void Hear(const char* code, absl::Duration behind) {
    HandshakeFacts facts;
    facts.now = parts_.clock.Now() - behind;
    parts_.node.handshakes->Note(*ParticipantCode::Create(code), facts,
                                 parts_.clock.Now());
  }

  ServiceParts parts_;
};

TEST_F(DoubtedTimeTest, AClockThatJumpsAheadIsNotBelievedUntilItIsSetBack) {
  EXPECT_OK(Check());
  Note();
  parts_.clock.Advance(absl::Hours(24 * 365 * 3));
  EXPECT_THAT(Check(), FailsWith(ErrorReason::kQuestionExpired));
  StatusChecks checks;
  AddTimeCheck(parts_.node, checks);
  ASSERT_THAT(checks, SizeIs(1));
  EXPECT_FALSE(checks.Get(0).ok());
  EXPECT_EQ(checks.Get(0).subject(), "time");
  EXPECT_THAT(checks.Get(0).fix(), testing::HasSubstr("--clock-is-right"));
  parts_.clock.Advance(-absl::Hours(24 * 365 * 3));
  EXPECT_OK(Check());
  checks.Clear();
  AddTimeCheck(parts_.node, checks);
  EXPECT_THAT(checks, IsEmpty());
}

TEST_F(DoubtedTimeTest, TimeThatPassesIsBelieved) {
  Note();
  for (int month = 0; month < 3; ++month) {
    parts_.clock.Advance(absl::Hours(24 * 44));
    EXPECT_OK(Check());
    Note();
  }
  parts_.clock.Advance(absl::Hours(24 * 45));
  EXPECT_THAT(Check(), FailsWith(ErrorReason::kQuestionExpired));
}

TEST_F(DoubtedTimeTest, WhatPeopleConfirmIsBelievedFromThenOn) {
  Note();
  parts_.clock.Advance(absl::Hours(24 * 100));
  Confirm();
  EXPECT_OK(Check());
  parts_.clock.Advance(absl::Hours(24 * 44));
  EXPECT_OK(Check());
}

// Its battery is empty: it begins in 1970 until NTP sets it.
TEST_F(DoubtedTimeTest, AClockThatLosesItsTimeComesBackToIt) {
  Note();
  const absl::Duration since = parts_.clock.Now() - absl::UnixEpoch();
  parts_.clock.Advance(-since);
  EXPECT_OK(Check());
  Note();
  parts_.clock.Advance(since);
  EXPECT_OK(Check());
}

TEST_F(DoubtedTimeTest, MostPartnersOutweighTheOwnClockAndOneDoesNot) {
  Note();
  parts_.clock.Advance(absl::Hours(24 * 30));
  Hear("NG", absl::ZeroDuration());
  Hear("TG", absl::Hours(24 * 30));
  EXPECT_OK(Check());
  Hear("GH", absl::Hours(24 * 30));
  EXPECT_THAT(Check(), FailsWith(ErrorReason::kQuestionExpired));
  Confirm();
  EXPECT_OK(Check());
  // What they said long ago says nothing of the clock of now.
  parts_.clock.Advance(absl::Hours(24 * 8));
  EXPECT_OK(Check());
}

TEST_F(DoubtedTimeTest, WhatIsDamagedInTheStoreIsNotBelieved) {
  ASSERT_OK(parts_.writer
                .Commit([](CommitScope& scope) {
                  return scope.store().PutMeta("believed-time", "x");
                })
                .status());
  EXPECT_THAT(Check(), FailsWith(ErrorReason::kIntegrityFailure));
  Confirm();
  EXPECT_OK(Check());
}

}  // namespace
}  // namespace comity
