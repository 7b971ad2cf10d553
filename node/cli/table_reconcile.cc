#include "node/cli/table_reconcile.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/fact_json.h"
#include "node/cli/output.h"
#include "node/cli/table_ask.h"
#include "node/disclosure/stated_error.h"
#include "node/domain/vocabulary.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Tables = pb::TableService;

// The first count after a start reads every case.
constexpr std::chrono::seconds kLongest(120);

struct ReconcileOptions {
  std::string first;
  std::string second;
  std::string year;
  std::vector<std::string> by = {"sent_quarter"};
  std::string agreement;
};

// One side's figures; where it gives none, why.
struct Side {
  std::string state;
  SideFigures figures;
  std::string missing;
};

// What one state sent to the other, by both.
struct Direction {
  Side sender;
  Side receiver;
};

// Of the referrals with `partner` alone, so that no other pair is told.
template <typename Request>
void FillQuestion(const ReconcileOptions& options, const std::string& partner,
                  Measure measure, Request& request) {
  request.set_period(options.year);
  for (const std::string& column : options.by) request.add_dimensions(column);
  auto* filter = request.add_filters();
  filter->set_column("partner");
  filter->add_values(partner);
  request.set_measure(std::string(Name(measure)));
}

absl::StatusOr<Side> AskSide(const ReconcileOptions& options,
                             const std::string& state,
                             const std::string& partner, Measure measure,
                             CommandContext& context) {
  pb::RequestTableRequest request;
  request.set_request_id(context.NewRequestId());
  request.add_members(state);
  FillQuestion(options, partner, measure, request);
  request.set_agreement_id(options.agreement);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Tables, pb::RequestTableResponse>(
                       &Tables::Stub::RequestTable, request)));
  Side side;
  side.state = state;
  side.missing = "it gave no answer";
  for (const pb::MemberOutcome& member : response.members()) {
    if (!member.has_table()) {
      side.missing = absl::StrCat(member.reason(), ": ", member.message());
      continue;
    }
    side.figures = FiguresOf(member.table());
    side.missing.clear();
  }
  return side;
}

absl::StatusOr<Side> CountSide(const ReconcileOptions& options,
                               const std::string& state,
                               const std::string& partner, Measure measure,
                               CommandContext& context) {
  pb::CountTableRequest request;
  FillQuestion(options, partner, measure, request);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Tables, pb::CountTableResponse>(
                       &Tables::Stub::CountTable, request, kLongest)));
  return Side{state, FiguresOf(response), ""};
}

absl::StatusOr<Direction> FromTo(const ReconcileOptions& options,
                                 const std::string& own,
                                 const std::string& from, const std::string& to,
                                 CommandContext& context) {
  const auto side = [&](const std::string& state, const std::string& partner,
                        Measure measure) {
    return state == own ? CountSide(options, state, partner, measure, context)
                        : AskSide(options, state, partner, measure, context);
  };
  Direction direction;
  ASSIGN_OR_RETURN(direction.sender, side(from, to, Measure::kReferrals));
  ASSIGN_OR_RETURN(direction.receiver,
                   side(to, from, Measure::kReferralsReceived));
  return direction;
}

std::vector<TwoSides> LinesOf(const Direction& direction) {
  if (!direction.sender.missing.empty() ||
      !direction.receiver.missing.empty()) {
    return {};
  }
  return CompareSides(direction.sender.figures, direction.receiver.figures);
}

std::string FigureText(const std::optional<uint64_t>& figure) {
  return figure.has_value() ? absl::StrCat(*figure) : "-";
}

std::string DifferenceText(const TwoSides& line) {
  if (!line.sent.has_value() || !line.received.has_value()) return "-";
  return absl::StrCat(static_cast<int64_t>(*line.sent) -
                      static_cast<int64_t>(*line.received));
}

void PrintDirection(const ReconcileOptions& options,
                    const Direction& direction) {
  const std::string& from = direction.sender.state;
  const std::string& to = direction.receiver.state;
  printf("from %s to %s\n", from.c_str(), to.c_str());
  for (const Side* side : {&direction.sender, &direction.receiver}) {
    if (side->missing.empty()) continue;
    printf("no figures of %s: %s\n", side->state.c_str(),
           OnOneLine(side->missing).c_str());
  }
  const std::vector<TwoSides> lines = LinesOf(direction);
  if (lines.empty()) {
    printf("no cell to compare\n");
    return;
  }
  std::vector<std::vector<std::string>> rows = {options.by};
  for (const std::string& title :
       {from + " sent", to + " received", std::string("difference"),
        std::string("verdict")}) {
    rows[0].push_back(title);
  }
  for (const TwoSides& line : lines) {
    std::vector<std::string> row = line.codes;
    row.push_back(FigureText(line.sent));
    row.push_back(FigureText(line.received));
    row.push_back(DifferenceText(line));
    row.emplace_back(SidesWords(line.verdict));
    rows.push_back(std::move(row));
  }
  PrintTable(rows);
}

void AddFigure(const std::optional<uint64_t>& figure, const std::string& name,
               google::protobuf::Struct& line) {
  if (!figure.has_value()) return;
  JsonField(line, name).set_number_value(static_cast<double>(*figure));
}

google::protobuf::Struct JsonOf(const std::vector<Direction>& directions) {
  google::protobuf::Struct object;
  for (const Direction& direction : directions) {
    auto& one = AddJsonObject(object, "directions");
    JsonField(one, "from").set_string_value(direction.sender.state);
    JsonField(one, "to").set_string_value(direction.receiver.state);
    JsonField(one, "missing_of_sender")
        .set_string_value(direction.sender.missing);
    JsonField(one, "missing_of_receiver")
        .set_string_value(direction.receiver.missing);
    for (const TwoSides& line : LinesOf(direction)) {
      auto& cell = AddJsonObject(one, "cells");
      SetJsonNames(line.codes, cell, "codes");
      AddFigure(line.sent, "sent", cell);
      AddFigure(line.received, "received", cell);
      JsonField(cell, "verdict")
          .set_string_value(std::string(SidesWords(line.verdict)));
    }
  }
  return object;
}

absl::Status Reconcile(const ReconcileOptions& given, CommandContext& context) {
  if (given.first == given.second) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "name two states, such as NE NG");
  }
  ReconcileOptions options = given;
  std::sort(options.by.begin(), options.by.end());
  ASSIGN_OR_RETURN(const Profile profile, context.ReadProfile());
  std::vector<Direction> directions;
  for (const auto& [from, to] : {std::pair(options.first, options.second),
                                 std::pair(options.second, options.first)}) {
    ASSIGN_OR_RETURN(Direction direction,
                     FromTo(options, profile.participant, from, to, context));
    directions.push_back(std::move(direction));
  }
  if (context.PrintedJson(JsonOf(directions))) return absl::OkStatus();
  for (const Direction& direction : directions) {
    PrintDirection(options, direction);
  }
  printf(
      "each side's own count of the referrals that were sent in %s. A sender "
      "leaves out who says no to statistics, a receiver whose consent was "
      "withdrawn; what still waits for its receipt is sent and not received\n",
      options.year.c_str());
  return absl::OkStatus();
}

}  // namespace

SideFigures FiguresOf(const federation::v1::ReleasedTable& table) {
  SideFigures figures;
  const auto error = ErrorOf(table.method());
  figures.largest_error.reset();
  if (error.has_value() && error->largest != StatedError::kUnbounded) {
    figures.largest_error = error->largest;
  }
  for (const TableCell& cell : ParseCells(table).cells) {
    if (!cell.suppressed) figures.shown[cell.codes] = cell.value;
  }
  return figures;
}

SideFigures FiguresOf(const pb::CountTableResponse& counted) {
  SideFigures figures;
  figures.others_are_zero = true;
  for (const pb::CountedCell& cell : counted.cells()) {
    figures.shown[{cell.codes().begin(), cell.codes().end()}] = cell.value();
  }
  return figures;
}

void AddTableReconcileVerb(CLI::App& table_noun, CommandContext& context) {
  auto options = std::make_shared<ReconcileOptions>();
  CLI::App* verb = AddVerb(
      table_noun, "reconcile",
      "Put what two states sent each other beside what the other received",
      "  comity table reconcile NE NG --year 2026\n"
      "  comity table reconcile NE NG --year 2026 --by "
      "sent_quarter,decline_reason",
      [options, &context] { return Reconcile(*options, context); });
  verb->add_option("FIRST", options->first,
                   "One state; the own one is counted at home, as it is now")
      ->required();
  verb->add_option("SECOND", options->second, "The other")->required();
  verb->add_option("--year", options->year, "A published year")->required();
  verb->add_option("--by", options->by,
                   "At most 2 columns of referrals; left out: sent_quarter")
      ->delimiter(',');
  verb->add_option("--agreement", options->agreement,
                   "If more than one grants it");
}

}  // namespace comity
