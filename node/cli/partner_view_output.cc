#include "node/cli/partner_view_output.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "node/cli/fact_json.h"
#include "node/domain/deadline_terms.h"
#include "node/policy/duty_words.h"

namespace comity {
namespace {

using google::protobuf::Struct;

FieldGroup GroupAt(size_t i) { return static_cast<FieldGroup>(i); }

// The names of field groups are too wide for a column.
constexpr std::array<const char*, kFieldGroupCount> kHeadings = {
    "answer",  "CASE_REF", "STATUS",  "DEMOGR",  "EXPLOIT", "NEEDS",
    "CONTACT", "IDENTITY", "BIOMETR", "LOCATN",  "MEDICAL", "TESTIM",
    "FAMILY",  "MIGRATN",  "NARRATV", "PERPETR", "NATIONAL"};

template <typename Enum>
std::vector<std::string> NamesOf(EnumSet<Enum> set) {
  std::vector<std::string> names;
  for (const Enum value : set.Values()) names.emplace_back(Name(value));
  return names;
}

// "any" for all values of a vocabulary that ends with `last`.
template <typename Enum>
std::string Listed(EnumSet<Enum> set, Enum last) {
  const auto names = NamesOf(set);
  return names.size() == static_cast<size_t>(last) ? "any"
                                                   : absl::StrJoin(names, ", ");
}

std::string Mark(Reach reach, bool utf8) {
  switch (reach) {
    case Reach::kNever:
      return utf8 ? "–" : "-";
    case Reach::kWhen:
      return utf8 ? "◐" : "o";
    case Reach::kAlways:
      return utf8 ? "●" : "*";
  }
  return "";
}

const char* Coarseness(Redaction redaction) {
  switch (redaction) {
    case Redaction::kUnset:
      return "";
    case Redaction::kMask:
      return "m";
    case Redaction::kAgeBand5:
      return "5y";
    case Redaction::kAgeBand10:
      return "10y";
    case Redaction::kCountryOnly:
      return "c";
    case Redaction::kYearOnly:
      return "y";
  }
  return "";
}

std::string Range(uint32_t least, uint32_t most) {
  return least == most ? absl::StrCat(most) : absl::StrCat(least, "-", most);
}

std::string MatrixText(const ViewCell& cell, size_t group, bool utf8) {
  std::string text = Mark(cell.reach, utf8);
  if (cell.reach == Reach::kNever) return text;
  absl::StrAppend(&text, Coarseness(cell.most.redact[group]));
  if (cell.approvals_most != 0) {
    absl::StrAppend(&text, Range(cell.approvals_least, cell.approvals_most),
                    "p");
  }
  if (cell.only_in_emergency) absl::StrAppend(&text, "!");
  return text;
}

bool Told(const PartnerView& view, size_t group) {
  return std::any_of(view.rows.begin(), view.rows.end(), [&](const auto& row) {
    return row.second[group].reach != Reach::kNever;
  });
}

// One cell in words; equal words are told once for several groups.
std::string Paragraph(const ViewCell& cell) {
  std::vector<std::string> lines;
  const auto add = [&](const char* label, const std::string& words) {
    if (!words.empty()) lines.push_back(absl::StrCat("    ", label, words));
  };
  std::string when = absl::StrJoin(cell.conditions, " and ");
  if (cell.only_in_emergency) {
    absl::StrAppend(&when, when.empty() ? "" : ", ", "only in an emergency");
  }
  add("when:     ", when);
  add("roles:    ", Listed(cell.roles, Role::kSurvivorRepresentative));
  add("purposes: ", Listed(cell.purposes, Purpose::kOversight));
  add("on:       ", Listed(cell.bases, LegalBasis::kPublicTask));
  add("tables:   ", cell.tables);
  if (cell.approvals_most != 0) {
    add("approvals: ", Range(cell.approvals_least, cell.approvals_most));
  }
  const std::string most = absl::StrJoin(DutyWords(cell.most), ", ");
  const std::string least = absl::StrJoin(DutyWords(cell.least), ", ");
  add("duties:   ", most);
  if (least != most) {
    add("at least: ", least.empty() ? "none" : least);
  }
  add("rules:    ", absl::StrJoin(cell.rules, ", "));
  add("refusing: ", absl::StrJoin(cell.refusing, ", "));
  return absl::StrJoin(lines, "\n");
}

// "ng-ne: acknowledge_hours 24, ...".
std::string DeadlinesLine(const ViewDeadlines& view) {
  std::vector<std::string> lengths;
  for (const DeadlineText& text : DeadlineTexts(view.deadlines)) {
    lengths.push_back(absl::StrCat(
        text.name, " ", absl::StrReplaceAll(text.length, {{", ", "/"}})));
  }
  return absl::StrCat("REFERRALS  time limits under ", view.agreement, "\n    ",
                      absl::StrJoin(lengths, ", "), "\n");
}

Struct CellJson(size_t group, const ViewCell& cell) {
  Struct object;
  JsonField(object, "group")
      .set_string_value(group == 0 ? "" : std::string(Name(GroupAt(group))));
  JsonField(object, "reach").set_string_value(Name(cell.reach));
  if (cell.reach == Reach::kNever) return object;
  JsonField(object, "only_in_emergency").set_bool_value(cell.only_in_emergency);
  JsonField(object, "approvals_least").set_number_value(cell.approvals_least);
  JsonField(object, "approvals_most").set_number_value(cell.approvals_most);
  SetJsonNames(DutyWords(cell.least), object, "duties_least");
  SetJsonNames(DutyWords(cell.most), object, "duties_most");
  SetJsonNames(NamesOf(cell.roles), object, "roles");
  SetJsonNames(NamesOf(cell.purposes), object, "purposes");
  SetJsonNames(NamesOf(cell.bases), object, "bases");
  SetJsonNames(cell.conditions, object, "conditions");
  JsonField(object, "tables").set_string_value(cell.tables);
  SetJsonNames({cell.rules.begin(), cell.rules.end()}, object, "rules");
  SetJsonNames({cell.refusing.begin(), cell.refusing.end()}, object,
               "refusing");
  return object;
}

}  // namespace

std::vector<std::vector<std::string>> MatrixOf(const PartnerView& view,
                                               bool utf8) {
  std::vector<size_t> groups;
  for (size_t i = 0; i < static_cast<size_t>(kFieldGroupCount); ++i) {
    if (Told(view, i)) groups.push_back(i);
  }
  std::vector<std::vector<std::string>> rows = {{""}};
  for (const size_t group : groups) rows[0].push_back(kHeadings[group]);
  for (const auto& [operation, cells] : view.rows) {
    std::vector<std::string> row = {std::string(Name(operation))};
    for (const size_t group : groups) {
      row.push_back(MatrixText(cells[group], group, utf8));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string LegendOf(bool utf8) {
  return absl::StrCat(
      Mark(Reach::kAlways, utf8), " always  ", Mark(Reach::kWhen, utf8),
      " when conditions hold  ", Mark(Reach::kNever, utf8),
      " never   5y in five-year bands, 10y ten, y the year, c the country, m "
      "left out   2p two approvals   ! in an emergency only\n"
      "A danger flag on a case refuses each of these, whatever files say.\n");
}

std::string DetailsOf(const PartnerView& view) {
  std::string text;
  for (const auto& [operation, cells] : view.rows) {
    std::vector<std::pair<std::string, std::string>> paragraphs;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].reach == Reach::kNever) continue;
      const std::string name =
          i == 0 ? "an answer without fields" : std::string(Name(GroupAt(i)));
      const std::string words = Paragraph(cells[i]);
      const auto same =
          std::find_if(paragraphs.begin(), paragraphs.end(),
                       [&](const auto& each) { return each.second == words; });
      if (same != paragraphs.end()) {
        absl::StrAppend(&same->first, ", ", name);
      } else {
        paragraphs.emplace_back(name, words);
      }
    }
    for (const auto& [names, words] : paragraphs) {
      absl::StrAppend(&text, Name(operation), "  ", names, "\n", words, "\n");
    }
  }
  return text;
}

std::string DeadlinesOf(const PartnerView& view) {
  std::string text;
  for (const ViewDeadlines& each : view.deadlines) {
    absl::StrAppend(&text, DeadlinesLine(each));
  }
  return text;
}

Struct ViewJson(const PartnerView& view) {
  Struct object;
  JsonField(object, "holder").set_string_value(view.holder);
  JsonField(object, "asker").set_string_value(view.asker);
  JsonField(object, "at")
      .set_string_value(
          absl::FormatTime(absl::RFC3339_sec, view.at, absl::UTCTimeZone()));
  JsonField(object, "classes")
      .set_number_value(static_cast<double>(view.classes));
  JsonField(object, "deadlines").mutable_list_value();
  for (const ViewDeadlines& each : view.deadlines) {
    Struct& one = AddJsonObject(object, "deadlines");
    JsonField(one, "agreement").set_string_value(each.agreement);
    for (const DeadlineText& text : DeadlineTexts(each.deadlines)) {
      JsonField(one, text.name).set_string_value(text.length);
    }
  }
  JsonField(object, "operations").mutable_list_value();
  for (const auto& [operation, cells] : view.rows) {
    Struct& row = AddJsonObject(object, "operations");
    JsonField(row, "operation").set_string_value(std::string(Name(operation)));
    for (size_t i = 0; i + 1 < cells.size(); ++i) {
      AddJsonObject(row, "groups") = CellJson(i, cells[i]);
    }
  }
  return object;
}

}  // namespace comity
