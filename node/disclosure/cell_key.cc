#include "node/disclosure/cell_key.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/crypto/hash.h"
#include "node/disclosure/line_guard.h"
#include "node/disclosure/noise_table.h"

namespace comity {
namespace {

uint64_t BigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) {
    value = value << 8 | static_cast<unsigned char>(byte);
  }
  return value;
}

std::string BigEndian(uint64_t value) {
  std::string bytes(8, '\0');
  for (size_t i = 8; i-- > 0; value >>= 8) {
    bytes[i] = static_cast<char>(value & 0xff);
  }
  return bytes;
}

// Keys are below this one; another column moves a key by a quarter at most.
constexpr uint64_t kKeys = uint64_t{1} << 32;
constexpr uint64_t kFarthest = kKeys / 4;

// Moves a key up or down by less than kFarthest. What would leave the range
// turns back at its end, so that uniform keys stay uniform: up and down are
// equally likely.
uint32_t Moved(uint64_t key, uint32_t by) {
  const uint64_t far = (uint64_t{by >> 1} * kFarthest) >> 31;
  const bool up = (by & 1) != 0;
  uint64_t moved = 0;
  if (up) {
    moved = key + far < kKeys ? key + far : 2 * kKeys - 1 - key - far;
  } else {
    moved = key >= far ? key - far : far - key - 1;
  }
  return static_cast<uint32_t>(moved);
}

// The columns that a cell spells out, sorted.
std::vector<std::string> SpelledColumns(const TableGrid& grid, size_t cell,
                                        const CellKeying& keying) {
  std::vector<std::string> columns = keying.fixed_columns;
  for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
    if (!grid.IsTotal(cell, axis)) columns.push_back(grid.axes()[axis].column);
  }
  std::sort(columns.begin(), columns.end());
  return columns;
}

}  // namespace

uint64_t RecordKey(const SecretBytes& secret, const Uuid& case_id) {
  return BigEndian(
      absl::string_view(HmacSha256(secret.Expose(), case_id.ToBytes()))
          .substr(0, 8));
}

uint32_t CellKey(const SecretBytes& secret, uint64_t key_sum,
                 absl::string_view signature) {
  const std::string mac =
      HmacSha256(secret.Expose(), absl::StrCat(BigEndian(key_sum), signature));
  return static_cast<uint32_t>(BigEndian(absl::string_view(mac).substr(0, 4)));
}

uint32_t NoiseKey(const TableGrid& grid, size_t cell, uint64_t key_sum,
                  const CellKeying& keying, absl::string_view use) {
  const std::vector<std::string> columns = SpelledColumns(grid, cell, keying);
  const std::string window = absl::StrCat("|", keying.window, use);
  const uint32_t of_persons = CellKey(
      keying.secret, key_sum, absl::StrCat(columns.size(), " columns", window));
  const uint32_t by =
      CellKey(keying.secret, key_sum,
              absl::StrCat(absl::StrJoin(columns, ","), window));
  return Moved(of_persons, by);
}

std::optional<ProtectedCells> ProtectByCellKey(const ExactTable& exact,
                                               uint64_t k,
                                               const CellKeying& keying,
                                               const EarlierReleases& earlier) {
  const TableGrid& grid = exact.grid;
  ProtectedCells cells(grid.size());
  std::vector<uint32_t> keys(grid.size());
  for (size_t cell = 0; cell < grid.size(); ++cell) {
    const ExactCount& count = exact.cells[cell];
    if (count.persons < k) continue;  // needs no key: it is never shown
    keys[cell] = NoiseKey(grid, cell, count.key_sum, keying);
    const uint64_t figure = exact.Figure(cell);
    const int64_t perturbed =
        static_cast<int64_t>(figure) + NoiseFor(figure, keys[cell]);
    if (perturbed < static_cast<int64_t>(k)) continue;
    if (earlier[cell] == EarlierRelease::kHidden) continue;
    cells[cell] = static_cast<uint64_t>(perturbed);
  }
  if (!GuardLines(grid, keys, earlier, cells)) return std::nullopt;
  return cells;
}

}  // namespace comity
