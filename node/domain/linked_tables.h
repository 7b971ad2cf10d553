#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "node/domain/table_question.h"

namespace comity {

// The columns that a question spells out, dimensions and filters alike.
using ColumnSet = std::set<std::string>;
ColumnSet ColumnsOf(const TableQuestion& question);

// The sets of columns of which one asker has tables of one published revision.
// Two tables that share two or more columns are linked: each shows parts of
// cells of the other, and many of them narrow a cell down. A table whose
// columns another one has all is part of that one and counts for nothing, and
// so does one of a single column.
class LinkedTables {
 public:
  // Text() of another one.
  static LinkedTables Parse(absl::string_view text);
  std::string Text() const;

  // Whether a table by these columns would be linked to none, or is part of one
  // that is here.
  bool Tells(const ColumnSet& columns) const;
  void Add(const ColumnSet& columns);

  // The most tables that are one table and all that are linked to it.
  uint32_t Largest() const;
  // The same of those groups alone that `columns` would be in; zero for what
  // is told already.
  uint32_t LargestWith(const ColumnSet& columns) const;

 private:
  uint32_t GroupOf(const ColumnSet& columns) const;

  std::set<ColumnSet> tables_;  // none of them is part of another
};

}  // namespace comity
