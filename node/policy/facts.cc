#include "node/policy/facts.h"

#include <algorithm>

namespace comity {
namespace {

using Countries = std::optional<std::vector<std::string>>;

bool Concerns(const Countries& countries, const ParticipantCode& asker) {
  return !countries.has_value() || countries->empty() ||
         std::find(countries->begin(), countries->end(), asker.text()) !=
             countries->end();
}

// Back to where the record came from nothing is passed on. What consent was
// withdrawn from goes nowhere at all.
OnwardBar OnwardOf(const CaseFacts& facts, const RequestFacts& request) {
  if (!facts.provenance.has_value()) return OnwardBar::kNone;
  if (facts.provenance->withdrawn_at.has_value()) return OnwardBar::kForbidden;
  if (facts.provenance->from == request.asker) return OnwardBar::kNone;
  if (facts.provenance->no_onward_transfer) return OnwardBar::kForbidden;
  return facts.provenance->purpose == request.purpose
             ? OnwardBar::kNone
             : OnwardBar::kOtherPurpose;
}

EnumSet<CountryRelation> RelationsOf(const Countries& countries,
                                     const RequestFacts& request) {
  EnumSet<CountryRelation> relations;
  if (!countries.has_value()) return relations;
  for (const std::string& country : *countries) {
    relations = relations.With(
        country == request.asker.text()    ? CountryRelation::kSameAsAsker
        : country == request.holder.text() ? CountryRelation::kSameAsHolder
                                           : CountryRelation::kOther);
  }
  return relations;
}

EnumSet<CountryRelation> RelationsToAnyAsker(const Countries& countries,
                                             const ParticipantCode& holder) {
  EnumSet<CountryRelation> relations;
  if (!countries.has_value()) return relations;
  for (const std::string& country : *countries) {
    relations = country == holder.text()
                    ? relations.With(CountryRelation::kSameAsHolder)
                    : relations.With(CountryRelation::kOther)
                          .With(CountryRelation::kSameAsAsker);
  }
  return relations;
}

RecordAge AgeOf(const CaseFacts& facts, absl::Time now) {
  if (!facts.recorded_at.has_value()) return RecordAge::kUnset;
  const absl::Duration age = now - *facts.recorded_at;
  if (age <= absl::Hours(24 * 30)) return RecordAge::kUpTo30Days;
  if (age <= absl::Hours(24 * 365)) return RecordAge::kUpTo1Year;
  if (age <= absl::Hours(24 * 1825)) return RecordAge::kUpTo5Years;
  return RecordAge::kOlder;
}

}  // namespace

absl::string_view Name(BuiltInDanger danger) {
  switch (danger) {
    case BuiltInDanger::kNone:
      return "NONE";
    case BuiltInDanger::kUnscreened:
      return "UNSCREENED";
    case BuiltInDanger::kNeverContact:
      return "NEVER_CONTACT";
    case BuiltInDanger::kNeverShareWith:
      return "NEVER_SHARE_WITH";
    case BuiltInDanger::kOfficialInvolvement:
      return "OFFICIAL_INVOLVEMENT";
  }
  return "UNSCREENED";
}

absl::string_view Name(OnwardBar bar) {
  switch (bar) {
    case OnwardBar::kNone:
      return "NONE";
    case OnwardBar::kForbidden:
      return "FORBIDDEN";
    case OnwardBar::kOtherPurpose:
      return "OTHER_PURPOSE";
  }
  return "FORBIDDEN";
}

BuiltInDanger DangerOf(const CaseFacts& facts, const ParticipantCode& asker) {
  if (!facts.screening.has_value()) return BuiltInDanger::kUnscreened;
  const DangerScreening& screening = *facts.screening;
  if (screening.never_contact) return BuiltInDanger::kNeverContact;
  if (std::find(screening.never_share_with.begin(),
                screening.never_share_with.end(),
                asker) != screening.never_share_with.end()) {
    return BuiltInDanger::kNeverShareWith;
  }
  if (screening.official_involvement &&
      (Concerns(facts.origin_countries, asker) ||
       Concerns(facts.exploitation_countries, asker))) {
    return BuiltInDanger::kOfficialInvolvement;
  }
  return BuiltInDanger::kNone;
}

BuiltInDanger DangerInDossier(const CaseFacts& facts,
                              const ParticipantCode& other) {
  const BuiltInDanger danger = DangerOf(facts, other);
  return danger == BuiltInDanger::kUnscreened && facts.provenance.has_value()
             ? BuiltInDanger::kNone
             : danger;
}

RecordFacts ProjectFacts(const CaseFacts& facts, DossierStage stage,
                         const RequestFacts& request) {
  RecordFacts record;
  record.present = true;
  for (size_t i = 1; i < record.consent.size(); ++i) {
    const auto group = static_cast<FieldGroup>(i);
    if (!request.wanted.Contains(group)) continue;
    record.consent[i] = ConsentFor(facts, group, request.purpose, request.asker,
                                   request.organisation, request.now);
  }
  record.danger = DangerOf(facts, request.asker);
  record.onward = OnwardOf(facts, request);
  record.age = facts.age.value_or(AgeClass::kUnset);
  record.risks_known = facts.risks.has_value();
  if (facts.risks.has_value()) {
    for (const RiskMarker risk : *facts.risks) {
      record.risks = record.risks.With(risk);
    }
  }
  record.origin = RelationsOf(facts.origin_countries, request);
  record.exploitation = RelationsOf(facts.exploitation_countries, request);
  record.stage = stage;
  record.record_age = AgeOf(facts, request.now);
  return record;
}

RecordFacts ProjectForCounts(const CaseFacts& facts,
                             const ParticipantCode& holder, absl::Time now) {
  // Consent, danger and provenance depend on who asks: counts look at none.
  const RequestFacts request{.now = now,
                             .self = holder,
                             .peer = holder,
                             .holder = holder,
                             .asker = holder};
  RecordFacts record = ProjectFacts(facts, DossierStage::kNone, request);
  record.origin = RelationsToAnyAsker(facts.origin_countries, holder);
  record.exploitation =
      RelationsToAnyAsker(facts.exploitation_countries, holder);
  return record;
}

}  // namespace comity
