#pragma once

#include <string>

#include "comity/operators/v1/display_name.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "node/policy/phrasebook.h"

namespace comity {

// "Kosovo* (XK)" where an agreement names the participant, else its code. The
// node takes no name whose letters could be read for another code.
std::string WithName(
    const std::string& code,
    const google::protobuf::RepeatedPtrField<operators::v1::DisplayName>& names,
    const std::string& language);

// The words of a language with these names, and their codes, for participants.
Phrasebook WithNames(
    const google::protobuf::RepeatedPtrField<operators::v1::DisplayName>& names,
    const Phrasebook& words);

}  // namespace comity
