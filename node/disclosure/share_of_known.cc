#include "node/disclosure/share_of_known.h"

#include <algorithm>
#include <map>
#include <optional>

#include "node/domain/table_columns.h"

namespace comity {
namespace {

using Codes = std::vector<std::string>;

bool IsValue(const std::string& code) {
  return code != kTotal && code != kUnknownCode;
}

// The figures of one member's table.
class Figures {
 public:
  Figures(const ReleasedCells& table, const ShareColumn& column)
      : column_(column) {
    for (const TableCell& cell : table.cells) {
      // What has no code in the column is no cell of the table.
      if (cell.suppressed || cell.codes.size() <= column.axis) continue;
      shown_[cell.codes] = cell.value;
      if (!IsValue(cell.codes[column.axis])) continue;
      uint64_t& known = known_[Line(cell.codes, kTotal)];
      known = column.several ? std::max(known, cell.value) : known + cell.value;
    }
  }

  std::optional<uint64_t> Of(const Codes& codes) const {
    const auto found = shown_.find(codes);
    if (found == shown_.end()) return std::nullopt;
    return found->second;
  }

  // The cell of the same line with another code in the column.
  Codes Line(Codes codes, const char* code) const {
    codes[column_.axis] = code;
    return codes;
  }

  // How many of the line have a value; nullopt if its total is hidden. Noise
  // may bring a total under its part, which it is not.
  std::optional<std::pair<uint64_t, uint64_t>> KnownOf(const Codes& codes,
                                                       uint64_t part) const {
    const auto total = Of(Line(codes, kTotal));
    if (!total.has_value()) return std::nullopt;
    const uint64_t most = std::max(*total, part);
    if (!column_.has_unknown) return std::pair(most, most);
    if (const auto unknown = Of(Line(codes, kUnknownCode))) {
      const uint64_t known =
          std::max(*total > *unknown ? *total - *unknown : 0, part);
      return std::pair(known, known);
    }
    return std::pair(std::min(known_.at(Line(codes, kTotal)), most), most);
  }

  const std::map<Codes, uint64_t>& shown() const { return shown_; }

 private:
  const ShareColumn& column_;
  std::map<Codes, uint64_t> shown_;
  // By line, the fewest persons with a value that its shown cells allow.
  std::map<Codes, uint64_t> known_;
};

// Numerator and denominators, added up over members.
struct Sums {
  uint64_t part = 0;
  uint64_t known_least = 0;
  uint64_t known_most = 0;
  uint32_t members = 0;
};

}  // namespace

std::vector<KnownShare> SharesOfKnown(const std::vector<ReleasedCells>& members,
                                      const ShareColumn& column) {
  std::map<Codes, Sums> sums;
  for (const ReleasedCells& member : members) {
    const Figures figures(member, column);
    for (const auto& [codes, part] : figures.shown()) {
      if (!IsValue(codes[column.axis])) continue;
      const auto known = figures.KnownOf(codes, part);
      if (!known.has_value()) continue;
      Sums& sum = sums[codes];
      sum.part += part;
      sum.known_least += known->first;
      sum.known_most += known->second;
      ++sum.members;
    }
  }
  std::vector<KnownShare> shares;
  for (const auto& [codes, sum] : sums) {
    if (sum.known_least == 0) continue;
    const auto part = static_cast<double>(sum.part);
    shares.push_back({codes, part / static_cast<double>(sum.known_most),
                      part / static_cast<double>(sum.known_least),
                      sum.members});
  }
  return shares;
}

}  // namespace comity
