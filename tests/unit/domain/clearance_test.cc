#include "node/domain/clearance.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1800000000);
constexpr absl::Duration kDay = absl::Hours(24);

RiskClearance Good() {
  return {RiskLevel::kMedium, kNow - kDay, kNow, "ORG/second", std::nullopt};
}

TEST(ClearanceTest, StandsForThirtyDaysFromTheAssessment) {
  EXPECT_OK(CheckClearance(Good(), "ORG/drafter", kNow));
  EXPECT_TRUE(Stands(Good(), kNow + 29 * kDay));
  EXPECT_FALSE(Stands(Good(), kNow + 29 * kDay + absl::Seconds(1)));
  EXPECT_FALSE(Stands(RiskClearance(), kNow));
}

TEST(ClearanceTest, TheDrafterCannotGiveIt) {
  EXPECT_THAT(CheckClearance(Good(), "ORG/second", kNow),
              FailsWith(ErrorReason::kLocalAccessDenied));
}

TEST(ClearanceTest, WhatIsImplausibleIsRefused) {
  RiskClearance clearance = Good();
  clearance.risk = RiskLevel::kUnset;
  EXPECT_THAT(CheckClearance(clearance, "", kNow),
              FailsWith(ErrorReason::kFieldInvalid));
  clearance = Good();
  clearance.assessed_at = kNow + absl::Seconds(1);
  EXPECT_THAT(CheckClearance(clearance, "", kNow),
              FailsWith(ErrorReason::kFieldInvalid));
  clearance.assessed_at = kNow - 31 * kDay;
  EXPECT_THAT(CheckClearance(clearance, "", kNow),
              FailsWith(ErrorReason::kFieldInvalid));
  clearance = Good();
  clearance.reflection_ends_at = kNow + 366 * kDay;
  EXPECT_THAT(CheckClearance(clearance, "", kNow),
              FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
