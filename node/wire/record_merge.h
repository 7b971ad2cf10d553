#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/record/v1/case_record.pb.h"
#include "node/wire/record_fields.h"

namespace comity {

// Two records of one person, field by field; a list counts as one field. The
// local references are not compared: that of the record that stays, stays.

enum class FieldVerdict : uint8_t {
  kEqual,
  kOnlyKept,
  kOnlyOther,
  kDiffering,
};

// "ONLY_OTHER".
absl::string_view Name(FieldVerdict verdict);

struct FieldComparison {
  const RecordField* field = nullptr;
  FieldVerdict verdict = FieldVerdict::kEqual;
};

// Every field that one of both has, in the order of the schema.
std::vector<FieldComparison> CompareRecords(
    const record::v1::CaseRecord& kept, const record::v1::CaseRecord& other);

// Whether somebody must choose: both say something, and not the same.
bool NeedsChoice(const FieldComparison& compared);

// Whose value a field takes.
enum class FieldTaken : uint8_t {
  kKeep,
  kOther,
  kBoth,  // a list: what one of both lists
};

using FieldChoices = std::map<const RecordField*, FieldTaken>;

// Adds "keep", "other" or "both" for a field of that name. FIELD_INVALID for an
// unknown field or word, a field that was named before, "both" for a field that
// is no list, and a field that nobody chooses: the local reference, and
// x_risks, which is united.
absl::Status AddChoice(const std::string& name, const std::string& taken,
                       FieldChoices& choices);

// `kept` with what only `other` has, and with what was chosen. FIELD_MISSING
// names every field in which both differ and that nobody chose, and what to
// add; FIELD_INVALID for a record that no case may have.
absl::StatusOr<record::v1::CaseRecord> MergeRecords(
    const record::v1::CaseRecord& kept, const record::v1::CaseRecord& other,
    const FieldChoices& choices);

// The fields that are different in both, local references apart.
std::vector<const RecordField*> DifferentFields(
    const record::v1::CaseRecord& a, const record::v1::CaseRecord& b);

// What stands in a field, on one line; empty if nothing does.
std::string FieldText(const RecordField* field,
                      const record::v1::CaseRecord& record);

}  // namespace comity
