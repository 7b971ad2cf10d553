#pragma once

#include <string>
#include <system_error>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"
#include "node/policy/policy_set.h"
#include "node/wire/policy_file.h"

namespace comity {

// How the name of a file ends that holds test cases of a policy.
inline constexpr absl::string_view kPolicyTestSuffix = ".test.textproto";

// FIELD_INVALID: of a walk through the directory `path` that ended early.
absl::Status CannotReadAll(const std::string& path,
                           const std::error_code& error);

// Policy files among `paths`: a file is itself, a directory every *.textproto
// below it in the order of names, except tests (*.test.textproto) and what
// stands in a folder named "alternatives".
// FIELD_INVALID for a path that is not there.
absl::StatusOr<std::vector<std::string>> ListPolicyFiles(
    const std::vector<std::string>& paths);

// Loads one file; prints each finding with its line to stderr, or adds it to
// `findings`. POLICY_INVALID if there is any, FIELD_INVALID for a file of test
// cases.
absl::StatusOr<PolicyFileBody> LoadPolicyFrom(
    const std::string& file, std::vector<PolicyFinding>* findings = nullptr);

// The same for a text that is read already; `file` names it in findings.
absl::StatusOr<PolicyFileBody> LoadPolicyText(
    const std::string& file, const std::string& text,
    std::vector<PolicyFinding>* findings = nullptr);

// A file that loaded as an object of JSON: file, kind, id, revision, digest.
google::protobuf::Struct PolicyFileJson(const std::string& file,
                                        const PolicyFileBody& body);

// Loads all and joins to one set what `node` has: its own national and local
// file, and the agreements that it is a party of. Prints the findings of every
// file, then POLICY_INVALID if there were any, or if the files do not go
// together.
absl::StatusOr<PolicySet> LoadPoliciesFrom(
    const std::vector<std::string>& paths, const std::string& node);

}  // namespace comity
