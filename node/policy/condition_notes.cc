#include "node/policy/condition_notes.h"

#include <type_traits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/policy/judge.h"

namespace comity {
namespace {

constexpr const char* kNotKnown = "not known";

template <typename Enum>
std::string WordOf(Enum value) {
  return value == Enum::kUnset ? kNotKnown : std::string(Name(value));
}

std::string ValueOf(Dimension dimension, const RequestFacts& request) {
  switch (dimension) {
    case Dimension::kValidity:
      return UtcText(request.now);
    case Dimension::kHolder:
      return request.holder.text();
    case Dimension::kAsker:
      return request.asker.text();
    case Dimension::kRole:
      return WordOf(request.role);
    case Dimension::kOrganisation:
      return request.organisation.empty() ? kNotKnown : request.organisation;
    case Dimension::kOperation:
      return WordOf(request.operation);
    case Dimension::kPurpose:
      return WordOf(request.purpose);
    case Dimension::kBasis:
      return WordOf(request.basis);
    case Dimension::kRelease:
      return absl::StrJoin(NamesOf(request.wanted), ", ");
    case Dimension::kTable:
      return request.table.Words();
  }
  return "";
}

std::vector<std::string> ScopeNames(const std::vector<TableScope>& scopes) {
  std::vector<std::string> names;
  names.reserve(scopes.size());
  for (const TableScope& scope : scopes) names.push_back(ScopeWords(scope));
  return names;
}

// What a grant alone has.
std::vector<std::string> AllowedByGrant(Dimension dimension,
                                        const Grant& grant) {
  switch (dimension) {
    case Dimension::kHolder:
      return grant.holder;
    case Dimension::kBasis:
      return NamesOf(grant.basis);
    case Dimension::kRelease:
      return NamesOf(grant.release);
    case Dimension::kTable:
      return ScopeNames(grant.tables);
    case Dimension::kValidity:
      if (!grant.valid_until.has_value()) return {};
      return {absl::StrCat("before ", UtcText(*grant.valid_until))};
    default:
      return {};
  }
}

// What a rule lists in one dimension; none for a dimension it does not have.
template <typename Rule>
std::vector<std::string> AllowedBy(Dimension dimension, const Rule& rule) {
  if (dimension == Dimension::kAsker) return rule.asker;
  if (dimension == Dimension::kOperation) return NamesOf(rule.operation);
  if constexpr (requires { rule.role; }) {
    if (dimension == Dimension::kRole) return NamesOf(rule.role);
    if (dimension == Dimension::kOrganisation) return rule.organisation;
    if (dimension == Dimension::kPurpose) return NamesOf(rule.purpose);
  }
  if constexpr (std::is_same_v<Rule, Grant>) {
    return AllowedByGrant(dimension, rule);
  }
  return {};
}

template <typename Body, typename Rule>
ConditionNotes NoteAll(const Body& body, const Rule& rule,
                       const RequestFacts& request) {
  ConditionNotes notes;
  for (const Dimension dimension : kDimensions) {
    if (Fits(dimension, body, rule, request)) continue;
    const std::string path = FieldPath(dimension);
    notes.push_back({path, ValueOf(dimension, request),
                     AllowedBy(dimension, rule), Truth::kFalse, FieldGroups(),
                     rule.places.Of(path)});
  }
  return notes;
}

std::string ValueOf(Condition condition, const RecordFacts& record) {
  switch (condition) {
    case Condition::kAge:
      return WordOf(record.age);
    case Condition::kRisk:
      if (!record.risks_known) return kNotKnown;
      return record.risks.empty() ? "none"
                                  : absl::StrJoin(NamesOf(record.risks), ", ");
    case Condition::kOrigin:
      return JoinedOrUnknown(NamesOf(record.origin));
    case Condition::kExploitation:
      return JoinedOrUnknown(NamesOf(record.exploitation));
    case Condition::kStage:
      return WordOf(record.stage);
    case Condition::kRecordAge:
      return WordOf(record.record_age);
  }
  return "";
}

std::vector<std::string> AllowedBy(Condition condition, const When& when) {
  switch (condition) {
    case Condition::kAge:
      return NamesOf(when.age);
    case Condition::kRisk: {
      std::vector<std::string> allowed = NamesOf(when.risk_any_of);
      for (const std::string& name : NamesOf(when.risk_none_of)) {
        allowed.push_back("not " + name);
      }
      return allowed;
    }
    case Condition::kOrigin:
      return NamesOf(when.origin);
    case Condition::kExploitation:
      return NamesOf(when.exploitation);
    case Condition::kStage:
      return NamesOf(when.stage);
    case Condition::kRecordAge:
      return NamesOf(when.record_age);
  }
  return {};
}

// The place of a condition; risks stand in two fields.
FilePlace PlaceOf(Condition condition, const When& when,
                  const RulePlaces& places) {
  if (condition != Condition::kRisk) return places.Of(FieldPath(condition));
  return places.Of(when.risk_any_of.empty() ? "when.risk_none_of"
                                            : "when.risk_any_of");
}

// Groups that have the same state of consent share a note.
void NoteConsent(const When& when, const RecordFacts& record,
                 FieldGroups groups, const RulePlaces& places,
                 ConditionNotes& notes) {
  const size_t first = notes.size();
  if (groups.empty() && !when.consent.empty()) {
    // Whose consent it would be about is not known.
    notes.push_back({"when.consent", kNotKnown, NamesOf(when.consent),
                     Truth::kUnknown, FieldGroups(),
                     places.Of("when.consent")});
  }
  for (const FieldGroup group : groups.Values()) {
    const Truth truth = JudgeConsent(when, group, record);
    if (truth == Truth::kTrue) continue;
    const std::string value =
        WordOf(record.consent[static_cast<size_t>(group)]);
    size_t i = first;
    while (i < notes.size() && notes[i].value != value) ++i;
    if (i == notes.size()) {
      notes.push_back({"when.consent", value, NamesOf(when.consent), truth,
                       FieldGroups(), places.Of("when.consent")});
    }
    notes[i].groups = notes[i].groups.With(group);
  }
}

// Line 1.
ConditionNotes NoteMalformed(const RequestFacts& request) {
  ConditionNotes notes;
  RequestFacts parties = request;
  parties.operation = Operation::kReferralEvent;
  parties.wanted = FieldGroups();
  if (IsMalformed(parties)) {
    notes.push_back({"parties",
                     absl::StrCat("holder ", request.holder.text(), ", asker ",
                                  request.asker.text(), ", certificate ",
                                  request.peer.text()),
                     {absl::StrCat(request.self.text(),
                                   " and the certificate's participant")}});
  }
  const auto need = [&](const char* fact, bool known) {
    if (!known) notes.push_back({fact, kNotKnown, {"any value"}});
  };
  need("operation", request.operation != Operation::kUnset);
  if (request.operation != Operation::kReferralEvent) {
    need("role", request.role != Role::kUnset);
    need("purpose", request.purpose != Purpose::kUnset);
    need("basis", request.basis != LegalBasis::kUnset);
  }
  need("want", !request.wanted.empty() || !AsksForFields(request.operation));
  const FieldGroups national = request.wanted.Minus(kShareableGroups);
  if (!national.empty()) {
    notes.push_back({"want",
                     absl::StrJoin(NamesOf(national), ", "),
                     {"groups that may leave the country"}});
  }
  return notes;
}

// The request names an agreement that is not there, or in another revision.
ConditionNote NoteNoAgreement(const PolicySet& set,
                              const RequestFacts& request) {
  ConditionNote note{"agreement", request.agreement_id.empty()
                                      ? kNotKnown
                                      : request.agreement_id};
  for (const Agreement& known : set.agreements) {
    note.allowed.push_back(
        absl::StrCat(known.id, "@", known.revision, " ",
                     absl::BytesToHexString(known.digest.substr(0, 4))));
    if (known.id != request.agreement_id) continue;
    note.value = absl::StrCat(
        known.id, " of digest ",
        absl::BytesToHexString(request.agreement_digest.substr(0, 4)));
  }
  return note;
}

}  // namespace

std::string UtcText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string JoinedOrUnknown(const std::vector<std::string>& names) {
  return names.empty() ? kNotKnown : absl::StrJoin(names, ", ");
}

ConditionNotes NoteDimensions(const Agreement& body, const Grant& rule,
                              const RequestFacts& request) {
  return NoteAll(body, rule, request);
}
ConditionNotes NoteDimensions(const NationalRules& body, const Deny& rule,
                              const RequestFacts& request) {
  return NoteAll(body, rule, request);
}
ConditionNotes NoteDimensions(const NationalRules& body, const Require& rule,
                              const RequestFacts& request) {
  return NoteAll(body, rule, request);
}

ConditionNotes NoteRecord(const When& when, const RecordFacts& record,
                          RelationMode mode, FieldGroups groups,
                          const RulePlaces& places) {
  ConditionNotes notes;
  for (const Condition condition : kConditions) {
    const Truth truth = JudgeCondition(condition, when, record, mode);
    if (truth == Truth::kTrue) continue;
    notes.push_back({FieldPath(condition), ValueOf(condition, record),
                     AllowedBy(condition, when), truth, FieldGroups(),
                     PlaceOf(condition, when, places)});
  }
  NoteConsent(when, record, groups, places, notes);
  return notes;
}

ConditionNotes NoteRequest(const PolicySet& set, const Agreement* agreement,
                           const RequestFacts& request) {
  if (IsMalformed(request)) return NoteMalformed(request);
  ConditionNotes notes;
  if (IsProtective(request.operation)) return notes;
  if (agreement == nullptr) return {NoteNoAgreement(set, request)};
  if (IsInForce(*agreement, request)) return notes;
  const auto add = [&](const char* path, const std::string& value,
                       std::vector<std::string> allowed) {
    notes.push_back({path, value, std::move(allowed), Truth::kFalse,
                     FieldGroups(), agreement->places.Of(path)});
  };
  if (request.now < agreement->valid_from) {
    add("valid_from", UtcText(request.now),
        {"from " + UtcText(agreement->valid_from)});
  }
  if (request.now >= agreement->valid_until) {
    add("valid_until", UtcText(request.now),
        {"before " + UtcText(agreement->valid_until)});
  }
  for (const ParticipantCode* code : {&request.holder, &request.asker}) {
    if (!IsParty(*agreement, *code)) {
      add("party", code->text(), agreement->party);
    }
  }
  return notes;
}

}  // namespace comity
