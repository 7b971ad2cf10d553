#include "node/domain/next_steps.h"

#include <algorithm>
#include <array>

namespace comity {
namespace {

using State = ReferralState;
using Kind = ReferralEventKind;

constexpr std::array kNames = {
    "clear",       "send",         "ask",         "answer",      "accept",
    "decline",     "plan propose", "plan accept", "plan answer", "approve",
    "schedule",    "departed",     "arrived",     "assist",      "follow-up",
    "risk answer", "close",        "cancel"};

struct StepKind {
  ReferralStep step;
  Kind kind;
};
constexpr std::array kStepKinds = {
    StepKind{ReferralStep::kAnswer, Kind::kInfoAnswered},
    StepKind{ReferralStep::kAccept, Kind::kAccepted},
    StepKind{ReferralStep::kDecline, Kind::kDeclined},
    StepKind{ReferralStep::kAsk, Kind::kInfoRequested},
    StepKind{ReferralStep::kAcceptPlan, Kind::kPlanAccepted},
    StepKind{ReferralStep::kAnswerPlan, Kind::kPlanAnswered},
    StepKind{ReferralStep::kProposePlan, Kind::kPlanProposed},
    StepKind{ReferralStep::kApprove, Kind::kGuardianApproved},
    StepKind{ReferralStep::kSchedule, Kind::kReturnScheduled},
    StepKind{ReferralStep::kDepart, Kind::kDeparted},
    StepKind{ReferralStep::kArrive, Kind::kHandedOver},
    StepKind{ReferralStep::kAssist, Kind::kAssistanceBegun},
    StepKind{ReferralStep::kFollowUp, Kind::kFollowUp},
    StepKind{ReferralStep::kAnswerRisk, Kind::kRiskAnswered},
    StepKind{ReferralStep::kClose, Kind::kClosed},
    StepKind{ReferralStep::kCancel, Kind::kCancelled}};

bool ForReturn(const ReferralStatus& status) {
  return status.state == State::kPlanAgreed;
}

// Content that a willing author would write now.
EventContent Plausible(Kind kind, const ReferralStatus& status,
                       absl::Time now) {
  switch (kind) {
    case Kind::kPlanProposed:
      return PlanVersion{status.plan + 1};
    case Kind::kPlanAccepted:
      return PlanVersion{status.plan};
    case Kind::kPlanAnswered:
      return PlanAnswer{status.plan, true};
    case Kind::kGuardianApproved:
      return GuardianApproval{status.plan, ForReturn(status)};
    case Kind::kReturnScheduled: {
      const absl::Time departs =
          now + absl::Hours(status.terms.deadlines.travel_notice_hours);
      return ReturnSchedule{departs, departs, now, now};
    }
    case Kind::kRiskAnswered:
      return RiskAnswer{now + absl::Hours(1)};
    default:
      return {};
  }
}

// Allowed by the guards, but without any use any more.
bool IsDone(Kind kind, const ReferralStatus& status, bool by_holder) {
  const GuardianSignatures& own =
      by_holder ? status.at_holder : status.at_receiver;
  switch (kind) {
    case Kind::kPlanAccepted:
      return status.plan_accepted;
    case Kind::kGuardianApproved:
      return !status.terms.child ||
             (ForReturn(status) ? own.for_return || !status.terms.travels
                                : own.plan);
    default:
      return false;
  }
}

bool FollowUpIsDue(const ReferralStatus& status, absl::Time now) {
  const auto& days = status.terms.deadlines.follow_up_days;
  return status.follow_ups < days.size() &&
         now >=
             status.assisted_at + absl::Hours(24) * days.at(status.follow_ups);
}

bool IsOwed(ReferralStep step, const ReferralStatus& status, absl::Time now) {
  switch (step) {
    case ReferralStep::kAsk:
    case ReferralStep::kAccept:
    case ReferralStep::kDecline:
      return status.state != State::kNeedsInfo;
    case ReferralStep::kProposePlan:
      return status.state == State::kAccepted &&
             (status.plan == 0 || status.person_agrees == false);
    case ReferralStep::kSchedule:
      return status.state == State::kPlanAgreed;
    case ReferralStep::kDepart:
      return now >= status.schedule->departs_at;
    case ReferralStep::kArrive:
      return status.state == State::kInTransit ||
             now >= status.schedule->arrives_at;
    case ReferralStep::kFollowUp:
      return FollowUpIsDue(status, now);
    case ReferralStep::kClose:
    case ReferralStep::kCancel:
      return false;
    default:
      return true;
  }
}

}  // namespace

std::vector<NextStep> NextSteps(const ReferralParties& parties,
                                const ReferralStatus& status,
                                const ParticipantCode& self, Role role,
                                absl::Time now) {
  std::vector<NextStep> steps;
  for (const StepKind& each : kStepKinds) {
    ReferralEvent event{Uuid(), Uuid(), self};
    event.kind = each.kind;
    event.role = role;
    event.occurred_at = now;
    event.content = Plausible(each.kind, status, now);
    if (!CheckEvent(parties, status, event).ok() ||
        IsDone(each.kind, status, self == parties.holder)) {
      continue;
    }
    steps.push_back({each.step, IsOwed(each.step, status, now)});
  }
  return steps;
}

std::vector<NextStep> NextDraftSteps(const DraftFacts& facts, Role role,
                                     bool drafted_it) {
  const ReferralState state = DraftStateOf(facts);
  if (state == State::kRiskCleared && role == Role::kCoordinator) {
    return {{ReferralStep::kSend, true}};
  }
  if (state == State::kConsented && facts.screened && !drafted_it) {
    return {{ReferralStep::kClear, true}};
  }
  return {};
}

bool Owes(const ReferralParties& parties, const ReferralStatus& status,
          const ParticipantCode& side, absl::Time now) {
  if (side == parties.receiver && status.erasure_owed_since.has_value()) {
    return true;
  }
  for (const Role role :
       {Role::kCoordinator, Role::kCaseWorker, Role::kGuardian}) {
    const std::vector<NextStep> steps =
        NextSteps(parties, status, side, role, now);
    if (std::any_of(steps.begin(), steps.end(),
                    [](const NextStep& step) { return step.owed; })) {
      return true;
    }
  }
  return false;
}

absl::string_view Name(ReferralStep step) {
  return kNames.at(static_cast<size_t>(step));
}

}  // namespace comity
