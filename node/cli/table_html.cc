#include "node/cli/table_html.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "node/cli/table_csv.h"
#include "node/cli/table_output.h"
#include "node/domain/measure.h"
#include "node/domain/table_question.h"
#include "node/wire/sum_alone.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr absl::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 15px/1.5 sans-serif; color: #1b1b1b; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { border: 1px solid #c9c9c9; padding: .2rem .5rem; text-align: right; }
th.code { text-align: left; font-weight: normal; } td.hidden { color: #6b6b6b; font-style: italic; }
svg text { font: 12px sans-serif; } .bar { fill: #1f5a91; } .none { fill: none; stroke: #8a8a8a; stroke-dasharray: 3 3; }
.wide { overflow-x: auto; } li.missing { color: #8a2f00; }
</style>
)";

std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"},
                                    {"<", "&lt;"},
                                    {">", "&gt;"},
                                    {"\"", "&quot;"},
                                    {"'", "&#39;"}});
}

std::string Element(const char* name, const std::string& text,
                    const char* attributes = "") {
  return absl::StrCat("<", name, attributes, ">", Escaped(text), "</", name,
                      ">");
}

// "Persons", "Median of days from acceptance to handover".
std::string Told(const pb::RequestTableResponse& response) {
  std::string told = MeasureWords(MeasureNamed(response.measure()));
  if (!told.empty()) {
    told[0] = absl::ascii_toupper(static_cast<unsigned char>(told[0]));
  }
  return told;
}

std::string TitleOf(const pb::RequestTableResponse& response) {
  std::string title = response.indicator().empty()
                          ? Told(response)
                          : absl::StrCat("Indicator ", response.indicator());
  if (response.indicator().empty() && !response.dimensions().empty()) {
    absl::StrAppend(&title, " by ", absl::StrJoin(response.dimensions(), ", "));
  }
  if (!response.where().empty()) {
    absl::StrAppend(&title, " where ",
                    absl::StrJoin(response.where(), " and "));
  }
  return absl::StrCat(title, ", ", response.period());
}

// The cells along one dimension, the others in total.
std::vector<const pb::RegionalCell*> Along(
    const pb::RequestTableResponse& response, int axis) {
  std::vector<const pb::RegionalCell*> cells;
  for (const pb::RegionalCell& cell : response.cells()) {
    bool along = cell.codes(axis) != kTotal;
    for (int i = 0; i < cell.codes_size(); ++i) {
      along = along && (i == axis || cell.codes(i) == kTotal);
    }
    if (along) cells.push_back(&cell);
  }
  return cells;
}

std::string Bar(const pb::RequestTableResponse& response,
                const pb::RegionalCell& cell, const std::string& code,
                size_t row, uint64_t largest) {
  constexpr int kLabel = 260;
  constexpr int kWidth = 420;
  constexpr size_t kHeight = 22;
  const size_t top = row * kHeight;
  const bool shown = cell.members() > 0;
  const int width =
      shown ? static_cast<int>(
                  static_cast<double>(cell.sum()) /
                  static_cast<double>(std::max<uint64_t>(largest, 1)) * kWidth)
            : 12;
  return absl::StrCat(
      "<text x=\"", kLabel - 8, "\" y=\"", top + 15, R"(" text-anchor="end">)",
      Escaped(code), "</text><rect class=\"", shown ? "bar" : "none", "\" x=\"",
      kLabel, "\" y=\"", top + 3, "\" width=\"", std::max(width, 1),
      R"(" height="16"/><text x=")", kLabel + width + 6, "\" y=\"", top + 15,
      "\">", Escaped(RegionalFigure(response, cell)), "</text>\n");
}

std::string Chart(const pb::RequestTableResponse& response, int axis) {
  const auto cells = Along(response, axis);
  uint64_t largest = 0;
  for (const pb::RegionalCell* cell : cells) {
    largest = std::max(largest, cell->sum());
  }
  std::string bars;
  for (size_t i = 0; i < cells.size(); ++i) {
    bars += Bar(response, *cells[i], cells[i]->codes(axis), i, largest);
  }
  return absl::StrCat(
      Element("h2", absl::StrCat("By ", response.dimensions(axis))), "\n",
      R"(<svg role="img" aria-label=")", Escaped(Told(response)), " by ",
      Escaped(response.dimensions(axis)), R"(" width="800" height=")",
      cells.size() * 22 + 6, "\">\n", bars, "</svg>\n");
}

// Where persons come from by where they were exploited.
class FlowMatrix {
 public:
  FlowMatrix(const pb::RequestTableResponse& response, int origin,
             int exploited)
      : response_(response) {
    for (const pb::RegionalCell& cell : response.cells()) {
      bool inner = true;
      for (int i = 0; i < cell.codes_size(); ++i) {
        const bool total = cell.codes(i) == kTotal;
        inner = inner && total != (i == origin || i == exploited);
      }
      if (!inner) continue;
      origins_.insert(cell.codes(origin));
      countries_.insert(cell.codes(exploited));
      flows_[{cell.codes(origin), cell.codes(exploited)}] = &cell;
      largest_ = std::max(largest_, cell.sum());
    }
  }

  std::string Html() const {
    std::string rows = "<tr><th></th>";
    for (const std::string& country : countries_) {
      rows += Element("th", country);
    }
    rows += "</tr>\n";
    for (const std::string& origin : origins_) {
      absl::StrAppend(&rows, "<tr>", Element("th", origin, " class=\"code\""));
      for (const std::string& country : countries_) {
        rows += Flow(origin, country);
      }
      rows += "</tr>\n";
    }
    return absl::StrCat(
        "<h2>Flows: citizenship (rows) by country of exploitation "
        "(columns)</h2>\n<div class=\"wide\"><table class=\"flows\">\n",
        rows, "</table></div>\n");
  }

 private:
  std::string Flow(const std::string& origin,
                   const std::string& country) const {
    const auto found = flows_.find({origin, country});
    if (found == flows_.end() || found->second->members() == 0) {
      return "<td class=\"hidden\">suppressed</td>";
    }
    const pb::RegionalCell& cell = *found->second;
    const double depth = static_cast<double>(cell.sum()) /
                         static_cast<double>(std::max<uint64_t>(largest_, 1));
    return absl::StrCat("<td style=\"background: rgba(31,90,145,",
                        absl::SixDigits(0.08 + 0.5 * depth), ")\">",
                        Escaped(RegionalFigure(response_, cell)), "</td>");
  }

  const pb::RequestTableResponse& response_;
  std::set<std::string> origins_;
  std::set<std::string> countries_;
  std::map<std::pair<std::string, std::string>, const pb::RegionalCell*> flows_;
  uint64_t largest_ = 0;
};

std::string Flows(const pb::RequestTableResponse& response) {
  const auto& names = response.dimensions();
  const auto at = [&names](const char* name) {
    return static_cast<int>(std::find(names.begin(), names.end(), name) -
                            names.begin());
  };
  const int origin = at("citizenship");
  const int exploited = at("exploitation_country");
  if (origin == names.size() || exploited == names.size()) return "";
  return FlowMatrix(response, origin, exploited).Html();
}

std::string WholeTable(const pb::RequestTableResponse& response) {
  std::string rows = "<tr>";
  for (const std::string& name : response.dimensions()) {
    rows += Element("th", name);
  }
  for (const pb::MemberOutcome& member : response.members()) {
    rows += Element("th", member.participant());
  }
  rows += "<th>region</th><th>error</th>";
  if (!response.shares().empty()) rows += "<th>share</th>";
  rows += "</tr>\n";
  for (const pb::RegionalCell& cell : response.cells()) {
    rows += "<tr>";
    for (const std::string& code : cell.codes()) {
      rows += Element("th", code, " class=\"code\"");
    }
    for (const pb::MemberOutcome& member : response.members()) {
      rows += Element("td", MemberFigure(member, cell));
    }
    rows += Element("td", RegionalFigure(response, cell),
                    cell.members() == 0 ? " class=\"hidden\"" : "");
    rows += Element("td", cell.members() == 0 ? "-" : SumError(response, cell));
    if (!response.shares().empty()) {
      rows += Element("td", ShareText(response, cell));
    }
    rows += "</tr>\n";
  }
  return absl::StrCat(
      "<h2>Table</h2>\n<div class=\"wide\"><table>\n", rows,
      "</table></div>\n<p>",
      Escaped(IsQuantile(response)
                  ? absl::StrCat("figures are ", UnitOf(response))
                  : absl::StrCat("error: of the sum, in 95 of 100 cases, in ",
                                 UnitOf(response))),
      "</p>\n");
}

std::string Coverage(const pb::RequestTableResponse& response) {
  std::string list = Element(
      "li", absl::StrCat(response.answered(), " of ", response.members_size(),
                         " members answered."));
  if (TellsSumAlone(response)) {
    list += Element("li",
                    "They tell their sum alone: the figures of one member are "
                    "known to nobody else.");
  }
  for (const pb::MemberOutcome& member : response.members()) {
    if (member.has_table()) continue;
    list += Element("li",
                    absl::StrCat(member.participant(), ": ", member.reason(),
                                 " (", member.message(), ")"),
                    " class=\"missing\"");
  }
  return absl::StrCat("<h2>Coverage</h2>\n<ul>", list, "</ul>\n");
}

std::string Notes(const pb::RequestTableResponse& response) {
  std::string list;
  for (const std::string& note : response.notes()) list += Element("li", note);
  return absl::StrCat("<h2>How to read it</h2>\n<ul>", list, "</ul>\n");
}

}  // namespace

std::string FormatTableHtml(const pb::RequestTableResponse& response) {
  const std::string title = TitleOf(response);
  std::string html =
      absl::StrCat(kHead, Element("title", title), "\n</head>\n<body>\n",
                   Element("h1", title), "\n");
  if (response.has_release()) {
    absl::StrAppend(&html, Element("p", response.release().citation()), "\n");
  }
  html += Coverage(response);
  // A bar would show a region's own quantile, which is not known.
  for (int axis = 0; axis < response.dimensions_size(); ++axis) {
    if (!IsQuantile(response)) html += Chart(response, axis);
  }
  absl::StrAppend(&html, Flows(response), WholeTable(response), Notes(response),
                  "</body>\n</html>\n");
  return html;
}

}  // namespace comity
