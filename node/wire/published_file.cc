#include "node/wire/published_file.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/table_columns.h"
#include "node/domain/table_question.h"
#include "node/wire/csv.h"

namespace comity {
namespace {

absl::Status Rejected(uint64_t line, absl::string_view what) {
  return ReasonError(ErrorReason::kImportRejected,
                     absl::StrCat("line ", line, ": ", what));
}

std::optional<int64_t> Figure(absl::string_view text) {
  int64_t figure = 0;
  if (!absl::SimpleAtoi(absl::StrReplaceAll(text, {{",", ""}}), &figure) ||
      figure < 0 || figure > int64_t{1'000'000'000}) {
    return std::nullopt;
  }
  return figure;
}

// Where things stand in a row of one layout.
struct Layout {
  std::vector<size_t> key;  // what names a table
  std::vector<size_t> dimensions;
  std::vector<TableAxis> axes;
  std::string total;
  size_t value = 0;
  std::optional<size_t> status;     // our own layout
  std::optional<size_t> max_error;  // our own layout
};

std::optional<size_t> Find(const std::vector<std::string>& header,
                           absl::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return std::nullopt;
  return static_cast<size_t>(found - header.begin());
}

std::optional<Layout> UnodcLayout(const std::vector<std::string>& header) {
  Layout layout;
  for (const char* name :
       {"Iso3_code", "Indicator", "Dimension", "Category", "Year"}) {
    const auto at = Find(header, name);
    if (!at.has_value()) return std::nullopt;
    layout.key.push_back(*at);
  }
  for (const char* name : {"Sex", "Age"}) {
    const auto at = Find(header, name);
    if (!at.has_value()) return std::nullopt;
    layout.dimensions.push_back(*at);
    layout.axes.push_back({absl::AsciiStrToLower(name), {}});
  }
  const auto value = Find(header, "txtVALUE");
  if (!value.has_value()) return std::nullopt;
  layout.value = *value;
  layout.total = "Total";
  return layout;
}

std::optional<Layout> OwnLayout(const std::vector<std::string>& header) {
  Layout layout;
  layout.status = Find(header, "OBS_STATUS");
  layout.max_error = Find(header, "MAX_ERROR");
  const auto value = Find(header, "OBS_VALUE");
  if (!value.has_value() || !layout.status.has_value() ||
      !layout.max_error.has_value()) {
    return std::nullopt;
  }
  layout.value = *value;
  layout.total = "_T";
  for (size_t i = 0; i < header.size(); ++i) {
    if (i == *value || i == *layout.status || i == *layout.max_error ||
        header[i] == kUnitColumn) {
      continue;
    }
    const TableColumn* column =
        FindTableColumn(absl::AsciiStrToLower(header[i]));
    if (column == nullptr) {
      layout.key.push_back(i);
      continue;
    }
    layout.dimensions.push_back(i);
    layout.axes.push_back(
        {column->name, {}, column->IsOpen(), column->several});
  }
  return layout;
}

// Fills what a row says of its count; false if it says nothing.
bool ReadBounds(const Layout& layout, const std::vector<std::string>& cells,
                PublishedCell& cell) {
  const std::string& text = cells[layout.value];
  cell.hidden = layout.status.has_value() ? cells[*layout.status] == "Q"
                                          : text.rfind('<', 0) == 0;
  if (cell.hidden) {
    if (layout.status.has_value()) return text.empty();
    const auto limit = Figure(absl::string_view(text).substr(1));
    if (!limit.has_value() || *limit < 1) return false;
    cell.bounds.most = *limit - 1;
    return true;
  }
  const auto figure = Figure(text);
  if (!figure.has_value()) return false;
  cell.bounds = {*figure, *figure};
  if (!layout.max_error.has_value()) return true;
  if (cells[*layout.max_error].empty()) {
    cell.bounds = {};
    return true;
  }
  const auto error = Figure(cells[*layout.max_error]);
  if (!error.has_value()) return false;
  cell.bounds = {std::max<int64_t>(0, *figure - *error), *figure + *error};
  return true;
}

// Collects rows into tables.
class Collector {
 public:
  explicit Collector(Layout layout) : layout_(std::move(layout)) {}

  absl::Status Take(const CsvRow& row, size_t width) {
    if (row.cells.size() != width) {
      return Rejected(row.line, absl::StrCat("has ", row.cells.size(),
                                             " cells, the header has ", width));
    }
    if (layout_.status.has_value() && SaysNothing(row.cells)) {
      return absl::OkStatus();
    }
    PublishedCell cell;
    cell.line = row.line;
    if (!ReadBounds(layout_, row.cells, cell)) {
      return Rejected(row.line,
                      "the count is no number and no mark of suppression");
    }
    for (const size_t at : layout_.dimensions) {
      const std::string& code = row.cells[at];
      cell.codes.push_back(code == layout_.total ? kTotal : code);
    }
    PublishedTable& table = TableOf(row);
    const auto [known, added] =
        seen_.emplace(std::pair(table.name, cell.codes), cell);
    if (added) {
      table.cells.push_back(std::move(cell));
    } else {
      const CountBounds& first = known->second.bounds;
      file_.repeats.push_back(
          {table.name, known->second.line, row.line,
           first.least != cell.bounds.least || first.most != cell.bounds.most});
    }
    return absl::OkStatus();
  }
  PublishedFile TakeFile() { return std::move(file_); }

 private:
  // A row of our own layout for a member that gave no table.
  bool SaysNothing(const std::vector<std::string>& cells) const {
    const std::string& status = cells[*layout_.status];
    return (status == "M" || status == "O") && cells[layout_.value].empty();
  }
  PublishedTable& TableOf(const CsvRow& row) {
    std::vector<std::string> key;
    for (const size_t at : layout_.key) key.push_back(row.cells[at]);
    const std::string name = absl::StrJoin(key, " / ");
    const auto [at, added] = tables_.emplace(name, file_.tables.size());
    if (added) file_.tables.push_back({name, layout_.axes, {}});
    return file_.tables[at->second];
  }

  const Layout layout_;
  PublishedFile file_;
  std::map<std::string, size_t> tables_;
  std::map<std::pair<std::string, std::vector<std::string>>, PublishedCell>
      seen_;
};

}  // namespace

absl::StatusOr<PublishedFile> ReadPublishedFile(absl::string_view text) {
  CsvReader reader;
  ASSIGN_OR_RETURN(const std::vector<CsvRow> rows, reader.Read(text, true));
  if (rows.empty()) return Rejected(1, "the file is empty");
  const std::vector<std::string>& header = rows[0].cells;
  std::optional<Layout> layout = UnodcLayout(header);
  if (!layout.has_value()) layout = OwnLayout(header);
  if (!layout.has_value()) {
    return Rejected(1,
                    "is the header of no known layout: it has OBS_VALUE, "
                    "OBS_STATUS and MAX_ERROR, or it is that of the UNODC data "
                    "portal, from Iso3_code to txtVALUE");
  }
  Collector collector(*std::move(layout));
  for (size_t i = 1; i < rows.size(); ++i) {
    RETURN_IF_ERROR(collector.Take(rows[i], header.size()));
  }
  return collector.TakeFile();
}

}  // namespace comity
