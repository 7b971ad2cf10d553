#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/operators/v1/table_service.pb.h"

namespace comity {

// Between how many answers figures are compared.
inline constexpr size_t kFewestCompared = 2;
inline constexpr size_t kMostCompared = 30;

// One regional answer, of one period or one release. Borrows the table.
struct NamedAnswer {
  std::string name;  // "2018", "release 3"
  const operators::v1::RequestTableResponse& table;
};

// One cell through all answers.
struct ComparedCell {
  std::vector<std::string> codes;
  // The compared members that show it in every answer; only these are counted.
  std::vector<std::string> members;
  // One for each answer; empty if no member shows it in all.
  std::vector<uint64_t> figures;
  // By how much the difference of two figures may be protection alone, in 95 of
  // 100 cases; empty if a method's error is not known.
  std::optional<uint64_t> error;
};

// One table through several answers, over the same members.
struct AnswerComparison {
  std::vector<std::string> answers;  // their names
  std::vector<std::string> members;
  std::vector<ComparedCell> cells;
};

// Compares answers of one table. FIELD_INVALID unless there are 2 to 30, if
// their dimensions or measures differ, or if different members answered and
// `members_in_all` is false: a change of who answers looks like a change of
// what happens. With it, only members that answered all are counted;
// FIELD_INVALID if there is none. Durations are compared for one member alone,
// since they are not added.
absl::StatusOr<AnswerComparison> CompareAnswers(
    const std::vector<NamedAnswer>& answers, bool members_in_all);

// The same for releases, which must be different ones of the same question and
// indicator.
absl::StatusOr<AnswerComparison> CompareReleases(
    const std::vector<operators::v1::GetReleaseResponse>& releases,
    bool members_in_all);

}  // namespace comity
