#pragma once

#include "comity/operators/v1/table_service.pb.h"

namespace comity {

// Adds how to read the numbers of a regional table: who answered, what is
// counted, what a missing figure means, how far figures lie from counts.
void AddReadingNotes(operators::v1::RequestTableResponse& response);

}  // namespace comity
