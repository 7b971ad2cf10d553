#include "node/wire/case_import.h"

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "comity/v1/annotations.pb.h"
#include "google/protobuf/descriptor.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr const char* kDangerColumn = "x_danger";
constexpr const char* kReferenceColumn = "x_local_reference";
constexpr const char* kDangerAllowed =
    "none, or NEVER_CONTACT, NEVER_SHARE_WITH:XX, OFFICIAL_INVOLVEMENT joined "
    "by \";\"";

// "prs_First_Name", "prs_FirstName " and "PRS_FIRSTNAME" are one column.
std::string Folded(absl::string_view name) {
  std::string folded;
  for (const char c : absl::StripAsciiWhitespace(name)) {
    if (c != '_' && c != ' ') {
      folded.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    }
  }
  return folded;
}

struct Target {
  const FieldDescriptor* parent = nullptr;
  const FieldDescriptor* field = nullptr;
};

void AddTargets(const Descriptor* type, const FieldDescriptor* parent,
                std::map<std::string, Target>& targets) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      AddTargets(field->message_type(), field, targets);
    } else {
      targets[Folded(field->options().GetExtension(v1::htcds))] = {parent,
                                                                   field};
    }
  }
}

const std::map<std::string, Target>& Targets() {
  static const auto* targets = [] {
    auto* made = new std::map<std::string, Target>();
    AddTargets(record::v1::CaseRecord::descriptor(), nullptr, *made);
    return made;
  }();
  return *targets;
}

bool ParseBool(absl::string_view text, bool* value) {
  const std::string folded = absl::AsciiStrToLower(text);
  *value = folded == "true" || folded == "yes" || folded == "1";
  return *value || folded == "false" || folded == "no" || folded == "0";
}

// Returns what is allowed if `text` does not fit the field's type.
std::string SetScalar(Message& message, const FieldDescriptor* field,
                      const std::string& text) {
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool value = false;
      if (!ParseBool(text, &value)) return "true or false";
      reflection->SetBool(&message, field, value);
      return "";
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) return "a whole number";
      reflection->SetUInt32(&message, field, value);
      return "";
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double value = 0;
      if (!absl::SimpleAtod(text, &value)) return "a number";
      reflection->SetDouble(&message, field, value);
      return "";
    }
    default:
      reflection->SetString(&message, field, text);
      return "";
  }
}

bool ReadDanger(absl::string_view text, DangerScreening& screening) {
  if (text == "none") return true;
  for (absl::string_view part : absl::StrSplit(text, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (part == "NEVER_CONTACT") {
      screening.never_contact = true;
    } else if (part == "OFFICIAL_INVOLVEMENT") {
      screening.official_involvement = true;
    } else if (absl::ConsumePrefix(&part, "NEVER_SHARE_WITH:")) {
      const auto code = ParticipantCode::Create(part);
      if (!code.ok()) return false;
      screening.never_share_with.push_back(*code);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

CaseImportParser::CaseImportParser(absl::Time screened_at,
                                   absl::string_view screened_by)
    : screened_at_(screened_at), screened_by_(screened_by) {}

absl::StatusOr<std::vector<ImportRow>> CaseImportParser::Read(
    absl::string_view piece, bool last) {
  ASSIGN_OR_RETURN(const std::vector<CsvRow> rows, csv_.Read(piece, last));
  std::vector<ImportRow> read;
  for (const CsvRow& row : rows) {
    if (columns_.empty()) {
      RETURN_IF_ERROR(ReadHeader(row));
    } else {
      read.push_back(ReadRow(row));
    }
  }
  if (last && columns_.empty()) {
    return ReasonError(ErrorReason::kImportRejected,
                       "the file has no header line");
  }
  return read;
}

absl::Status CaseImportParser::ReadHeader(const CsvRow& row) {
  const auto rejected = [](absl::string_view what) {
    return ReasonError(ErrorReason::kImportRejected,
                       absl::StrCat("the header line ", what));
  };
  const bool one_cell = row.cells.size() == 1;
  for (const auto& [separator, name] :
       {std::pair{';', "semicolons"}, std::pair{'\t', "tabs"}}) {
    if (one_cell && row.cells[0].find(separator) != std::string::npos) {
      return rejected(absl::StrCat("is separated by ", name,
                                   "; save the file with commas"));
    }
  }
  std::vector<Column> columns;
  std::set<std::string> seen;
  for (const std::string& cell : row.cells) {
    const std::string name(absl::StripAsciiWhitespace(cell));
    if (!seen.insert(Folded(name)).second) {
      return rejected(absl::StrCat("names the column ", name, " twice"));
    }
    if (Folded(name) == Folded(kDangerColumn)) {
      columns.push_back({name, nullptr, nullptr, true});
      continue;
    }
    const auto target = Targets().find(Folded(name));
    if (target == Targets().end()) {
      return rejected(absl::StrCat(
          "names the column \"", name,
          "\", which HTCDS 2.0 does not have; rename or remove it"));
    }
    columns.push_back({name, target->second.parent, target->second.field});
  }
  for (const char* needed : {kReferenceColumn, kDangerColumn}) {
    if (!seen.contains(Folded(needed))) {
      return rejected(absl::StrCat("lacks the column ", needed));
    }
  }
  columns_ = std::move(columns);
  return absl::OkStatus();
}

ImportRow CaseImportParser::ReadRow(const CsvRow& row) const {
  ImportRow read;
  read.line = row.line;
  read.screening.screened_at = screened_at_;
  read.screening.screened_by = screened_by_;
  if (row.cells.size() != columns_.size()) {
    read.faults.push_back({"", "",
                           absl::StrCat("the row has ", row.cells.size(),
                                        " cells, the header ", columns_.size()),
                           "as many cells as the header"});
    return read;
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    ReadCell(columns_[i], row.cells[i], read);
  }
  for (RecordFault& fault : CheckRecord(read.record)) {
    read.faults.push_back(std::move(fault));
  }
  if (read.record.x_local_reference().empty()) {
    read.faults.push_back({kReferenceColumn, "", "empty",
                           "the state's own reference of the case"});
  }
  return read;
}

void CaseImportParser::ReadCell(const Column& column, const std::string& cell,
                                ImportRow& row) {
  const std::string text(absl::StripAsciiWhitespace(cell));
  if (column.danger) {
    if (!ReadDanger(text, row.screening)) {
      row.faults.push_back(
          {column.name, text, "not a danger screening", kDangerAllowed});
    }
    return;
  }
  if (text.empty()) return;
  Message* message = &row.record;
  if (column.parent != nullptr) {
    const Reflection* reflection = message->GetReflection();
    message =
        reflection->FieldSize(*message, column.parent) == 0
            ? reflection->AddMessage(message, column.parent)
            : reflection->MutableRepeatedMessage(message, column.parent, 0);
  }
  if (column.field->is_repeated()) {
    for (const absl::string_view part : absl::StrSplit(text, ';')) {
      const absl::string_view code = absl::StripAsciiWhitespace(part);
      if (code.empty()) continue;
      message->GetReflection()->AddString(message, column.field,
                                          std::string(code));
    }
    return;
  }
  const std::string allowed = SetScalar(*message, column.field, text);
  if (!allowed.empty()) {
    row.faults.push_back({column.name, text, "not readable", allowed});
  }
}

}  // namespace comity
