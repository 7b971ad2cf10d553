#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/policy/policy_set.h"

namespace comity {

// One thing that is wrong with a policy file. Line and column count from 1;
// line 0 means the file as a whole.
struct PolicyFinding {
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;

  // "ng.textproto:15:5: error: ..."
  std::string ToString() const;
};

// A policy file that loaded.
struct PolicyFileBody {
  std::variant<Agreement, NationalRules, LocalAccess> body;
  std::string flat_form;  // what the digest is taken over
  std::string digest;     // SHA-256, 32 bytes

  const std::string& kind() const;  // "agreement", "national" or "local"
  std::string id() const;           // the agreement's id; empty for the others
  uint32_t revision() const;
};

// Either the body or at least one finding.
struct PolicyFileResult {
  std::optional<PolicyFileBody> body;
  std::vector<PolicyFinding> findings;
};

// Loads one policy file (policy/README.md), strictly: nothing unknown, nothing
// twice, no digits for names, no duty that this build does not carry out. At
// most 1 MiB.
PolicyFileResult LoadPolicyFile(absl::string_view file_name,
                                absl::string_view text);

// The same where one finding is enough: POLICY_INVALID tells the first.
absl::StatusOr<PolicyFileBody> LoadPolicyBody(absl::string_view file_name,
                                              absl::string_view text);

// Joins loaded files to a set. POLICY_INVALID if two files are the same
// agreement, or there are two national or local files, or one is for another
// node than `self`, or an agreement to which `self` is no party. An empty
// `self` (files read without a node) skips the last two.
absl::StatusOr<PolicySet> AssemblePolicySet(
    absl::string_view self, const std::vector<PolicyFileBody>& files);

}  // namespace comity
