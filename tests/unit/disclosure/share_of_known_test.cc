#include "node/disclosure/share_of_known.h"

#include <map>

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

constexpr int64_t kHidden = -1;

ReleasedCells Table(
    const std::vector<std::pair<std::vector<std::string>, int64_t>>& cells) {
  ReleasedCells table;
  for (const auto& [codes, value] : cells) {
    table.cells.push_back(
        {codes, value == kHidden,
         value == kHidden ? 0 : static_cast<uint64_t>(value)});
  }
  return table;
}

// "0.5" or "0.4-0.5", by the first code.
std::map<std::string, std::pair<double, double>> Shares(
    const std::vector<ReleasedCells>& members, const ShareColumn& column) {
  std::map<std::string, std::pair<double, double>> shares;
  for (const KnownShare& share : SharesOfKnown(members, column)) {
    shares[share.codes[column.axis]] = {share.least, share.most};
  }
  return shares;
}

constexpr ShareColumn kSeveral = {0, true, true};
constexpr ShareColumn kSingle = {0, true, false};

// The CTDC codebook's five persons: one of whom nothing is known, one with two
// forms. Dividing by all rows would give 40, 40 and 20.
TEST(ShareOfKnownTest, TheCodebooksFivePersonsGive50And50And25) {
  const auto shares = Shares({Table({{{"ForcedLabour"}, 2},
                                     {{"SexualExploitation"}, 2},
                                     {{"Other"}, 1},
                                     {{"unknown"}, 1},
                                     {{"total"}, 5}})},
                             kSeveral);
  EXPECT_EQ(shares.size(), 3u);
  EXPECT_EQ(shares.at("ForcedLabour"), std::pair(0.5, 0.5));
  EXPECT_EQ(shares.at("SexualExploitation"), std::pair(0.5, 0.5));
  EXPECT_EQ(shares.at("Other"), std::pair(0.25, 0.25));
}

// Hidden is zero or more: the share lies between dividing by all and dividing
// by those that are shown.
TEST(ShareOfKnownTest, AHiddenUnknownMakesARange) {
  const auto table = Table({{{"female"}, 60},
                            {{"male"}, 30},
                            {{"unknown"}, kHidden},
                            {{"total"}, 100}});
  EXPECT_EQ(Shares({table}, kSingle).at("female"), std::pair(0.6, 60.0 / 90));
  EXPECT_EQ(Shares({table}, kSeveral).at("female"), std::pair(0.6, 1.0));
}

TEST(ShareOfKnownTest, WithoutUnknownEverybodyIsKnown) {
  const auto table = Table({{{"age"}, 25}, {{"none"}, 70}, {{"total"}, 100}});
  EXPECT_EQ(Shares({table}, {0, false, true}).at("age"), std::pair(0.25, 0.25));
}

// Each line has its own denominator.
TEST(ShareOfKnownTest, OtherDimensionsKeepTheirDenominators) {
  const auto shares = SharesOfKnown({Table({{{"0-17", "female"}, 20},
                                            {{"unknown", "female"}, 10},
                                            {{"total", "female"}, 50},
                                            {{"0-17", "total"}, 30},
                                            {{"unknown", "total"}, 40},
                                            {{"total", "total"}, 100}})},
                                    kSingle);
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[0].codes, (std::vector<std::string>{"0-17", "female"}));
  EXPECT_EQ(shares[0].least, 0.5);
  EXPECT_EQ(shares[1].least, 0.5);
}

// A member that hides the cell or its total is in neither side of the share.
TEST(ShareOfKnownTest, OnlyMembersThatShowCellAndTotalAreInIt) {
  const auto shown = Table({{{"a"}, 30}, {{"unknown"}, 0}, {{"total"}, 60}});
  const auto no_cell =
      Table({{{"a"}, kHidden}, {{"unknown"}, 0}, {{"total"}, 500}});
  const auto no_total =
      Table({{{"a"}, 400}, {{"unknown"}, 0}, {{"total"}, kHidden}});
  const auto shares = SharesOfKnown({shown, no_cell, no_total}, kSingle);
  ASSERT_EQ(shares.size(), 1u);
  EXPECT_EQ(shares[0].least, 0.5);
  EXPECT_EQ(shares[0].members, 1u);
}

// Of a partner that answers with another table than was asked for.
TEST(ShareOfKnownTest, ACellWithoutACodeInTheColumnIsNotRead) {
  const auto table = Table({{{"total"}, 7},
                            {{}, 9},
                            {{"total", "a"}, 30},
                            {{"total", "unknown"}, 0},
                            {{"total", "total"}, 60}});
  const auto shares = SharesOfKnown({table}, {1, true, false});
  ASSERT_EQ(shares.size(), 1u);
  EXPECT_EQ(shares[0].least, 0.5);
}

// Noise may bring a total under its part.
TEST(ShareOfKnownTest, NoShareIsMoreThanAll) {
  const auto table = Table({{{"a"}, 50}, {{"unknown"}, 11}, {{"total"}, 49}});
  EXPECT_EQ(Shares({table}, kSingle).at("a"), std::pair(1.0, 1.0));
}

}  // namespace
}  // namespace comity
