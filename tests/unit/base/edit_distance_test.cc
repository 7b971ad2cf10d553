#include "node/base/edit_distance.h"

#include "gtest/gtest.h"

namespace comity {
namespace {

TEST(EditDistanceTest, CountsLettersToInsertRemoveOrExchange) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("role", "role"), 0u);
  EXPECT_EQ(EditDistance("rolle", "role"), 1u);
  EXPECT_EQ(EditDistance("cse", "case"), 1u);
  EXPECT_EQ(EditDistance("improt", "import"), 2u);
  EXPECT_EQ(EditDistance("", "case"), 4u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
}

}  // namespace
}  // namespace comity
