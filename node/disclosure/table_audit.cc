#include "node/disclosure/table_audit.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "node/disclosure/flow_bounds.h"
#include "node/disclosure/linear_bounds.h"

namespace comity {
namespace {

// Contradictory equations can narrow for ever; so many rounds of one are
// enough.
constexpr int kMostRounds = 10000;

// Narrows what one equation's terms can be, given the others.
class Narrowing {
 public:
  explicit Narrowing(std::vector<CountBounds>& cells) : cells_(cells) {}

  enum class Result { kSame, kNarrowed, kContradiction };

  Result Along(const CountEquation& equation) {
    Sum least;
    Sum most;
    for (const auto& term : equation.terms) Add(term, least, most, 1);
    Result result = Result::kSame;
    for (const auto& term : equation.terms) {
      Add(term, least, most, -1);  // now the sums of the others
      CountBounds& cell = cells_[term.cell];
      const CountBounds implied = Implied(term.sign, least, most);
      const CountBounds narrowed{std::max(cell.least, implied.least),
                                 std::min(cell.most, implied.most)};
      if (narrowed.least > narrowed.most) return Result::kContradiction;
      if (narrowed.least != cell.least || narrowed.most != cell.most) {
        cell = narrowed;
        result = Result::kNarrowed;
      }
      Add(term, least, most, 1);
    }
    return result;
  }

 private:
  // A sum of which some terms may be without bound.
  struct Sum {
    int64_t finite = 0;
    int unbounded = 0;
  };

  void Add(const CountEquation::Term& term, Sum& least, Sum& most, int times) {
    const CountBounds& cell = cells_[term.cell];
    Sum& of_least = term.sign > 0 ? least : most;
    Sum& of_most = term.sign > 0 ? most : least;
    const int64_t factor = int64_t{times} * term.sign;
    of_least.finite += factor * cell.least;
    if (cell.most >= CountBounds::kUnbounded) {
      of_most.unbounded += times;
    } else {
      of_most.finite += factor * cell.most;
    }
  }
  // sign * x is the negative of the others' sum.
  static CountBounds Implied(int sign, const Sum& least, const Sum& most) {
    const Sum& low = sign > 0 ? most : least;
    const Sum& high = sign > 0 ? least : most;
    return {low.unbounded > 0 ? -CountBounds::kUnbounded : -sign * low.finite,
            high.unbounded > 0 ? CountBounds::kUnbounded : -sign * high.finite};
  }

  std::vector<CountBounds>& cells_;
};

// Equations by the cells that they hold.
std::vector<std::vector<size_t>> EquationsByCell(const CountSystem& system) {
  std::vector<std::vector<size_t>> by_cell(system.cells.size());
  for (size_t i = 0; i < system.equations.size(); ++i) {
    for (const auto& term : system.equations[i].terms) {
      by_cell[term.cell].push_back(i);
    }
  }
  return by_cell;
}

// The equations that wait to be looked at, each once.
class Waiting {
 public:
  explicit Waiting(size_t equations)
      : equations_(equations), waits_(equations, true) {
    std::iota(equations_.begin(), equations_.end(), 0);
  }
  bool empty() const { return equations_.empty(); }
  size_t Take() {
    const size_t at = equations_.back();
    equations_.pop_back();
    waits_[at] = false;
    return at;
  }
  void Add(size_t at) {
    if (waits_[at]) return;
    waits_[at] = true;
    equations_.push_back(at);
  }

 private:
  std::vector<size_t> equations_;
  std::vector<bool> waits_;
};

// Narrows along one equation until it tells nothing new, at most to
// kMostRounds in all.
Narrowing::Result NarrowAlong(const CountEquation& equation,
                              Narrowing& narrowing, int& rounds) {
  auto result = narrowing.Along(equation);
  while (result == Narrowing::Result::kNarrowed && rounds < kMostRounds) {
    ++rounds;
    result = narrowing.Along(equation);
  }
  return result;
}

// Whatever it stops at, the bounds hold.
void Narrow(const CountSystem& system, SolvingBudget& budget,
            AuditOutcome& outcome) {
  Narrowing narrowing(outcome.cells);
  const auto by_cell = EquationsByCell(system);
  Waiting waiting(system.equations.size());
  std::vector<int> rounds(system.equations.size(), 0);
  while (!waiting.empty() && !budget.IsSpent()) {
    const size_t at = waiting.Take();
    const CountEquation& equation = system.equations[at];
    const int before = rounds[at];
    const auto result = NarrowAlong(equation, narrowing, rounds[at]);
    budget.Spend(static_cast<uint64_t>(rounds[at] - before + 1) *
                 equation.terms.size());
    if (result != Narrowing::Result::kSame) {
      outcome.contradictions.push_back(at);
      return;
    }
    if (rounds[at] == before) continue;
    for (const auto& term : equation.terms) {
      for (const size_t touched : by_cell[term.cell]) {
        if (touched != at) waiting.Add(touched);
      }
    }
  }
}

// Numbers modulo the prime 2^61 - 1.
constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
uint64_t Product(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(a) * b % kPrime);
}
uint64_t Inverse(uint64_t a) {
  uint64_t result = 1;
  for (uint64_t power = kPrime - 2; power > 0; power >>= 1) {
    if ((power & 1) != 0) result = Product(result, a);
    a = Product(a, a);
  }
  return result;
}
uint64_t Residue(int64_t value) {
  const int64_t rest = value % static_cast<int64_t>(kPrime);
  return static_cast<uint64_t>(rest < 0 ? rest + static_cast<int64_t>(kPrime)
                                        : rest);
}

// One connected part of the cells that are still open.
struct Part {
  std::vector<size_t> cells;
  std::vector<size_t> equations;
};

// Cells that hang together; each begins alone.
class Connected {
 public:
  explicit Connected(size_t cells) : parent_(cells) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  // The same for all that hang together.
  size_t Root(size_t cell) {
    while (parent_[cell] != cell) {
      parent_[cell] = parent_[parent_[cell]];
      cell = parent_[cell];
    }
    return cell;
  }
  void Join(size_t one, size_t other) { parent_[Root(one)] = Root(other); }

 private:
  std::vector<size_t> parent_;
};

// The cells of an equation that are still open.
std::vector<size_t> OpenCells(const CountEquation& equation,
                              const std::vector<CountBounds>& bounds) {
  std::vector<size_t> open;
  for (const auto& term : equation.terms) {
    if (!bounds[term.cell].IsExact()) open.push_back(term.cell);
  }
  return open;
}

std::vector<Part> PartsOf(const CountSystem& system,
                          const std::vector<CountBounds>& bounds) {
  Connected connected(system.cells.size());
  for (const CountEquation& equation : system.equations) {
    const std::vector<size_t> open = OpenCells(equation, bounds);
    for (const size_t cell : open) connected.Join(cell, open.front());
  }
  std::map<size_t, Part> parts;
  for (size_t cell = 0; cell < bounds.size(); ++cell) {
    if (!bounds[cell].IsExact()) {
      parts[connected.Root(cell)].cells.push_back(cell);
    }
  }
  for (size_t i = 0; i < system.equations.size(); ++i) {
    const std::vector<size_t> open = OpenCells(system.equations[i], bounds);
    if (open.empty()) continue;
    parts[connected.Root(open.front())].equations.push_back(i);
  }
  std::vector<Part> list;
  list.reserve(parts.size());
  for (auto& [root, part] : parts) list.push_back(std::move(part));
  return list;
}

// A product modulo the prime, and a sum.
constexpr uint64_t kStepsOfProduct = 5;

// Brings the part's equations to reduced form; a row with one open cell left
// tells its value. What it stops at are still equations that hold.
class Elimination {
 public:
  Elimination(const CountSystem& system, const Part& part,
              SolvingBudget& budget, std::vector<CountBounds>& bounds)
      : part_(part),
        budget_(budget),
        bounds_(bounds),
        width_(part.cells.size() + 1) {
    budget_.Spend(part.equations.size() * width_);
    std::map<size_t, size_t> column;
    for (size_t i = 0; i < part.cells.size(); ++i) column[part.cells[i]] = i;
    for (const size_t equation : part.equations) {
      std::vector<uint64_t> row(width_, 0);
      for (const auto& term : system.equations[equation].terms) {
        const CountBounds& cell = bounds[term.cell];
        const size_t at = cell.IsExact() ? width_ - 1 : column.at(term.cell);
        const int64_t value = cell.IsExact() ? -cell.least : 1;
        row[at] = (row[at] + Residue(term.sign * value)) % kPrime;
      }
      rows_.push_back(std::move(row));
    }
  }

  void Run() {
    size_t done = 0;
    for (size_t column = 0;
         column + 1 < width_ && done < rows_.size() && !budget_.IsSpent();
         ++column) {
      const auto pivot = std::find_if(
          rows_.begin() + static_cast<ptrdiff_t>(done), rows_.end(),
          [column](const auto& row) { return row[column] != 0; });
      if (pivot == rows_.end()) continue;
      std::swap(*pivot, rows_[done]);
      Clear(column, done++);
    }
    for (const auto& row : rows_) Tell(row);
  }

 private:
  void Clear(size_t column, size_t pivot) {
    std::vector<uint64_t>& from = rows_[pivot];
    const uint64_t inverse = Inverse(from[column]);
    for (uint64_t& value : from) value = Product(value, inverse);
    budget_.Spend(kStepsOfProduct * width_ + rows_.size());
    for (size_t i = 0; i < rows_.size(); ++i) {
      const uint64_t factor = rows_[i][column];
      if (i == pivot || factor == 0) continue;
      budget_.Spend(kStepsOfProduct * (width_ - column));
      for (size_t at = column; at < width_; ++at) {
        rows_[i][at] =
            (rows_[i][at] + Product(kPrime - factor, from[at])) % kPrime;
      }
    }
  }

  void Tell(const std::vector<uint64_t>& row) {
    std::optional<size_t> only;
    for (size_t at = 0; at + 1 < width_; ++at) {
      if (row[at] == 0) continue;
      if (only.has_value()) return;
      only = at;
    }
    if (!only.has_value()) return;
    const uint64_t value = row[width_ - 1];
    CountBounds& cell = bounds_[part_.cells[*only]];
    const auto count = static_cast<int64_t>(value);
    if (count >= cell.least && count <= cell.most) cell = {count, count};
  }

  const Part& part_;
  SolvingBudget& budget_;
  std::vector<CountBounds>& bounds_;
  const size_t width_;  // one column for each open cell, then the known rest
  std::vector<std::vector<uint64_t>> rows_;
};

}  // namespace

void CountSystem::AddLine(const std::vector<size_t>& parts, size_t total) {
  CountEquation equation;
  for (const size_t part : parts) equation.terms.push_back({part, 1});
  equation.terms.push_back({total, -1});
  equations.push_back(std::move(equation));
}

AuditOutcome NarrowCounts(const CountSystem& system, SolvingBudget& budget) {
  AuditOutcome outcome{system.cells, {}, true};
  Narrow(system, budget, outcome);
  outcome.complete = !budget.IsSpent();
  return outcome;
}

AuditOutcome NarrowCounts(const CountSystem& system) {
  SolvingBudget budget;
  return NarrowCounts(system, budget);
}

AuditOutcome SolveCounts(const CountSystem& system) {
  SolvingBudget budget;
  return SolveCounts(system, budget);
}

AuditOutcome SolveCounts(const CountSystem& system, SolvingBudget& budget) {
  AuditOutcome outcome = NarrowCounts(system, budget);
  if (!outcome.contradictions.empty()) return outcome;
  for (const Part& part : PartsOf(system, outcome.cells)) {
    if (part.cells.size() > kMostUnknowns) continue;
    Elimination(system, part, budget, outcome.cells).Run();
  }
  // What elimination told narrows the rest.
  Narrow(system, budget, outcome);
  if (!outcome.contradictions.empty()) return outcome;
  const std::vector<OpenPart> parts =
      NarrowByFlows(system, budget, outcome.cells);
  LinearOutcome solved =
      NarrowByProgrammes(system, parts, budget, outcome.cells);
  outcome.contradictions = std::move(solved.contradictions);
  // Whole counts may say more than what was rounded to them.
  if (outcome.contradictions.empty()) Narrow(system, budget, outcome);
  outcome.complete = solved.complete && !budget.IsSpent();
  return outcome;
}

namespace {

// The line along `axis` that ends in the total `cell`.
void AddLine(const TableGrid& grid, const std::vector<size_t>& cell_of,
             size_t axis, size_t cell, CountSystem& system) {
  CountEquation equation;
  for (const size_t at : grid.LineTo(cell, axis)) {
    equation.terms.push_back({cell_of[at], at == cell ? -1 : 1});
  }
  const TableAxis& dimension = grid.axes()[axis];
  for (const auto& [needed, sign] :
       {std::pair(dimension.open, 1), std::pair(dimension.several, -1)}) {
    if (!needed) continue;
    equation.terms.push_back({system.cells.size(), sign});
    system.cells.emplace_back();
  }
  system.equations.push_back(std::move(equation));
}

}  // namespace

void AddLinesOf(const TableGrid& grid, const std::vector<size_t>& cell_of,
                CountSystem& system) {
  for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
    for (size_t cell = 0; cell < grid.size(); ++cell) {
      if (grid.IsTotal(cell, axis)) AddLine(grid, cell_of, axis, cell, system);
    }
  }
}

}  // namespace comity
