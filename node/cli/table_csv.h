#pragma once

#include <string>

#include "comity/operators/v1/table_service.pb.h"

namespace comity {

// The tables of all members that answered, in the layout that `comity table
// audit` and other programs read (wire/published_file.h). A sum that alone is
// told is one table, of the area "NE+NG+TG" and the revision "1+2+1".
std::string FormatTableCsv(const operators::v1::RequestTableResponse& response);

// How far a sum of members' figures lies from the counts' sum in 95 of 100
// cases, such as "6"; "" where a member's error is not known, "0" for exact
// figures.
std::string SumError(const operators::v1::RequestTableResponse& response,
                     const operators::v1::RegionalCell& cell);

}  // namespace comity
