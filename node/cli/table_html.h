#pragma once

#include <string>

#include "comity/operators/v1/table_service.pb.h"

namespace comity {

// A report of one answer that opens offline: one HTML file with its styles and
// drawings in it, without scripts, and a policy that forbids it to load
// anything. A bar chart for each dimension, the whole table, and for tables by
// citizenship and country of exploitation a matrix of flows.
std::string FormatTableHtml(
    const operators::v1::RequestTableResponse& response);

}  // namespace comity
