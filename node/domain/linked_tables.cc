#include "node/domain/linked_tables.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace comity {
namespace {

// Tables by fewer columns show no cell in two parts.
constexpr size_t kFewest = 2;

bool IsPartOf(const ColumnSet& part, const ColumnSet& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

bool AreLinked(const ColumnSet& a, const ColumnSet& b) {
  std::vector<std::string> shared;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::back_inserter(shared));
  return shared.size() >= kFewest;
}

}  // namespace

ColumnSet ColumnsOf(const TableQuestion& question) {
  ColumnSet columns(question.dimensions().begin(), question.dimensions().end());
  for (const auto& [column, values] : question.filters()) {
    columns.insert(column);
  }
  return columns;
}

LinkedTables LinkedTables::Parse(absl::string_view text) {
  LinkedTables tables;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> columns = absl::StrSplit(line, ',');
    tables.Add(ColumnSet(columns.begin(), columns.end()));
  }
  return tables;
}

std::string LinkedTables::Text() const {
  return absl::StrJoin(tables_, "\n",
                       [](std::string* out, const ColumnSet& columns) {
                         absl::StrAppend(out, absl::StrJoin(columns, ","));
                       });
}

bool LinkedTables::Tells(const ColumnSet& columns) const {
  return columns.size() < kFewest ||
         std::any_of(
             tables_.begin(), tables_.end(),
             [&](const ColumnSet& table) { return IsPartOf(columns, table); });
}

void LinkedTables::Add(const ColumnSet& columns) {
  if (Tells(columns)) return;
  std::erase_if(tables_, [&](const ColumnSet& table) {
    return IsPartOf(table, columns);
  });
  tables_.insert(columns);
}

uint32_t LinkedTables::GroupOf(const ColumnSet& columns) const {
  return static_cast<uint32_t>(std::count_if(
      tables_.begin(), tables_.end(),
      [&](const ColumnSet& other) { return AreLinked(columns, other); }));
}

uint32_t LinkedTables::Largest() const {
  uint32_t largest = 0;
  for (const ColumnSet& each : tables_) {
    largest = std::max(largest, GroupOf(each));
  }
  return largest;
}

uint32_t LinkedTables::LargestWith(const ColumnSet& columns) const {
  if (Tells(columns)) return 0;
  LinkedTables with = *this;
  with.Add(columns);
  uint32_t largest = 0;
  for (const ColumnSet& each : with.tables_) {
    if (AreLinked(each, columns)) {
      largest = std::max(largest, with.GroupOf(each));
    }
  }
  return largest;
}

}  // namespace comity
