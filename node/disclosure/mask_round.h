#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/base/secret_bytes.h"
#include "node/disclosure/regional_sum.h"
#include "node/domain/table_grid.h"
#include "node/domain/table_question.h"

namespace comity {

// One question for the sum of a table over a fixed set of members, who each
// give a protected table of their own under masks that cancel in the sum of all
// (privacy.md section 4). Two members derive a mask for each cell from what
// only they share; the first in order adds it and the other subtracts it,
// modulo 2^64. Whoever sees less than all shares sees random numbers.
// Immutable.
class MaskRound {
 public:
  // Of fewer a member would know what the one other has.
  static constexpr size_t kFewestMembers = 3;
  static constexpr size_t kNonceSize = 16;

  // `members` are codes in any order; `nonce` is the asker's, new for each
  // round. FIELD_INVALID for fewer members, one that stands twice, is the asker
  // or no code, for another size of nonce, for a measure that does not add up,
  // and for a column without a closed code list, whose listed codes would tell
  // who is there.
  static absl::StatusOr<MaskRound> Create(const TableQuestion& question,
                                          const std::string& asker,
                                          std::vector<std::string> members,
                                          const std::string& nonce);

  // 32 bytes: asker, question, cells, members and nonce.
  const std::string& id() const { return id_; }
  const std::vector<std::string>& members() const { return members_; }
  const std::string& nonce() const { return nonce_; }
  bool Has(absl::string_view member) const;
  // "NE, NG, TG".
  std::string MembersText() const;

  // The words of a protected table: for each cell its figure, and 1 where it is
  // hidden.
  std::vector<uint64_t> WordsOf(const ReleasedCells& released) const;
  // Masks them, with what `self` and another member share.
  void AddMask(const SecretBytes& shared, const std::string& self,
               const std::string& other, std::vector<uint64_t>& words) const;
  // The sum over all members' masked words. INTEGRITY_FAILURE unless that many
  // come and add up to what tables can hold: masks that do not cancel.
  absl::StatusOr<std::vector<RegionalCell>> Sum(
      const std::vector<std::vector<uint64_t>>& words) const;

 private:
  explicit MaskRound(TableGrid grid) : grid_(std::move(grid)) {}

  TableGrid grid_;
  std::vector<std::string> members_;  // ascending
  std::string nonce_;
  std::string id_;
};

}  // namespace comity
