#include "node/domain/referral_status.h"

#include <algorithm>
#include <map>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/crossed_reports.h"

namespace comity {
namespace {

using State = ReferralState;
using Kind = ReferralEventKind;

// Of one side, of any standing; what ends disclosure has as many more.
constexpr int kMostEverTaken = 512;

// Applies events that their guards let through.
class Reducer {
 public:
  Reducer(const ReferralParties& parties,
          const std::vector<ReferralEvent>& ordered)
      : parties_(parties), crossed_(CrossedReports(ordered)) {}

  // False if the event changes nothing.
  bool Apply(const ReferralEvent& event) {
    if (crossed_.contains(event.event_id) ||
        !CheckEvent(parties_, status_, event).ok()) {
      return false;
    }
    const State before = status_.state;
    by_holder_ = event.author == parties_.holder;
    std::visit([&](const auto& content) { ApplyContent(event, content); },
               event.content);
    if (status_.state != before) {
      status_.since =
          event.kind == Kind::kSent && event.receipt == ReceiptOutcome::kStored
              ? event.received_at
              : event.occurred_at;
    }
    return true;
  }

  const ReferralStatus& status() const { return status_; }

 private:
  GuardianSignatures& OwnSignatures() {
    return by_holder_ ? status_.at_holder : status_.at_receiver;
  }

  void AgreeIfComplete() {
    if (status_.state == State::kAccepted && status_.PlanStands()) {
      status_.state = State::kPlanAgreed;
    }
  }

  void ApplyContent(const ReferralEvent& event, const ReferralTerms& terms) {
    status_.terms = terms;
    status_.sent_at = event.occurred_at;
    status_.state = event.receipt == ReceiptOutcome::kStored ? State::kReceived
                                                             : State::kSent;
  }

  void ApplyContent(const ReferralEvent& event, const PlanVersion& plan) {
    if (event.kind == Kind::kPlanAccepted) {
      status_.plan_accepted = true;
      return AgreeIfComplete();
    }
    status_.plan = plan.version;
    status_.plan_by_holder = by_holder_;
    status_.plan_accepted = false;
    status_.person_agrees.reset();
    status_.at_holder = status_.at_receiver = {};
    status_.schedule.reset();
    status_.alarm = false;
    status_.state = State::kAccepted;
  }

  void ApplyContent(const ReferralEvent&, const PlanAnswer& answer) {
    status_.person_agrees = answer.agrees;
    status_.follow_up = answer.agrees && answer.follow_up;
    status_.follow_up_stopped &= !status_.follow_up;
    AgreeIfComplete();
  }

  void ApplyContent(const ReferralEvent&, const GuardianApproval& approval) {
    (approval.for_return ? OwnSignatures().for_return : OwnSignatures().plan) =
        true;
    AgreeIfComplete();
  }

  void ApplyContent(const ReferralEvent&, const ReturnSchedule& schedule) {
    status_.schedule = schedule;
    status_.alarm = false;
    status_.state = State::kReturnScheduled;
  }

  void ApplyContent(const ReferralEvent& event, const Withdrawal& withdrawal) {
    // Nothing is owed where nothing arrived; a receiver that has acknowledged
    // the packet cannot say so.
    const bool nothing_held = event.receipt == ReceiptOutcome::kNotHeld &&
                              status_.state == State::kSent;
    if (!nothing_held && !status_.erasure_owed_since.has_value()) {
      status_.erasure_owed_since = event.occurred_at;
    }
    status_.withdrawal = true;
    if (!withdrawal.whole) return;
    status_.withdrawn = true;
    if (!IsTerminal(status_.state)) status_.state = State::kWithdrawn;
  }

  // They tell, and move nothing.
  void ApplyContent(const ReferralEvent&, const Correction&) {}
  void ApplyContent(const ReferralEvent&, const Feedback&) {}

  void ApplyContent(const ReferralEvent& event, const RiskAnswer& answer) {
    status_.risk_asked_at.reset();
    status_.risk = RiskFinding{event.occurred_at, answer.valid_until};
  }

  void ApplyContent(const ReferralEvent& event, const std::monostate&) {
    switch (event.kind) {
      case Kind::kInfoRequested:
        ++status_.info_rounds;
        status_.state = State::kNeedsInfo;
        return;
      case Kind::kInfoAnswered:
        status_.state = State::kReceived;
        return;
      case Kind::kAccepted:
        status_.accepted_at = event.occurred_at;
        status_.state = State::kAccepted;
        return;
      case Kind::kDeclined:
        status_.state = State::kDeclined;
        return;
      case Kind::kDeparted:
        status_.state = State::kInTransit;
        return;
      case Kind::kHandedOver:
        status_.alarm = false;
        status_.state = State::kHandedOver;
        return;
      case Kind::kAlarmRaised:
        status_.alarm = true;
        return;
      case Kind::kAssistanceBegun:
        status_.assisted_at = event.occurred_at;
        status_.state = State::kInAssistance;
        return;
      case Kind::kFollowUp:
        ++status_.follow_ups;
        return;
      case Kind::kRiskAsked:
        status_.risk_asked_at = event.occurred_at;
        status_.risk.reset();
        return;
      case Kind::kFollowUpStopped:
        status_.follow_up = false;
        status_.follow_up_stopped = true;
        return;
      case Kind::kClosed:
        status_.state = State::kClosed;
        return;
      case Kind::kErasureConfirmed:
        status_.erasure_owed_since.reset();
        return;
      case Kind::kCancelled:
        status_.state = State::kCancelled;
        return;
      case Kind::kExpired:
        status_.state = State::kExpired;
        return;
      default:
        return;
    }
  }

  const ReferralParties& parties_;
  const std::set<Uuid> crossed_;
  ReferralStatus status_;
  bool by_holder_ = false;
};

absl::Status TooEarly() {
  return ReasonError(ErrorReason::kEventTooEarly,
                     "the event builds on others that did not arrive yet; "
                     "deliver those first");
}

// What was taken back is kept as well: counted is all that ever came of a side,
// twice as much as may stand at once.
bool HasRoom(const std::vector<ReferralEvent>& held,
             const ReferralEvent& event) {
  const bool ends = event.kind == ReferralEventKind::kConsentWithdrawn ||
                    event.kind == ReferralEventKind::kErasureConfirmed;
  const auto came = std::count_if(
      held.begin(), held.end(),
      [&](const ReferralEvent& each) { return each.author == event.author; });
  return came < (ends ? 2 * kMostEverTaken : kMostEverTaken);
}

using EventsById = std::map<Uuid, const ReferralEvent*>;

// What the author of `event` had seen: its parents and all before them. False
// if some of it is missing.
bool CollectPast(const EventsById& held, const ReferralEvent& event,
                 std::set<Uuid>& past) {
  std::vector<Uuid> waiting = event.parents;
  while (!waiting.empty()) {
    const Uuid id = waiting.back();
    waiting.pop_back();
    if (!past.insert(id).second) continue;
    const auto found = held.find(id);
    if (found == held.end()) return false;
    const std::vector<Uuid>& parents = found->second->parents;
    waiting.insert(waiting.end(), parents.begin(), parents.end());
  }
  return true;
}

}  // namespace

ReferralStatus StatusOf(const ReferralParties& parties,
                        const std::vector<ReferralEvent>& ordered) {
  Reducer reducer(parties, ordered);
  for (const ReferralEvent& event : ordered) reducer.Apply(event);
  return reducer.status();
}

std::vector<ReferralEvent> EventsWithEffect(
    const ReferralParties& parties, const std::vector<ReferralEvent>& ordered) {
  Reducer reducer(parties, ordered);
  std::vector<ReferralEvent> effective;
  for (const ReferralEvent& event : ordered) {
    if (reducer.Apply(event)) effective.push_back(event);
  }
  return effective;
}

absl::Status CheckIncoming(const ReferralParties& parties,
                           const std::vector<ReferralEvent>& held,
                           const ReferralEvent& event) {
  if (!HasRoom(held, event)) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "one side has written, and taken back, as much as a "
                       "referral takes");
  }
  // What the event takes back never was, also where it arrived.
  std::vector<ReferralEvent> standing = held;
  standing.push_back(event);
  RemoveRecalled(standing);
  standing.pop_back();
  EventsById by_id;
  uint32_t own = 0;
  for (const ReferralEvent& each : standing) {
    by_id[each.event_id] = &each;
    if (each.author == event.author) own = std::max(own, each.sequence);
  }
  if (event.sequence > own + 1) return TooEarly();
  std::set<Uuid> past;
  if (!CollectPast(by_id, event, past)) return TooEarly();
  std::vector<ReferralEvent> seen;
  uint32_t own_seen = 0;
  for (const Uuid& id : past) {
    seen.push_back(*by_id.at(id));
    if (seen.back().author == event.author) ++own_seen;
  }
  const ReferralStatus status = StatusOf(parties, OrderEvents(std::move(seen)));
  if (event.sequence != own + 1 || own_seen != own) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "the event does not follow its author's last one");
  }
  return CheckEvent(parties, status, event);
}

ReferralState DraftStateOf(const DraftFacts& facts) {
  if (!facts.consented) return State::kDraft;
  return facts.screened && facts.risk_cleared ? State::kRiskCleared
                                              : State::kConsented;
}

}  // namespace comity
