#pragma once

// The only two macros of the code base: return early on an error status.
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expression)                  \
  do {                                               \
    absl::Status comity_status_ = (expression);      \
    if (!comity_status_.ok()) return comity_status_; \
  } while (false)

#define COMITY_CONCAT_INNER_(a, b) a##b
#define COMITY_CONCAT_(a, b) COMITY_CONCAT_INNER_(a, b)

// ASSIGN_OR_RETURN(auto value, MakeValue()): declares or assigns the value, or
// returns the status. A type with a comma needs a `using` before it.
#define ASSIGN_OR_RETURN(lhs, expression)                             \
  COMITY_ASSIGN_OR_RETURN_(COMITY_CONCAT_(status_or_, __LINE__), lhs, \
                           expression)

// NOLINTBEGIN(bugprone-macro-parentheses): they name what is declared
#define COMITY_ASSIGN_OR_RETURN_(result, lhs, expression) \
  auto result = (expression);                             \
  if (!result.ok()) return std::move(result).status();    \
  lhs = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)
