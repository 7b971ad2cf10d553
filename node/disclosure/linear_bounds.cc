#include "node/disclosure/linear_bounds.h"

#include <algorithm>
#include <cmath>
#include <coin/ClpSimplex.hpp>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>

namespace comity {
namespace {

// How far a solver's number may lie from the true one.
constexpr double kTolerance = 1e-6;
// Under that it is a zero that was rounded.
constexpr double kNothing = 1e-9;
// What it costs to begin a programme, counted as pivots, also where the last
// solution is the best one already.
constexpr uint64_t kPivotsOfStart = 5;

// The programme of one part: a row for each equation and a column for each open
// cell, which stands for what the cell holds above its least. Solutions are
// kept from one objective to the next, so that each begins where the last one
// ended.
class PartProgramme {
 public:
  PartProgramme(const CountSystem& system, const OpenPart& part,
                std::vector<CountBounds>& bounds)
      : part_(part), bounds_(bounds) {
    for (const size_t cell : part.cells) AddColumn(bounds[cell]);
    Load(system);
  }

  LinearOutcome Run(SolvingBudget& budget) {
    if (!fits_ || budget.IsSpent()) return {{}, false};
    model_.setMaximumIterations(budget.PivotsLeft());
    model_.dual();
    Spend(budget);
    if (model_.isProvenPrimalInfeasible()) return Contradiction();
    if (!model_.isProvenOptimal()) return {{}, false};
    smallest_.assign(Solution(), Solution() + ranges_.size());
    largest_ = smallest_;
    LinearOutcome outcome;
    for (size_t column = 0; column < ranges_.size(); ++column) {
      if (!Narrow(column, budget)) outcome.complete = false;
      const CountBounds& cell = bounds_[part_.cells[column]];
      if (cell.least > cell.most) return {part_.equations, true};
    }
    return outcome;
  }

 private:
  void AddColumn(const CountBounds& cell) {
    const bool endless = cell.most >= CountBounds::kUnbounded;
    leasts_.push_back(cell.least);
    ranges_.push_back(endless ? COIN_DBL_MAX
                              : static_cast<double>(cell.most - cell.least));
    fits_ = fits_ && (endless || Fits(cell.most));
  }
  static bool Fits(int64_t count) {
    return std::abs(count) <= kLargestProgrammeCount;
  }

  void Load(const CountSystem& system) {
    std::map<size_t, int> columns;
    for (const size_t cell : part_.cells) {
      columns.emplace(cell, static_cast<int>(columns.size()));
    }
    std::vector<int> row_of;
    std::vector<int> column_of;
    std::vector<double> signs;
    std::vector<double> sums;
    for (const size_t equation : part_.equations) {
      int64_t sum = 0;
      for (const auto& term : system.equations[equation].terms) {
        const int64_t least = bounds_[term.cell].least;
        fits_ = fits_ && Fits(least);
        sum -= term.sign * least;
        const auto column = columns.find(term.cell);
        if (column == columns.end()) continue;
        row_of.push_back(static_cast<int>(sums.size()));
        column_of.push_back(column->second);
        signs.push_back(term.sign);
      }
      sums.push_back(static_cast<double>(sum));
    }
    const CoinPackedMatrix matrix(true, row_of.data(), column_of.data(),
                                  signs.data(),
                                  static_cast<CoinBigIndex>(signs.size()));
    const std::vector<double> nothing(ranges_.size(), 0);
    model_.setLogLevel(0);
    model_.scaling(0);  // every coefficient is 1 or -1
    model_.loadProblem(matrix, nothing.data(), ranges_.data(), nothing.data(),
                       sums.data(), sums.data());
  }

  void Spend(SolvingBudget& budget) const {
    budget.SpendPivots(kPivotsOfStart +
                       static_cast<uint64_t>(model_.numberIterations()));
  }

  const double* Solution() const { return model_.primalColumnSolution(); }

  // Both bounds of a cell; false if one was not found. Where a solution reached
  // a bound already, there is nothing to find.
  bool Narrow(size_t column, SolvingBudget& budget) {
    bool found = true;
    CountBounds& cell = bounds_[part_.cells[column]];
    if (smallest_[column] > kTolerance) {
      found = Reach(column, 1, budget);
      const double rounded = std::ceil(smallest_[column] - kTolerance);
      if (found) cell.least = leasts_[column] + static_cast<int64_t>(rounded);
    }
    if (largest_[column] < ranges_[column] - kTolerance) {
      const bool reached = Reach(column, -1, budget);
      found = found && reached;
      const double rounded = std::floor(largest_[column] + kTolerance);
      if (reached && !endless_) {
        cell.most = leasts_[column] + static_cast<int64_t>(rounded);
      }
    }
    return found;
  }

  // Makes the column as small (1) or large (-1) as it can be; false if the
  // solver did not come to an end. Sets endless_.
  bool Reach(size_t column, int direction, SolvingBudget& budget) {
    if (budget.IsSpent()) return false;
    const int number = static_cast<int>(column);
    model_.setObjectiveCoefficient(number, direction);
    model_.setMaximumIterations(budget.PivotsLeft());
    model_.primal();
    model_.setObjectiveCoefficient(number, 0);
    Spend(budget);
    endless_ = model_.isProvenDualInfeasible();
    if (endless_) return direction < 0 && ranges_[column] == COIN_DBL_MAX;
    if (!model_.isProvenOptimal()) return false;
    for (size_t i = 0; i < ranges_.size(); ++i) {
      smallest_[i] = std::min(smallest_[i], Solution()[i]);
      largest_[i] = std::max(largest_[i], Solution()[i]);
    }
    return true;
  }

  // The equations that together prove that nothing fulfils all of them. A
  // contradiction makes an audit say nothing of a table, so the solver's word
  // alone is not enough.
  LinearOutcome Contradiction() const {
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): so the solver gives it
    const std::unique_ptr<double[]> proof(model_.infeasibilityRay());
    LinearOutcome outcome{{}, false};
    if (proof == nullptr || !Holds(proof.get())) return outcome;
    for (size_t i = 0; i < part_.equations.size(); ++i) {
      if (std::abs(proof[i]) <= kTolerance) continue;
      outcome.contradictions.push_back(part_.equations[i]);
    }
    outcome.complete = true;
    return outcome;
  }

  // Whether the equations, each taken so many times and added up, ask for a sum
  // that the open cells cannot have.
  bool Holds(const double* times) const {
    std::vector<double> weights(ranges_.size());
    model_.matrix()->transposeTimes(times, weights.data());
    double sum = 0;
    for (size_t i = 0; i < part_.equations.size(); ++i) {
      sum += times[i] * model_.rowLower()[i];
    }
    double least = 0;
    double most = 0;
    for (size_t i = 0; i < ranges_.size(); ++i) {
      const bool cancels = std::abs(weights[i]) < kNothing;
      if (cancels && ranges_[i] == COIN_DBL_MAX) continue;
      (weights[i] > 0 ? most : least) += weights[i] * ranges_[i];
    }
    return sum < least - kTolerance || sum > most + kTolerance;
  }

  const OpenPart& part_;
  std::vector<CountBounds>& bounds_;
  bool fits_ = true;
  bool endless_ = false;
  std::vector<int64_t> leasts_;   // of the cells, before anything was narrowed
  std::vector<double> ranges_;    // most less least
  std::vector<double> smallest_;  // over all solutions so far, by column
  std::vector<double> largest_;
  ClpSimplex model_;
};

}  // namespace

LinearOutcome NarrowByProgrammes(const CountSystem& system,
                                 const std::vector<OpenPart>& parts,
                                 SolvingBudget& budget,
                                 std::vector<CountBounds>& bounds) {
  bool complete = true;
  for (const OpenPart& part : parts) {
    if (part.cells.size() > kMostProgrammeCells) {
      complete = false;
      continue;
    }
    LinearOutcome outcome = PartProgramme(system, part, bounds).Run(budget);
    if (!outcome.contradictions.empty()) return outcome;
    complete = complete && outcome.complete;
  }
  return {{}, complete};
}

}  // namespace comity
