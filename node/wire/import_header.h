#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "node/wire/ctdc_dialect.h"

namespace comity {

inline constexpr const char* kHtcdsDialect = "htcds";
inline constexpr const char* kDangerColumn = "x_danger";
inline constexpr const char* kReferenceColumn = "x_local_reference";

// "prs_First_Name", "prs_FirstName " and "PRS_FIRSTNAME" are one column.
std::string FoldedColumn(absl::string_view name);

// The field of the record, or of a message inside it, that a column of HTCDS
// is for.
struct HtcdsTarget {
  const google::protobuf::FieldDescriptor* parent = nullptr;  // of the message
  const google::protobuf::FieldDescriptor* field = nullptr;
};

// nullptr if the standard and its extensions have no such column.
const HtcdsTarget* FindHtcdsTarget(absl::string_view name);

// `there is no field "prs_Gendr" (did you mean "prs_Gender"?)`.
std::string NoSuchColumn(absl::string_view name);

// nullptr if the dialect has no such column.
const CtdcColumn* FindCtdcColumn(const CtdcDialect& dialect,
                                 absl::string_view name);

// nullptr for HTCDS and for names that no dialect has.
const CtdcDialect* FindCtdcDialect(absl::string_view name);

// Returns the name of the dialect that a header line is of; `wanted` is the
// only one to look at, unless it is empty. IMPORT_REJECTED for a line that no
// dialect fits, with the nearest one and what is missing, for one that names a
// column twice, and for one that is not separated by commas.
absl::StatusOr<std::string> DialectOfHeader(
    const std::vector<std::string>& names, absl::string_view wanted);

}  // namespace comity
