#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/operators/v1/table_service.pb.h"

namespace comity {

// One cell in two releases; nullopt where no compared member shows it.
struct ComparedCell {
  std::vector<std::string> codes;
  std::optional<uint64_t> before;
  std::optional<uint64_t> after;
};

// Two releases of one table, over the same members.
struct ReleaseComparison {
  std::vector<std::string> members;
  std::vector<ComparedCell> cells;
};

// Compares two releases. FIELD_INVALID if they are not of the same table, or if
// different members answered, and `common_members` is false: a change of who
// answers looks like a change of what happens. With it, only members that
// answered both are counted, and in each cell only those that show it in both;
// FIELD_INVALID if there is none.
absl::StatusOr<ReleaseComparison> CompareReleases(
    const operators::v1::GetReleaseResponse& before,
    const operators::v1::GetReleaseResponse& after, bool common_members);

}  // namespace comity
