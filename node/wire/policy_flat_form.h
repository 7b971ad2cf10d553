#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace comity {

// One line per leaf, "path = value" (policy.md 1.4): repeated messages keyed by
// their id, lists marked (set) sorted and without repeats.
std::string FlattenMessage(const google::protobuf::Message& message);

}  // namespace comity
