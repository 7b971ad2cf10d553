#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/consent.h"
#include "node/domain/danger.h"
#include "node/domain/vocabulary.h"

namespace comity {

// Where a case came from, if a partner referred the person to this node: what
// the partner's release binds its receiver to.
struct Provenance {
  ParticipantCode from;
  Uuid referral_id;
  Purpose purpose = Purpose::kUnset;  // the only one it may be used for
  bool no_onward_transfer = false;    // to nobody but `from`
  std::optional<absl::Time> erase_at;
  // When consent to it was withdrawn; it is kept by its hold alone, and goes
  // nowhere.
  std::optional<absl::Time> withdrawn_at = std::nullopt;

  friend bool operator==(const Provenance&, const Provenance&) = default;
};

// Why a case that should be erased is kept. Values are stored: never change
// them.
enum class HoldGround : uint8_t {
  kUnset = 0,
  kCourtOrder = 1,
  kCriminalProceedings = 2,
  kLegalClaim = 3,
  kVitalInterest = 4,
  kAssistance = 5,  // set by the node: she is assisted here
};

// "COURT_ORDER"; "UNSET" for zero.
absl::string_view Name(HoldGround value);
template <>
HoldGround FromName(absl::string_view name);

// A legal ground that keeps a received case from being erased, for a time.
struct LegalHold {
  HoldGround ground = HoldGround::kUnset;
  absl::Time until;
  absl::Time placed_at;
  std::string placed_by;  // operator name, or the node's code

  friend bool operator==(const LegalHold&, const LegalHold&) = default;
};

// One other person who may reach a case for a time, as far as her role goes.
struct CaseDelegation {
  std::string to;    // operator name
  absl::Time until;  // excluded

  friend bool operator==(const CaseDelegation&,
                         const CaseDelegation&) = default;
};

// A case that was merged into another one: a second record of the same person.
struct MergedCase {
  Uuid case_id;
  std::string reference;  // its local reference, which leads to the other now
  absl::Time merged_at;
  std::string merged_by;  // operator name
  // What partners call the person whom they know by that case. They are never
  // told that it is another one's, too.
  std::vector<Uuid> pseudonyms;

  friend bool operator==(const MergedCase&, const MergedCase&) = default;
};

// What a decision needs to know of one case. A separate read from the record:
// none of it can be released, so reading it needs no Permit. Unknown facts are
// nullopt; design.md law 2 makes unknown fall on the protective side.
struct CaseFacts {
  Uuid case_id;
  uint64_t version = 0;  // the writer compares it before it commits
  std::string owner;     // operator name of the case's owner
  std::string organisation;
  std::optional<DangerScreening> screening;  // nullopt: never screened
  std::optional<AgeClass> age;
  // Countries by ISO alpha-2 or agreement code; nullopt: not known.
  std::optional<std::vector<std::string>> origin_countries;
  std::optional<std::vector<std::string>> exploitation_countries;
  std::optional<std::vector<RiskMarker>> risks;
  std::vector<Consent> consents;  // all acts, also expired and withdrawn ones
  std::optional<absl::Time> recorded_at;
  std::optional<Provenance> provenance;  // nullopt: this state's own case
  std::optional<LegalHold> hold;
  std::optional<CaseDelegation> delegation;
  std::vector<MergedCase> merged;  // into this one, oldest first

  bool DelegatedTo(absl::string_view operator_name, absl::Time now) const {
    return delegation.has_value() && delegation->to == operator_name &&
           now < delegation->until;
  }
  bool HeldAt(absl::Time now) const {
    return hold.has_value() && now < hold->until;
  }
  // Consent to it was withdrawn, and it is kept for no use but its hold.
  bool ShutOff() const {
    return provenance.has_value() && provenance->withdrawn_at.has_value() &&
           (!hold.has_value() || hold->ground != HoldGround::kAssistance);
  }
  // Not to be in any count from now on: it is shut off, or her last word on
  // statistics, to any recipient, is a refusal or a withdrawal. Nobody needs to
  // have asked her, and consent that ran out is no such word.
  bool OutOfCounts() const;
  // The merged case by which a partner knows her under `pseudonym`; nullptr:
  // this case itself.
  const MergedCase* KnownBy(const Uuid& pseudonym) const;
};

// When a received case is to be erased, holds taken into account.
// InfiniteFuture: it is not bound to a time.
absl::Time ErasureDue(const CaseFacts& facts);

// Whether she is a child, or may be one: somebody consents for her, and what
// she said alone allows nothing. Her no counts.
bool NeedsGuardian(const CaseFacts& facts);

// Returns the state of consent for one group, purpose and recipient at `now`:
// the newest act that covers them; an expired act counts as not asked, and so
// does what a child consented to without her guardian.
// `organisation` may be empty when the asker's organisation is not known, and
// then only acts for the whole recipient state count.
ConsentState ConsentFor(const CaseFacts& facts, FieldGroup group,
                        Purpose purpose, const ParticipantCode& recipient,
                        absl::string_view organisation, absl::Time now);

}  // namespace comity
