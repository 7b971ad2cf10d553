#include "node/wire/case_record.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "comity/v1/annotations.pb.h"
#include "google/protobuf/descriptor.h"
#include "node/base/error_reason.h"
#include "node/domain/code_lists.h"

namespace comity {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsMessage(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

FieldGroup GroupOf(const FieldDescriptor* field) {
  return static_cast<FieldGroup>(field->options().GetExtension(v1::group));
}

// Calls `visit` with each message inside `message`, itself first.
template <typename Visit>
void ForEachMessage(Message& message, const Visit& visit) {
  visit(message);
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!IsMessage(field)) continue;
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      ForEachMessage(*reflection->MutableRepeatedMessage(&message, field, i),
                     visit);
    }
  }
}

// "20-24" for 22 in bands of 5.
std::string AgeBand(uint32_t age, uint32_t width) {
  const uint32_t low = age / width * width;
  return absl::StrCat(low, "-", low + width - 1);
}

// A band that an age of this width, or a coarser one, would have been put into.
bool IsBandOf(absl::string_view band, uint32_t width) {
  const std::vector<std::string> ends = absl::StrSplit(band, '-');
  uint32_t low = 0;
  uint32_t high = 0;
  return ends.size() == 2 && absl::SimpleAtoi(ends[0], &low) &&
         absl::SimpleAtoi(ends[1], &high) && low < high && low % width == 0 &&
         (high + 1) % width == 0;
}

void BandAges(Message& message, const FieldDescriptor* field, uint32_t width) {
  const Reflection* reflection = message.GetReflection();
  const auto* band = message.GetDescriptor()->FindFieldByName("x_age_band");
  if (field->name() == "x_age_at_registration" && band != nullptr) {
    reflection->SetString(
        &message, band, AgeBand(reflection->GetUInt32(message, field), width));
  }
  reflection->ClearField(&message, field);
}

// Carries out one redaction on one field of its group.
void Coarsen(Message& message, const FieldDescriptor* field, Redaction how) {
  const Reflection* reflection = message.GetReflection();
  const bool is_age = field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32 &&
                      absl::StrContains(field->name(), "age");
  const bool is_date = field->options().GetExtension(v1::date);
  switch (how) {
    case Redaction::kUnset:
      return;
    case Redaction::kMask:
      reflection->ClearField(&message, field);
      return;
    case Redaction::kAgeBand5:
    case Redaction::kAgeBand10: {
      const uint32_t width = how == Redaction::kAgeBand5 ? 5 : 10;
      if (is_age) BandAges(message, field, width);
      // A band from a file may be narrower: "18-20".
      if (field->name() == "x_age_band" &&
          !IsBandOf(reflection->GetString(message, field), width)) {
        reflection->ClearField(&message, field);
      }
      // A birth date is an age to the day.
      if (is_date) reflection->ClearField(&message, field);
      return;
    }
    case Redaction::kCountryOnly:
      if (!absl::EndsWith(field->name(), "country")) {
        reflection->ClearField(&message, field);
      }
      return;
    case Redaction::kYearOnly:
      if (is_date) {
        reflection->SetString(
            &message, field,
            reflection->GetString(message, field).substr(0, 4));
      }
      return;
  }
}

bool IsDate(absl::string_view text) {
  absl::CivilDay day;
  absl::CivilMonth month;
  absl::CivilYear year;
  return (text.size() == 4 && absl::ParseCivilTime(text, &year)) ||
         (text.size() == 7 && absl::ParseCivilTime(text, &month)) ||
         (text.size() == 10 && absl::ParseCivilTime(text, &day));
}

// Puts one text into its code's spelling, or reports it.
void CheckText(const FieldDescriptor* field, std::string& text,
               std::vector<RecordFault>& faults) {
  const std::string& name = field->options().GetExtension(v1::htcds);
  const std::string& list = field->options().GetExtension(v1::codes);
  if (!list.empty()) {
    std::string code = CodeFor(list, text);
    if (code.empty()) {
      faults.push_back({name, text, "not a code of the list " + list,
                        absl::StrJoin(CodesOf(list), ", ")});
    } else {
      text = std::move(code);
    }
  }
  if (field->options().GetExtension(v1::date) && !IsDate(text)) {
    faults.push_back({name, text, "not a date", "YYYY-MM-DD, YYYY-MM or YYYY"});
  }
  if (text.size() > 4096) {
    faults.push_back({name, text.substr(0, 32), "longer than 4096 bytes",
                      "at most 4096 bytes"});
  }
}

void CheckFields(Message& message, std::vector<RecordFault>& faults) {
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32 &&
        reflection->GetUInt32(message, field) > 130) {
      faults.push_back({field->options().GetExtension(v1::htcds),
                        absl::StrCat(reflection->GetUInt32(message, field)),
                        "out of range", "0 to 130"});
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    if (!field->is_repeated()) {
      std::string text = reflection->GetString(message, field);
      CheckText(field, text, faults);
      reflection->SetString(&message, field, text);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      std::string text = reflection->GetRepeatedString(message, field, i);
      CheckText(field, text, faults);
      reflection->SetRepeatedString(&message, field, i, text);
    }
  }
}

std::optional<AgeClass> AgeClassOf(const record::v1::CaseRecord& record) {
  if (record.x_age_class() == "Child") return AgeClass::kChild;
  if (record.x_age_class() == "Adult") return AgeClass::kAdult;
  if (record.x_age_class() == "Disputed") return AgeClass::kAgeDisputed;
  if (!record.has_x_age_at_registration()) return std::nullopt;
  return record.x_age_at_registration() < 18 ? AgeClass::kChild
                                             : AgeClass::kAdult;
}

std::vector<std::string> ExploitationCountries(
    const record::v1::CaseRecord& record) {
  std::vector<std::string> countries;
  for (const auto& event : record.events()) {
    if (event.hte_type() == "Exploitation" && !event.hte_country().empty()) {
      countries.push_back(event.hte_country());
    }
  }
  return countries;
}

template <typename Repeated>
std::vector<std::string> Texts(const Repeated& list) {
  return {list.begin(), list.end()};
}

// A row whose fields are all gone would still tell that there was one.
void DropEmptyRows(Message& record) {
  const Reflection* reflection = record.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(record, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!IsMessage(field)) continue;
    for (int i = reflection->FieldSize(record, field) - 1; i >= 0; --i) {
      if (reflection->GetRepeatedMessage(record, field, i).ByteSizeLong() ==
          0) {
        reflection->SwapElements(&record, field, i,
                                 reflection->FieldSize(record, field) - 1);
        reflection->RemoveLast(&record, field);
      }
    }
  }
}

}  // namespace

void RedactRecord(FieldGroups keep, const Redactions& redact, Message& record) {
  ForEachMessage(record, [&](Message& message) {
    const Reflection* reflection = message.GetReflection();
    reflection->MutableUnknownFields(&message)->Clear();
    std::vector<const FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (IsMessage(field)) continue;
      const FieldGroup group = GroupOf(field);
      if (group == FieldGroup::kUnset || !keep.Contains(group)) {
        reflection->ClearField(&message, field);
        continue;
      }
      const Redaction how = redact[static_cast<size_t>(group)];
      if (how != Redaction::kUnset) Coarsen(message, field, how);
    }
  });
  DropEmptyRows(record);
}

FieldGroups GroupsPresent(const Message& record) {
  FieldGroups groups;
  ForEachMessage(const_cast<Message&>(record), [&](const Message& message) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (!IsMessage(field)) groups = groups.With(GroupOf(field));
    }
  });
  return groups;
}

std::vector<RecordFault> CheckRecord(Message& record) {
  std::vector<RecordFault> faults;
  ForEachMessage(record,
                 [&](Message& message) { CheckFields(message, faults); });
  return faults;
}

CaseFacts RecordFactsOf(const record::v1::CaseRecord& record) {
  CaseFacts facts;
  facts.age = AgeClassOf(record);
  if (record.prs_citizenship_size() > 0) {
    facts.origin_countries = Texts(record.prs_citizenship());
  }
  std::vector<std::string> countries = ExploitationCountries(record);
  if (!countries.empty()) facts.exploitation_countries = std::move(countries);
  facts.risks.emplace();
  for (const std::string& risk : record.x_risks()) {
    facts.risks->push_back(risk == "Family" ? RiskMarker::kFamily
                                            : RiskMarker::kTraffickerAtLarge);
  }
  return facts;
}

std::string FoldedName(absl::string_view name) {
  return absl::AsciiStrToUpper(absl::StripAsciiWhitespace(name));
}

absl::StatusOr<record::v1::CaseRecord> ParseRecord(absl::string_view body) {
  record::v1::CaseRecord record;
  const absl::Status parsed = ParseRecord(body, record);
  if (!parsed.ok()) return parsed;
  return record;
}

absl::Status ParseRecord(absl::string_view body,
                         record::v1::CaseRecord& record) {
  if (record.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kIntegrityFailure,
                     "a stored case record does not parse");
}

}  // namespace comity
