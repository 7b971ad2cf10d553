#include "node/domain/referral.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"

namespace comity {
namespace {

bool Earlier(const ReferralEvent& a, const ReferralEvent& b) {
  if (a.occurred_at != b.occurred_at) return a.occurred_at < b.occurred_at;
  return a.event_id < b.event_id;
}

bool Ready(const ReferralEvent& event, const std::set<Uuid>& placed) {
  return std::all_of(event.parents.begin(), event.parents.end(),
                     [&](const Uuid& id) { return placed.contains(id); });
}

ReferralState After(ReferralState state, ReferralEventKind kind) {
  switch (kind) {
    case ReferralEventKind::kUnset:
    case ReferralEventKind::kConsentRecorded:
      return state;
    case ReferralEventKind::kSent:
      return ReferralState::kSent;
    case ReferralEventKind::kAccepted:
      return ReferralState::kAccepted;
    case ReferralEventKind::kDeclined:
      return ReferralState::kDeclined;
  }
  return state;
}

absl::Status Conflict(ReferralState state, absl::string_view what) {
  return ReasonError(ErrorReason::kReferralStateConflict,
                     absl::StrCat("the referral is ", Name(state), ": ", what));
}

absl::Status CheckSent(ReferralState state, bool by_holders_coordinator) {
  if (!by_holders_coordinator) {
    return Conflict(state, "only a coordinator of the holder sends it");
  }
  return state == ReferralState::kCleared
             ? absl::OkStatus()
             : Conflict(state, "it was sent before");
}

absl::Status CheckDecided(ReferralState state, bool by_receivers_coordinator) {
  if (!by_receivers_coordinator) {
    return Conflict(state, "only a coordinator of the receiver decides on it");
  }
  return state == ReferralState::kSent
             ? absl::OkStatus()
             : Conflict(state, "it does not wait for a decision");
}

absl::Status CheckConsentRecorded(ReferralState state, bool by_holder) {
  if (!by_holder) return Conflict(state, "only the holder records consent");
  return state == ReferralState::kSent || state == ReferralState::kAccepted
             ? absl::OkStatus()
             : Conflict(state, "it is not open between the two parties");
}

}  // namespace

std::vector<ReferralEvent> OrderEvents(std::vector<ReferralEvent> events) {
  std::sort(events.begin(), events.end(), Earlier);
  std::vector<ReferralEvent> ordered;
  std::set<Uuid> placed;
  // The earliest event whose parents are all placed comes next.
  for (bool progress = true; progress;) {
    progress = false;
    for (const ReferralEvent& event : events) {
      if (placed.contains(event.event_id) || !Ready(event, placed)) continue;
      placed.insert(event.event_id);
      ordered.push_back(event);
      progress = true;
      break;
    }
  }
  return ordered;
}

ReferralState StateOf(const ReferralParties& parties,
                      const std::vector<ReferralEvent>& ordered) {
  ReferralState state = ReferralState::kCleared;
  for (const ReferralEvent& event : ordered) {
    if (CheckEvent(parties, state, event).ok()) {
      state = After(state, event.kind);
    }
  }
  return state;
}

absl::Status CheckEvent(const ReferralParties& parties, ReferralState state,
                        const ReferralEvent& event) {
  const bool by_holder = event.author == parties.holder;
  if (!by_holder && event.author != parties.receiver) {
    return Conflict(state, "a third participant cannot change it");
  }
  const bool coordinator = event.role == Role::kCoordinator;
  switch (event.kind) {
    case ReferralEventKind::kUnset:
      return Conflict(state, "the event is of no known kind");
    case ReferralEventKind::kSent:
      return CheckSent(state, by_holder && coordinator);
    case ReferralEventKind::kAccepted:
    case ReferralEventKind::kDeclined:
      return CheckDecided(state, !by_holder && coordinator);
    case ReferralEventKind::kConsentRecorded:
      return CheckConsentRecorded(state, by_holder);
  }
  return Conflict(state, "the event is of no known kind");
}

DossierStage StageOf(ReferralState state) {
  switch (state) {
    case ReferralState::kUnset:
      return DossierStage::kNone;
    case ReferralState::kDraft:
    case ReferralState::kConsented:
    case ReferralState::kCleared:
      return DossierStage::kDrafted;
    case ReferralState::kSent:
      return DossierStage::kSent;
    case ReferralState::kAccepted:
      return DossierStage::kAccepted;
    case ReferralState::kDeclined:
      return DossierStage::kClosed;
  }
  return DossierStage::kNone;
}

absl::string_view Name(ReferralState state) {
  switch (state) {
    case ReferralState::kUnset:
      return "UNSET";
    case ReferralState::kDraft:
      return "DRAFT";
    case ReferralState::kConsented:
      return "CONSENTED";
    case ReferralState::kCleared:
      return "RISK_CLEARED";
    case ReferralState::kSent:
      return "SENT";
    case ReferralState::kAccepted:
      return "ACCEPTED";
    case ReferralState::kDeclined:
      return "DECLINED";
  }
  return "UNSET";
}

absl::string_view Name(ReferralEventKind kind) {
  switch (kind) {
    case ReferralEventKind::kUnset:
      return "UNSET";
    case ReferralEventKind::kSent:
      return "SENT";
    case ReferralEventKind::kAccepted:
      return "ACCEPTED";
    case ReferralEventKind::kDeclined:
      return "DECLINED";
    case ReferralEventKind::kConsentRecorded:
      return "CONSENT_RECORDED";
  }
  return "UNSET";
}

}  // namespace comity
