#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/policy/holder_policies.h"

namespace comity {

// One thing that is allowed and yet looks like a mistake.
struct LintFinding {
  std::string code;  // stable, "grant-unreachable" (policy_lint.cc lists all)
  std::string file;
  FilePlace place;
  std::string message;
  std::string suggestion;
  // A request that shows it, where one can.
  std::optional<FactPoint> witness;
  // A denial that does nothing today and may be meant for later agreements:
  // worth knowing, not a mistake.
  bool safeguard = false;

  // "ng.textproto:15:5: warning: ...; try: ... [grant-unreachable]"; a
  // safeguard is a "note".
  std::string ToString() const;
};

struct LintOptions {
  absl::Time now;
  // How many persons can approve at one node besides the one who asks; 0: not
  // known.
  uint32_t approvers = 0;
  // What is in force so far, to tell what became broader; may be null.
  const HolderPolicies* previous = nullptr;
};

// Looks for mistakes in policies that load (policy.md 2.8), in the order of
// files and places. Whether a rule can ever act is decided over the enumerated
// space. MESSAGE_TOO_LARGE as FactSpace says.
absl::StatusOr<std::vector<LintFinding>> LintPolicies(
    const HolderPolicies& policies, const std::vector<LocalAccess>& locals,
    const LintOptions& options);

}  // namespace comity
