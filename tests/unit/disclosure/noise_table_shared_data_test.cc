#include <fstream>
#include <nlohmann/json.hpp>

#include "node/disclosure/noise_table.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

TEST(NoiseTableTest, TheRowsAreTheSpecifiedOnesToTheLastBit) {
  std::ifstream file(COMITY_SHARED_DIR "/data/ptable/ptable_D8_V4.json");
  const auto table = nlohmann::json::parse(file);
  EXPECT_EQ(table["D"], kLargestNoise);
  EXPECT_EQ(table["V"], kNoiseVariance);
  ASSERT_EQ(table["rows"].size(), NoiseRows().size());
  for (size_t i = 0; i < NoiseRows().size(); ++i) {
    const auto& row = table["rows"][i];
    EXPECT_EQ(row["v"][0], NoiseRows()[i].first);
    EXPECT_EQ(row["cum"].get<std::vector<uint64_t>>(), NoiseRows()[i].bounds);
  }
}

}  // namespace
}  // namespace comity
