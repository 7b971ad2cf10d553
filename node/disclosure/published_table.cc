#include "node/disclosure/published_table.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/domain/table_question.h"

namespace comity {
namespace {

using Codes = std::vector<std::string>;

std::string FigureText(const CountBounds& bounds) {
  if (bounds.IsExact()) return absl::StrCat(bounds.least);
  if (bounds.most >= CountBounds::kUnbounded) return "?";
  return absl::StrCat(bounds.least, "..", bounds.most);
}

class Auditor {
 public:
  explicit Auditor(const PublishedTable& table)
      : table_(table), shown_(table.dimensions.size()) {
    for (size_t i = 0; i < table.cells.size(); ++i) {
      numbers_[table.cells[i].codes] = i;
      system_.cells.push_back(table.cells[i].bounds);
      for (size_t axis = 0; axis < shown_.size(); ++axis) {
        const std::string& code = table.cells[i].codes[axis];
        if (code != kTotal) shown_[axis].insert(code);
      }
    }
    for (size_t i = 0; i < table.cells.size(); ++i) AddLinesTo(i);
  }

  PublishedAudit Run() {
    PublishedAudit audit;
    const AuditOutcome outcome = SolveCounts(system_);
    audit.complete = outcome.complete;
    if (!outcome.contradictions.empty()) {
      audit.contradictions.push_back(InWords(outcome.contradictions));
    }
    for (size_t i = 0; i < table_.cells.size(); ++i) {
      if (!table_.cells[i].hidden) continue;
      ++audit.hidden;
      if (!audit.contradictions.empty()) continue;
      const CountBounds& known = outcome.cells[i];
      if (outcome.Uncovers(system_, i)) {
        audit.uncovered.push_back({table_.cells[i].codes, known.least});
      } else if (known.least != system_.cells[i].least ||
                 known.most != system_.cells[i].most) {
        audit.narrowed.push_back({table_.cells[i].codes, known});
      }
    }
    return audit;
  }

 private:
  // The lines that end in the cell.
  void AddLinesTo(size_t total) {
    for (size_t axis = 0; axis < shown_.size(); ++axis) {
      Codes codes = table_.cells[total].codes;
      if (codes[axis] != kTotal || shown_[axis].size() < 2) continue;
      CountEquation line;
      for (const std::string& code : shown_[axis]) {
        codes[axis] = code;
        const auto found = numbers_.find(codes);
        if (found == numbers_.end()) break;
        line.terms.push_back({found->second, 1});
      }
      if (line.terms.size() != shown_[axis].size()) continue;
      line.terms.push_back({total, -1});
      AddSlack(table_.dimensions[axis], line);
      system_.equations.push_back(std::move(line));
    }
  }

  void AddSlack(const TableAxis& dimension, CountEquation& line) {
    for (const auto& [needed, sign] :
         {std::pair(dimension.open, 1), std::pair(dimension.several, -1)}) {
      if (!needed) continue;
      line.terms.push_back({system_.cells.size(), sign});
      system_.cells.emplace_back();
    }
  }

  // One of them cannot be true, whatever the hidden counts are.
  std::string InWords(const std::vector<size_t>& equations) const {
    std::vector<std::string> lines;
    lines.reserve(equations.size());
    for (const size_t equation : equations) {
      lines.push_back(InWords(system_.equations[equation]));
    }
    return absl::StrJoin(lines, ", or ");
  }

  std::string InWords(const CountEquation& equation) const {
    std::vector<std::string> parts;
    std::string total;
    for (const auto& term : equation.terms) {
      if (term.cell >= table_.cells.size()) continue;
      const PublishedCell& cell = table_.cells[term.cell];
      const std::string text = absl::StrCat(
          FigureText(cell.bounds), " (", absl::StrJoin(cell.codes, ", "), ")");
      if (term.sign > 0) {
        parts.push_back(text);
      } else {
        total = text;
      }
    }
    return absl::StrCat(absl::StrJoin(parts, " + "), " is not ", total);
  }

  const PublishedTable& table_;
  std::vector<std::set<std::string>> shown_;  // codes, by dimension
  std::map<Codes, size_t> numbers_;
  CountSystem system_;
};

}  // namespace

PublishedAudit AuditTable(const PublishedTable& table) {
  return Auditor(table).Run();
}

}  // namespace comity
