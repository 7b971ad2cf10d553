#include "node/wire/import_header.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/record/v1/case_record.pb.h"
#include "comity/v1/annotations.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/case_import.h"
#include "node/wire/schema_names.h"

namespace comity {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr size_t kNamed = 8;

void AddTargets(const Descriptor* type, const FieldDescriptor* parent,
                std::map<std::string, HtcdsTarget>& targets) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      AddTargets(field->message_type(), field, targets);
    } else {
      targets[FoldedColumn(field->options().GetExtension(v1::htcds))] = {parent,
                                                                         field};
    }
  }
}

const std::map<std::string, HtcdsTarget>& HtcdsTargets() {
  static const auto* targets = [] {
    auto* made = new std::map<std::string, HtcdsTarget>();
    AddTargets(record::v1::CaseRecord::descriptor(), nullptr, *made);
    return made;
  }();
  return *targets;
}

absl::Status Rejected(absl::string_view what) {
  return ReasonError(ErrorReason::kImportRejected,
                     absl::StrCat("the header line ", what));
}

// What stands between a header line and one dialect.
struct Fit {
  std::string dialect;
  size_t known = 0;  // columns of the file that the dialect has
  std::vector<std::string> lacking;
  std::vector<std::string> unknown;

  bool Whole() const { return lacking.empty() && unknown.empty(); }
};

Fit FitOfHtcds(const std::vector<std::string>& names) {
  Fit fit = {kHtcdsDialect};
  std::set<std::string> seen;
  for (const std::string& name : names) {
    seen.insert(FoldedColumn(name));
    if (FindHtcdsTarget(name) != nullptr ||
        FoldedColumn(name) == FoldedColumn(kDangerColumn)) {
      ++fit.known;
    } else {
      fit.unknown.push_back(name);
    }
  }
  for (const char* needed : {kReferenceColumn, kDangerColumn}) {
    if (!seen.contains(FoldedColumn(needed))) fit.lacking.emplace_back(needed);
  }
  return fit;
}

Fit FitOfCtdc(const CtdcDialect& dialect,
              const std::vector<std::string>& names) {
  Fit fit = {dialect.name};
  std::set<const CtdcColumn*> seen;
  for (const std::string& name : names) {
    const CtdcColumn* column = FindCtdcColumn(dialect, name);
    if (column != nullptr && seen.insert(column).second) {
      ++fit.known;
    } else {
      fit.unknown.push_back(name);
    }
  }
  for (const CtdcColumn& column : dialect.columns) {
    if (!column.optional && !seen.contains(&column)) {
      fit.lacking.emplace_back(column.name);
    }
  }
  return fit;
}

// "the column a" or "the columns a, b and 3 more".
std::string ColumnList(const std::vector<std::string>& names) {
  const std::vector<std::string> first(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(
                                         std::min(kNamed, names.size())));
  return absl::StrCat(
      names.size() == 1 ? "the column " : "the columns ",
      absl::StrJoin(first, ", "),
      names.size() > kNamed
          ? absl::StrCat(" and ", names.size() - kNamed, " more")
          : "");
}

std::string WhatDoesNotFit(const Fit& fit) {
  std::vector<std::string> parts;
  if (!fit.lacking.empty()) {
    parts.push_back(absl::StrCat("the file lacks ", ColumnList(fit.lacking)));
  }
  if (!fit.unknown.empty()) {
    parts.push_back(absl::StrCat("it has ", ColumnList(fit.unknown), ", which ",
                                 fit.dialect,
                                 " does not have; rename or remove it"));
  }
  return absl::StrJoin(parts, "; ");
}

absl::Status CheckNames(const std::vector<std::string>& names) {
  for (const auto& [separator, name] :
       {std::pair{';', "semicolons"}, std::pair{'\t', "tabs"}}) {
    if (names.size() == 1 && names[0].find(separator) != std::string::npos) {
      return Rejected(absl::StrCat("is separated by ", name,
                                   "; save the file with commas"));
    }
  }
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(FoldedColumn(name)).second) {
      return Rejected(absl::StrCat("names the column ", name, " twice"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string FoldedColumn(absl::string_view name) {
  std::string folded;
  for (const char c : absl::StripAsciiWhitespace(name)) {
    if (c != '_' && c != ' ') {
      folded.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    }
  }
  return folded;
}

const HtcdsTarget* FindHtcdsTarget(absl::string_view name) {
  const auto found = HtcdsTargets().find(FoldedColumn(name));
  return found == HtcdsTargets().end() ? nullptr : &found->second;
}

std::string NoSuchColumn(absl::string_view name) {
  std::vector<std::string> names;
  for (const auto& [folded, target] : HtcdsTargets()) {
    names.push_back(target.field->options().GetExtension(v1::htcds));
  }
  return absl::StrCat("there is no field \"", name, "\"",
                      MeantName(name, names));
}

const CtdcColumn* FindCtdcColumn(const CtdcDialect& dialect,
                                 absl::string_view name) {
  const std::string folded = FoldedColumn(name);
  for (const CtdcColumn& column : dialect.columns) {
    if (folded == FoldedColumn(column.name) ||
        (column.also != nullptr && folded == FoldedColumn(column.also))) {
      return &column;
    }
  }
  return nullptr;
}

const CtdcDialect* FindCtdcDialect(absl::string_view name) {
  for (const CtdcDialect& dialect : CtdcDialects()) {
    if (name == dialect.name) return &dialect;
  }
  return nullptr;
}

absl::StatusOr<std::string> DialectOfHeader(
    const std::vector<std::string>& names, absl::string_view wanted) {
  RETURN_IF_ERROR(CheckNames(names));
  std::vector<Fit> fits = {FitOfHtcds(names)};
  for (const CtdcDialect& dialect : CtdcDialects()) {
    fits.push_back(FitOfCtdc(dialect, names));
  }
  if (!wanted.empty()) {
    std::erase_if(fits,
                  [wanted](const Fit& fit) { return fit.dialect != wanted; });
  }
  const Fit* nearest = nullptr;
  for (const Fit& fit : fits) {
    if (fit.Whole()) return fit.dialect;
    if (nearest == nullptr || fit.known > nearest->known) nearest = &fit;
  }
  if (nearest != nullptr && !wanted.empty()) {
    return Rejected(
        absl::StrCat("is not one of ", wanted, ": ", WhatDoesNotFit(*nearest)));
  }
  const std::string all = absl::StrJoin(ImportDialectNames(), ", ");
  if (nearest == nullptr || nearest->known == 0) {
    return Rejected(absl::StrCat("has no column of any dialect (", all, ")"));
  }
  return Rejected(absl::StrCat("fits no dialect (", all, "). The nearest is ",
                               nearest->dialect, ": ",
                               WhatDoesNotFit(*nearest)));
}

}  // namespace comity
