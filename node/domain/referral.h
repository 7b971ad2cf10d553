#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/participant.h"
#include "node/domain/vocabulary.h"

namespace comity {

// States of a referral (domain.md 1.2; this build carries the first cut).
enum class ReferralState : uint8_t {
  kUnset = 0,
  kDraft = 1,      // S0
  kConsented = 2,  // S1
  kCleared = 3,    // S2: danger screening and consent to refer stand
  kSent = 4,       // S3
  kAccepted = 7,   // S6
  kDeclined = 8,   // S7, terminal for this partner
};

enum class ReferralEventKind : uint8_t {
  kUnset = 0,
  kSent = 1,            // by the holder; carries the packet
  kAccepted = 3,        // by the receiver's coordinator
  kDeclined = 4,        // by the receiver's coordinator
  kConsentRecorded = 5  // by the holder: groups consent now covers, no fields
};

// One event of a dossier as its author signed it by logging it. Each author's
// events form one chain; `parents` are the event ids its author had last seen
// of both chains.
struct ReferralEvent {
  Uuid event_id;  // equals the request id of the message that carries it
  Uuid referral_id;
  ParticipantCode author;
  uint32_t sequence = 0;  // 1, 2, ... in the author's chain
  std::vector<Uuid> parents;
  ReferralEventKind kind = ReferralEventKind::kUnset;
  absl::Time occurred_at;
  Role role = Role::kUnset;  // of the person behind it; unset: the node itself
};

// The two sides of a referral, fixed by its first event.
struct ReferralParties {
  ParticipantCode holder;    // whose record it is, for ever
  ParticipantCode receiver;  // who is asked to receive the person
};

// Orders the union of both chains so that both sides get the same sequence
// whatever the order of arrival: parents before children, then by
// occurrence, then by event id. Events whose parents are missing are left out.
std::vector<ReferralEvent> OrderEvents(std::vector<ReferralEvent> events);

// The state that `ordered` events lead to; an event that its guard refuses
// changes nothing (the same on both sides). kCleared when there is no event.
ReferralState StateOf(const ReferralParties& parties,
                      const std::vector<ReferralEvent>& ordered);

// REFERRAL_STATE_CONFLICT with what to do, unless `event` may follow in
// `state`: right author, right moment.
absl::Status CheckEvent(const ReferralParties& parties, ReferralState state,
                        const ReferralEvent& event);

// What policies see of a referral in `state`.
DossierStage StageOf(ReferralState state);

absl::string_view Name(ReferralState state);
absl::string_view Name(ReferralEventKind kind);

}  // namespace comity
