#include "node/wire/record_merge.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "node/base/error_reason.h"
#include "node/wire/case_record.h"

namespace comity {
namespace {

using google::protobuf::util::MessageDifferencer;
using record::v1::CaseRecord;

constexpr std::array kVerdicts = {"EQUAL", "ONLY_KEPT", "ONLY_OTHER",
                                  "DIFFERING"};

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

bool Has(const CaseRecord& record, const RecordField* field) {
  const auto* reflection = CaseRecord::GetReflection();
  return field->is_repeated() ? reflection->FieldSize(record, field) > 0
                              : reflection->HasField(record, field);
}

bool IsReference(const RecordField* field) {
  return field->number() == CaseRecord::kXLocalReferenceFieldNumber;
}

// A risk that one record knows of is not lost.
bool IsUnited(const RecordField* field) {
  return field->number() == CaseRecord::kXRisksFieldNumber;
}

// Whether element `i` of `other` is among those of `record`.
bool Lists(const CaseRecord& record, const RecordField* field,
           const CaseRecord& other, int i) {
  const auto* reflection = CaseRecord::GetReflection();
  for (int k = 0; k < reflection->FieldSize(record, field); ++k) {
    const bool same =
        field->message_type() != nullptr
            ? MessageDifferencer::Equals(
                  reflection->GetRepeatedMessage(record, field, k),
                  reflection->GetRepeatedMessage(other, field, i))
            : reflection->GetRepeatedString(record, field, k) ==
                  reflection->GetRepeatedString(other, field, i);
    if (same) return true;
  }
  return false;
}

void AddListed(const CaseRecord& other, const RecordField* field,
               CaseRecord& merged) {
  const auto* reflection = CaseRecord::GetReflection();
  for (int i = 0; i < reflection->FieldSize(other, field); ++i) {
    if (Lists(merged, field, other, i)) continue;
    if (field->message_type() != nullptr) {
      reflection->AddMessage(&merged, field)
          ->CopyFrom(reflection->GetRepeatedMessage(other, field, i));
    } else {
      reflection->AddString(&merged, field,
                            reflection->GetRepeatedString(other, field, i));
    }
  }
}

void TakeOther(const CaseRecord& other, const RecordField* field,
               CaseRecord& merged) {
  // Field by field, as merging one message of that field alone does.
  CaseRecord alone = other;
  const auto* reflection = CaseRecord::GetReflection();
  std::vector<const RecordField*> set;
  reflection->ListFields(other, &set);
  for (const RecordField* each : set) {
    if (each != field) reflection->ClearField(&alone, each);
  }
  reflection->ClearField(&merged, field);
  merged.MergeFrom(alone);
}

FieldTaken DefaultFor(const FieldComparison& compared) {
  if (IsUnited(compared.field)) return FieldTaken::kBoth;
  return compared.verdict == FieldVerdict::kOnlyOther ? FieldTaken::kOther
                                                      : FieldTaken::kKeep;
}

absl::Status Undecided(const std::vector<std::string>& names) {
  const auto option = [](std::string* out, const std::string& name) {
    absl::StrAppend(out, "--field ", name, "=keep|other");
  };
  return ReasonError(
      ErrorReason::kFieldMissing,
      absl::StrCat("both records say something else in ",
                   absl::StrJoin(names, ", "),
                   "; choose for each: ", absl::StrJoin(names, " ", option)));
}

}  // namespace

absl::string_view Name(FieldVerdict verdict) {
  return kVerdicts[static_cast<size_t>(verdict)];
}

bool NeedsChoice(const FieldComparison& compared) {
  return compared.verdict == FieldVerdict::kDiffering &&
         !IsUnited(compared.field);
}

std::vector<FieldComparison> CompareRecords(const CaseRecord& kept,
                                            const CaseRecord& other) {
  std::vector<FieldComparison> compared;
  const auto* type = CaseRecord::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const RecordField* field = type->field(i);
    const bool in_kept = Has(kept, field);
    const bool in_other = Has(other, field);
    if (IsReference(field) || (!in_kept && !in_other)) continue;
    FieldVerdict verdict = FieldVerdict::kDiffering;
    if (!in_other) {
      verdict = FieldVerdict::kOnlyKept;
    } else if (!in_kept) {
      verdict = FieldVerdict::kOnlyOther;
    } else if (SaysTheSame(field, kept, other)) {
      verdict = FieldVerdict::kEqual;
    }
    compared.push_back({field, verdict});
  }
  return compared;
}

absl::Status AddChoice(const std::string& name, const std::string& taken,
                       FieldChoices& choices) {
  const RecordField* field = FindRecordField(name);
  if (field == nullptr) {
    return Invalid(absl::StrCat(name, " is no field of a case"));
  }
  if (IsReference(field)) {
    return Invalid("x_local_reference stays that of the case that is kept");
  }
  if (IsUnited(field)) {
    return Invalid(absl::StrCat(
        FieldNameOf(field),
        " is united: no risk is lost by a merge; comity case edit changes it"));
  }
  FieldTaken choice = FieldTaken::kKeep;
  if (taken == "other") {
    choice = FieldTaken::kOther;
  } else if (taken == "both" && field->is_repeated()) {
    choice = FieldTaken::kBoth;
  } else if (taken != "keep") {
    return Invalid(absl::StrCat(
        "write ", FieldNameOf(field), "=keep or ", FieldNameOf(field),
        field->is_repeated() ? "=other, or =both" : "=other"));
  }
  if (choices.emplace(field, choice).second) return absl::OkStatus();
  return Invalid(absl::StrCat(FieldNameOf(field), " is chosen twice"));
}

absl::StatusOr<CaseRecord> MergeRecords(const CaseRecord& kept,
                                        const CaseRecord& other,
                                        const FieldChoices& choices) {
  CaseRecord merged = kept;
  std::vector<std::string> undecided;
  for (const FieldComparison& compared : CompareRecords(kept, other)) {
    const RecordField* field = compared.field;
    const auto chosen = choices.find(field);
    const FieldTaken taken =
        chosen == choices.end() ? DefaultFor(compared) : chosen->second;
    if (chosen == choices.end() && NeedsChoice(compared)) {
      undecided.push_back(FieldNameOf(field));
    } else if (taken == FieldTaken::kOther) {
      TakeOther(other, field, merged);
    } else if (taken == FieldTaken::kBoth) {
      AddListed(other, field, merged);
    }
  }
  if (!undecided.empty()) return Undecided(undecided);
  const std::vector<RecordFault> faults = CheckRecord(merged);
  if (faults.empty()) return merged;
  return Invalid(absl::StrCat(faults[0].field, ": ", faults[0].reason,
                              "; allowed: ", faults[0].allowed));
}

std::vector<const RecordField*> DifferentFields(const CaseRecord& a,
                                                const CaseRecord& b) {
  std::vector<const RecordField*> different;
  for (const FieldComparison& compared : CompareRecords(a, b)) {
    if (compared.verdict != FieldVerdict::kEqual) {
      different.push_back(compared.field);
    }
  }
  return different;
}

std::string FieldText(const RecordField* field, const CaseRecord& record) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  const auto* reflection = CaseRecord::GetReflection();
  std::vector<std::string> values;
  const int count = field->is_repeated() ? reflection->FieldSize(record, field)
                                         : (Has(record, field) ? 1 : 0);
  for (int i = 0; i < count; ++i) {
    std::string value;
    if (field->message_type() != nullptr) {
      printer.PrintToString(reflection->GetRepeatedMessage(record, field, i),
                            &value);
    } else {
      printer.PrintFieldValueToString(record, field,
                                      field->is_repeated() ? i : -1, &value);
    }
    absl::StripTrailingAsciiWhitespace(&value);
    values.push_back(std::move(value));
  }
  return absl::StrJoin(values, ", ");
}

}  // namespace comity
