#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/domain/table_question.h"

namespace comity {

// What a table spells out of each person or referral, whatever its period: the
// columns that it is by, those that it fixes to one code, and what it tells of
// the cells. Empty: how many persons there are.
struct TableShape {
  std::vector<std::string> by;               // sorted
  std::map<std::string, std::string> where;  // column to code
  Measure measure = Measure::kPersons;

  // The shape of a question that may leave.
  static TableShape Of(const TableQuestion& question);

  // One text for each column, "sex" or "exploitation=ForcedLabour", and
  // "measure=REFERRALS" unless it counts persons; and back: FIELD_INVALID for a
  // column that the measure does not have or that stands twice.
  std::vector<std::string> Parts() const;
  static absl::StatusOr<TableShape> FromParts(
      const std::vector<std::string>& parts);
  // "by age_group, sex", "all persons where exploitation=ForcedLabour",
  // "referrals by partner".
  std::string Words() const;

  friend bool operator==(const TableShape&, const TableShape&) = default;
};

// Tables that a grant of counts opens: one named table with all its parts, or
// all that can be made of some columns.
struct TableScope {
  // Code and version of an indicator, "Q2/1"; empty: columns by themselves.
  std::string name;
  TableShape table;

  // Whether each cell of a table of this shape is a cell of the scope's own: it
  // tells the same measure, spells out no other column, and fixes what the
  // scope fixes.
  bool Holds(const TableShape& shape) const;

  friend bool operator==(const TableScope&, const TableScope&) = default;
};

// "Q2/1", or "any of age_group, sex".
std::string ScopeWords(const TableScope& scope);

// One shape for each set of scopes that hold it, so that grants made of these
// scopes treat all shapes of a set alike; the widest of a set stands for it.
// The first is that of all persons, beside a wider one of its set; of shapes
// that no scope holds there is none.
std::vector<TableShape> ShapesApart(const std::vector<TableScope>& scopes);

}  // namespace comity
