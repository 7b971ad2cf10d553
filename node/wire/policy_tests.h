#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "node/policy/policy_case.h"
#include "node/wire/policy_file.h"

namespace comity {

// A test file that loaded (policy_tests.proto).
struct PolicyTestFile {
  std::string node;                // whose node decides
  std::vector<std::string> files;  // of the set, from the file's directory
  std::vector<PolicyCase> cases;
};

// Either the tests or at least one finding.
struct PolicyTestResult {
  std::optional<PolicyTestFile> tests;
  std::vector<PolicyFinding> findings;
};

// Loads one test file, as strictly as policy files are loaded.
PolicyTestResult LoadPolicyTests(absl::string_view file_name,
                                 absl::string_view text);

// Faults of cases that only the set shows: an agreement or a rule that it does
// not hold.
std::vector<PolicyFinding> CheckAgainstSet(absl::string_view file_name,
                                           const PolicyTestFile& tests,
                                           const PolicySet& set);

}  // namespace comity
