#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/policy/policy_set.h"
#include "node/wire/policy_file.h"

namespace comity {

// Policy files read from disk, without a node.
struct LoadedPolicies {
  std::vector<std::string> files;  // one for each body
  std::vector<std::string> texts;
  std::vector<PolicyFileBody> bodies;
  PolicySet set;
  std::string node;  // whose national or local file is among them, else empty
};

// Policy files among `paths`: a file is itself, a directory every *.textproto
// below it in the order of names, except tests (*.test.textproto) and what
// stands in a folder named "alternatives".
// FIELD_INVALID for a path that is not there.
absl::StatusOr<std::vector<std::string>> ListPolicyFiles(
    const std::vector<std::string>& paths);

// Loads one file; prints each finding with its line to stderr. POLICY_INVALID
// if there is any.
absl::StatusOr<PolicyFileBody> LoadPolicyFrom(const std::string& file);

// The same for a text that is read already; `file` names it in findings.
absl::StatusOr<PolicyFileBody> LoadPolicyText(const std::string& file,
                                              const std::string& text);

// Loads all and joins them to one set. Prints the findings of every file, then
// POLICY_INVALID if there were any, or if the files do not go together.
absl::StatusOr<LoadedPolicies> LoadPoliciesFrom(
    const std::vector<std::string>& paths);

}  // namespace comity
