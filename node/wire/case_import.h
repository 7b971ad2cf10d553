#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "comity/record/v1/case_record.pb.h"
#include "node/domain/danger.h"
#include "node/wire/case_record.h"
#include "node/wire/csv.h"

namespace comity {

// One row of an import: a record with its screening, or faults.
struct ImportRow {
  uint64_t line = 0;
  record::v1::CaseRecord record;
  DangerScreening screening;
  std::vector<RecordFault> faults;  // any: the row is rejected
};

// Reads a CSV file of cases with HTCDS 2.0 columns (domain.md section 2), in
// any order and letter case, in pieces of any size. Columns x_local_reference
// and x_danger must be there and filled in every row; x_danger is "none" or
// NEVER_CONTACT, NEVER_SHARE_WITH:XX, OFFICIAL_INVOLVEMENT, joined by ";". Not
// thread-safe.
class CaseImportParser {
 public:
  // `screened_at` and `screened_by` date the screenings of the file.
  CaseImportParser(absl::Time screened_at, absl::string_view screened_by);

  // IMPORT_REJECTED for a broken file or header; faults of rows are in the
  // rows.
  absl::StatusOr<std::vector<ImportRow>> Read(absl::string_view piece,
                                              bool last);

 private:
  // Where a column's text goes: a field of the record itself, of its first
  // event, plan or perpetrator, or the screening.
  struct Column {
    std::string name;  // as in the file
    const google::protobuf::FieldDescriptor* parent = nullptr;
    const google::protobuf::FieldDescriptor* field = nullptr;
    bool danger = false;
  };

  absl::Status ReadHeader(const CsvRow& row);
  ImportRow ReadRow(const CsvRow& row) const;
  static void ReadCell(const Column& column, const std::string& cell,
                       ImportRow& row);

  CsvReader csv_;
  absl::Time screened_at_;
  std::string screened_by_;
  std::vector<Column> columns_;
};

}  // namespace comity
