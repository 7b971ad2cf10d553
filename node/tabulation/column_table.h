#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/base/uuid.h"
#include "node/domain/table_grid.h"
#include "node/domain/table_question.h"
#include "node/tabulation/coded_case.h"

namespace comity {

// The coded columns of the cases of one period, without case ids and in an
// order that tells nothing. In each column the different sets of codes that
// persons have are numbered, and a person is one number a column and a record
// key: 44 bytes. Immutable once filled; thread-safe to read.
class PeriodColumns {
 public:
  // Columns of the cases registered in `year`, each with the key that
  // `record_key` gives its id.
  static PeriodColumns Of(
      const std::vector<CodedCase>& cases, int year,
      const std::function<uint64_t(const Uuid&)>& record_key);

  // INTEGRITY_FAILURE unless `bytes` is exactly one serialized snapshot;
  // PERIOD_NOT_PUBLISHED for one of version 1, which has no record keys.
  static absl::StatusOr<PeriodColumns> Parse(absl::string_view bytes);
  // Version 2: for each column its codes and sets, then the rows by record key.
  std::string Serialize() const;

  uint64_t size() const { return keys_.size(); }

  // The dimensions of a question's table. Closed columns have all their codes,
  // whoever has them, countries those that occur.
  TableGrid GridOf(const TableQuestion& question) const;

  // Counts persons; a person with several codes in a column counts under each,
  // and once in every margin.
  ExactTable Count(const TableQuestion& question) const;

 private:
  struct Column {
    std::vector<std::string> codes;           // sorted
    std::vector<std::vector<uint32_t>> sets;  // of places in `codes`, sorted
    std::vector<uint32_t> rows;               // each person's set
  };
  class Counter;

  std::vector<char> KeptRows(const TableQuestion& question) const;

  std::vector<Column> columns_;  // as AllTableColumns()
  std::vector<uint64_t> keys_;   // ascending
};

}  // namespace comity
