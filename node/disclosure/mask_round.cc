#include "node/disclosure/mask_round.h"

#include <algorithm>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/domain/measure.h"
#include "node/domain/participant.h"
#include "node/domain/table_columns.h"

namespace comity {
namespace {

// No table of counts adds up to more.
constexpr uint64_t kLargestSum = uint64_t{1} << 48;

absl::Status Invalid(absl::string_view why) {
  return ReasonError(ErrorReason::kFieldInvalid, why);
}

absl::StatusOr<TableGrid> ClosedGrid(const TableQuestion& question) {
  std::vector<TableAxis> axes;
  for (const std::string& name : question.dimensions()) {
    const TableColumn& column = *FindTableColumn(name);
    if (column.IsOpen()) {
      return Invalid(absl::StrCat("\"", name,
                                  "\" has no closed code list, which a sum "
                                  "alone needs"));
    }
    std::vector<std::string> codes = column.codes;
    std::sort(codes.begin(), codes.end());
    axes.push_back({name, std::move(codes), false, column.several});
  }
  return TableGrid(std::move(axes));
}

// Of nodes that know other codes the masks must not cancel in part.
std::string CellsText(const TableGrid& grid) {
  std::string text;
  for (const TableAxis& axis : grid.axes()) {
    absl::StrAppend(&text, axis.column, " ", absl::StrJoin(axis.codes, ","),
                    "\n");
  }
  return text;
}

uint64_t WordIn(absl::string_view bytes) {
  uint64_t word = 0;
  for (const char byte : bytes.substr(0, 8)) {
    word = word << 8 | static_cast<unsigned char>(byte);
  }
  return word;
}

}  // namespace

absl::StatusOr<MaskRound> MaskRound::Create(const TableQuestion& question,
                                            const std::string& asker,
                                            std::vector<std::string> members,
                                            const std::string& nonce) {
  std::sort(members.begin(), members.end());
  if (std::adjacent_find(members.begin(), members.end()) != members.end()) {
    return Invalid("a member stands in the set twice");
  }
  if (members.size() < kFewestMembers) {
    return Invalid("a sum alone is told over three members or more");
  }
  for (const std::string& member : members) {
    RETURN_IF_ERROR(ParticipantCode::Create(member).status());
    if (member == asker) return Invalid("who asks is no member of the set");
  }
  if (nonce.size() != kNonceSize) return Invalid("a nonce has 16 bytes");
  if (QuantileOf(question.measure()).has_value()) {
    return Invalid("quantiles do not add up, and a sum alone is told");
  }
  ASSIGN_OR_RETURN(TableGrid grid, ClosedGrid(question));
  MaskRound round(std::move(grid));
  round.members_ = std::move(members);
  round.nonce_ = nonce;
  round.id_ =
      Sha256(absl::StrCat("comity.mask.round.v1\nasker ", asker, "\nmembers ",
                          absl::StrJoin(round.members_, ","), "\nnonce ",
                          absl::BytesToHexString(nonce), "\n",
                          CellsText(round.grid_), question.CanonicalForm()));
  return round;
}

bool MaskRound::Has(absl::string_view member) const {
  return std::find(members_.begin(), members_.end(), member) != members_.end();
}

std::string MaskRound::MembersText() const {
  return absl::StrJoin(members_, ", ");
}

std::vector<uint64_t> MaskRound::WordsOf(const ReleasedCells& released) const {
  std::map<std::vector<std::string>, uint64_t> figures;
  for (const TableCell& cell : released.cells) {
    if (!cell.suppressed) figures[cell.codes] = cell.value;
  }
  std::vector<uint64_t> words;
  words.reserve(2 * grid_.size());
  for (size_t cell = 0; cell < grid_.size(); ++cell) {
    const auto figure = figures.find(grid_.CodesOf(cell));
    words.push_back(figure == figures.end() ? 0 : figure->second);
    words.push_back(figure == figures.end() ? 1 : 0);
  }
  return words;
}

void MaskRound::AddMask(const SecretBytes& shared, const std::string& self,
                        const std::string& other,
                        std::vector<uint64_t>& words) const {
  const auto [first, second] = std::minmax(self, other);
  const SecretBytes key = HkdfSha256(
      shared, absl::StrCat("comity-mask-v1\n", first, "\n", second, "\n", id_),
      32);
  for (size_t at = 0; at < words.size(); ++at) {
    const uint64_t mask =
        WordIn(HmacSha256(key.Expose(), absl::StrCat("word ", at)));
    words[at] += self == first ? mask : 0 - mask;
  }
}

absl::StatusOr<std::vector<RegionalCell>> MaskRound::Sum(
    const std::vector<std::vector<uint64_t>>& words) const {
  const auto faulty = [] {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the members' masks do not cancel");
  };
  std::vector<uint64_t> sums(2 * grid_.size());
  for (const std::vector<uint64_t>& each : words) {
    if (each.size() != sums.size()) return faulty();
    for (size_t at = 0; at < sums.size(); ++at) sums[at] += each[at];
  }
  if (words.size() != members_.size()) return faulty();
  std::vector<RegionalCell> cells;
  for (size_t cell = 0; cell < grid_.size(); ++cell) {
    const uint64_t hidden = sums[2 * cell + 1];
    if (sums[2 * cell] >= kLargestSum || hidden > members_.size()) {
      return faulty();
    }
    cells.push_back({grid_.CodesOf(cell), sums[2 * cell],
                     static_cast<uint32_t>(members_.size() - hidden),
                     static_cast<uint32_t>(hidden)});
  }
  return cells;
}

}  // namespace comity
