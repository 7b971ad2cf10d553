#include "node/disclosure/regional_sum.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

TEST(RegionalSumTest, AddsFiguresAndCountsWhoGaveNone) {
  const auto sums = SumTables(
      {{{{{"f"}, false, 980}, {{"m"}, false, 193}, {{"total"}, false, 1173}}},
       {{{{"f"}, false, 43}, {{"m"}, true, 0}, {{"total"}, false, 60}}},
       // Lists no line for "m": hidden all the same.
       {{{{"f"}, false, 43}, {{"total"}, false, 45}}}});
  ASSERT_EQ(sums.size(), 3u);
  EXPECT_EQ(sums[0].sum, 1066u);
  EXPECT_EQ(sums[0].suppressed_members, 0u);
  EXPECT_EQ(sums[1].sum, 193u);
  EXPECT_EQ(sums[1].members, 1u);
  EXPECT_EQ(sums[1].suppressed_members, 2u);
  EXPECT_EQ(sums[2].sum, 1278u);
}

}  // namespace
}  // namespace comity
