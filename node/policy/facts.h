#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/domain/case_facts.h"
#include "node/domain/participant.h"
#include "node/domain/table_scope.h"
#include "node/domain/vocabulary.h"
#include "node/policy/decision.h"

namespace comity {

// One operation as a decision sees it. Facts about the caller come from the
// certificate, never from the message. Plain values; no clock, no I/O.
struct RequestFacts {
  absl::Time now;
  ParticipantCode self;    // this node
  ParticipantCode peer;    // the certificate's participant, or the one dialled
  ParticipantCode holder;  // who discloses
  ParticipantCode asker;   // who receives
  Role role = Role::kUnset;
  // Of the asking operator, or the one that a push is addressed to; empty when
  // not known.
  std::string organisation;
  Operation operation = Operation::kUnset;
  Purpose purpose = Purpose::kUnset;
  LegalBasis basis = LegalBasis::kUnset;
  std::string agreement_id;
  std::string agreement_digest;  // 32 bytes
  FieldGroups wanted;            // empty for operations without fields
  // The day on which membership of groups is judged: the last day of the
  // period that counts are asked of. InfinitePast: the day of `now`.
  absl::Time member_on = absl::InfinitePast();
  // What a table of counts spells out; all persons for other operations.
  TableShape table;

  absl::Time MembershipTime() const {
    return member_on == absl::InfinitePast() ? now : member_on;
  }

  friend bool operator==(const RequestFacts&, const RequestFacts&) = default;
};

// What the built-in danger flags say of a case and this asker (design.md law
// 3). Not known falls on the protective side when it is projected.
enum class BuiltInDanger : uint8_t {
  kNone,
  kUnscreened,
  kNeverContact,
  kNeverShareWith,
  kOfficialInvolvement,
};
inline constexpr std::array kBuiltInDangers = {
    BuiltInDanger::kNone, BuiltInDanger::kUnscreened,
    BuiltInDanger::kNeverContact, BuiltInDanger::kNeverShareWith,
    BuiltInDanger::kOfficialInvolvement};

// What a partner's release of this record binds this node to.
enum class OnwardBar : uint8_t { kNone, kForbidden, kOtherPurpose };
inline constexpr std::array kOnwardBars = {
    OnwardBar::kNone, OnwardBar::kForbidden, OnwardBar::kOtherPurpose};

// "NEVER_CONTACT", "OTHER_PURPOSE".
absl::string_view Name(BuiltInDanger danger);
absl::string_view Name(OnwardBar bar);

// What a decision needs of the case, projected on one request: no name, no
// date, no country, so that the own log may keep it and tools may enumerate it.
struct RecordFacts {
  // False: no record question is decided here (an asker's pre-flight, a
  // receiver's packet check, counts).
  bool present = false;
  // Consent for each group, this purpose and recipient; kUnset: not known.
  std::array<ConsentState, kFieldGroupCount> consent{};
  BuiltInDanger danger = BuiltInDanger::kUnscreened;
  OnwardBar onward = OnwardBar::kNone;
  AgeClass age = AgeClass::kUnset;  // kUnset: not known
  bool risks_known = false;
  EnumSet<RiskMarker> risks;
  EnumSet<CountryRelation> origin;        // empty: not known
  EnumSet<CountryRelation> exploitation;  // empty: not known
  DossierStage stage = DossierStage::kUnset;
  RecordAge record_age = RecordAge::kUnset;

  friend bool operator==(const RecordFacts&, const RecordFacts&) = default;
};

// What the flags of a case say of a participant.
BuiltInDanger DangerOf(const CaseFacts& facts, const ParticipantCode& asker);
// The same for what passes between the parties of a dossier: a case that was
// received by it need not be screened before it goes on.
BuiltInDanger DangerInDossier(const CaseFacts& facts,
                              const ParticipantCode& other);

// Projects what is known of a case on one request. `stage` is that of the
// dossier which the request names, or kNone.
RecordFacts ProjectFacts(const CaseFacts& facts, DossierStage stage,
                         const RequestFacts& request);

// Projects a case for publishing a period, for every asker alike: a country
// besides the holder's may be any asker's.
RecordFacts ProjectForCounts(const CaseFacts& facts,
                             const ParticipantCode& holder, absl::Time now);

// What was charged to one limit of one rule.
struct LimitUse {
  RuleRef rule = 0;
  LimitKind kind = LimitKind::kDay;
  uint32_t used = 0;

  friend bool operator==(const LimitUse&, const LimitUse&) = default;
};

// What has happened so far. The writer charges in the committing transaction.
struct StateFacts {
  std::vector<LimitUse> used;         // what is not listed is unused
  uint32_t cells_used_this_year = 0;  // by the asker
  uint32_t new_cells = 0;             // that this answer would deliver first
  // Tables of the revision that share columns, this one among them, that the
  // asker would have; zero: this one tells her nothing in parts.
  uint32_t linked_tables = 0;
  // Thousandths of epsilon told of the period, which no year gives back: to
  // this asker, to all; and what this answer would add to either.
  uint32_t epsilon_spent = 0;
  uint32_t epsilon_spent_by_all = 0;
  uint32_t epsilon_new = 0;
  uint32_t epsilon_new_for_all = 0;
  // Likewise trillionths of delta (budgets.h).
  uint32_t delta_spent = 0;
  uint32_t delta_spent_by_all = 0;
  uint32_t delta_new = 0;
  uint32_t delta_new_for_all = 0;
  // Persons besides the one who asks or sends who approved: of the side that
  // asks or pushes, for the agreement; of the holder, for its national rules.
  uint32_t approvals = 0;
  uint32_t approvals_at_home = 0;
  // An emergency under this agreement is declared at the holder.
  bool emergency = false;

  friend bool operator==(const StateFacts&, const StateFacts&) = default;
};

}  // namespace comity
