#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/domain/table_question.h"
#include "node/tabulation/coded_case.h"

namespace comity {

// Danger: exact counts. They never leave the service module (design.md law 8);
// disclosure turns them into ReleasedCells.
struct ExactTable {
  std::vector<std::string> dimensions;
  // Code combinations to persons, margins included; combinations of known
  // codes that nobody has are there with 0.
  std::map<std::vector<std::string>, uint64_t> counts;
};

// The coded columns of the cases of one period, dictionary-encoded, without
// case ids and in an order that tells nothing. Immutable once filled; thread-
// safe to read.
class PeriodColumns {
 public:
  // Columns of the cases registered in `year`.
  static PeriodColumns Of(const std::vector<CodedCase>& cases, int year);

  // INTEGRITY_FAILURE unless `bytes` is exactly one serialized snapshot.
  static absl::StatusOr<PeriodColumns> Parse(absl::string_view bytes);
  // Version 1: the dictionaries, then the rows' codes, sorted.
  std::string Serialize() const;

  uint64_t size() const { return rows_.size(); }

  // Counts persons; a person with several codes in a column counts under each,
  // and once in every margin.
  ExactTable Count(const TableQuestion& question) const;

 private:
  // One row: for each column of TableColumns() the numbers of its codes.
  using Row = std::vector<std::vector<uint32_t>>;
  bool Keeps(const Row& row, const TableQuestion& question) const;

  std::vector<std::vector<std::string>> dictionaries_;  // by column
  std::vector<Row> rows_;
};

}  // namespace comity
