#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "node/service/event_intake.h"

namespace comity {

// Takes in, in this order, what one partner wrote and nobody waits for on a
// line: it came by courier, or this node collected it. One outcome for each.
// Waits for the writer, so it is not for gRPC's threads.
std::vector<absl::StatusOr<Message>> TakeMail(EventIntake& intake,
                                              const ParticipantCode& sender,
                                              std::vector<Message> events,
                                              Carriage how);

}  // namespace comity
