#include "node/tabulation/place_index.h"

#include <map>
#include <random>

#include "gtest/gtest.h"

namespace comity {
namespace {

TEST(PlaceIndexTest, NothingIsFoundInAnEmptyOne) {
  EXPECT_EQ(PlaceIndex().Find(7, {}), PlaceIndex::kNone);
}

// Beside a map, through many rows that come and go; few keys meet in few
// slots, so that what is taken away stands before others.
TEST(PlaceIndexTest, FindsWhatIsThereAndNothingElse) {
  std::mt19937_64 random(20261130);
  for (const uint64_t different : {40u, 4000u}) {
    PlaceIndex index;
    PlaceIndex::Keys keys;
    std::map<uint64_t, uint32_t> expected;
    for (int step = 0; step < 20'000; ++step) {
      const uint64_t key = random() % different;
      const auto at = expected.find(key);
      ASSERT_EQ(index.Find(key, keys),
                at == expected.end() ? PlaceIndex::kNone : at->second);
      if (at != expected.end()) {
        index.Erase(key, keys);
        expected.erase(at);
        continue;
      }
      expected[key] = static_cast<uint32_t>(keys.size());
      keys.push_back(key);
      index.Insert(expected[key], keys);
    }
    EXPECT_EQ(index.size(), expected.size());
    for (uint64_t key = 0; key < different; ++key) {
      const auto at = expected.find(key);
      EXPECT_EQ(index.Find(key, keys),
                at == expected.end() ? PlaceIndex::kNone : at->second);
    }
  }
}

TEST(PlaceIndexTest, ARowTakesAtMostSevenBytes) {
  PlaceIndex index;
  PlaceIndex::Keys keys;
  for (uint64_t key = 0; key < 50'000; ++key) {
    keys.push_back(key);
    index.Insert(static_cast<uint32_t>(key), keys);
    if (key < 100) continue;
    ASSERT_LE(index.bytes(), 7 * index.size());
  }
}

}  // namespace
}  // namespace comity
