#include "node/policy/conditions.h"

#include <algorithm>

namespace comity {
namespace {

Truth Of(bool value) { return value ? Truth::kTrue : Truth::kFalse; }

template <typename Enum>
Truth JudgeValue(EnumSet<Enum> listed, Enum value) {
  if (listed.empty()) return Truth::kTrue;
  if (value == Enum::kUnset) return Truth::kUnknown;
  return Of(listed.Contains(value));
}

Truth JudgeRelations(EnumSet<CountryRelation> listed,
                     EnumSet<CountryRelation> relations, RelationMode mode) {
  if (listed.empty()) return Truth::kTrue;
  if (relations.empty()) return Truth::kUnknown;
  return Of(mode == RelationMode::kAll ? relations.IsSubsetOf(listed)
                                       : !relations.Intersect(listed).empty());
}

Truth JudgeRisks(const When& when, const RecordFacts& record) {
  if (when.risk_any_of.empty() && when.risk_none_of.empty()) {
    return Truth::kTrue;
  }
  if (!record.risks_known) return Truth::kUnknown;
  const bool any = when.risk_any_of.empty() ||
                   !record.risks.Intersect(when.risk_any_of).empty();
  return Of(any && record.risks.Intersect(when.risk_none_of).empty());
}

}  // namespace

const char* FieldPath(Condition condition) {
  switch (condition) {
    case Condition::kAge:
      return "when.age";
    case Condition::kRisk:
      return "when.risk";
    case Condition::kOrigin:
      return "when.origin";
    case Condition::kExploitation:
      return "when.exploitation";
    case Condition::kStage:
      return "when.stage";
    case Condition::kRecordAge:
      return "when.record_age";
  }
  return "when";
}

Truth JudgeCondition(Condition condition, const When& when,
                     const RecordFacts& record, RelationMode mode) {
  switch (condition) {
    case Condition::kAge:
      return JudgeValue(when.age, record.age);
    case Condition::kRisk:
      return JudgeRisks(when, record);
    case Condition::kOrigin:
      return JudgeRelations(when.origin, record.origin, mode);
    case Condition::kExploitation:
      return JudgeRelations(when.exploitation, record.exploitation, mode);
    case Condition::kStage:
      return JudgeValue(when.stage, record.stage);
    case Condition::kRecordAge:
      return JudgeValue(when.record_age, record.record_age);
  }
  return Truth::kFalse;
}

Truth JudgeRecord(const When& when, const RecordFacts& record,
                  RelationMode mode) {
  // Spelled out: a loop over kConditions would take half of a decision's time.
  return std::min({JudgeValue(when.age, record.age), JudgeRisks(when, record),
                   JudgeRelations(when.origin, record.origin, mode),
                   JudgeRelations(when.exploitation, record.exploitation, mode),
                   JudgeValue(when.stage, record.stage),
                   JudgeValue(when.record_age, record.record_age)});
}

Truth JudgeConsent(const When& when, FieldGroup group,
                   const RecordFacts& record) {
  return JudgeValue(when.consent, record.consent[static_cast<size_t>(group)]);
}

FieldGroups GroupsWithConsent(const When& when, FieldGroups wanted,
                              const RecordFacts& record, Truth least) {
  if (when.consent.empty()) return wanted;
  FieldGroups groups;
  for (uint32_t bits = wanted.bits(); bits != 0; bits &= bits - 1) {
    const auto group = static_cast<FieldGroup>(__builtin_ctz(bits));
    if (JudgeConsent(when, group, record) >= least) groups = groups.With(group);
  }
  return groups;
}

Reach ReachOf(const When& when, FieldGroups wanted, const RecordFacts& record,
              RelationMode mode, Truth least) {
  Reach reach;
  if (JudgeRecord(when, record, mode) < least) return reach;
  reach.groups = GroupsWithConsent(when, wanted, record, least);
  reach.whole = wanted.empty() ? when.consent.empty() || least < Truth::kTrue
                               : reach.groups == wanted;
  return reach;
}

}  // namespace comity
