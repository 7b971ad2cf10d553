#include "node/service/release_ledger.h"

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
  if (answers.empty()) return known;
  for (size_t cell = 0; cell < grid.size(); ++cell) {
    const std::vector<std::string> codes = grid.CodesOf(cell);
    const auto spelled = question.SpelledOut(codes);
    const std::string name = question.CellName(codes);
    for (const EarlierAnswer& answer : answers) {
      if (answer.shown.contains(name)) {
        known[cell] = EarlierRelease::kShown;
      } else if (answer.question.HasCell(spelled) &&
                 known[cell] == EarlierRelease::kNever) {
        known[cell] = EarlierRelease::kHidden;
      }
    }
  }
  return known;
}

}  // namespace comity
