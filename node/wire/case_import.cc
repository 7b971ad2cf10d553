#include "node/wire/case_import.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/ctdc_row.h"
#include "node/wire/import_header.h"

namespace comity {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr const char* kDangerAllowed =
    "none, or NEVER_CONTACT, NEVER_SHARE_WITH:XX, OFFICIAL_INVOLVEMENT joined "
    "by \";\"";

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

std::vector<std::string> ImportDialectNames() {
  std::vector<std::string> names = {kHtcdsDialect};
  for (const CtdcDialect& dialect : CtdcDialects()) {
    names.emplace_back(dialect.name);
  }
  return names;
}

CaseImportParser::CaseImportParser(ImportTerms terms)
    : terms_(std::move(terms)) {}

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
  std::vector<std::string> names;
  for (const std::string& cell : row.cells) {
    names.emplace_back(absl::StripAsciiWhitespace(cell));
  }
  ASSIGN_OR_RETURN(dialect_, DialectOfHeader(names, terms_.dialect));
  ctdc_ = FindCtdcDialect(dialect_);
  BindColumns(names);
  return CheckTerms();
}

void CaseImportParser::BindColumns(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    Column column;
    column.name = name;
    if (ctdc_ != nullptr) {
      column.ctdc = FindCtdcColumn(*ctdc_, name);
    } else if (const HtcdsTarget* target = FindHtcdsTarget(name)) {
      column.parent = target->parent;
      column.field = target->field;
    } else {
      column.danger = true;
    }
    columns_.push_back(std::move(column));
  }
}

absl::Status CaseImportParser::CheckTerms() const {
  const auto rejected = [this](absl::string_view what) {
    return ReasonError(ErrorReason::kImportRejected,
                       absl::StrCat("a file of ", dialect_, " ", what));
  };
  if (ctdc_ == nullptr) {
    if (terms_.reference_prefix.empty() && terms_.year == 0 &&
        !terms_.screening_none_recorded) {
      return absl::OkStatus();
    }
    return rejected(
        "has references, screenings and years of its own; leave out "
        "--reference-prefix, --screening and --year");
  }
  const bool dated = std::any_of(ctdc_->columns.begin(), ctdc_->columns.end(),
                                 [](const CtdcColumn& each) {
                                   return each.kind == CtdcColumn::Kind::kYear;
                                 });
  if (dated && terms_.year != 0) {
    return rejected("tells the year of each row; leave out --year");
  }
  if (terms_.reference_prefix.empty()) {
    return rejected(
        "has no references of the state's own; give --reference-prefix, such "
        "as CTDC-");
  }
  if (!terms_.screening_none_recorded) {
    return rejected(
        "has no danger screenings; give --screening none-recorded, and its "
        "cases count in tables alone until somebody screens them");
  }
  return absl::OkStatus();
}

ImportRow CaseImportParser::ReadRow(const CsvRow& row) {
  ImportRow read;
  read.line = row.line;
  ++rows_;
  if (row.cells.size() != columns_.size()) {
    read.faults.push_back({"", "",
                           absl::StrCat("the row has ", row.cells.size(),
                                        " cells, the header ", columns_.size()),
                           "as many cells as the header"});
    return read;
  }
  if (ctdc_ != nullptr) {
    ReadCtdcRow(row, read);
  } else {
    ReadHtcdsRow(row, read);
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

void CaseImportParser::ReadHtcdsRow(const CsvRow& row, ImportRow& read) const {
  read.screening.emplace();
  read.screening->screened_at = terms_.screened_at;
  read.screening->screened_by = terms_.screened_by;
  for (size_t i = 0; i < columns_.size(); ++i) {
    ReadCell(columns_[i], row.cells[i], read);
  }
}

// Nobody screened these persons, and the rows say so: no screening at all.
void CaseImportParser::ReadCtdcRow(const CsvRow& row, ImportRow& read) const {
  read.record.set_x_local_reference(
      absl::StrFormat("%s%06d", terms_.reference_prefix, rows_));
  read.record.set_x_provenance(ctdc_->source);
  if (terms_.year != 0) {
    read.record.set_x_registered_on(absl::StrCat(terms_.year));
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    ReadCtdcCell(*ctdc_, *columns_[i].ctdc, columns_[i].name, row.cells[i],
                 read);
  }
}

void CaseImportParser::ReadCell(const Column& column, const std::string& cell,
                                ImportRow& row) {
  const std::string text(absl::StripAsciiWhitespace(cell));
  if (column.danger) {
    if (!ReadDanger(text, *row.screening)) {
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
