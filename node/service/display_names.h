#pragma once

#include <optional>
#include <set>
#include <string>

#include "comity/operators/v1/display_name.pb.h"
#include "node/domain/participant.h"
#include "node/policy/policy_set.h"

namespace comity {

// What the agreements in force call a participant, in every language that the
// build has words of; nullopt if none names it. For people alone.
std::optional<operators::v1::DisplayName> DisplayNameOf(
    const PolicySet& set, const ParticipantCode& participant);

// Adds those of the codes that are named, each once; what is no code is passed
// over.
void AddDisplayNames(
    const PolicySet& set, const std::set<std::string>& codes,
    google::protobuf::RepeatedPtrField<operators::v1::DisplayName>& names);

}  // namespace comity
