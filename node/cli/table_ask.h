#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "comity/federation/v1/table.pb.h"
#include "comity/operators/v1/table_service.pb.h"
#include "node/cli/command.h"

namespace comity {

// What `comity table ask` and `comity indicator ask` have in common.
struct AskOptions {
  std::vector<std::string> from;   // codes and "@group"
  std::vector<std::string> by;     // dimensions
  std::vector<std::string> where;  // "year=2018", "column=code"
  std::string measure;             // empty: counts of persons
  std::string agreement;
  std::string indicator;        // in place of `by`
  std::string output;           // .csv or .html; empty: none
  bool save = false;            // as a release
  std::string left_out_reason;  // of members who tell their sum alone
};

// Reads "year=2018" into the period and each "column=code|code" into a filter.
// FIELD_INVALID, for two years too; FIELD_MISSING if no year is named.
absl::Status ReadWhere(
    const std::vector<std::string>& where, std::string& period,
    google::protobuf::RepeatedPtrField<federation::v1::TableFilter>& filters);

// Adds the options for whom to ask and where to write.
void AddAskOptions(CLI::App& verb, AskOptions& options);

// An error if nobody answered: the reason that all members have, or
// NOT_AVAILABLE.
absl::Status CheckAnswered(const operators::v1::RequestTableResponse& response);

// Asks, writes the file, and prints the table with all that is to be said about
// it, which CheckAnswered() ends.
absl::Status AskTable(const AskOptions& options, CommandContext& context);

}  // namespace comity
