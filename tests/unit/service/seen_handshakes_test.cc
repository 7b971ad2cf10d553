#include "node/service/seen_handshakes.h"

#include "gmock/gmock.h"

namespace comity {
namespace {

using testing::SizeIs;

class SeenHandshakesTest : public testing::Test {
 protected:
  static HandshakeFacts Said(uint32_t revision, absl::Time now) {
    HandshakeFacts facts;
    facts.now = now;
    facts.agreements = {{"ng-ne", revision, std::string(32, 'd')}};
    return facts;
  }
  uint32_t RevisionHeld() const {
    return seen_.Last(ng_)->facts.agreements.at(0).revision;
  }

  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  const absl::Time noon_ = absl::FromUnixSeconds(1790000000);
  SeenHandshakes seen_;
};

TEST_F(SeenHandshakesTest, ItHoldsTheLastOfEachPartner) {
  EXPECT_FALSE(seen_.Last(ng_).has_value());
  seen_.Note(ng_, Said(1, noon_), noon_);
  seen_.Note(ng_, Said(2, noon_), noon_ + absl::Hours(1));
  EXPECT_EQ(RevisionHeld(), 2u);
  EXPECT_EQ(seen_.Last(ng_)->at, noon_ + absl::Hours(1));
  EXPECT_FALSE(seen_.Last(*ParticipantCode::Create("TG")).has_value());
}

TEST_F(SeenHandshakesTest, WhatWasSaidEarlierAndCameLaterChangesNothing) {
  seen_.Note(ng_, Said(2, noon_ + absl::Seconds(2)), noon_);
  seen_.Note(ng_, Said(1, noon_ + absl::Seconds(1)), noon_);
  EXPECT_EQ(RevisionHeld(), 2u);
  // Its clock was set back: it is believed all the same.
  seen_.Note(ng_, Said(3, noon_ - absl::Hours(1)), noon_);
  EXPECT_EQ(RevisionHeld(), 3u);
}

TEST_F(SeenHandshakesTest, NamesThatNoFileMayHaveAreNotKept) {
  HandshakeFacts facts = Said(1, noon_);
  for (const std::string& id :
       {std::string("all is well\n"), std::string("\x1b[2J"), std::string("A"),
        std::string(), std::string(65, 'a')}) {
    facts.agreements.push_back({id, 1, std::string(32, 'd')});
  }
  facts.agreements.push_back({"short", 1, "digest"});
  seen_.Note(ng_, facts, noon_);
  EXPECT_THAT(seen_.Last(ng_)->facts.agreements, SizeIs(1));
}

}  // namespace
}  // namespace comity
