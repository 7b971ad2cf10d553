#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/wire/csv.h"
#include "node/wire/ctdc_dialect.h"
#include "node/wire/import_row.h"

namespace comity {

// What an operator says of a file beside what stands in it.
struct ImportTerms {
  absl::Time screened_at;   // dates the screenings of the file
  std::string screened_by;  // operator name
  std::string dialect;      // empty: told by the header line
  // What the references of rows begin with that have none of the state's own;
  // the number of the row follows.
  std::string reference_prefix;
  // The operator knows that the file has no danger screenings.
  bool screening_none_recorded = false;
  uint32_t year = 0;  // of registration, where the file does not tell it
};

// "htcds" and CTDC's dialects.
std::vector<std::string> ImportDialectNames();

// Reads a CSV file of cases in pieces of any size. The dialect of its columns
// is told by the header line: HTCDS 2.0 (domain.md section 2), in any order and
// letter case, with the columns x_local_reference and x_danger filled in every
// row (x_danger is "none" or NEVER_CONTACT, NEVER_SHARE_WITH:XX,
// OFFICIAL_INVOLVEMENT, joined by ";"); or one of CTDC's (ctdc_dialect.h),
// whose rows have neither: the terms must give a reference prefix and own to
// having no screening. Not thread-safe.
class CaseImportParser {
 public:
  explicit CaseImportParser(ImportTerms terms);

  // IMPORT_REJECTED for a broken file, for a header line that is of no dialect,
  // and for terms that do not fit the dialect; faults of rows are in the rows.
  absl::StatusOr<std::vector<ImportRow>> Read(absl::string_view piece,
                                              bool last);

  // Empty until the header line was read.
  const std::string& dialect() const { return dialect_; }

 private:
  // Where a column's text goes: a field of the record itself, of its first
  // event, plan or perpetrator, or the screening; or as a dialect's column
  // says.
  struct Column {
    std::string name;  // as in the file
    const google::protobuf::FieldDescriptor* parent = nullptr;
    const google::protobuf::FieldDescriptor* field = nullptr;
    bool danger = false;
    const CtdcColumn* ctdc = nullptr;
  };

  absl::Status ReadHeader(const CsvRow& row);
  void BindColumns(const std::vector<std::string>& names);
  absl::Status CheckTerms() const;
  ImportRow ReadRow(const CsvRow& row);
  void ReadHtcdsRow(const CsvRow& row, ImportRow& read) const;
  void ReadCtdcRow(const CsvRow& row, ImportRow& read) const;
  static void ReadCell(const Column& column, const std::string& cell,
                       ImportRow& row);

  CsvReader csv_;
  ImportTerms terms_;
  std::string dialect_;
  const CtdcDialect* ctdc_ = nullptr;  // nullptr: HTCDS
  std::vector<Column> columns_;
  uint64_t rows_ = 0;
};

}  // namespace comity
