#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/policy/decision.h"

namespace comity {

// A decision in one line, for messages of tests and for comparing two
// decisions in everything that they say.
inline std::string Verdict(const Decision& decision) {
  const Duties& duties = decision.duties;
  return absl::StrCat(
      Name(decision.outcome), " ", ReasonName(decision.reason), " ",
      Name(decision.private_reason), decision.shared ? " shared" : " private",
      " released=", absl::Hex(decision.released.bits()),
      " missing=", decision.approvals_missing,
      decision.break_glass ? " break-glass" : "",
      " rules=", absl::StrJoin(decision.rules, ","),
      " duties=", duties.approvals, "/", absl::Hex(duties.notify.bits()), "/",
      duties.max_per_hour, "/", duties.max_per_day, "/", duties.max_per_month,
      "/", duties.max_per_officer_per_day, "/", duties.k_threshold, "/",
      duties.yearly_budget, "/", duties.retention_days, "/",
      static_cast<int>(duties.count_method), "/",
      static_cast<int>(duties.aggregation), "/", duties.linked_tables, "/",
      duties.epsilon_thousandths, "/", duties.epsilon_asker_thousandths, "/",
      duties.epsilon_all_thousandths, "/", duties.delta_exponent, "/",
      duties.delta_budget_exponent, "/",
      static_cast<int>(duties.no_onward_transfer), "/",
      absl::StrJoin(duties.redact, ".", [](std::string* out, Redaction how) {
        absl::StrAppend(out, static_cast<int>(how));
      }));
}

}  // namespace comity
