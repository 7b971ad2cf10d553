#include "node/cli/table_ask.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/table_csv.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Tables = pb::TableService;

absl::Status FillRequest(const AskOptions& options,
                         pb::RequestTableRequest& request) {
  for (const std::string& member : options.from) request.add_members(member);
  for (const std::string& dimension : options.by) {
    request.add_dimensions(dimension);
  }
  for (const std::string& filter : options.where) {
    const std::vector<std::string> parts =
        absl::StrSplit(filter, absl::MaxSplits('=', 1));
    if (parts.size() != 2) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         "write a filter as column=value, such as "
                         "year=2018");
    }
    if (parts[0] == "year") {
      request.set_period(parts[1]);
      continue;
    }
    auto* added = request.add_filters();
    added->set_column(parts[0]);
    for (const auto& value : absl::StrSplit(parts[1], '|')) {
      added->add_values(std::string(value));
    }
  }
  if (request.period().empty()) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "name the period: --where year=2018");
  }
  request.set_agreement_id(options.agreement);
  return absl::OkStatus();
}

// What one member gave for a cell: its figure, "suppressed" - also for what it
// does not list - or "-" for no answer.
std::string MemberValue(const pb::MemberOutcome& member,
                        const pb::RegionalCell& cell) {
  if (!member.has_table()) return "-";
  for (const auto& own : member.table().cells()) {
    if (!std::equal(own.codes().begin(), own.codes().end(),
                    cell.codes().begin(), cell.codes().end())) {
      continue;
    }
    return own.status() == federation::v1::CELL_STATUS_VALUE
               ? absl::StrCat(own.value())
               : "suppressed";
  }
  return "suppressed";
}

void PrintAnswer(const pb::RequestTableResponse& response) {
  std::vector<std::vector<std::string>> rows(1);
  for (const std::string& dimension : response.dimensions()) {
    rows[0].push_back(dimension);
  }
  for (const pb::MemberOutcome& member : response.members()) {
    rows[0].push_back(member.participant());
  }
  rows[0].insert(rows[0].end(), {"region", "error"});
  for (const pb::RegionalCell& cell : response.cells()) {
    std::vector<std::string> row(cell.codes().begin(), cell.codes().end());
    for (const pb::MemberOutcome& member : response.members()) {
      row.push_back(MemberValue(member, cell));
    }
    row.push_back(cell.members() == 0 ? "suppressed"
                  : cell.suppressed_members() > 0
                      ? absl::StrCat("at least ", cell.sum())
                      : absl::StrCat(cell.sum()));
    const std::string error = SumError(response, cell);
    row.push_back(cell.members() == 0 || error.empty()
                      ? "-"
                      : absl::StrCat("+/- ", error));
    rows.push_back(std::move(row));
  }
  PrintTable(rows);
  printf("error: of the sum, in 95 of 100 cases\n");
  for (const pb::MemberOutcome& member : response.members()) {
    if (member.has_table()) continue;
    printf("%s is missing: %s (%s)\n", member.participant().c_str(),
           member.reason().c_str(), member.message().c_str());
  }
  for (const std::string& note : response.notes()) {
    printf("note: %s\n", note.c_str());
  }
}

}  // namespace

void AddAskOptions(CLI::App& verb, AskOptions& options) {
  verb.add_option("--from", options.from,
                  "Members, or @group: who is in it at the period's end")
      ->required()
      ->delimiter(',');
  verb.add_option("--output", options.output,
                  "Also write the members' tables to a CSV file");
  verb.add_option("--agreement", options.agreement,
                  "If more than one grants it");
}

absl::Status AskTable(const AskOptions& options, const std::string& heading,
                      CommandContext& context) {
  if (!options.output.empty() && !absl::EndsWith(options.output, ".csv")) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the output is a CSV file: name it something.csv");
  }
  pb::RequestTableRequest request;
  request.set_request_id(context.NewRequestId());
  RETURN_IF_ERROR(FillRequest(options, request));
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Tables, pb::RequestTableResponse>(
                       &Tables::Stub::RequestTable, request)));
  if (!options.output.empty()) {
    RETURN_IF_ERROR(WritePublicFile(options.output, FormatTableCsv(response)));
  }
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (!heading.empty()) printf("%s\n", heading.c_str());
  PrintAnswer(response);
  return absl::OkStatus();
}

}  // namespace comity
