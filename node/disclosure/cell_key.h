#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "node/base/secret_bytes.h"
#include "node/base/uuid.h"
#include "node/disclosure/protected_table.h"

namespace comity {

// Cell-key perturbation (Fraser and Wooton 2005; Meindl and Enderle 2019), with
// the sum of record keys finished by an HMAC. Each person has a record key; a
// cell's key depends on nothing but the persons in it and the dimensions it
// spells out. So a cell shows the same number in every table, to every asker,
// and a total that equals its only part does not give itself away by equal
// noise.

// Version of the method: part of the key that answers are stored under.
inline constexpr const char* kCellKeyMethod = "cell-key/v1";

// The record key of a case under the state's secret (32 bytes), which is made
// once and never changed: other keys would be other noise to average over.
uint64_t RecordKey(const SecretBytes& secret, const Uuid& case_id);

// A uniform key of a set of persons: `signature` tells what for.
uint32_t CellKey(const SecretBytes& secret, uint64_t key_sum,
                 absl::string_view signature);

// What cells of this table are keyed with.
struct CellKeying {
  const SecretBytes& secret;  // 32 bytes
  // Columns that a filter fixes to one code for the whole table.
  std::vector<std::string> fixed_columns;
  // "year"; for another measure than persons with its name, "year/REFERRALS",
  // so that figures of different measures have unrelated noise.
  std::string window;
};

// The key that the noise of a cell is drawn with. `use` tells apart what is
// drawn of one cell.
uint32_t NoiseKey(const TableGrid& grid, size_t cell, uint64_t key_sum,
                  const CellKeying& keying, absl::string_view use = "");

// Perturbs and hides: a cell of fewer than `k` persons, or whose perturbed
// figure is under `k`, has no number, zero included; then lines are guarded
// (line_guard.h).
// What an earlier release hid stays hidden. nullopt if earlier releases leave
// no way to protect this table.
std::optional<ProtectedCells> ProtectByCellKey(const ExactTable& exact,
                                               uint64_t k,
                                               const CellKeying& keying,
                                               const EarlierReleases& earlier);

}  // namespace comity
