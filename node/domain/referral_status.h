#pragma once

#include <optional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "node/domain/referral.h"

namespace comity {

// What one side's guardian signed of the latest plan.
struct GuardianSignatures {
  bool plan = false;
  bool for_return = false;
};

// What the receiver answered about the risk where she would go.
struct RiskFinding {
  absl::Time answered_at;
  absl::Time valid_until;
};

// Everything that the events of a referral lead to: the same on both sides.
struct ReferralStatus {
  ReferralState state = ReferralState::kRiskCleared;
  absl::Time since = absl::InfinitePast();  // the event that led to `state`
  ReferralTerms terms;
  absl::Time sent_at = absl::InfinitePast();
  absl::Time accepted_at = absl::InfinitePast();
  uint32_t info_rounds = 0;

  uint32_t plan = 0;  // latest version; 0: none was proposed
  bool plan_by_holder = false;
  bool plan_accepted = false;         // by the side that did not propose it
  std::optional<bool> person_agrees;  // nullopt: she was not asked yet
  GuardianSignatures at_holder;
  GuardianSignatures at_receiver;
  bool follow_up = false;          // she opted in
  bool follow_up_stopped = false;  // and took that back
  uint32_t follow_ups = 0;

  std::optional<absl::Time> risk_asked_at;  // a question that is open
  std::optional<RiskFinding> risk;          // the answer to the last one
  std::optional<ReturnSchedule> schedule;
  bool alarm = false;  // she did not arrive in time, and nobody found her yet
  absl::Time assisted_at = absl::InfinitePast();

  bool withdrawn = false;   // from the whole referral, whatever its state
  bool withdrawal = false;  // from the whole or from a part of it
  // When consent was withdrawn that the receiver has not answered yet.
  std::optional<absl::Time> erasure_owed_since;

  // Whether both guardians signed, where a child is referred.
  bool GuardiansSigned(bool GuardianSignatures::*what) const {
    return !terms.child || (at_holder.*what && at_receiver.*what);
  }
  // Whether the latest plan is agreed by everybody it needs.
  bool PlanStands() const {
    return plan > 0 && plan_accepted && person_agrees == true &&
           GuardiansSigned(&GuardianSignatures::plan);
  }
};

// The status that `ordered` events (OrderEvents) lead to; an event that its
// guard refuses changes nothing, the same on both sides.
ReferralStatus StatusOf(const ReferralParties& parties,
                        const std::vector<ReferralEvent>& ordered);

// Those of `ordered` that their guards let through, in the same order.
std::vector<ReferralEvent> EventsWithEffect(
    const ReferralParties& parties, const std::vector<ReferralEvent>& ordered);

// REFERRAL_STATE_CONFLICT with what to do, unless `event` may follow on
// `status`: right author, role, moment and content.
absl::Status CheckEvent(const ReferralParties& parties,
                        const ReferralStatus& status,
                        const ReferralEvent& event);

// Whether a party may have written `event`: it follows the author's own chain,
// and its guard holds on what its author had seen, whatever else happened
// meanwhile. FAILED_PRECONDITION of reason EVENT_TOO_EARLY if events it builds
// on are not in `held` yet: to be delivered again after them. Else
// REFERRAL_STATE_CONFLICT.
absl::Status CheckIncoming(const ReferralParties& parties,
                           const std::vector<ReferralEvent>& held,
                           const ReferralEvent& event);

// S0 to S2 at the holder, from what it knows at home.
struct DraftFacts {
  bool consented = false;     // live consent for the packet, or another basis
  bool screened = false;      // danger screening, no flag against the receiver
  bool risk_cleared = false;  // by a second person, not older than 30 days
};
ReferralState DraftStateOf(const DraftFacts& facts);

}  // namespace comity
