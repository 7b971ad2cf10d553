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

}  // namespace

std::string SignatureOf(const TableGrid& grid, size_t cell,
                        const CellKeying& keying) {
  std::vector<std::string> columns = keying.fixed_columns;
  for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
    if (!grid.IsTotal(cell, axis)) columns.push_back(grid.axes()[axis].column);
  }
  std::sort(columns.begin(), columns.end());
  return absl::StrCat(absl::StrJoin(columns, ","), "|", keying.window);
}

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
    keys[cell] =
        CellKey(keying.secret, count.key_sum, SignatureOf(grid, cell, keying));
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
