#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/cli/command.h"
#include "node/policy/holder_policies.h"

namespace comity {

// Policy files as the analyses take them: unlike a node's set, with the
// national rules and local access of as many nodes as there are.
struct AnalysedFiles {
  std::vector<Agreement> agreements;
  std::vector<NationalRules> nationals;
  std::vector<LocalAccess> locals;

  HolderPolicies Policies() const { return {agreements, nationals}; }
  // The one node whose own files are here; empty if there are none or several.
  std::string OnlyNode() const;
  // Adds those of `before` whose place none of these takes: what would be in
  // force if these were activated.
  void TakeOver(const AnalysedFiles& before);
};

// Reads files and directories; the word "active" stands for what is in force at
// the own node (POLICY_READ). Prints findings as `comity policy check` does.
// POLICY_INVALID if a file does not load or two are the same.
absl::StatusOr<AnalysedFiles> ReadAnalysedFiles(
    const std::vector<std::string>& paths, CommandContext& context);

// "2026-12-21" or RFC 3339; now if empty. FIELD_INVALID for anything else.
absl::StatusOr<absl::Time> ReadInstant(const std::string& text);

}  // namespace comity
