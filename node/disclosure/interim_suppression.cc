#include "node/disclosure/interim_suppression.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace comity {
namespace {

// Which dimensions a cell spells out: cells of one pattern form one line,
// margin or the inner table.
std::vector<bool> PatternOf(const std::vector<std::string>& codes) {
  std::vector<bool> pattern;
  pattern.reserve(codes.size());
  for (const std::string& code : codes) pattern.push_back(code != kTotal);
  return pattern;
}

}  // namespace

ReleasedCells ProtectInterim(
    const std::map<std::vector<std::string>, uint64_t>& exact, uint64_t k) {
  // A pattern is safe if none of its cells is under k: zero and few look alike.
  std::map<std::vector<bool>, bool> safe;
  for (const auto& [codes, count] : exact) {
    const std::vector<bool> pattern = PatternOf(codes);
    const auto at = safe.emplace(pattern, true).first;
    if (count < k) at->second = false;
  }
  ReleasedCells released;
  for (const auto& [codes, count] : exact) {
    const std::vector<bool> pattern = PatternOf(codes);
    TableCell cell{codes, !safe.at(pattern), 0};
    if (!cell.suppressed) cell.value = count;
    released.cells.push_back(std::move(cell));
  }
  return released;
}

std::vector<std::string> CellTexts(const TableQuestion& question,
                                   uint32_t revision,
                                   const ReleasedCells& released) {
  std::vector<std::string> texts;
  for (const TableCell& cell : released.cells) {
    if (cell.suppressed) continue;
    texts.push_back(absl::StrCat(question.CanonicalForm(), "revision ",
                                 revision, "\ncell ",
                                 absl::StrJoin(cell.codes, "\x1f")));
  }
  return texts;
}

}  // namespace comity
