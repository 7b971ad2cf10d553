#pragma once

#include <vector>

#include "comity/policy/v1/policy.pb.h"
#include "google/protobuf/text_format.h"
#include "node/wire/policy_text.h"

namespace comity {

// Checks what joins several fields of a file: parties and groups, dates, which
// duties and conditions an operation needs, what an emergency allows. The
// file's single fields are checked already. Returns all faults.
std::vector<TextFault> CheckRules(
    const policy::v1::PolicyFile& file,
    const google::protobuf::TextFormat::ParseInfoTree& tree);

}  // namespace comity
