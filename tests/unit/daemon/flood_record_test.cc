#include "node/daemon/flood_record.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace comity {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class FloodRecordTest : public testing::Test {
 protected:
  void Connects(const ParticipantCode& partner) {
    Stranger();
    record_.LetIn(partner, now_ + absl::Milliseconds(3));
  }
  // One who never shows a good certificate; returns its address.
  std::string Stranger() {
    const std::string address = std::to_string(++connections_);
    record_.Accepted(address, now_);
    return address;
  }
  // A connection of nobody who is known, accepted at now_, is cut half a second
  // later.
  std::optional<ParticipantCode> CutOne() {
    return record_.Blame(std::nullopt, now_, now_ + absl::Milliseconds(500));
  }

  const ParticipantCode ne_ = *ParticipantCode::Create("NE");
  const ParticipantCode gh_ = *ParticipantCode::Create("GH");
  absl::Time now_ = absl::FromUnixSeconds(1800000000);
  FloodRecord record_;
  int connections_ = 0;
};

TEST_F(FloodRecordTest, TheOneThatWasLetInThenIsBlamed) {
  Connects(gh_);
  now_ += absl::Seconds(10);
  Connects(ne_);
  EXPECT_EQ(CutOne(), ne_);
}

TEST_F(FloodRecordTest, ConnectionsOfItsOwnShortlyBeforeDoNotHideIt) {
  for (int i = 0; i < 5; ++i) {
    Connects(ne_);
    now_ += absl::Seconds(2);
  }
  Connects(ne_);
  EXPECT_EQ(CutOne(), ne_);
}

TEST_F(FloodRecordTest, HandshakesThatFailedBeforeDoNotHideIt) {
  for (int i = 0; i < 5; ++i) {
    const std::string failed = Stranger();
    now_ += absl::Milliseconds(20);
    record_.Ended(failed, now_);
    now_ += absl::Milliseconds(230);
  }
  Connects(ne_);
  EXPECT_EQ(CutOne(), ne_);
}

TEST_F(FloodRecordTest, OneThatEndedSinceStillCounts) {
  // Both come at once; the stranger floods, the partner hangs up.
  Stranger();
  const std::string partner = Stranger();
  record_.LetIn(ne_, now_ + absl::Milliseconds(3));
  record_.Ended(partner, now_ + absl::Milliseconds(10));
  EXPECT_EQ(CutOne(), std::nullopt);
}

TEST_F(FloodRecordTest, ASlowHandshakeOfAnotherIsNotTakenForItsOwn) {
  Stranger();
  now_ += absl::Seconds(2);
  Stranger();
  record_.LetIn(gh_, now_ + absl::Milliseconds(1));
  record_.LetIn(ne_, now_ + absl::Milliseconds(3));
  EXPECT_EQ(CutOne(), std::nullopt);
}

TEST_F(FloodRecordTest, ManyConnectionsAtOnceAreOnesOwn) {
  for (int i = 0; i < 20; ++i) Connects(ne_);
  EXPECT_EQ(CutOne(), ne_);
}

TEST_F(FloodRecordTest, WithTwoNobodyIsBlamedUnlessItsCallsTold) {
  Connects(ne_);
  Connects(gh_);
  EXPECT_EQ(CutOne(), std::nullopt);
  EXPECT_EQ(record_.Blame(gh_, now_, now_ + absl::Seconds(1)), gh_);
}

TEST_F(FloodRecordTest, NobodyIsBlamedForAStrangerBesideIt) {
  // The stranger, who shows no certificate, floods inside its handshake.
  Stranger();
  now_ += absl::Milliseconds(100);
  Connects(ne_);
  now_ -= absl::Milliseconds(100);
  EXPECT_EQ(CutOne(), std::nullopt);
}

TEST_F(FloodRecordTest, NobodyIsBlamedWhereNobodyWasLetIn) {
  Stranger();
  EXPECT_EQ(CutOne(), std::nullopt);
}

TEST_F(FloodRecordTest, ThreeStrikesWithinAnHourSuspend) {
  for (size_t strike = 1; strike <= FloodRecord::kStrikes; ++strike) {
    now_ += absl::Minutes(10);
    Connects(ne_);
    ASSERT_EQ(CutOne(), ne_);
    EXPECT_THAT(record_.TakeDue(now_),
                SizeIs(strike == FloodRecord::kStrikes ? 1 : 0));
  }
  // They begin anew.
  now_ += absl::Minutes(1);
  Connects(ne_);
  ASSERT_EQ(CutOne(), ne_);
  EXPECT_THAT(record_.TakeDue(now_), IsEmpty());
}

TEST_F(FloodRecordTest, StrikesAnHourApartDoNot) {
  for (int strike = 0; strike < 10; ++strike) {
    now_ += absl::Minutes(40);
    Connects(ne_);
    ASSERT_EQ(CutOne(), ne_);
    EXPECT_THAT(record_.TakeDue(now_), IsEmpty());
  }
}

}  // namespace
}  // namespace comity
