#pragma once

#include <variant>
#include <vector>

#include "comity/policy/v1/policy.pb.h"
#include "google/protobuf/text_format.h"
#include "node/policy/policy_set.h"
#include "node/wire/policy_text.h"

namespace comity {

// Checks what joins several fields of a rule: parties, dates, which duties and
// conditions an operation needs. The file's single fields are checked already.
void CheckRules(const policy::v1::PolicyFile& file,
                const google::protobuf::TextFormat::ParseInfoTree& tree,
                std::vector<TextFault>& faults);

// Turns a checked file into plain values.
std::variant<Agreement, NationalRules, LocalAccess> ConvertBody(
    const policy::v1::PolicyFile& file, const std::string& digest);

}  // namespace comity
