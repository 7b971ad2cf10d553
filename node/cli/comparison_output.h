#pragma once

#include "google/protobuf/struct.pb.h"
#include "node/cli/release_compare.h"

namespace comity {

// What --json prints of a comparison: "answers", "members" and "cells" with
// "codes", "figures", "members" and "error"; a cell without figures is hidden.
google::protobuf::Struct ComparisonJson(const AnswerComparison& comparison);

// Prints the table with one column for each answer. `dimensions` are those of
// the answers.
void PrintComparison(const std::vector<std::string>& dimensions,
                     const AnswerComparison& comparison);

}  // namespace comity
