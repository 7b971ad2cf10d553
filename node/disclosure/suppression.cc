#include "node/disclosure/suppression.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace comity {
namespace {

// The grid as it is read by whoever takes it that nobody has a code that is not
// listed: countries of nobody are many, and easily guessed.
TableGrid WithoutOthers(const TableGrid& grid) {
  std::vector<TableAxis> axes = grid.axes();
  for (TableAxis& axis : axes) axis.open = false;
  return TableGrid(std::move(axes));
}

class Suppression {
 public:
  Suppression(const ExactTable& exact, uint64_t k,
              const std::vector<std::string>& names,
              const std::vector<LinkedTable>& linked,
              const EarlierReleases& earlier, SolvingBudget& budget)
      : exact_(exact),
        k_(k),
        earlier_(earlier),
        budget_(budget),
        cells_(exact.cells.size()) {
    for (size_t cell = 0; cell < cells_.size(); ++cell) {
      if (exact.cells[cell].persons >= k &&
          earlier[cell] != EarlierRelease::kHidden) {
        cells_[cell] = exact.cells[cell].persons;
      }
    }
    Number(names, linked);
    if (!linked.empty()) WatchLinked();
  }

  // False if a small cell cannot be protected, or nobody can say that all are.
  bool Run() {
    // What narrowing finds is mended first, since eliminating takes its time.
    while (const auto bare = NextBare()) {
      if (budget_.IsSpent() || !Hide(*bare)) return false;
    }
    return solved_;
  }
  ProtectedCells TakeCells() { return std::move(cells_); }

 private:
  // Gives each cell of this and of the linked tables its number in the system.
  void Number(const std::vector<std::string>& names,
              const std::vector<LinkedTable>& linked) {
    std::map<std::string, size_t> numbers;
    const auto number = [&](const std::string& name) {
      const auto [at, added] = numbers.emplace(name, system_.cells.size());
      if (added) system_.cells.emplace_back();
      return at->second;
    };
    for (const std::string& name : names) numbers_.push_back(number(name));
    std::vector<std::vector<size_t>> theirs(linked.size());
    for (size_t i = 0; i < linked.size(); ++i) {
      for (size_t cell = 0; cell < linked[i].names.size(); ++cell) {
        theirs[i].push_back(number(linked[i].names[cell]));
        if (!linked[i].cells[cell]) continue;
        const auto value = static_cast<int64_t>(*linked[i].cells[cell]);
        system_.cells[theirs[i].back()] = {value, value};
      }
    }
    linked_end_ = system_.cells.size();
    AddLinesOf(WithoutOthers(exact_.grid), numbers_, system_);
    for (size_t i = 0; i < linked.size(); ++i) {
      AddLinesOf(WithoutOthers(linked[i].grid), theirs[i], system_);
    }
  }

  bool IsUncertain(const CountBounds& bounds) const {
    return bounds.least <= 0 && bounds.most >= static_cast<int64_t>(k_) - 1;
  }

  // Hidden cells of linked tables that are uncertain as long as nothing new of
  // this table is known; what they hold is not looked at.
  void WatchLinked() {
    for (size_t cell = 0; cell < cells_.size(); ++cell) {
      if (earlier_[cell] == EarlierRelease::kShown) Publish(cell);
    }
    const AuditOutcome known = SolveCounts(system_, budget_);
    std::vector<bool> is_own(linked_end_);
    for (const size_t number : numbers_) is_own[number] = true;
    for (size_t number = 0; number < linked_end_; ++number) {
      if (!is_own[number] && IsUncertain(known.cells[number])) {
        watched_.push_back(number);
      }
    }
  }

  void Publish(size_t cell) {
    const auto value = static_cast<int64_t>(exact_.cells[cell].persons);
    system_.cells[numbers_[cell]] =
        cells_[cell] ? CountBounds{value, value} : CountBounds{};
  }

  // The system's number of a cell of which the public would know too much;
  // nullopt: none.
  std::optional<size_t> NextBare() {
    for (size_t cell = 0; cell < cells_.size(); ++cell) Publish(cell);
    const auto bare = BareIn(NarrowCounts(system_, budget_));
    if (bare.has_value()) return bare;
    const AuditOutcome known = SolveCounts(system_, budget_);
    solved_ = known.complete && known.contradictions.empty();
    return BareIn(known);
  }

  std::optional<size_t> BareIn(const AuditOutcome& known) const {
    for (size_t cell = 0; cell < cells_.size(); ++cell) {
      if (exact_.cells[cell].persons < k_ &&
          !IsUncertain(known.cells[numbers_[cell]])) {
        return numbers_[cell];
      }
    }
    for (const size_t number : watched_) {
      if (!IsUncertain(known.cells[number])) return number;
    }
    return std::nullopt;
  }

  // Hides a cell beside the one of that number in the system; false if there is
  // none to hide.
  bool Hide(size_t bare) {
    const auto at = std::find(numbers_.begin(), numbers_.end(), bare);
    const auto victim =
        at == numbers_.end()
            ? SmallestShown()
            : Beside(static_cast<size_t>(std::distance(numbers_.begin(), at)));
    if (victim.has_value()) cells_[*victim].reset();
    return victim.has_value();
  }

  bool MayHide(size_t cell) const {
    return cells_[cell].has_value() && earlier_[cell] != EarlierRelease::kShown;
  }

  // The cell to hide on a line with `bare`: parts before totals, small before
  // large.
  std::optional<size_t> Beside(size_t bare) const {
    const TableGrid& grid = exact_.grid;
    std::optional<std::tuple<bool, uint64_t, size_t>> best;
    for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
      for (const size_t cell : grid.LineThrough(bare, axis)) {
        if (!MayHide(cell)) continue;
        const std::tuple order{grid.IsTotal(cell, axis),
                               exact_.cells[cell].persons, cell};
        if (!best || order < *best) best = order;
      }
    }
    return best ? std::optional(std::get<2>(*best)) : SmallestShown();
  }

  std::optional<size_t> SmallestShown() const {
    std::optional<size_t> smallest;
    for (size_t cell = 0; cell < cells_.size(); ++cell) {
      if (MayHide(cell) && (!smallest || *cells_[cell] < *cells_[*smallest])) {
        smallest = cell;
      }
    }
    return smallest;
  }

  const ExactTable& exact_;
  const uint64_t k_;
  const EarlierReleases& earlier_;
  SolvingBudget& budget_;
  ProtectedCells cells_;
  std::vector<size_t> numbers_;  // of this table's cells in the system
  CountSystem system_;
  size_t linked_end_ = 0;  // cells with a name end here
  bool solved_ = false;    // the last time, to the end
  std::vector<size_t> watched_;
};

}  // namespace

std::optional<ProtectedCells> ProtectBySuppression(
    const ExactTable& exact, uint64_t k, const std::vector<std::string>& names,
    const std::vector<LinkedTable>& linked, const EarlierReleases& earlier,
    SolvingBudget& budget) {
  Suppression suppression(exact, k, names, linked, earlier, budget);
  if (!suppression.Run()) return std::nullopt;
  return suppression.TakeCells();
}

std::optional<ProtectedCells> ProtectBySuppression(
    const ExactTable& exact, uint64_t k, const std::vector<std::string>& names,
    const std::vector<LinkedTable>& linked, const EarlierReleases& earlier) {
  SolvingBudget budget;
  return ProtectBySuppression(exact, k, names, linked, earlier, budget);
}

}  // namespace comity
