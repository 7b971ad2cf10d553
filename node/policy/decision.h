#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "node/base/error_reason.h"
#include "node/domain/vocabulary.h"

namespace comity {

// How a redact duty coarsens a field group.
enum class Redaction : uint8_t {
  kUnset = 0,
  kMask = 1,
  kAgeBand5 = 2,
  kAgeBand10 = 3,
  kCountryOnly = 4,
  kYearOnly = 5,
};

// How counts are protected before they leave; of two the later holds. (The
// Laplace has no delta, and so stands behind the Gaussian.)
enum class CountMethod : uint8_t {
  kUnset = 0,
  kCellKey = 1,
  kSuppression = 2,
  kDiscreteGaussian = 3,
  kDiscreteLaplace = 4,
};

// Whether tables by this method tell epsilon, of which there are budgets.
inline bool TellsEpsilon(CountMethod method) {
  return method >= CountMethod::kDiscreteGaussian;
}

// What the asker of counts sees of several members.
enum class Aggregation : uint8_t {
  kUnset = 0,
  kEachMember = 1,
  kTotalOnly = 2,
};

// How many tables that share columns an asker is given where no file says it.
inline constexpr uint32_t kUsualLinkedTables = 3;

// The deltas of all tables of one period come to 1 / 10^this at most where no
// file says it.
inline constexpr uint32_t kUsualDeltaBudget = 5;

// By field group; kUnset: left as it is.
using Redactions = std::array<Redaction, kFieldGroupCount>;

// What must be done together with a release. Joining takes the stricter side
// of each field (policy.md 2.4); zero means that no file asks for it.
struct Duties {
  Redactions redact{};
  uint32_t approvals = 0;  // persons besides the one who asks or sends
  EnumSet<NoticeTarget> notify;
  uint32_t max_per_hour = 0;  // answers to one asker under one rule
  uint32_t max_per_day = 0;
  uint32_t max_per_month = 0;
  uint32_t max_per_officer_per_day = 0;
  uint32_t k_threshold = 0;    // smallest count ever shown
  uint32_t yearly_budget = 0;  // distinct cells delivered a year
  CountMethod count_method = CountMethod::kUnset;  // of two the later holds
  Aggregation aggregation = Aggregation::kUnset;   // likewise
  // Tables of one published revision that share two or more columns and that
  // one asker is given at most; zero: kUsualLinkedTables.
  uint32_t linked_tables = 0;
  // Thousandths of epsilon (differential privacy): of one table; that one
  // asker, and that all askers together, are told of one period at most.
  uint32_t epsilon_thousandths = 0;
  uint32_t epsilon_asker_thousandths = 0;
  uint32_t epsilon_all_thousandths = 0;
  uint32_t delta_exponent = 0;  // of a Gaussian table: delta is 1 / 10^this
  // Of all Gaussian tables of one period, told to one asker or to all of them:
  // likewise; zero: kUsualDeltaBudget.
  uint32_t delta_budget_exponent = 0;
  uint32_t retention_days = 0;      // after which the receiver erases
  bool no_onward_transfer = false;  // the receiver passes it to nobody

  friend bool operator==(const Duties&, const Duties&) = default;
};

// kUsualDeltaBudget where tables have a delta and no file says how much.
inline uint32_t UnsaidDeltaBudget(const Duties& duties) {
  return duties.count_method == CountMethod::kDiscreteGaussian &&
                 duties.delta_budget_exponent == 0
             ? kUsualDeltaBudget
             : 0;
}

// Associative, commutative, idempotent.
Duties Join(const Duties& a, const Duties& b);

// One way of counting answers; each rule that has a limit counts by itself, so
// that the order of rules means nothing.
enum class LimitKind : uint8_t { kHour, kDay, kMonth, kOfficerDay };
inline constexpr std::array kLimitKinds = {LimitKind::kHour, LimitKind::kDay,
                                           LimitKind::kMonth,
                                           LimitKind::kOfficerDay};
// Zero: no such limit.
uint32_t LimitIn(const Duties& duties, LimitKind kind);

enum class Outcome : uint8_t { kDeny, kHold, kPermit };

// Why a private refusal was decided (policy.md 2.3, lines 6 to 11). For the own
// people and the own log alone; abroad all of them are "not available".
enum class PrivateReason : uint8_t {
  kNone,
  kUnscreened,
  kNeverContact,
  kNeverShareWith,
  kOfficialInvolvement,
  kOnwardTransfer,    // received under a ban on passing it on
  kPurposeBound,      // received for another purpose
  kNationalDeny,      // line 8
  kNoConditionHolds,  // line 9
  kNothingLeft,       // line 10
  kApprovalsAtHome,   // line 11, a HOLD
  kNationalLimit,     // a limit that a national rule adds
};

// A rule of one CompiledPolicy, by its number there.
using RuleRef = uint32_t;

// What the engine decided. Explanations are made from it by explanation.h.
struct Decision {
  Outcome outcome = Outcome::kDeny;
  // kUnspecified for a permit; kNotAvailable for every private refusal.
  ErrorReason reason = ErrorReason::kNoGrant;
  PrivateReason private_reason = PrivateReason::kNone;
  // True if the asker can compute the outcome from the file both hold.
  bool shared = true;
  FieldGroups released;
  Duties duties;
  uint32_t approvals_missing = 0;
  // It rests on a declared emergency: a released group comes from break-glass
  // grants only, or a denial that would have taken it stepped back.
  bool break_glass = false;
  // The rules that decided. Of a permit: the grants that release and the
  // requirements that add duties. Of a refusal or hold: the denials that
  // refuse, the grants that fit, or the grants and requirements whose limits or
  // approvals stand in the way; none if no file decided.
  std::vector<RuleRef> rules;
};

absl::string_view Name(Outcome outcome);
absl::string_view Name(PrivateReason reason);
absl::string_view Name(LimitKind kind);
absl::string_view Name(Redaction how);  // as files write it
absl::string_view Name(CountMethod method);
absl::string_view Name(Aggregation aggregation);

}  // namespace comity
