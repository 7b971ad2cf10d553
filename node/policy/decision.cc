#include "node/policy/decision.h"

#include <algorithm>

namespace comity {
namespace {

// Zero means that no file asks for it, so it is the neutral element.
uint32_t Smaller(uint32_t a, uint32_t b) {
  return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

// AGE_BAND_5 < AGE_BAND_10 < MASK; COUNTRY_ONLY, YEAR_ONLY < MASK; pairs that
// cannot be compared become MASK.
Redaction Coarser(Redaction a, Redaction b) {
  if (a == Redaction::kUnset || a == b) return b;
  if (b == Redaction::kUnset) return a;
  const bool ages = std::min(a, b) == Redaction::kAgeBand5 &&
                    std::max(a, b) == Redaction::kAgeBand10;
  return ages ? Redaction::kAgeBand10 : Redaction::kMask;
}

constexpr Redactions kNone{};

}  // namespace

Duties Join(const Duties& a, const Duties& b) {
  Duties joined;
  joined.redact = a.redact;
  if (b.redact != kNone) {  // most rules leave the groups as they are
    for (size_t i = 0; i < joined.redact.size(); ++i) {
      joined.redact[i] = Coarser(a.redact[i], b.redact[i]);
    }
  }
  joined.approvals = std::max(a.approvals, b.approvals);
  joined.notify = a.notify.Union(b.notify);
  joined.max_per_hour = Smaller(a.max_per_hour, b.max_per_hour);
  joined.max_per_day = Smaller(a.max_per_day, b.max_per_day);
  joined.max_per_month = Smaller(a.max_per_month, b.max_per_month);
  joined.max_per_officer_per_day =
      Smaller(a.max_per_officer_per_day, b.max_per_officer_per_day);
  joined.k_threshold = std::max(a.k_threshold, b.k_threshold);
  joined.yearly_budget = Smaller(a.yearly_budget, b.yearly_budget);
  joined.count_method = std::max(a.count_method, b.count_method);
  joined.aggregation = std::max(a.aggregation, b.aggregation);
  joined.linked_tables = Smaller(a.linked_tables, b.linked_tables);
  joined.epsilon_thousandths =
      Smaller(a.epsilon_thousandths, b.epsilon_thousandths);
  joined.epsilon_asker_thousandths =
      Smaller(a.epsilon_asker_thousandths, b.epsilon_asker_thousandths);
  joined.epsilon_all_thousandths =
      Smaller(a.epsilon_all_thousandths, b.epsilon_all_thousandths);
  joined.delta_exponent = std::max(a.delta_exponent, b.delta_exponent);
  joined.delta_budget_exponent =
      std::max(a.delta_budget_exponent, b.delta_budget_exponent);
  joined.retention_days = Smaller(a.retention_days, b.retention_days);
  joined.no_onward_transfer = a.no_onward_transfer || b.no_onward_transfer;
  return joined;
}

uint32_t LimitIn(const Duties& duties, LimitKind kind) {
  switch (kind) {
    case LimitKind::kHour:
      return duties.max_per_hour;
    case LimitKind::kDay:
      return duties.max_per_day;
    case LimitKind::kMonth:
      return duties.max_per_month;
    case LimitKind::kOfficerDay:
      return duties.max_per_officer_per_day;
  }
  return 0;
}

absl::string_view Name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDeny:
      return "DENY";
    case Outcome::kHold:
      return "HOLD";
    case Outcome::kPermit:
      return "PERMIT";
  }
  return "DENY";
}

absl::string_view Name(PrivateReason reason) {
  switch (reason) {
    case PrivateReason::kNone:
      return "";
    case PrivateReason::kUnscreened:
      return "the case was never screened";
    case PrivateReason::kNeverContact:
      return "NEVER_CONTACT";
    case PrivateReason::kNeverShareWith:
      return "NEVER_SHARE_WITH";
    case PrivateReason::kOfficialInvolvement:
      return "OFFICIAL_INVOLVEMENT";
    case PrivateReason::kOnwardTransfer:
      return "received under a ban on onward transfer";
    case PrivateReason::kPurposeBound:
      return "received for another purpose";
    case PrivateReason::kNationalDeny:
      return "a national rule refuses";
    case PrivateReason::kNoConditionHolds:
      return "no grant's conditions hold";
    case PrivateReason::kNothingLeft:
      return "every granted group is withheld";
    case PrivateReason::kApprovalsAtHome:
      return "approvals that a national rule demands are missing";
    case PrivateReason::kNationalLimit:
      return "a national limit is reached";
  }
  return "";
}

absl::string_view Name(LimitKind kind) {
  switch (kind) {
    case LimitKind::kHour:
      return "hour";
    case LimitKind::kDay:
      return "day";
    case LimitKind::kMonth:
      return "month";
    case LimitKind::kOfficerDay:
      return "officer-day";
  }
  return "day";
}

absl::string_view Name(Aggregation aggregation) {
  switch (aggregation) {
    case Aggregation::kUnset:
      return "UNSET";
    case Aggregation::kEachMember:
      return "EACH_MEMBER";
    case Aggregation::kTotalOnly:
      return "TOTAL_ONLY";
  }
  return "UNSET";
}

absl::string_view Name(CountMethod method) {
  switch (method) {
    case CountMethod::kUnset:
      return "UNSET";
    case CountMethod::kCellKey:
      return "CELL_KEY";
    case CountMethod::kSuppression:
      return "SUPPRESSION";
    case CountMethod::kDiscreteGaussian:
      return "DISCRETE_GAUSSIAN";
    case CountMethod::kDiscreteLaplace:
      return "DISCRETE_LAPLACE";
  }
  return "UNSET";
}

absl::string_view Name(Redaction how) {
  switch (how) {
    case Redaction::kUnset:
      return "UNSET";
    case Redaction::kMask:
      return "MASK";
    case Redaction::kAgeBand5:
      return "AGE_BAND_5";
    case Redaction::kAgeBand10:
      return "AGE_BAND_10";
    case Redaction::kCountryOnly:
      return "COUNTRY_ONLY";
    case Redaction::kYearOnly:
      return "YEAR_ONLY";
  }
  return "UNSET";
}

}  // namespace comity
