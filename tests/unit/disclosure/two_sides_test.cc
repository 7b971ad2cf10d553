#include "node/disclosure/two_sides.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

constexpr uint32_t kNoise = 8;

TEST(TwoSidesTest, ExactCountsAreEqualOrDiffer) {
  const SideFigures sent{{{{"Q1"}, 3}, {{"Q2"}, 2}}, 0, true};
  const SideFigures received{{{{"Q1"}, 3}, {{"Q2"}, 1}, {{"Q3"}, 1}}, 0, true};
  const auto lines = CompareSides(sent, received);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].verdict, SidesVerdict::kEqual);
  EXPECT_EQ(lines[1].verdict, SidesVerdict::kDiffers);
  // What a count at home does not list is zero.
  EXPECT_EQ(lines[2].sent, 0u);
  EXPECT_EQ(lines[2].verdict, SidesVerdict::kDiffers);
}

// Law 8: no difference is told that the noise of either side may be.
TEST(TwoSidesTest, Law8ProtectionIsNoDifference) {
  const auto verdict = [](uint64_t sent, uint64_t received, uint32_t home) {
    return CompareSides({{{{"Q1"}, sent}}, home, false},
                        {{{{"Q1"}, received}}, kNoise, false})[0]
        .verdict;
  };
  EXPECT_EQ(verdict(40, 48, 0), SidesVerdict::kWithinProtection);
  EXPECT_EQ(verdict(49, 40, 0), SidesVerdict::kDiffers);
  EXPECT_EQ(verdict(40, 56, kNoise), SidesVerdict::kWithinProtection);
  EXPECT_EQ(verdict(57, 40, kNoise), SidesVerdict::kDiffers);
  EXPECT_EQ(verdict(40, 40, kNoise), SidesVerdict::kWithinProtection);
}

TEST(TwoSidesTest, WhatOneSideHidesIsNotCompared) {
  const SideFigures sent{{{{"Q1"}, 30}, {{"Q2"}, 20}}, kNoise, false};
  const SideFigures received{{{{"Q1"}, 30}}, kNoise, false};
  const auto lines = CompareSides(sent, received);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].codes, (std::vector<std::string>{"Q2"}));
  EXPECT_FALSE(lines[1].received.has_value());
  EXPECT_EQ(lines[1].verdict, SidesVerdict::kUntold);
  // Nor are figures whose error nobody knows.
  const SideFigures unknown{{{{"Q1"}, 90}}, std::nullopt, false};
  EXPECT_EQ(CompareSides(unknown, received)[0].verdict, SidesVerdict::kUntold);
  EXPECT_TRUE(CompareSides({}, {}).empty());
}

}  // namespace
}  // namespace comity
