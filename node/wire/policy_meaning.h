#pragma once

#include <vector>

#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "node/wire/policy_text.h"

namespace comity {

// Checks each field of a file that parsed by itself, by its name and its marks
// in policy.proto: what is needed is there, what this build does not carry out
// is not; ids, codes and times have their form. Returns all faults.
std::vector<TextFault> CheckFields(
    const google::protobuf::Message& file,
    const google::protobuf::TextFormat::ParseInfoTree& tree);

}  // namespace comity
