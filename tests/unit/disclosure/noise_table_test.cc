#include "node/disclosure/noise_table.h"

#include "tests/support/status_matchers.h"
#include "tests/unit/disclosure/maximum_entropy.h"

namespace comity {
namespace {

// How many of the 2^32 keys give each noise.
std::vector<std::pair<int, uint64_t>> Weights(int count) {
  const NoiseRow& row = NoiseRows()[static_cast<size_t>(count)];
  std::vector<std::pair<int, uint64_t>> weights;
  uint64_t before = 0;
  for (size_t i = 0; i < row.bounds.size(); ++i) {
    weights.emplace_back(row.first + static_cast<int>(i),
                         row.bounds[i] - before);
    before = row.bounds[i];
  }
  return weights;
}

double Mean(int count, int power) {
  double sum = 0;
  for (const auto& [noise, weight] : Weights(count)) {
    sum += std::pow(noise, power) * static_cast<double>(weight);
  }
  return sum / 4294967296.0;
}

TEST(NoiseTableTest, EveryRowSharesOutAllKeysAndStaysInRange) {
  ASSERT_EQ(NoiseRows().size(), kLargestNoise + 1u);
  for (int count = 0; count <= kLargestNoise; ++count) {
    const NoiseRow& row = NoiseRows()[static_cast<size_t>(count)];
    EXPECT_EQ(row.bounds.back(), uint64_t{1} << 32);
    EXPECT_TRUE(std::is_sorted(row.bounds.begin(), row.bounds.end()));
    EXPECT_EQ(row.first, -count);
    if (count > 0) {
      EXPECT_EQ(row.first + static_cast<int>(row.bounds.size()) - 1,
                kLargestNoise);
    }
  }
}

TEST(NoiseTableTest, NoiseIsUnbiasedWithTheStatedVariance) {
  EXPECT_EQ(Mean(0, 2), 0);
  for (int count = 1; count <= kLargestNoise; ++count) {
    EXPECT_NEAR(Mean(count, 1), 0, 4e-9) << count;
    EXPECT_NEAR(Mean(count, 2), kNoiseVariance, 1e-6) << count;
  }
}

// Of all rows with that mean, variance and range these have most entropy.
TEST(NoiseTableTest, TheRowsAreThoseOfMaximumEntropy) {
  for (int count = 1; count <= kLargestNoise; ++count) {
    const auto bounds = Quantised(
        MaximumEntropy(NoiseOf(count, kLargestNoise, 0), kNoiseVariance));
    const NoiseRow& row = NoiseRows()[static_cast<size_t>(count)];
    ASSERT_EQ(bounds.size(), row.bounds.size());
    for (size_t i = 0; i < bounds.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(bounds[i]),
                  static_cast<double>(row.bounds[i]), 2)
          << count << " " << i;
    }
  }
}

// The numbers of the test of the R package ptable (D = 2, V = 1.05, js = 1).
TEST(NoiseTableTest, TheConstructionAgreesWithThePublishedExample) {
  const std::vector<std::vector<double>> published = {
      {0.50833333, 0.475, 0.01666667},
      {0.16155827, 0.55565036, 0.24246618, 0.04032518},
      {0.41231301, 0.28806097, 0.18693903, 0.11268699},
      {0.07012498, 0.24450006, 0.3707499, 0.24450006, 0.07012498}};
  for (int count = 1; count <= 4; ++count) {
    const EntropyRow row = MaximumEntropy(NoiseOf(count, 2, 1), 1.05);
    const auto& expected = published[static_cast<size_t>(count - 1)];
    ASSERT_EQ(row.probability.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(row.probability[i], expected[i], 1e-8) << count << " " << i;
    }
  }
}

TEST(NoiseTableTest, AKeyDrawsTheEntryWhoseShareItLiesIn) {
  for (int count = 0; count <= kLargestNoise + 5; ++count) {
    const int row = std::min(count, kLargestNoise);
    uint64_t from = 0;
    for (const auto& [noise, weight] : Weights(row)) {
      if (weight == 0) continue;
      const uint64_t last = from + weight - 1;
      EXPECT_EQ(
          NoiseFor(static_cast<uint64_t>(count), static_cast<uint32_t>(from)),
          noise);
      EXPECT_EQ(
          NoiseFor(static_cast<uint64_t>(count), static_cast<uint32_t>(last)),
          noise);
      from += weight;
    }
  }
}

}  // namespace
}  // namespace comity
