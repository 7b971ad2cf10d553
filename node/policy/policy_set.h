#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/domain/referral_terms.h"
#include "node/domain/table_scope.h"
#include "node/domain/vocabulary.h"
#include "node/policy/decision.h"
#include "node/policy/party_names.h"

namespace comity {

// The three policy bodies as plain values (policy/README.md); wire's loader
// makes them from files. Lists in a grant are never empty, and never mean
// "any" (organisation excepted); lists in a denial may be empty, and then do.

// Where a rule and its fields stand in the file. Lines and columns count from
// 1; 0: not known. Fields by path, such as "role" or "when.consent".
struct FilePlace {
  int line = 0;
  int column = 0;
  friend bool operator==(const FilePlace&, const FilePlace&) = default;
};
struct RulePlaces {
  FilePlace rule;
  std::map<std::string, FilePlace> fields;

  // The place of a field, else that of the rule.
  FilePlace Of(const std::string& field) const {
    const auto found = fields.find(field);
    return found == fields.end() ? rule : found->second;
  }
};

// Record conditions. Every set that is not empty must hold; inside a set any
// value is enough (policy.md 2.2).
struct When {
  EnumSet<ConsentState> consent;
  EnumSet<AgeClass> age;
  EnumSet<RiskMarker> risk_any_of;
  EnumSet<RiskMarker> risk_none_of;
  EnumSet<CountryRelation> origin;
  EnumSet<CountryRelation> exploitation;
  EnumSet<DossierStage> stage;
  EnumSet<RecordAge> record_age;

  friend bool operator==(const When&, const When&) = default;
};

// One participant's time in a group. `from` is inclusive, `until` exclusive.
struct Membership {
  std::string participant;
  absl::Time from = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();
};

// A named list of participants, written "@id" where codes stand.
struct ParticipantGroup {
  std::string id;
  std::vector<Membership> members;
  FilePlace place;

  bool Has(absl::string_view participant, absl::Time at) const;
};

struct Grant {
  std::string id;
  std::vector<std::string> holder;  // codes and "@group"
  std::vector<std::string> asker;
  EnumSet<Role> role;
  std::vector<std::string> organisation;  // empty: every organisation
  EnumSet<Operation> operation;
  EnumSet<Purpose> purpose;
  EnumSet<LegalBasis> basis;
  When when;
  FieldGroups release;
  Duties duties;
  bool break_glass = false;  // only in a declared emergency
  // The tables that it opens, for counts alone: each indicator as the catalogue
  // defines it, then the columns that stand by themselves.
  std::vector<TableScope> tables;
  std::optional<absl::Time> valid_until;
  std::string note;
  RulePlaces places;
};

// Shared by its parties; the only thing that can grant across a border.
struct Agreement {
  std::string id;
  uint32_t revision = 0;
  std::string title;
  std::vector<std::string> party;
  std::string legal_instrument;
  absl::Time valid_from;
  absl::Time valid_until;  // exclusive
  bool emergency = false;  // ends for good at its last day; at most 90 days
  std::vector<ParticipantGroup> groups;
  std::vector<Grant> grants;
  ReferralDeadlines deadlines;  // the defaults where the file says nothing
  std::vector<std::string> stated_deadlines;  // names of those that it says
  Duties duties;                              // joined onto every grant
  std::string digest;  // SHA-256 of the flat form, 32 bytes
  std::string file;    // for messages
  RulePlaces places;
  std::vector<PartyName> party_names = {};

  // Whether a referral can be sent under it.
  bool GrantsReferrals() const;
};

struct Deny {
  std::string id;
  std::vector<std::string> asker;  // codes and "@group"
  EnumSet<Role> role;
  std::vector<std::string> organisation;
  EnumSet<Operation> operation;
  EnumSet<Purpose> purpose;
  When when;
  FieldGroups withhold;  // empty: the whole operation
  bool break_glass_may_override = false;
  std::string reason;  // for the own log alone
  RulePlaces places;
};

struct Require {
  std::string id;
  std::vector<std::string> asker;  // codes and "@group"
  EnumSet<Operation> operation;
  When when;
  Duties duties;
  RulePlaces places;
};

// Private to one node; can only deny, withhold or add duties.
struct NationalRules {
  std::string node;
  uint32_t revision = 0;
  std::string title;
  std::vector<ParticipantGroup> groups;
  std::vector<Deny> denies;
  std::vector<Require> requires_;
  std::string digest;
  std::string file;
};

struct LocalGrant {
  std::string id;
  EnumSet<Role> role;
  std::vector<std::string> organisation;  // "*": every organisation
  EnumSet<LocalOperation> operation;
  CaseScope scope = CaseScope::kUnset;
  // Delegation: only these persons ("NAPTIP/amina.b"; empty: everybody), only
  // from and until.
  std::vector<std::string> person;
  absl::Time valid_from = absl::InfinitePast();
  absl::Time valid_until = absl::InfiniteFuture();
  RulePlaces places;
};

// Private to one node: what its own people may do at home.
struct LocalAccess {
  std::string node;
  uint32_t revision = 0;
  std::string title;
  std::vector<LocalGrant> grants;
  std::string digest;
  std::string file;
};

// Everything in force on a node at one time. Two revisions of one agreement may
// stand side by side until the timed switch; a request cites one by its digest.
struct PolicySet {
  std::vector<Agreement> agreements;
  std::optional<NationalRules> national;
  std::optional<LocalAccess> local;

  // nullptr if there is none of this id and digest.
  const Agreement* Find(absl::string_view id, absl::string_view digest) const;
  // The last of this id, nullptr if there is none: what a request cites that
  // names no digest.
  const Agreement* FindLast(absl::string_view id) const;
};

// What a log entry's policy digest is taken over: the digests of all bodies.
std::string DigestInput(const PolicySet& set);

}  // namespace comity
