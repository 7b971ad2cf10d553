#include "node/service/table_protection.h"

#include <map>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/disclosure/cell_key.h"
#include "node/disclosure/noise_protection.h"
#include "node/disclosure/rank_key.h"
#include "node/disclosure/suppression.h"
#include "node/domain/measure.h"
#include "node/policy/budgets.h"
#include "node/service/noise_series.h"
#include "node/service/release_ledger.h"
#include "node/service/whole_table.h"
#include "node/tabulation/published_columns.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = federation::v1;

// Cells of the largest table that is solved again and again to suppress it.
constexpr size_t kMostSuppressed = 1500;

// The secrets behind the noise come from the node's own secret, so that they
// are the same after a restart and after a restore, and nobody else's.
SecretBytes NoiseSecret(const NodeContext& node, absl::string_view purpose) {
  return HkdfSha256(node.officer_key,
                    absl::StrCat("comity-tables-v1/", purpose), 32);
}

// An agreement chooses how persons are counted; what else is told leaves by
// keys alone, and nothing else is told under differential privacy.
absl::StatusOr<std::string> MethodOf(const Duties& duties,
                                     const TableQuestion& question) {
  const Measure measure = question.measure();
  if (TellsEpsilon(duties.count_method)) {
    const bool gaussian = duties.count_method == CountMethod::kDiscreteGaussian;
    const auto terms = NoiseTerms::Of(question, duties.epsilon_thousandths,
                                      PeriodColumns::kMostCodes,
                                      gaussian ? duties.delta_exponent : 0);
    if (terms.has_value()) return terms->Text();
    return ReasonError(ErrorReason::kFieldInvalid,
                       "under differential privacy persons are counted, by "
                       "columns with a closed code list");
  }
  if (QuantileOf(measure).has_value()) return kRankKeyMethod;
  return measure == Measure::kPersons &&
                 duties.count_method == CountMethod::kSuppression
             ? kSuppressionMethod
             : kCellKeyMethod;
}

// The answers from one revision of a period by one method.
struct Series {
  std::string period;
  uint32_t revision = 0;
  std::string method;
  uint32_t threshold = 0;
  std::string noise;  // the name of the revision's noise; of no key

  std::string Text() const {
    return absl::StrCat("period ", period, "\nrevision ", revision, "\nmethod ",
                        method, " ", threshold, "\n");
  }
  std::string AnswerKey(const TableQuestion& question) const {
    return Sha256(absl::StrCat(question.CanonicalForm(), Text()));
  }
  std::string CellKey(const std::string& name) const {
    return Sha256(absl::StrCat("comity.table.cell.v1\n", Text(), name));
  }
};

absl::Status Unprotectable(absl::string_view why) {
  return ReasonError(ErrorReason::kNotAvailable, why);
}

// Rules that look at no count: noisy and exact figures of one revision are
// never both given, and exact ones of one revision only, since differences
// would show who came and went.
absl::Status CheckMethod(const Series& series, const ReleaseLedger& ledger,
                         const StoreReader& reader) {
  for (const EarlierAnswer& answer : ledger.answers) {
    if (MethodFamily(answer.method) == MethodFamily(series.method)) continue;
    return Unprotectable(
        "this revision was answered by another method; publish the next");
  }
  if (series.method != kSuppressionMethod) return absl::OkStatus();
  for (uint32_t revision = 1; revision < series.revision; ++revision) {
    ASSIGN_OR_RETURN(const ReleaseLedger earlier,
                     ReleaseLedger::Read(series.period, revision,
                                         Measure::kPersons, reader));
    if (earlier.answers.empty() ||
        earlier.answers[0].method != kSuppressionMethod) {
      continue;
    }
    return Unprotectable("an earlier revision was answered by exact figures");
  }
  return absl::OkStatus();
}

std::vector<std::string> NamesOf(const TableQuestion& question,
                                 const TableGrid& grid) {
  std::vector<std::string> names;
  for (size_t cell = 0; cell < grid.size(); ++cell) {
    names.push_back(question.CellName(grid.CodesOf(cell)));
  }
  return names;
}

// The tables that were asked about beside this one, each of them whole: who has
// several slices of it knows the lines through them.
std::vector<LinkedTable> LinkedTables(const ReleaseLedger& ledger,
                                      const PeriodColumns& columns,
                                      const TableQuestion& asked) {
  absl::flat_hash_map<std::string, uint64_t> shown;
  std::map<std::string, TableQuestion> wholes;
  for (const EarlierAnswer& answer : ledger.answers) {
    shown.insert(answer.shown.begin(), answer.shown.end());
    const TableQuestion whole = SolvedWholeOf(answer.question);
    wholes.emplace(whole.CanonicalForm(), whole);
  }
  wholes.erase(asked.CanonicalForm());
  std::vector<LinkedTable> linked;
  for (const auto& [form, whole] : wholes) {
    TableGrid grid = columns.GridOf(whole);
    std::vector<std::string> names = NamesOf(whole, grid);
    ProtectedCells cells(grid.size());
    for (size_t cell = 0; cell < grid.size(); ++cell) {
      const auto found = shown.find(names[cell]);
      if (found != shown.end()) cells[cell] = found->second;
    }
    linked.push_back({std::move(grid), std::move(cells), std::move(names)});
  }
  return linked;
}

// What cells that are not suppressed are keyed with.
struct Keys {
  SecretBytes secret;
  CellKeying keying;

  Keys(const NodeContext& node, const TableQuestion& question,
       const std::string& noise)
      : secret(NoiseSecret(node, "cells")), keying{secret, {}, "year"} {
    if (!noise.empty()) absl::StrAppend(&keying.window, "/", noise);
    for (const auto& [column, values] : question.filters()) {
      keying.fixed_columns.push_back(column);
    }
    if (question.measure() == Measure::kPersons) return;
    absl::StrAppend(&keying.window, "/", Name(question.measure()));
  }
};

absl::StatusOr<std::optional<ProtectedCells>> Suppress(
    const TableQuestion& question, const Series& series,
    const PeriodColumns& rows, const ReleaseLedger& ledger,
    const TakeSolvingTurn& take_turn) {
  const TableQuestion whole = SolvedWholeOf(question);
  if (whole.LargestSize() > kMostSuppressed) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the table is too large for suppression; ask by "
                       "fewer dimensions");
  }
  ASSIGN_OR_RETURN(const auto turn, take_turn());
  const ExactTable exact = rows.Count(whole);
  const std::optional<ProtectedCells> cells =
      ProtectBySuppression(exact, series.threshold, NamesOf(whole, exact.grid),
                           LinkedTables(ledger, rows, whole),
                           ledger.KnownOf(whole, exact.grid), turn->budget());
  if (cells.has_value()) {
    return CutOut(question, rows.GridOf(question), whole, exact.grid, *cells);
  }
  if (turn->budget().WasCancelled()) {
    return ReasonError(ErrorReason::kDeadlineExceeded,
                       "nobody waits for this table any longer");
  }
  // Which of them it was would tell of the counts.
  return Unprotectable(
      "earlier answers leave no way to protect this table, or with them it is "
      "too large to be solved, or takes more work than one question may; ask "
      "by fewer dimensions");
}

// By cell keys, in the table that the question may be a slice of.
std::optional<ProtectedCells> ProtectCounts(const NodeContext& node,
                                            const TableQuestion& question,
                                            const Series& series,
                                            const PeriodColumns& rows,
                                            const ReleaseLedger& ledger) {
  const TableQuestion whole = WholeOf(question, rows);
  const Keys keys(node, whole, series.noise);
  const ExactTable exact = whole.measure() == Measure::kPersons
                               ? rows.Count(whole)
                               : rows.CountReferrals(whole);
  std::optional<ProtectedCells> cells = ProtectByCellKey(
      exact, series.threshold, keys.keying, ledger.KnownOf(whole, exact.grid));
  if (!cells.has_value() || whole.dimensions() == question.dimensions()) {
    return cells;
  }
  return CutOut(question, rows.GridOf(question), whole, exact.grid, *cells);
}

// Counts the rows and protects what comes out.
absl::StatusOr<ProtectedCells> Protect(const NodeContext& node,
                                       const TableQuestion& question,
                                       const Series& series,
                                       const PeriodColumns& rows,
                                       const ReleaseLedger& ledger,
                                       const TakeSolvingTurn& take_turn) {
  const auto quantile = QuantileOf(question.measure());
  if (const auto terms = NoiseTerms::Parse(series.method)) {
    return ProtectByNoise(
        rows.Count(question, PeriodColumns::kMostCodes), series.threshold,
        *terms, NoiseSecret(node, "laplace"), series.AnswerKey(question));
  }
  std::optional<ProtectedCells> cells;
  if (series.method == kSuppressionMethod) {
    ASSIGN_OR_RETURN(cells,
                     Suppress(question, series, rows, ledger, take_turn));
  } else if (quantile.has_value()) {
    const Keys keys(node, question, series.noise);
    const ExactDurations exact = rows.Durations(question, quantile->column);
    cells = ProtectByRankKey(exact, quantile->percent, series.threshold,
                             keys.keying,
                             ledger.KnownOf(question, exact.persons.grid));
  } else {
    cells = ProtectCounts(node, question, series, rows, ledger);
  }
  if (cells.has_value()) return *std::move(cells);
  return Unprotectable("earlier answers leave no way to protect this table");
}

absl::Status FillFirst(const NodeContext& node, const TableQuestion& question,
                       const Series& series, const SnapshotRow& snapshot,
                       const TakeSolvingTurn& take_turn,
                       const StoreReader& reader, ProtectedAnswer& answer) {
  if (snapshot.closed) {
    return ReasonError(ErrorReason::kPeriodNotPublished,
                       "this revision takes no new questions; the next one is "
                       "not published yet");
  }
  ASSIGN_OR_RETURN(const PublishedColumns columns,
                   PublishedColumns::Parse(snapshot.columns));
  const std::string lacks = columns.NotCollected(question);
  if (!lacks.empty()) {
    return ReasonError(ErrorReason::kNotCollected,
                       absl::StrCat("this state does not collect ", lacks,
                                    " for ", series.period));
  }
  ASSIGN_OR_RETURN(const ReleaseLedger ledger,
                   ReleaseLedger::Read(series.period, series.revision,
                                       question.measure(), reader));
  RETURN_IF_ERROR(CheckMethod(series, ledger, reader));
  const PeriodColumns& rows = columns.RowsOf(question);
  ASSIGN_OR_RETURN(const ProtectedCells cells,
                   Protect(node, question, series, rows, ledger, take_turn));
  pb::ReleasedTable& released = answer.released;
  released.set_period(series.period);
  released.set_revision(series.revision);
  for (const std::string& dimension : question.dimensions()) {
    released.add_dimensions(dimension);
  }
  released.set_method(series.method);
  released.set_threshold(series.threshold);
  released.set_measure(NameInMessages(question.measure()));
  FormatCells({ListedCells(rows.GridOf(question), cells)}, released);
  answer.first = {LedgerKey(series.period, series.revision, ledger.next_place),
                  FormatLedgerEntry(question, released)};
  return absl::OkStatus();
}

absl::StatusOr<Series> SeriesOf(const TableQuestion& question,
                                const Duties& duties, uint32_t revision,
                                const StoreReader& reader) {
  ASSIGN_OR_RETURN(std::string method, MethodOf(duties, question));
  ASSIGN_OR_RETURN(std::string noise,
                   ReadNoise(reader, question.period(), revision));
  return Series{question.period(), revision, std::move(method),
                duties.k_threshold, std::move(noise)};
}

// What is known of an answer before there is one.
ProtectedAnswer Unanswered(const Series& series,
                           const TableQuestion& question) {
  ProtectedAnswer answer;
  answer.key = series.AnswerKey(question);
  if (const auto terms = NoiseTerms::Parse(series.method)) {
    answer.epsilon = terms->epsilon_thousandths;
    if (terms->IsGaussian()) {
      answer.delta = DeltaTrillionths(terms->delta_exponent);
    }
  }
  return answer;
}

}  // namespace

absl::StatusOr<std::optional<ProtectedAnswer>> ToBeCounted(
    const TableQuestion& question, const Permit& permit,
    const StoreReader& reader) {
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> rows, reader.ListSnapshots());
  const SnapshotRow* newest = nullptr;
  for (const SnapshotRow& row : rows) {
    if (row.period != question.period()) continue;
    if (newest == nullptr || row.revision > newest->revision) newest = &row;
  }
  if (newest == nullptr || newest->closed) return std::nullopt;
  ASSIGN_OR_RETURN(const Series series, SeriesOf(question, permit.duties(),
                                                 newest->revision, reader));
  ProtectedAnswer answer = Unanswered(series, question);
  ASSIGN_OR_RETURN(const auto stored, reader.ReadTableAnswer(answer.key));
  if (stored.has_value()) return std::nullopt;
  answer.first.emplace();
  return answer;
}

absl::StatusOr<ProtectedAnswer> FindOrProtect(const NodeContext& node,
                                              const TableQuestion& question,
                                              const Permit& permit,
                                              const TakeSolvingTurn& take_turn,
                                              const StoreReader& reader) {
  ASSIGN_OR_RETURN(const SnapshotRow snapshot,
                   reader.ReadSnapshot(permit, question.period()));
  ASSIGN_OR_RETURN(const Series series, SeriesOf(question, permit.duties(),
                                                 snapshot.revision, reader));
  ProtectedAnswer answer = Unanswered(series, question);
  ASSIGN_OR_RETURN(const auto stored, reader.ReadTableAnswer(answer.key));
  if (!stored.has_value()) {
    RETURN_IF_ERROR(
        FillFirst(node, question, series, snapshot, take_turn, reader, answer));
  } else if (!answer.released.ParseFromString(*stored)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a stored answer does not parse");
  }
  // A cell has noise of its own in each such table.
  const std::string table = answer.epsilon == 0 ? "" : question.CanonicalForm();
  for (const TableCell& cell : ParseCells(answer.released).cells) {
    if (cell.suppressed) continue;
    answer.cells.push_back(
        series.CellKey(table + question.CellName(cell.codes)));
  }
  // Or questions about few and nobody would have no end.
  if (answer.cells.empty()) {
    answer.cells.push_back(
        series.CellKey("without figures\n" + question.CanonicalForm()));
  }
  return answer;
}

absl::StatusOr<bool> LedgerUnchanged(const ProtectedAnswer& answer,
                                     const StoreReader& reader) {
  if (!answer.first.has_value()) return true;
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> snapshots,
                   reader.ListSnapshots());
  for (const SnapshotRow& row : snapshots) {
    const bool counted = row.period == answer.released.period() &&
                         row.revision == answer.released.revision();
    if (counted && row.closed) return false;
  }
  ASSIGN_OR_RETURN(const auto taken, reader.ReadTableAnswer(answer.first->key));
  return !taken.has_value();
}

absl::Status KeepAnswer(const ProtectedAnswer& answer, CommitScope& scope) {
  if (!answer.first.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(
      scope.store().PutTableAnswer(answer.first->key, answer.first->text));
  return scope.store().PutTableAnswer(answer.key,
                                      answer.released.SerializeAsString());
}

SecretBytes RecordKeySecret(const NodeContext& node) {
  return NoiseSecret(node, "records");
}

}  // namespace comity
