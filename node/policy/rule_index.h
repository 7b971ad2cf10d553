#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "node/policy/facts.h"
#include "node/policy/policy_set.h"

namespace comity {

// The rules of one list, numbered 0 to n-1, found by what a request says
// (policy.md 3.3): for each dimension and value one bit per rule; the rules
// that fit are the intersection of one row per dimension. Reads allocate
// nothing. A rule that names a group whose membership changes with time, an
// organisation, tables of counts, or an end of its own is found whenever it
// could fit, and NeedsCheck says that it must be looked at once more. Immutable
// once built.
class RuleIndex {
 public:
  // A set of rules, one bit each.
  using Row = std::vector<uint64_t>;

  RuleIndex() = default;
  explicit RuleIndex(const Agreement& agreement);
  RuleIndex(const NationalRules& rules, const std::vector<Deny>& denies);
  RuleIndex(const NationalRules& rules,
            const std::vector<Require>& requirements);

  size_t size() const { return size_; }
  bool NeedsCheck(size_t rule) const {
    return (check_[rule / 64] >> (rule % 64) & 1) != 0;
  }

  // Calls `visit(rule)` in ascending order for each rule that fits `request`,
  // up to NeedsCheck.
  template <typename Visit>
  void ForEach(const RequestFacts& request, const Visit& visit) const {
    const Rows rows = RowsOf(request);
    for (size_t word = 0; word < check_.size(); ++word) {
      uint64_t bits = ~uint64_t{0};
      for (size_t i = 0; i < rows.count; ++i) bits &= (*rows.row[i])[word];
      for (; bits != 0; bits &= bits - 1) {
        visit(word * 64 + static_cast<size_t>(__builtin_ctzll(bits)));
      }
    }
  }

 private:
  // Rows of one dimension by value, and the rules that do not name it.
  template <typename Key>
  struct Table {
    absl::flat_hash_map<Key, Row> rows;
    Row any;

    const Row& Of(const Key& key) const {
      const auto found = rows.find(key);
      return found == rows.end() ? any : found->second;
    }
  };
  // Rows of one enum dimension by number; row 0 is that of an unset value.
  using EnumTable = std::array<Row, 16>;

  static constexpr size_t kMaxRows = 6;
  struct Rows {
    std::array<const Row*, kMaxRows> row;
    size_t count = 0;
    void Add(const Row& added) { row[count++] = &added; }
  };

  explicit RuleIndex(size_t size);
  void AddParticipants(const std::vector<std::string>& list,
                       const std::vector<ParticipantGroup>& groups, size_t rule,
                       Table<std::string>& table);
  void AddGrant(const Agreement& agreement, size_t rule);
  template <typename Enum>
  void AddEnum(EnumSet<Enum> set, size_t rule, EnumTable& table);
  static void AddToAll(size_t rule, Table<std::string>& table);
  Row EmptyRow() const { return Row(check_.size()); }
  static void Set(Row& row, size_t rule) {
    row[rule / 64] |= uint64_t{1} << (rule % 64);
  }
  Rows RowsOf(const RequestFacts& request) const;

  size_t size_ = 0;
  bool grants_ = false;
  Row check_;
  Table<std::string> holder_;
  Table<std::string> asker_;
  Table<std::string> party_;  // holder or asker, for events
  EnumTable role_;
  EnumTable operation_;
  EnumTable purpose_;
  EnumTable basis_;
};

}  // namespace comity
