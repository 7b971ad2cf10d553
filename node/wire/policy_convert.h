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

// Reads a time as policy files write it, "2026-12-01T00:00:00Z" and no other
// spelling of it; false if it is not one.
bool ReadUtc(const std::string& text, absl::Time& time);

// A time whose form the loader has checked.
absl::Time ParseUtc(const std::string& text);

}  // namespace comity
