#pragma once

#include <string>

#include "absl/status/status.h"
#include "comity/operators/v1/table_service.pb.h"

namespace comity {

// How answers to table questions are written, live or saved.

// Whether the figures are quantiles of a duration, which are not added.
bool IsQuantile(const operators::v1::RequestTableResponse& response);

// What the figures are numbers of, "persons".
std::string UnitOf(const operators::v1::RequestTableResponse& response);

// The regional figure of a cell: "42", "at least 42" where members hide theirs,
// "suppressed" where all do. Of a quantile the range of members' figures, "3 to
// 7".
std::string RegionalFigure(const operators::v1::RequestTableResponse& response,
                           const operators::v1::RegionalCell& cell);

// What one member gave for a cell: its figure, "suppressed" - also for what it
// does not list -, "not collected", or "-" for no answer.
std::string MemberFigure(const operators::v1::MemberOutcome& member,
                         const operators::v1::RegionalCell& cell);

// The share of a cell, "50 %" or "42-45 %"; "-" if it has none.
std::string ShareText(const operators::v1::RequestTableResponse& response,
                      const operators::v1::RegionalCell& cell);

// Prints the table with all that is to be said about it.
void PrintTableAnswer(const operators::v1::RequestTableResponse& response);

// FIELD_INVALID unless the name ends with .csv, .html or .json, or is empty.
absl::Status CheckTableFile(const std::string& path);
// Writes the members' tables as CSV, a report as HTML, or all of it as JSON, by
// the file's name; nothing for an empty one.
absl::Status WriteTableFile(
    const std::string& path,
    const operators::v1::RequestTableResponse& response);

}  // namespace comity
