#include "node/service/partner_places.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace comity {
namespace {

ParticipantCode Code(const std::string& text) {
  return *ParticipantCode::Create(text);
}

// As many calls of one partner as are let in.
int Fill(PartnerPlaces& places, const std::string& code, size_t partners) {
  int taken = 0;
  while (places.Enter(Code(code), partners)) ++taken;
  return taken;
}

TEST(PartnerPlacesTest, Law12HoweverManyFillTheirsEachOtherFindsItsOwn) {
  PartnerPlaces places(64, 256);
  int taken = 0;
  for (int i = 0; i < 14; ++i) {
    const int of_one = Fill(places, absl::StrCat("P", i), 15);
    EXPECT_GE(of_one, 4) << i;
    EXPECT_LE(of_one, 64) << i;
    taken += of_one;
  }
  EXPECT_EQ(Fill(places, "ML", 15), 4);
  EXPECT_EQ(taken + 4, 256);
}

TEST(PartnerPlacesTest, Law12APlaceGivenBackIsSomebodys) {
  PartnerPlaces places(8, 12);
  EXPECT_EQ(Fill(places, "NG", 2), 8);
  EXPECT_EQ(Fill(places, "TG", 2), 4);
  places.Leave(Code("NG"));
  EXPECT_TRUE(places.Enter(Code("TG"), 2));
  EXPECT_FALSE(places.Enter(Code("NG"), 2));
  places.Leave(Code("TG"));
  EXPECT_TRUE(places.Enter(Code("NG"), 2));
}

TEST(PartnerPlacesTest, Law12OfMorePartnersThanPlacesEachHasOne) {
  PartnerPlaces places(64, 2);
  for (const char* code : {"BJ", "GH", "NG"}) {
    EXPECT_EQ(Fill(places, code, 3), 1) << code;
  }
}

TEST(PartnerPlacesTest, APartnersBoundHoldsForItsOwnPlacesToo) {
  PartnerPlaces places(1, 256);
  EXPECT_EQ(Fill(places, "NG", 2), 1);
  EXPECT_EQ(Fill(places, "TG", 2), 1);
}

}  // namespace
}  // namespace comity
