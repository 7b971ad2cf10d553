#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "node/domain/table_question.h"

namespace comity {

// The disclosure control of this build, "interim-suppression/v1"; protected
// tables replace it (node/decisions). Given exact counts with margins:
//   - the cells that spell out the same dimensions (the inner cells, or one
//     margin) are shown all or none: none if one of them is under `k`, zero
//     included, so that zero and few look alike;
//   - the grand total is shown if it is at least `k`.
// A suppressed cell may be anything from zero on. Codes that nobody in the
// period has, and that the dimension does not fix, are not listed at all.
ReleasedCells ProtectInterim(
    const std::map<std::vector<std::string>, uint64_t>& exact, uint64_t k);

// Name and version of the method above, part of the key that answers are
// stored under.
inline constexpr const char* kInterimMethod = "interim-suppression/v1";

// The cells whose delivery the asker's budget counts: one 32-byte key for each
// cell that has a value.
std::vector<std::string> CellTexts(const TableQuestion& question,
                                   uint32_t revision,
                                   const ReleasedCells& released);

}  // namespace comity
