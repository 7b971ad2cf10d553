#pragma once

#include <optional>
#include <string>
#include <vector>

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

  friend bool operator==(const Provenance&, const Provenance&) = default;
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
};

// Returns the state of consent for one group, purpose and recipient at `now`:
// the newest act that covers them; an expired act counts as not asked.
// `organisation` may be empty when the asker's organisation is not known, and
// then only acts for the whole recipient state count.
ConsentState ConsentFor(const CaseFacts& facts, FieldGroup group,
                        Purpose purpose, const ParticipantCode& recipient,
                        absl::string_view organisation, absl::Time now);

}  // namespace comity
