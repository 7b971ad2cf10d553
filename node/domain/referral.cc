#include "node/domain/referral.h"

#include <algorithm>
#include <array>
#include <set>

namespace comity {
namespace {

// One array of names per enum, indexed by value.
constexpr std::array kStates = {
    "UNSET",       "DRAFT",         "CONSENTED",        "RISK_CLEARED",
    "SENT",        "RECEIVED",      "NEEDS_INFO",       "ACCEPTED",
    "DECLINED",    "PLAN_AGREED",   "RETURN_SCHEDULED", "IN_TRANSIT",
    "HANDED_OVER", "IN_ASSISTANCE", "CLOSED",           "WITHDRAWN",
    "CANCELLED",   "EXPIRED"};
constexpr std::array kKinds = {"UNSET",
                               "SENT",
                               "INFO_REQUESTED",
                               "INFO_ANSWERED",
                               "ACCEPTED",
                               "DECLINED",
                               "PLAN_PROPOSED",
                               "PLAN_ACCEPTED",
                               "PLAN_ANSWERED",
                               "GUARDIAN_APPROVED",
                               "RETURN_SCHEDULED",
                               "DEPARTED",
                               "HANDED_OVER",
                               "ALARM_RAISED",
                               "ASSISTANCE_BEGUN",
                               "FOLLOW_UP",
                               "CLOSED",
                               "CONSENT_RECORDED",
                               "CONSENT_WITHDRAWN",
                               "ERASURE_CONFIRMED",
                               "CANCELLED",
                               "EXPIRED",
                               "CORRECTED",
                               "FEEDBACK",
                               "ATTACHMENT_OFFERED",
                               "FOLLOW_UP_STOPPED",
                               "RISK_ASKED",
                               "RISK_ANSWERED"};
static_assert(kKinds.size() == kReferralEventKindCount);

constexpr std::array kStages = {
    DossierStage::kNone,       DossierStage::kDrafted,
    DossierStage::kDrafted,    DossierStage::kDrafted,
    DossierStage::kSent,       DossierStage::kSent,
    DossierStage::kSent,       DossierStage::kAccepted,
    DossierStage::kClosed,     DossierStage::kPlanned,
    DossierStage::kReturning,  DossierStage::kReturning,
    DossierStage::kHandedOver, DossierStage::kAssisted,
    DossierStage::kClosed,     DossierStage::kClosed,
    DossierStage::kClosed,     DossierStage::kClosed};
static_assert(kStages.size() == kStates.size());

template <typename List, typename Enum>
auto At(const List& list, Enum value) {
  const auto index = static_cast<size_t>(value);
  return index < list.size() ? list[index] : list[0];
}

bool Earlier(const ReferralEvent& a, const ReferralEvent& b) {
  if (a.occurred_at != b.occurred_at) return a.occurred_at < b.occurred_at;
  return a.event_id < b.event_id;
}

bool Ready(const ReferralEvent& event, const std::set<Uuid>& placed) {
  return std::all_of(event.parents.begin(), event.parents.end(),
                     [&](const Uuid& id) { return placed.contains(id); });
}

}  // namespace

void RemoveRecalled(std::vector<ReferralEvent>& events) {
  std::set<std::pair<ParticipantCode, Uuid>> recalled;
  for (const ReferralEvent& event : events) {
    for (const Uuid& id : event.recalled) recalled.emplace(event.author, id);
  }
  std::erase_if(events, [&](const ReferralEvent& event) {
    return event.kind != ReferralEventKind::kSent &&
           recalled.contains({event.author, event.event_id});
  });
}

std::vector<ReferralEvent> OrderEvents(std::vector<ReferralEvent> events) {
  std::erase_if(events, [](const ReferralEvent& event) {
    return event.receipt == ReceiptOutcome::kRefused;
  });
  RemoveRecalled(events);
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

DossierStage StageOf(ReferralState state) { return At(kStages, state); }

bool IsTerminal(ReferralState state) {
  return StageOf(state) == DossierStage::kClosed;
}

absl::string_view Name(ReferralState state) { return At(kStates, state); }
absl::string_view Name(ReferralEventKind kind) { return At(kKinds, kind); }

}  // namespace comity
