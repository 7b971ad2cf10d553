#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/base/uuid.h"
#include "node/domain/table_columns.h"
#include "node/domain/table_grid.h"
#include "node/domain/table_question.h"
#include "node/tabulation/coded_case.h"

namespace comity {

// The coded columns of the cases of one period, or of its referrals, without
// case ids and in an order that tells nothing. In each column the different
// sets of codes that persons have are numbered, and a person is one number a
// column and a record key: two bytes a column (four, where there are more than
// 65,536 sets) and eight. A person of several referrals has that many rows of
// one key, in the order in which they were given. Immutable once filled;
// thread-safe to read.
class PeriodColumns {
 public:
  // A referral beyond so many of one person in one cell is not counted there,
  // so that no person moves a figure by more than its noise can hide.
  static constexpr size_t kMostOfPerson = 3;
  // Under how many codes of a column a person counts where that is capped.
  static constexpr size_t kMostCodes = 3;

  // Columns of the cases of `year`, each with the key that `record_key` gives
  // its id; those of `unit`, without those that the state does not collect.
  static PeriodColumns Of(
      const std::vector<CodedCase>& cases, int year,
      const std::function<uint64_t(const Uuid&)>& record_key,
      const std::set<std::string>& not_collected = {},
      CountedUnit unit = CountedUnit::kPerson);

  // INTEGRITY_FAILURE unless `bytes` is exactly one serialized snapshot;
  // PERIOD_NOT_PUBLISHED for one of version 1, which has no record keys. What a
  // snapshot of an older build has no column for was not collected.
  static absl::StatusOr<PeriodColumns> Parse(absl::string_view bytes);
  // Version 3: for each collected column its name, codes and sets, then the
  // rows by record key. In version 2 names are left out and fixed.
  std::string Serialize() const;

  uint64_t size() const { return keys_.size(); }
  // Whether a person of this record key is among them.
  bool Holds(uint64_t record_key) const;
  // Of all rows, ascending; that of several rows as often.
  const std::vector<uint64_t>& record_keys() const { return keys_; }
  // Whether nobody and no row of `other` is missing here, as keys tell.
  bool HoldsAllOf(const PeriodColumns& other) const;
  // How many rows came since `other`, all of whose rows are here, or have other
  // codes than there in a column that both collected.
  uint64_t ChangedSince(const PeriodColumns& other) const;
  // Bytes that one person takes in memory.
  size_t BytesOfPerson() const;

  // The first column of the question that was not collected; empty: none. Only
  // questions without such a column can be counted.
  std::string NotCollected(const TableQuestion& question) const;

  // The dimensions of a question's table. Closed columns have all their codes,
  // whoever has them, countries those that occur.
  TableGrid GridOf(const TableQuestion& question) const;

  // Counts persons; a person with several codes in a column counts under each,
  // and once in every margin. With `most_codes` under so many of each column at
  // most (code_cap.h).
  ExactTable Count(const TableQuestion& question,
                   size_t most_codes = SIZE_MAX) const;
  // Counts referrals, and the persons that they are of.
  ExactTable CountReferrals(const TableQuestion& question) const;
  // The numbers of a measured column: of each person in a cell that of her
  // first referral there that has one.
  ExactDurations Durations(const TableQuestion& question,
                           const std::string& column) const;

 private:
  // Each person's set, in two bytes while numbers of sets fit.
  class Rows {
   public:
    void Add(uint32_t set);
    uint32_t operator[](size_t row) const {
      return wide_.empty() ? narrow_[row] : wide_[row];
    }
    // nullptr if there are more sets than two bytes can number.
    const uint16_t* narrow() const {
      return wide_.empty() ? narrow_.data() : nullptr;
    }
    size_t width() const { return wide_.empty() ? 2 : 4; }

   private:
    std::vector<uint16_t> narrow_;
    std::vector<uint32_t> wide_;  // instead of the narrow ones
  };
  struct Column {
    bool collected = false;
    std::vector<std::string> codes;           // sorted
    std::vector<std::vector<uint32_t>> sets;  // of places in `codes`, sorted
    Rows rows;
  };
  class Counter;

  static Column ColumnOf(const std::vector<const CodedCase*>& rows,
                         const std::string& name);
  // Numbers of the sets of `now` that have the codes of those of `before`.
  static std::vector<size_t> SameSets(const Column& before, const Column& now);
  static Column ReadColumn(class SnapshotReader& in, uint64_t rows);

  // Calls `visit` with each cell of each person and her rows in it.
  template <typename Visit>
  void ForEachPersonAndCell(const TableQuestion& question,
                            const TableGrid& grid, const Visit& visit) const;

  std::vector<char> KeptRows(const TableQuestion& question) const;

  std::vector<Column> columns_;  // as AllTableColumns()
  std::vector<uint64_t> keys_;   // ascending
};

}  // namespace comity
