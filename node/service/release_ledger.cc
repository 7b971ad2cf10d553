#include "node/service/release_ledger.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/domain/measure.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = federation::v1;

absl::Status Damaged() {
  return ReasonError(ErrorReason::kIntegrityFailure,
                     "an entry of the release ledger does not parse");
}

bool HasDimension(const TableQuestion& question, const std::string& column) {
  return std::binary_search(question.dimensions().begin(),
                            question.dimensions().end(), column);
}

// Whether what the questions' filters fix lets them have cells in common.
bool FiltersMeet(const TableQuestion& earlier, const TableQuestion& question) {
  for (const auto& [column, codes] : question.filters()) {
    const auto same = earlier.filters().find(column);
    const bool meets = same != earlier.filters().end()
                           ? same->second.contains(*codes.begin())
                           : HasDimension(earlier, column);
    if (!meets) return false;
  }
  for (const auto& [column, codes] : earlier.filters()) {
    if (!question.filters().contains(column) &&
        !HasDimension(question, column)) {
      return false;
    }
  }
  return true;
}

// Where along a dimension the earlier table has cells.
std::vector<size_t> PlacesIn(const TableQuestion& earlier,
                             const TableAxis& axis) {
  std::vector<size_t> places;
  const auto filter = earlier.filters().find(axis.column);
  const bool is_by = HasDimension(earlier, axis.column);
  for (size_t place = 0; place < axis.codes.size(); ++place) {
    const bool has = filter != earlier.filters().end()
                         ? filter->second.contains(axis.codes[place])
                         : is_by;
    if (has) places.push_back(place);
  }
  if (filter == earlier.filters().end()) places.push_back(axis.codes.size());
  return places;
}

// The cells of the grid that the earlier table has: as many steps as there are
// such cells, not as there are cells.
std::vector<size_t> CellsIn(const TableQuestion& earlier,
                            const TableQuestion& question,
                            const TableGrid& grid) {
  if (!FiltersMeet(earlier, question)) return {};
  std::vector<size_t> cells = {0};
  for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
    std::vector<size_t> further;
    for (const size_t place : PlacesIn(earlier, grid.axes()[axis])) {
      for (const size_t cell : cells) {
        further.push_back(cell + place * grid.stride(axis));
      }
    }
    cells = std::move(further);
  }
  return cells;
}

}  // namespace

std::string LedgerKey(const std::string& period, uint32_t revision,
                      size_t place) {
  return Sha256(absl::StrCat("comity.table.ledger.v1\nperiod ", period,
                             "\nrevision ", revision, "\n", place));
}

std::string FormatLedgerEntry(const TableQuestion& question,
                              const pb::ReleasedTable& released) {
  pb::TableQuestion asked;
  asked.set_period(question.period());
  asked.set_measure(NameInMessages(question.measure()));
  for (const std::string& dimension : question.dimensions()) {
    asked.add_dimensions(dimension);
  }
  for (const auto& [column, values] : question.filters()) {
    auto* filter = asked.add_filters();
    filter->set_column(column);
    for (const std::string& value : values) filter->add_values(value);
  }
  const std::string head = asked.SerializeAsString();
  return absl::StrCat(head.size(), "\n", head, released.SerializeAsString());
}

absl::StatusOr<EarlierAnswer> ParseLedgerEntry(absl::string_view text) {
  const size_t end = text.find('\n');
  size_t size = 0;
  if (end == absl::string_view::npos ||
      !absl::SimpleAtoi(text.substr(0, end), &size) ||
      text.size() - end - 1 < size) {
    return Damaged();
  }
  pb::TableQuestion asked;
  pb::ReleasedTable released;
  if (!asked.ParseFromString(std::string(text.substr(end + 1, size))) ||
      !released.ParseFromString(std::string(text.substr(end + 1 + size)))) {
    return Damaged();
  }
  ASSIGN_OR_RETURN(TableQuestion question, ParseTableQuestion(asked));
  EarlierAnswer earlier{std::move(question), released.method(), {}};
  for (const TableCell& cell : ParseCells(released).cells) {
    if (!cell.suppressed) {
      earlier.shown.emplace(earlier.question.CellName(cell.codes), cell.value);
    }
  }
  return earlier;
}

absl::StatusOr<ReleaseLedger> ReleaseLedger::Read(const std::string& period,
                                                  uint32_t revision,
                                                  Measure measure,
                                                  const StoreReader& reader) {
  ReleaseLedger ledger;
  for (;; ++ledger.next_place) {
    ASSIGN_OR_RETURN(
        const auto text,
        reader.ReadTableAnswer(LedgerKey(period, revision, ledger.next_place)));
    if (!text.has_value()) return ledger;
    ASSIGN_OR_RETURN(EarlierAnswer answer, ParseLedgerEntry(*text));
    if (answer.question.measure() == measure) {
      ledger.answers.push_back(std::move(answer));
    }
  }
}

EarlierReleases ReleaseLedger::KnownOf(const TableQuestion& question,
                                       const TableGrid& grid) const {
  EarlierReleases known(grid.size(), EarlierRelease::kNever);
  absl::flat_hash_set<absl::string_view> shown;
  for (const EarlierAnswer& answer : answers) {
    for (const auto& [name, figure] : answer.shown) shown.insert(name);
    for (const size_t cell : CellsIn(answer.question, question, grid)) {
      known[cell] = EarlierRelease::kHidden;
    }
  }
  // Only a cell that some table has is shown in one.
  for (size_t cell = 0; cell < grid.size(); ++cell) {
    if (known[cell] == EarlierRelease::kHidden &&
        shown.contains(question.CellName(grid.CodesOf(cell)))) {
      known[cell] = EarlierRelease::kShown;
    }
  }
  return known;
}

}  // namespace comity
