#pragma once

#include <optional>

#include "comity/operators/v1/display_name.pb.h"
#include "node/domain/participant.h"
#include "node/policy/policy_set.h"

namespace comity {

// What the agreements in force call a participant, in every language that the
// build has words of; nullopt if none names it. For people alone.
std::optional<operators::v1::DisplayName> DisplayNameOf(
    const PolicySet& set, const ParticipantCode& participant);

}  // namespace comity
