#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "node/domain/vocabulary.h"
#include "node/policy/decision.h"

namespace comity {

// The three policy bodies as plain values (policy/README.md); wire's loader
// makes them from files. Lists in a grant are never empty, and never mean
// "any"; lists in a denial may be empty, and then do.

// Record conditions. Every list that is not empty must hold; inside a list any
// value is enough (policy.md 2.2).
struct When {
  std::vector<ConsentState> consent;
  std::vector<AgeClass> age;
  std::vector<RiskMarker> risk_any_of;
  std::vector<RiskMarker> risk_none_of;
  std::vector<CountryRelation> origin;
  std::vector<CountryRelation> exploitation;
  std::vector<DossierStage> stage;
};

struct Grant {
  std::string id;
  std::vector<std::string> holder;
  std::vector<std::string> asker;
  std::vector<Role> role;
  std::vector<Operation> operation;
  std::vector<Purpose> purpose;
  std::vector<LegalBasis> basis;
  When when;
  FieldGroups release;
  Duties duties;
  std::optional<absl::Time> valid_until;
};

// Shared by its parties; the only thing that can grant across a border.
struct Agreement {
  std::string id;
  uint32_t revision = 0;
  std::string title;
  std::vector<std::string> party;
  absl::Time valid_from;
  absl::Time valid_until;  // exclusive
  std::vector<Grant> grants;
  Duties duties;       // joined onto every grant
  std::string digest;  // SHA-256 of the flat form, 32 bytes
};

struct Deny {
  std::string id;
  std::vector<std::string> asker;
  std::vector<Role> role;
  std::vector<Operation> operation;
  std::vector<Purpose> purpose;
  When when;
  FieldGroups withhold;  // empty: the whole operation
  std::string reason;    // for the own log alone
};

struct Require {
  std::string id;
  std::vector<std::string> asker;
  std::vector<Operation> operation;
  When when;
  Duties duties;
};

// Private to one node; can only deny, withhold or add duties.
struct NationalRules {
  std::string node;
  uint32_t revision = 0;
  std::vector<Deny> denies;
  std::vector<Require> requires_;
  std::string digest;
};

struct LocalGrant {
  std::string id;
  std::vector<Role> role;
  std::vector<std::string> organisation;  // "*": every organisation
  std::vector<LocalOperation> operation;
  CaseScope scope = CaseScope::kUnset;
};

// Private to one node: what its own people may do at home.
struct LocalAccess {
  std::string node;
  uint32_t revision = 0;
  std::vector<LocalGrant> grants;
  std::string digest;
};

// Everything in force on a node at one time. Immutable once in an engine.
struct PolicySet {
  std::map<std::string, Agreement> agreements;  // by id
  std::optional<NationalRules> national;
  std::optional<LocalAccess> local;
};

// SHA-256 over the digests of all bodies: what a log entry names.
std::string DigestInput(const PolicySet& set);

}  // namespace comity
