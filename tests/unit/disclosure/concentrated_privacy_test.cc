#include "node/disclosure/concentrated_privacy.h"

#include <cmath>

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// The formula of Bun and Steinke as it stands in their paper.
double EpsilonOf(double rho, uint32_t delta_exponent) {
  const double log_of_delta = delta_exponent * std::log(10.0);
  return rho + 2 * std::sqrt(rho * log_of_delta);
}

TEST(ConcentratedPrivacyTest, RhoIsTheLargestWhoseEpsilonIsNotMore) {
  for (const uint32_t epsilon : {100u, 300u, 500u, 1000u, 4000u, 10000u}) {
    for (uint32_t delta = kSmallestDeltaExponent;
         delta <= kLargestDeltaExponent; ++delta) {
      const double rho = LargestRho(epsilon, delta) / 1e6;
      EXPECT_LE(EpsilonOf(rho, delta), epsilon / 1000.0);
      // Two millionths more, one of them for what is rounded, are too much.
      EXPECT_GT(EpsilonOf(rho + 2e-6, delta), epsilon / 1000.0)
          << epsilon << " " << delta;
    }
  }
}

TEST(ConcentratedPrivacyTest, KnownNumbers) {
  EXPECT_EQ(LargestRho(500, 9), 2980u);
  EXPECT_EQ(LargestRho(1000, 6), 17468u);
  EXPECT_EQ(LargestRho(4000, 9), 176373u);
  EXPECT_EQ(LargestRho(0, 9), 0u);
}

// cells / (2 sigma^2) is never more than the rho that was asked for, and would
// be with less of sigma^2.
TEST(ConcentratedPrivacyTest, TheWidthIsTheSmallestThatGivesNoMore) {
  for (const uint32_t cells : {1u, 2u, 8u, 16u, 64u}) {
    for (const uint32_t rho : {90u, 2980u, 17468u, 1353014u}) {
      const auto width = WidthFor(cells, rho);
      ASSERT_TRUE(width.has_value()) << cells << " " << rho;
      EXPECT_EQ(width->b, 1u);
      EXPECT_LE(uint64_t{cells} * 500'000, width->a * rho);
      EXPECT_GT(uint64_t{cells} * 500'000, (width->a - 1) * rho);
    }
  }
}

TEST(ConcentratedPrivacyTest, WhatWouldBeNoiseAloneHasNoWidth) {
  EXPECT_FALSE(WidthFor(2, 0).has_value());
  EXPECT_FALSE(WidthFor(64, 10).has_value());
  EXPECT_FALSE(WidthFor(0, 10).has_value());
  // The least epsilon that an agreement may name, with the largest table.
  EXPECT_TRUE(WidthFor(64, LargestRho(100, kLargestDeltaExponent)).has_value());
}

}  // namespace
}  // namespace comity
