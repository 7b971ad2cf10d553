#include "node/service/table_indicator.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/disclosure/share_of_known.h"
#include "node/domain/measure.h"
#include "node/domain/table_columns.h"
#include "node/domain/table_scope.h"
#include "node/wire/indicators.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using policy::v1::Indicator;

void AddDefinition(const Indicator& indicator,
                   pb::RequestTableResponse& response) {
  const auto note = [&response](std::string text) {
    response.add_notes(std::move(text));
  };
  note(absl::StrCat(IndicatorName(indicator), ", ", indicator.title(), ": ",
                    indicator.definition()));
  note(absl::StrCat("Population: ", indicator.population()));
  const auto measure = static_cast<Measure>(indicator.measure());
  note(absl::StrCat(
      QuantileOf(measure).has_value() ? "Told of: " : "Denominator of shares: ",
      indicator.denominator()));
  for (const std::string& text : indicator.note()) note(text);
}

void AddShares(const Indicator& indicator, const TableQuestion& question,
               pb::RequestTableResponse& response) {
  if (!indicator.has_share_of()) return;
  const auto& by = question.dimensions();
  const auto at = std::find(by.begin(), by.end(), indicator.share_of());
  const TableColumn& column = *FindTableColumn(indicator.share_of());
  const bool has_unknown =
      column.IsOpen() || std::find(column.codes.begin(), column.codes.end(),
                                   kUnknownCode) != column.codes.end();
  std::vector<ReleasedCells> tables;
  for (const pb::MemberOutcome& member : response.members()) {
    if (member.has_table()) tables.push_back(ParseCells(member.table()));
  }
  for (const KnownShare& share :
       SharesOfKnown(tables, {static_cast<size_t>(at - by.begin()), has_unknown,
                              column.several})) {
    auto* added = response.add_shares();
    for (const std::string& code : share.codes) added->add_codes(code);
    added->set_least(share.least);
    added->set_most(share.most);
    added->set_members(share.members);
  }
}

}  // namespace

absl::StatusOr<pb::RequestTableRequest> SpellOut(
    const pb::RequestTableRequest& request) {
  pb::RequestTableRequest spelled = request;
  if (request.measure() == Name(Measure::kPersons)) spelled.clear_measure();
  if (request.indicator().empty()) return spelled;
  if (request.dimensions_size() > 0 || request.filters_size() > 0 ||
      !request.measure().empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "an indicator has its own dimensions, filters and "
                       "measure; name either");
  }
  ASSIGN_OR_RETURN(const Indicator indicator,
                   FindIndicator(request.indicator()));
  RETURN_IF_ERROR(CheckCollected(indicator));
  ASSIGN_OR_RETURN(const TableShape shape, ShapeOf(indicator));
  spelled.set_indicator(IndicatorName(indicator));
  spelled.set_measure(NameInMessages(shape.measure));
  for (const std::string& column : shape.by) spelled.add_dimensions(column);
  for (const auto& [column, code] : shape.where) {
    auto* filter = spelled.add_filters();
    filter->set_column(column);
    filter->add_values(code);
  }
  return spelled;
}

absl::Status DescribeAnswer(const pb::RequestTableRequest& request,
                            const TableQuestion& question,
                            pb::RequestTableResponse& response) {
  response.set_period(question.period());
  response.set_indicator(request.indicator());
  response.set_measure(NameInMessages(question.measure()));
  response.set_unit(std::string(FigureUnit(question.measure())));
  const TableShape shape = TableShape::Of(question);
  for (const auto& [column, code] : shape.where) {
    response.add_where(absl::StrCat(column, "=", code));
  }
  response.set_answered(static_cast<uint32_t>(
      std::count_if(response.members().begin(), response.members().end(),
                    [](const auto& member) { return member.has_table(); })));
  if (request.indicator().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Indicator indicator,
                   FindIndicator(request.indicator()));
  AddDefinition(indicator, response);
  AddShares(indicator, question, response);
  return absl::OkStatus();
}

}  // namespace comity
