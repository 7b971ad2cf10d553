#pragma once

#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "comity/policy/v1/policy.pb.h"
#include "google/protobuf/text_format.h"
#include "node/policy/policy_set.h"

namespace comity {

// Turns a checked file into plain values, each rule with its place in the file.
std::variant<Agreement, NationalRules, LocalAccess> ConvertBody(
    const policy::v1::PolicyFile& file,
    const google::protobuf::TextFormat::ParseInfoTree& tree,
    absl::string_view file_name, const std::string& digest);

// The duties of one block, as test files write them too.
Duties ConvertDuties(const policy::v1::Duties& from);

// A time as policy files write it; the loader has checked its form.
absl::Time ParseUtc(const std::string& text);

}  // namespace comity
