#include "node/cli/free_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace comity {
namespace {

using ::testing::SizeIs;
using ::testing::StartsWith;

// A port that is closed before the next is chosen is chosen again: some nine
// pairs of 500 (14,000 ports), one node in 15,000 with two alike.
TEST(FreeAddressesTest, NoTwoAreTheSame) {
  const auto addresses = FreeAddresses(500);
  ASSERT_TRUE(addresses.ok()) << addresses.status();
  EXPECT_THAT(*addresses, SizeIs(500));
  const std::set<std::string> distinct(addresses->begin(), addresses->end());
  EXPECT_THAT(distinct, SizeIs(500));
  EXPECT_THAT(addresses->front(), StartsWith("127.0.0.1:"));
}

}  // namespace
}  // namespace comity
