#include "node/domain/table_scope.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/measure.h"
#include "node/domain/table_columns.h"

namespace comity {
namespace {

// As many as a table has dimensions and filters.
constexpr size_t kMostParts = 3;

bool IsBy(const TableShape& shape, const std::string& column) {
  return std::binary_search(shape.by.begin(), shape.by.end(), column);
}

constexpr absl::string_view kMeasurePart = "measure=";

absl::StatusOr<Measure> MeasureIn(const std::vector<std::string>& parts) {
  std::optional<Measure> measure;
  for (absl::string_view part : parts) {
    if (!absl::ConsumePrefix(&part, kMeasurePart)) continue;
    if (measure.has_value() || FromName<Measure>(part) == Measure::kUnset) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         absl::StrCat("\"", part,
                                      "\" is no measure, or a second one; "
                                      "measures are ",
                                      absl::StrJoin(MeasureNames(), ", ")));
    }
    measure = FromName<Measure>(part);
  }
  return measure.value_or(Measure::kPersons);
}

bool IsColumnOf(Measure measure, const std::string& name) {
  const TableColumn* column = FindTableColumn(name);
  return column != nullptr && !column->measured &&
         column->unit == UnitOf(measure);
}

size_t PartsOf(const TableShape& shape) {
  return shape.by.size() + shape.where.size();
}

// Calls `visit` for each shape that `scope` holds; a column is fixed to the
// codes of `fixed` only, since scopes tell no others apart.
template <typename Visit>
void ForEachHeld(const TableScope& scope,
                 const std::set<std::pair<std::string, std::string>>& fixed,
                 size_t next, TableShape& shape, const Visit& visit) {
  visit(shape);
  if (PartsOf(shape) >= kMostParts) return;
  for (size_t i = next; i < scope.table.by.size(); ++i) {
    const std::string& column = scope.table.by[i];
    shape.by.push_back(column);
    ForEachHeld(scope, fixed, i + 1, shape, visit);
    shape.by.pop_back();
    for (const auto& [named, code] : fixed) {
      if (named != column) continue;
      shape.where[column] = code;
      ForEachHeld(scope, fixed, i + 1, shape, visit);
      shape.where.erase(column);
    }
  }
}

}  // namespace

TableShape TableShape::Of(const TableQuestion& question) {
  TableShape shape{question.dimensions(), {}, question.measure()};
  for (const auto& [column, values] : question.filters()) {
    shape.where[column] = *values.begin();
  }
  return shape;
}

std::vector<std::string> TableShape::Parts() const {
  std::vector<std::string> parts = by;
  for (const auto& [column, code] : where) {
    parts.push_back(absl::StrCat(column, "=", code));
  }
  if (measure != Measure::kPersons) {
    parts.push_back(absl::StrCat(kMeasurePart, Name(measure)));
  }
  return parts;
}

absl::StatusOr<TableShape> TableShape::FromParts(
    const std::vector<std::string>& parts) {
  TableShape shape;
  ASSIGN_OR_RETURN(shape.measure, MeasureIn(parts));
  std::set<std::string> columns;
  for (const std::string& part : parts) {
    if (absl::StartsWith(part, kMeasurePart)) continue;
    const std::vector<std::string> halves =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (!IsColumnOf(shape.measure, halves[0]) ||
        !columns.insert(halves[0]).second) {
      return ReasonError(
          ErrorReason::kFieldInvalid,
          absl::StrCat("\"", part, "\" is no column of a table of ",
                       Name(shape.measure), ", or stands twice; write \"sex\" ",
                       "or \"exploitation=ForcedLabour\""));
    }
    if (halves.size() == 1) {
      shape.by.push_back(part);
    } else {
      shape.where[halves[0]] = halves[1];
    }
  }
  std::sort(shape.by.begin(), shape.by.end());
  return shape;
}

std::string TableShape::Words() const {
  std::string words =
      by.empty() ? "" : absl::StrCat("by ", absl::StrJoin(by, ", "));
  if (measure != Measure::kPersons) {
    words = absl::StrCat(MeasureWords(measure), by.empty() ? "" : " ", words);
  } else if (by.empty()) {
    words = "all persons";
  }
  if (where.empty()) return words;
  absl::StrAppend(&words, " where ",
                  absl::StrJoin(where, " and ", absl::PairFormatter("=")));
  return words;
}

bool TableScope::Holds(const TableShape& shape) const {
  if (shape.measure != table.measure) return false;
  for (const std::string& column : shape.by) {
    if (!IsBy(table, column)) return false;
  }
  size_t fixed = 0;
  for (const auto& [column, code] : shape.where) {
    const auto own = table.where.find(column);
    if (own == table.where.end()) {
      if (!IsBy(table, column)) return false;
    } else if (own->second == code) {
      ++fixed;
    } else {
      return false;
    }
  }
  return fixed == table.where.size();
}

std::string ScopeWords(const TableScope& scope) {
  if (!scope.name.empty()) return scope.name;
  const Measure measure = scope.table.measure;
  return absl::StrCat(
      measure == Measure::kPersons ? "" : absl::StrCat(Name(measure), " by "),
      "any of ", absl::StrJoin(scope.table.by, ", "));
}

std::vector<TableShape> ShapesApart(const std::vector<TableScope>& scopes) {
  std::set<std::pair<std::string, std::string>> fixed;
  for (const TableScope& scope : scopes) {
    fixed.insert(scope.table.where.begin(), scope.table.where.end());
  }
  std::map<std::vector<bool>, TableShape> widest;
  const auto holders = [&](const TableShape& shape) {
    std::vector<bool> held;
    held.reserve(scopes.size());
    for (const TableScope& scope : scopes) held.push_back(scope.Holds(shape));
    return held;
  };
  for (const TableScope& scope : scopes) {
    TableShape start{{}, scope.table.where, scope.table.measure};
    ForEachHeld(scope, fixed, 0, start, [&](const TableShape& shape) {
      TableShape& known =
          widest.try_emplace(holders(shape), shape).first->second;
      if (PartsOf(shape) > PartsOf(known)) known = shape;
    });
  }
  std::vector<TableShape> apart = {TableShape()};
  for (auto& [held, shape] : widest) {
    if (shape != TableShape()) apart.push_back(std::move(shape));
  }
  return apart;
}

}  // namespace comity
