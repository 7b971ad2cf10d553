#include "node/cli/table_ask.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/cli/table_output.h"
#include "node/cli/table_progress.h"

namespace comity {
namespace {

namespace pb = operators::v1;

absl::Status FillRequest(const AskOptions& options,
                         pb::RequestTableRequest& request) {
  for (const std::string& member : options.from) request.add_members(member);
  for (const std::string& dimension : options.by) {
    request.add_dimensions(dimension);
  }
  request.set_indicator(options.indicator);
  request.set_measure(options.measure);
  request.set_save(options.save);
  request.set_left_out_reason(options.left_out_reason);
  RETURN_IF_ERROR(ReadWhere(options.where, *request.mutable_period(),
                            *request.mutable_filters()));
  request.set_agreement_id(options.agreement);
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadWhere(
    const std::vector<std::string>& where, std::string& period,
    google::protobuf::RepeatedPtrField<federation::v1::TableFilter>& filters) {
  for (const std::string& filter : where) {
    const std::vector<std::string> parts =
        absl::StrSplit(filter, absl::MaxSplits('=', 1));
    if (parts.size() != 2) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         "write a filter as column=value, such as "
                         "year=2018");
    }
    if (parts[0] == "year") {
      if (!period.empty() && period != parts[1]) {
        return ReasonError(ErrorReason::kFieldInvalid,
                           absl::StrCat("a table is of one year, not of ",
                                        period, " and ", parts[1],
                                        "; comity indicator trend puts years "
                                        "beside each other"));
      }
      period = parts[1];
      continue;
    }
    auto* added = filters.Add();
    added->set_column(parts[0]);
    for (const auto& value : absl::StrSplit(parts[1], '|')) {
      added->add_values(std::string(value));
    }
  }
  if (!period.empty()) return absl::OkStatus();
  return ReasonError(ErrorReason::kFieldMissing,
                     "name the period: --where year=2018");
}

void AddAskOptions(CLI::App& verb, AskOptions& options) {
  verb.add_option("--from", options.from,
                  "Members, or @group: who is in it at the period's end")
      ->required()
      ->delimiter(',');
  verb.add_option("--output", options.output,
                  "Also write a file: members' tables to FILE.csv, a report "
                  "with charts to FILE.html, or all of it to FILE.json");
  verb.add_flag("--save", options.save,
                "Keep the answer as a release with a number (comity release)");
  verb.add_option("--left-out-reason", options.left_out_reason,
                  "Where members tell their sum alone: why not all are asked, "
                  "for their logs");
  verb.add_option("--agreement", options.agreement,
                  "If more than one grants it");
}

absl::Status CheckAnswered(const pb::RequestTableResponse& response) {
  if (response.answered() > 0 || response.members().empty()) {
    return absl::OkStatus();
  }
  const std::string& reason = response.members(0).reason();
  const bool all_same = std::all_of(
      response.members().begin(), response.members().end(),
      [&reason](const auto& member) { return member.reason() == reason; });
  return ReasonError(
      all_same ? ReasonFromName(reason) : ErrorReason::kNotAvailable,
      absl::StrCat("no member answered, of ", response.members_size(),
                   " asked"));
}

absl::Status AskTable(const AskOptions& options, CommandContext& context) {
  RETURN_IF_ERROR(CheckTableFile(options.output));
  pb::RequestTableRequest request;
  request.set_request_id(context.NewRequestId());
  RETURN_IF_ERROR(FillRequest(options, request));
  ASSIGN_OR_RETURN(const auto response, AskMembers(request, context));
  RETURN_IF_ERROR(WriteTableFile(options.output, response));
  if (!context.PrintedJson(response)) PrintTableAnswer(response);
  return CheckAnswered(response);
}

}  // namespace comity
