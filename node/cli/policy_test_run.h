#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/policy/policy_case.h"

namespace comity {

// One case of a test file and what it came to.
struct TestedCase {
  std::string file;
  FilePlace place;
  std::string name;
  std::vector<Difference> differences;  // empty: as expected

  bool passed() const { return differences.empty(); }
};

// One rule of the files under test, and whether any case was decided by it.
struct CoveredRule {
  std::string file;
  FilePlace place;
  std::string id;
  bool covered = false;
};

struct PolicyTestRun {
  std::vector<TestedCase> cases;
  std::vector<CoveredRule> rules;  // of all files named by tests or by paths

  size_t failed() const;
  size_t covered() const;
};

// Runs the test files (*.test.textproto) among `paths`, those in directories
// too; policy files among `paths` count for coverage even if no test names
// them. Prints findings of files that do not load to stderr, then
// POLICY_INVALID; FIELD_INVALID if there is no test file.
absl::StatusOr<PolicyTestRun> RunPolicyTests(
    const std::vector<std::string>& paths);

}  // namespace comity
