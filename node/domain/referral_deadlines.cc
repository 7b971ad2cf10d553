#include "node/domain/referral_deadlines.h"

#include <algorithm>
#include <array>

#include "absl/time/civil_time.h"

namespace comity {
namespace {

constexpr std::array kNames = {
    "ACKNOWLEDGE", "TRIAGE",    "DECIDE",  "ANSWER_INFO", "PLAN",  "DEPARTURE",
    "HANDOVER",    "FOLLOW_UP", "ERASURE", "RISK_ANSWER", "EXPIRY"};

// The guard wants the alarm after the deadline, not at it.
constexpr absl::Duration kFirstAlarm = absl::Milliseconds(1);
constexpr absl::Duration kSecondAlarm = absl::Minutes(15);

// Days that are counted at most, whatever a partner's clock said.
constexpr uint32_t kMostDays = 3650;

absl::Duration Days(uint32_t days) { return absl::Hours(24) * days; }

// Collects the clocks that one status runs.
class Clocks {
 public:
  explicit Clocks(const ReferralStatus& status) : status_(status) {}

  std::vector<ReferralDeadline> All() && {
    const ReferralDeadlines& limits = status_.terms.deadlines;
    AddOfState(limits);
    if (status_.erasure_owed_since.has_value()) {
      Add(DeadlineKind::kErasure, Owing::kReceiver,
          *status_.erasure_owed_since + absl::Hours(limits.erasure_hours));
    }
    std::sort(found_.begin(), found_.end(),
              [](const ReferralDeadline& a, const ReferralDeadline& b) {
                return a.due < b.due;
              });
    return std::move(found_);
  }

 private:
  void Add(DeadlineKind kind, Owing owing, absl::Time due) {
    found_.push_back({kind, owing, due});
  }

  // As an answer about the record.
  void AddRiskAnswer(const ReferralDeadlines& limits) {
    if (!status_.risk_asked_at.has_value()) return;
    Add(DeadlineKind::kRiskAnswer, Owing::kReceiver,
        AddWorkingDays(*status_.risk_asked_at,
                       limits.answer_info_working_days));
  }

  void AddExpiry(const ReferralDeadlines& limits) {
    Add(DeadlineKind::kExpiry, Owing::kHolder,
        status_.sent_at + Days(limits.expiry_days));
  }

  void AddDecision(const ReferralDeadlines& limits) {
    Add(DeadlineKind::kDecide, Owing::kReceiver,
        AddWorkingDays(status_.sent_at, limits.decide_working_days));
    AddExpiry(limits);
  }

  void AddFollowUp(const ReferralDeadlines& limits) {
    if (!status_.follow_up ||
        status_.follow_ups >= limits.follow_up_days.size()) {
      return;
    }
    Add(DeadlineKind::kFollowUp, Owing::kReceiver,
        status_.assisted_at + Days(limits.follow_up_days[status_.follow_ups]));
  }

  void AddHandover(const ReferralDeadlines& limits) {
    if (!status_.schedule.has_value()) return;
    Add(DeadlineKind::kHandover, Owing::kReceiver,
        status_.schedule->arrives_at + absl::Hours(limits.handover_hours));
  }

  void AddOfState(const ReferralDeadlines& limits) {
    switch (status_.state) {
      case ReferralState::kSent:
        Add(DeadlineKind::kAcknowledge, Owing::kReceiver,
            status_.sent_at + absl::Hours(limits.acknowledge_hours));
        return AddDecision(limits);
      case ReferralState::kReceived:
        Add(DeadlineKind::kTriage, Owing::kReceiver,
            AddWorkingDays(status_.since, limits.triage_working_days));
        return AddDecision(limits);
      case ReferralState::kNeedsInfo:
        Add(DeadlineKind::kAnswerInfo, Owing::kHolder,
            AddWorkingDays(status_.since, limits.answer_info_working_days));
        return AddExpiry(limits);
      case ReferralState::kAccepted:
        Add(DeadlineKind::kPlan, Owing::kBoth,
            AddWorkingDays(status_.accepted_at, limits.plan_working_days));
        AddRiskAnswer(limits);
        return AddExpiry(limits);
      case ReferralState::kPlanAgreed:
        AddRiskAnswer(limits);
        return AddExpiry(limits);
      case ReferralState::kReturnScheduled:
        AddRiskAnswer(limits);
        Add(DeadlineKind::kDeparture, Owing::kHolder,
            status_.schedule->departs_at);
        return AddHandover(limits);
      case ReferralState::kInTransit:
        return AddHandover(limits);
      case ReferralState::kInAssistance:
        return AddFollowUp(limits);
      default:
        return;
    }
  }

  const ReferralStatus& status_;
  std::vector<ReferralDeadline> found_;
};

bool IsWeekend(absl::CivilDay day) {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

}  // namespace

absl::Time AddWorkingDays(absl::Time start, uint32_t days) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  absl::CivilDay day = absl::ToCivilDay(start, utc);
  const absl::Duration time_of_day = start - absl::FromCivil(day, utc);
  while (days > 0) {
    ++day;
    if (!IsWeekend(day)) --days;
  }
  return absl::FromCivil(day, utc) + time_of_day;
}

uint32_t DaysWithin(absl::Time from, absl::Time to) {
  uint32_t days = 0;
  for (; days < kMostDays && from + Days(days) < to; ++days) {
  }
  return days;
}

uint32_t WorkingDaysWithin(absl::Time from, absl::Time to) {
  uint32_t days = 0;
  for (; days < kMostDays && from < to; ++days) from = AddWorkingDays(from, 1);
  return days;
}

std::vector<ReferralDeadline> DeadlinesOf(const ReferralStatus& status) {
  return Clocks(status).All();
}

absl::Time NodeActsAt(const ReferralStatus& status, bool at_holder) {
  for (const ReferralDeadline& deadline : DeadlinesOf(status)) {
    if (deadline.kind == DeadlineKind::kHandover && !status.alarm) {
      return deadline.due + (at_holder ? kFirstAlarm : kSecondAlarm);
    }
    if (deadline.kind == DeadlineKind::kExpiry && at_holder) {
      return deadline.due;
    }
  }
  return absl::InfiniteFuture();
}

bool IsOpen(const ReferralStatus& status) {
  return !IsTerminal(status.state) || status.erasure_owed_since.has_value() ||
         !DeadlinesOf(status).empty();
}

absl::string_view Name(DeadlineKind kind) {
  return kNames.at(static_cast<size_t>(kind));
}

}  // namespace comity
