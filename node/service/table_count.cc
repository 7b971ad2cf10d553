#include "node/service/table_count.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/disclosure/rank_key.h"
#include "node/domain/measure.h"
#include "node/service/live_tables.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr int kMostListed = 20'000;

// The figure of a cell that has rows.
uint64_t FigureOf(const LiveCounts& counts, size_t cell, Measure measure) {
  const auto quantile = QuantileOf(measure);
  if (!quantile.has_value()) return counts.rows[cell];
  const std::vector<uint32_t>& days = counts.days[cell];
  return days[NearestRank(days.size(), quantile->percent) - 1];
}

absl::Status ListCells(const LiveCounts& counts, Measure measure,
                       pb::CountTableResponse& response) {
  for (size_t cell = 0; cell < counts.rows.size(); ++cell) {
    if (counts.rows[cell] == 0) continue;
    if (response.cells_size() == kMostListed) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         "more than 20000 cells have a figure; leave a "
                         "dimension out");
    }
    pb::CountedCell& listed = *response.add_cells();
    for (const std::string& code : counts.grid.CodesOf(cell)) {
      listed.add_codes(code);
    }
    listed.set_value(FigureOf(counts, cell, measure));
    listed.set_counted(counts.rows[cell]);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleCountTable(OperatorCall& call,
                              const pb::CountTableRequest& request,
                              pb::CountTableResponse& response) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitAll());
  if (permit.scope() != CaseScope::kAll) {
    return ReasonError(ErrorReason::kLocalAccessDenied,
                       "counting at home counts all cases, and the local "
                       "access file gives you TABLE_TABULATE for fewer");
  }
  ASSIGN_OR_RETURN(
      const TableQuestion question,
      TableQuestion::CreateAtHome(
          request.period(),
          {request.dimensions().begin(), request.dimensions().end()},
          ParseFilters(request.filters()), MeasureNamed(request.measure())));
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const LiveCounts counts,
                   node.live->Count(node.store, node.self, permit, question));
  for (const std::string& dimension : question.dimensions()) {
    response.add_dimensions(dimension);
  }
  response.set_measure(NameInMessages(question.measure()));
  response.set_unit(std::string(FigureUnit(question.measure())));
  call.SetDetail(absl::StrCat(question.period(),
                              question.dimensions().empty() ? "" : " by ",
                              absl::StrJoin(question.dimensions(), ", ")));
  return ListCells(counts, question.measure(), response);
}

}  // namespace comity
