#include "node/base/token_bucket.h"

#include "gtest/gtest.h"

namespace comity {
namespace {

TEST(TokenBucketTest, ABurstPassesAndThenTheRate) {
  absl::Time now = absl::FromUnixSeconds(1800000000);
  TokenBucket bucket(/*rate=*/10, /*burst=*/20, now);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(bucket.Take(now));
  EXPECT_FALSE(bucket.Take(now));
  int passed = 0;
  for (int i = 0; i < 1000; ++i) {
    now += absl::Milliseconds(10);
    if (bucket.Take(now)) ++passed;
  }
  EXPECT_NEAR(passed, 100, 1);
}

TEST(TokenBucketTest, APauseGivesNoMoreThanABurst) {
  absl::Time now = absl::FromUnixSeconds(1800000000);
  TokenBucket bucket(10, 20, now);
  now += absl::Hours(24);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(bucket.Take(now));
  EXPECT_FALSE(bucket.Take(now));
}

TEST(TokenBucketTest, WhatCostsMoreIsPaidBeforeMorePasses) {
  absl::Time now = absl::FromUnixSeconds(1800000000);
  TokenBucket bucket(/*rate=*/10, /*burst=*/10, now);
  EXPECT_TRUE(bucket.Take(now));
  bucket.Charge(109);  // a hundred are owed
  now += absl::Milliseconds(10050);
  EXPECT_FALSE(bucket.Take(now));
  now += absl::Milliseconds(100);
  EXPECT_TRUE(bucket.Take(now));
  EXPECT_FALSE(bucket.Take(now));
}

TEST(TokenBucketTest, AClockThatWasSetBackGivesNothing) {
  absl::Time now = absl::FromUnixSeconds(1800000000);
  TokenBucket bucket(10, 1, now);
  EXPECT_TRUE(bucket.Take(now));
  now -= absl::Hours(1);
  EXPECT_FALSE(bucket.Take(now));
  now += absl::Milliseconds(100);
  EXPECT_TRUE(bucket.Take(now));
}

}  // namespace
}  // namespace comity
