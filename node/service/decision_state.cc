#include "node/service/decision_state.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "node/audit/restore_mark.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

std::string CounterOf(const CompiledPolicy& policy, const Limit& limit,
                      const RequestFacts& request, absl::string_view officer) {
  std::string counter =
      absl::StrCat("limit/", request.asker.text(), "/",
                   policy.rule(limit.rule).id, "/", Name(limit.kind));
  if (limit.kind == LimitKind::kOfficerDay) {
    absl::StrAppend(&counter, "/", absl::BytesToHexString(officer));
  }
  return counter;
}

// `spent_at`: all that could be used in its windows was.
absl::StatusOr<StateFacts> ReadStateSince(absl::Time spent_at,
                                          const CompiledPolicy& policy,
                                          const RequestFacts& request,
                                          absl::string_view officer,
                                          const StoreReader& reader) {
  StateFacts state;
  for (const Limit& limit : LimitsOf(policy, request)) {
    const std::string window = LimitWindow(limit.kind, request.now);
    ASSIGN_OR_RETURN(
        uint32_t used,
        reader.ReadCounter(CounterOf(policy, limit, request, officer), window));
    if (window == LimitWindow(limit.kind, spent_at)) {
      used = std::max(used, limit.max);
    }
    if (used > 0) state.used.push_back({limit.rule, limit.kind, used});
  }
  ASSIGN_OR_RETURN(state.emergency, EmergencyStands(policy, request, reader));
  return state;
}

}  // namespace

std::string LimitWindow(LimitKind kind, absl::Time now) {
  const char* format = kind == LimitKind::kHour    ? "%Y-%m-%dT%H"
                       : kind == LimitKind::kMonth ? "%Y-%m"
                                                   : "%Y-%m-%d";
  return absl::FormatTime(format, now, absl::UTCTimeZone());
}

absl::StatusOr<StateFacts> ReadState(const CompiledPolicy& policy,
                                     const RequestFacts& request,
                                     absl::string_view officer,
                                     const StoreReader& reader) {
  return ReadStateSince(absl::InfinitePast(), policy, request, officer, reader);
}

absl::StatusOr<StateFacts> ReadStateOfQuestion(const CompiledPolicy& policy,
                                               const RequestFacts& request,
                                               absl::string_view officer,
                                               const StoreReader& reader) {
  ASSIGN_OR_RETURN(const absl::Time spent_at, SpentAt(reader));
  return ReadStateSince(spent_at, policy, request, officer, reader);
}

absl::StatusOr<bool> EmergencyStands(const CompiledPolicy& policy,
                                     const RequestFacts& request,
                                     const StoreReader& reader) {
  const Agreement* agreement =
      policy.set().Find(request.agreement_id, request.agreement_digest);
  if (agreement == nullptr || !agreement->emergency ||
      request.holder != request.self) {
    return false;
  }
  return reader.InEmergency(request.asker, request.agreement_id, request.now);
}

bool MayNeedApprovalsAtHome(const CompiledPolicy& policy,
                            const RequestFacts& request) {
  bool may = false;
  policy.ForEachRequire(request, [&](RuleRef, const Require& require) {
    may |= require.duties.approvals > 0;
  });
  return may;
}

absl::Status ChargeLimits(const CompiledPolicy& policy,
                          const RequestFacts& request, const Decision& decision,
                          absl::string_view officer, absl::Time now,
                          StoreTransaction& store) {
  for (const Limit& limit : ChargesOf(policy, request, decision)) {
    ASSIGN_OR_RETURN(
        const uint32_t total,
        store.ChargeCounter(CounterOf(policy, limit, request, officer),
                            LimitWindow(limit.kind, now), 1));
    if (total <= limit.max) continue;
    if (policy.rule(limit.rule).require != nullptr) {
      return ReasonError(ErrorReason::kNotAvailable,
                         "a national limit is reached");
    }
    return ReasonError(ErrorReason::kLimitReached,
                       absl::StrCat("the limit for this ", Name(limit.kind),
                                    " is reached; windows begin at the full "
                                    "hour, 00:00 UTC or the month's first"));
  }
  return absl::OkStatus();
}

}  // namespace comity
