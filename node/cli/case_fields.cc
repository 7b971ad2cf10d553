#include "node/cli/case_fields.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/case_import.h"
#include "node/wire/import_header.h"

namespace comity {

// One row of a CSV file is made of them.
absl::StatusOr<record::v1::CaseRecord> ParseCaseFields(
    const std::vector<std::string>& fields) {
  std::string header = "x_danger";
  std::string row = "none";
  std::set<std::string> names;
  for (const std::string& field : fields) {
    const std::vector<std::string> parts =
        absl::StrSplit(field, absl::MaxSplits('=', 1));
    if (parts.size() != 2 || parts[1].find('"') != std::string::npos) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         "write each field as NAME=VALUE, such as "
                         "prs_Gender=Feminine");
    }
    if (FindHtcdsTarget(parts[0]) == nullptr) {
      return ReasonError(ErrorReason::kFieldInvalid, NoSuchColumn(parts[0]));
    }
    if (!names.insert(FoldedColumn(parts[0])).second) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         absl::StrCat(parts[0], " is given twice"));
    }
    absl::StrAppend(&header, ",", parts[0]);
    absl::StrAppend(&row, ",\"", parts[1], "\"");
  }
  if (!names.contains(FoldedColumn(kReferenceColumn))) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "a case needs the reference that it is known by, such "
                       "as x_local_reference=NE-7");
  }
  CaseImportParser parser({absl::Now(), "", kHtcdsDialect});
  ASSIGN_OR_RETURN(const std::vector<ImportRow> rows,
                   parser.Read(absl::StrCat(header, "\n", row, "\n"), true));
  if (rows[0].faults.empty()) return rows[0].record;
  const RecordFault& fault = rows[0].faults[0];
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat(fault.field, " \"", fault.value, "\": ",
                                  fault.reason, "; allowed: ", fault.allowed));
}

}  // namespace comity
