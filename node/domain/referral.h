#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/participant.h"
#include "node/domain/referral_terms.h"
#include "node/domain/vocabulary.h"

namespace comity {

// States of a referral (domain.md 1.2, S0 to S15). The first three are the
// holder's alone: nothing has left.
enum class ReferralState : uint8_t {
  kUnset = 0,
  kDraft = 1,             // S0
  kConsented = 2,         // S1: live consent to refer, or another legal basis
  kRiskCleared = 3,       // S2: screened, and cleared by a second person
  kSent = 4,              // S3
  kReceived = 5,          // S4: the receiver's receipt is there
  kNeedsInfo = 6,         // S5
  kAccepted = 7,          // S6
  kDeclined = 8,          // S7, terminal for this partner
  kPlanAgreed = 9,        // S8
  kReturnScheduled = 10,  // S9
  kInTransit = 11,        // S10
  kHandedOver = 12,       // S11
  kInAssistance = 13,     // S12
  kClosed = 14,           // S13, terminal
  kWithdrawn = 15,        // S14, terminal: consent to the referral is gone
  kCancelled = 16,        // S15, terminal
  kExpired = 17,          // S15, terminal
};

// What an event does. The numbers equal those of the wire.
enum class ReferralEventKind : uint8_t {
  kUnset = 0,
  kSent = 1,               // holder's coordinator; carries the packet
  kInfoRequested = 2,      // receiver's coordinator
  kInfoAnswered = 3,       // holder's people
  kAccepted = 4,           // receiver's coordinator
  kDeclined = 5,           // receiver's coordinator
  kPlanProposed = 6,       // a coordinator of either side
  kPlanAccepted = 7,       // the other side's coordinator
  kPlanAnswered = 8,       // holder's people: what the person says to the plan
  kGuardianApproved = 9,   // a child's guardian, one on each side
  kReturnScheduled = 10,   // holder's coordinator
  kDeparted = 11,          // holder's people
  kHandedOver = 12,        // receiver's coordinator: she arrived
  kAlarmRaised = 13,       // a node: she did not arrive in time
  kAssistanceBegun = 14,   // receiver's people
  kFollowUp = 15,          // receiver's people, if the person opted in
  kClosed = 16,            // receiver's coordinator
  kConsentRecorded = 17,   // holder's people: groups that consent now covers
  kConsentWithdrawn = 18,  // people of either side
  kErasureConfirmed = 19,  // receiver: what was erased, blocked or kept
  kCancelled = 20,         // holder's coordinator
  kExpired = 21,           // holder's node
  kCorrected = 22,         // holder's people: what it told, anew
  kFeedback = 23,          // receiver's people: what she says of all this
  // Holder's people: a document can be fetched.
  kAttachmentOffered = 24,
  kFollowUpStopped = 25,  // people of either side: no more reports
  kRiskAsked = 26,        // holder's people: what risk is where she would go
  kRiskAnswered = 27,     // receiver's people
};
inline constexpr int kReferralEventKindCount = 28;

// What guards read of an event; the rest of its content is for people.

// PLAN_PROPOSED, PLAN_ACCEPTED: versions count from 1.
struct PlanVersion {
  uint32_t version = 0;
};

// PLAN_ANSWERED.
struct PlanAnswer {
  uint32_t version = 0;
  bool agrees = false;
  bool follow_up = false;  // she wants follow-up visits to be reported
};

// GUARDIAN_APPROVED, on the side of the event's author.
struct GuardianApproval {
  uint32_t version = 0;     // of the plan
  bool for_return = false;  // of the return under the plan; else of the plan
};

// RETURN_SCHEDULED.
struct ReturnSchedule {
  absl::Time departs_at;
  absl::Time arrives_at;
  absl::Time reconfirmed_at;  // her own decision to return
  absl::Time risk_assessed_at;
};

// CONSENT_WITHDRAWN: from the whole referral, or from a part of it.
struct Withdrawal {
  bool whole = false;
};

// CORRECTED.
struct Correction {
  bool says_who = false;  // it tells what no packet and no answer may
};

// FEEDBACK.
struct Feedback {
  absl::Time agreed_at;  // when she agreed to be asked
};

// RISK_ANSWERED.
struct RiskAnswer {
  absl::Time valid_until;
};

using EventContent = std::variant<std::monostate, ReferralTerms, PlanVersion,
                                  PlanAnswer, GuardianApproval, ReturnSchedule,
                                  Withdrawal, Correction, Feedback, RiskAnswer>;

// What the other party answered to an event. No part of what its author signed:
// evidence of its own, the same on both sides once it arrived.
// kNotHeld: a withdrawal whose other side says that it holds no such dossier.
enum class ReceiptOutcome : uint8_t { kNone, kStored, kRefused, kNotHeld };

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
  EventContent content = {};
  ReceiptOutcome receipt = ReceiptOutcome::kNone;
  absl::Time received_at = absl::InfinitePast();  // as a kStored receipt tells
  // Of a withdrawal, of the answer to one and of the end of reports: events of
  // the author's own that had no receipt yet and have no effect on either side.
  // Never a SENT.
  std::vector<Uuid> recalled = {};
};

// What a packet may tell, and what the answers to questions may tell, before
// the receiver has accepted: nothing that says who or where she is (design.md
// law 4).
inline constexpr FieldGroups kPacketGroups = {
    FieldGroup::kCaseRef, FieldGroup::kStatus, FieldGroup::kDemographic,
    FieldGroup::kNeeds};
inline constexpr FieldGroups kAnswerGroups = kPacketGroups.Union(
    {FieldGroup::kExploitation, FieldGroup::kMedical, FieldGroup::kMigration});

// The two sides of a referral, fixed by its first event.
struct ReferralParties {
  ParticipantCode holder;    // whose record it is, for ever
  ParticipantCode receiver;  // who is asked to receive the person
};

// Removes the events that one of `events` recalls.
void RemoveRecalled(std::vector<ReferralEvent>& events);

// Orders the union of both chains so that both sides get the same sequence
// whatever the order of arrival: parents before children, then by
// occurrence, then by event id. Left out: events that their receiver refused,
// those that their author recalled, and what builds on either or on events that
// are missing.
std::vector<ReferralEvent> OrderEvents(std::vector<ReferralEvent> events);

// What policies see of a referral in `state`.
DossierStage StageOf(ReferralState state);

// Whether the referral is over: nothing but withdrawal, erasure, corrections
// and what she says of it follow.
bool IsTerminal(ReferralState state);

// "RISK_CLEARED", "PLAN_AGREED"; "UNSET" for zero.
absl::string_view Name(ReferralState state);
absl::string_view Name(ReferralEventKind kind);

}  // namespace comity
