#include "node/disclosure/line_guard.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace comity {
namespace {

class Guard {
 public:
  Guard(const std::vector<uint32_t>& keys, const EarlierReleases& earlier,
        ProtectedCells& cells)
      : keys_(keys), earlier_(earlier), cells_(cells) {}

  // False if the line stays open to subtraction. Sets changed() if it hid.
  bool Mend(const std::vector<size_t>& line) {
    const auto hidden =
        std::count_if(line.begin(), line.end(),
                      [this](size_t cell) { return !cells_[cell]; });
    if (hidden != 1) return true;
    const size_t total = line.back();
    auto smallest = line.end();
    for (auto part = line.begin(); part + 1 != line.end(); ++part) {
      if (!MayHide(*part)) continue;
      if (smallest == line.end() || Order(*part) < Order(*smallest)) {
        smallest = part;
      }
    }
    if (smallest == line.end() && !MayHide(total)) return false;
    cells_[smallest == line.end() ? total : *smallest].reset();
    changed_ = true;
    return true;
  }

  bool TakeChanged() { return std::exchange(changed_, false); }

 private:
  bool MayHide(size_t cell) const {
    return cells_[cell].has_value() && earlier_[cell] != EarlierRelease::kShown;
  }
  std::tuple<uint64_t, uint32_t, size_t> Order(size_t cell) const {
    return {*cells_[cell], keys_[cell], cell};
  }

  const std::vector<uint32_t>& keys_;
  const EarlierReleases& earlier_;
  ProtectedCells& cells_;
  bool changed_ = false;
};

bool GuardAxis(const TableGrid& grid, size_t axis, Guard& guard) {
  if (grid.axes()[axis].open) return true;
  for (size_t cell = 0; cell < grid.size(); ++cell) {
    if (grid.IsTotal(cell, axis) && !guard.Mend(grid.LineTo(cell, axis))) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool GuardLines(const TableGrid& grid, const std::vector<uint32_t>& keys,
                const EarlierReleases& earlier, ProtectedCells& cells) {
  Guard guard(keys, earlier, cells);
  do {
    for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
      if (!GuardAxis(grid, axis, guard)) return false;
    }
  } while (guard.TakeChanged());
  return true;
}

}  // namespace comity
