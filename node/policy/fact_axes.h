#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/policy/holder_policies.h"

namespace comity {

// One dimension of what a decision looks at, in the order in which the fact
// space is walked: what the request says first, then the state, then the
// record. Approvals are no dimension: an answer says how many it needs.
enum class Axis : uint8_t {
  kOperation,
  kTime,      // the instant of the question
  kMemberOn,  // the day on which membership is judged, of counts
  kHolder,
  kAsker,
  kRole,
  kOrganisation,
  kPurpose,
  kBasis,
  kGroup,  // the one field group wanted; value 0: none
  kTable,  // the table of counts; value 0: all persons, or no counts
  kEmergency,
  kConsent,
  kAge,
  kRisk,
  kOrigin,
  kExploitation,
  kStage,
  kRecordAge,
};
inline constexpr int kAxisCount = 19;
inline constexpr int kFirstRecordAxis = static_cast<int>(Axis::kConsent);

// The word for an axis in messages, "record age".
const char* Name(Axis axis);

// A product of finite sets: for each axis the numbers of its values, one bit
// each.
struct FactBox {
  std::array<uint64_t, kAxisCount> values{};

  uint64_t& operator[](Axis axis) { return values[static_cast<size_t>(axis)]; }
  uint64_t operator[](Axis axis) const {
    return values[static_cast<size_t>(axis)];
  }
  friend bool operator==(const FactBox&, const FactBox&) = default;
};

// The values of every axis that the files of one or two policies can tell
// apart, or that the vocabulary has. Record facts that are not known are value
// 0 of their axis. Immutable value.
class FactAxes {
 public:
  struct Bounds {
    // Earlier instants are left out.
    absl::Time since = absl::InfinitePast();
    // Only the instant `since`, instead of all from then on.
    bool one_instant = false;
    // Only this holder and asker; empty: all.
    std::string holder;
    std::string asker;
  };
  // MESSAGE_TOO_LARGE, naming the axis, if one has more than 64 values.
  static absl::StatusOr<FactAxes> Create(
      const std::vector<const HolderPolicies*>& policies, const Bounds& bounds);

  size_t size(Axis axis) const { return sizes_[static_cast<size_t>(axis)]; }
  uint64_t All(Axis axis) const;
  // The values that are walked for `operation`: only counts have a table and a
  // day of membership of their own, events hold no field, and a bounded axis
  // has its bound alone.
  uint64_t Walked(Axis axis, Operation operation) const;

  // A request with the first value of each axis.
  FactPoint Start() const;
  // Puts one value into the facts.
  void Put(Axis axis, size_t value, FactPoint& point) const;

  const std::vector<ParticipantCode>& participants() const {
    return participants_;
  }
  // What each value of kTable stands for: a table, or, where it is one of the
  // many of columns that stand by themselves, all of those.
  const std::vector<TableScope>& tables() const { return table_scopes_; }
  // The instant that begins value `i` of kTime or kMemberOn.
  absl::Time Instant(Axis axis, size_t i) const;
  // "GIVEN", "not known".
  std::string ValueName(Axis axis, size_t value) const;

 private:
  FactAxes() = default;
  void AddParticipants(const std::set<std::string>& codes,
                       const Bounds& bounds);
  absl::Status CheckSizes() const;

  std::vector<absl::Time> times_;
  std::vector<absl::Time> member_days_;
  std::vector<ParticipantCode> participants_;
  std::vector<std::string> organisations_;
  // Those that grants tell apart, then one that none opens.
  std::vector<TableShape> tables_;
  std::vector<TableScope> table_scopes_;  // as `tables_`
  std::array<size_t, kAxisCount> sizes_{};
  uint64_t holders_ = 0;
  uint64_t askers_ = 0;
};

// The values in words: "GIVEN or REFUSED"; for instants "from 2026-12-21".
// Empty if they are all that `operation` can have.
std::string Words(const FactAxes& axes, Axis axis, uint64_t values);

}  // namespace comity
