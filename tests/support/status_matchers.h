#pragma once

#include <ostream>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {

inline absl::Status ToStatus(const absl::Status& status) { return status; }
template <typename T>
absl::Status ToStatus(const absl::StatusOr<T>& result) {
  return result.status();
}

// Matches an absl::Status or absl::StatusOr that is OK.
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  const absl::Status status = ToStatus(arg);
  *result_listener << status.ToString();
  return status.ok();
}

// Matches an error that carries `reason`.
MATCHER_P(FailsWith, reason,
          std::string("fails with ") + std::string(ReasonName(reason))) {
  const absl::Status status = ToStatus(arg);
  *result_listener << status.ToString();
  return !status.ok() && ReasonOf(status) == reason;
}

// ASSERT_OK_AND_ASSIGN(auto value, MakeValue());
#define ASSERT_OK_AND_ASSIGN(lhs, expression) \
  ASSERT_OK_AND_ASSIGN_(COMITY_CONCAT_(status_or_, __LINE__), lhs, expression)
#define ASSERT_OK_AND_ASSIGN_(result, lhs, expression) \
  auto result = (expression);                          \
  ASSERT_TRUE(result.ok()) << result.status();         \
  lhs = *std::move(result)

#define ASSERT_OK(expression) ASSERT_THAT(expression, ::comity::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT(expression, ::comity::IsOk())

}  // namespace comity
