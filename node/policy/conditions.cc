#include "node/policy/conditions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace comity {
namespace {

template <typename T>
bool Lists(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Truth Of(bool value) { return value ? Truth::kTrue : Truth::kFalse; }

CountryRelation RelationOf(const std::string& country,
                           const RequestFacts& request) {
  if (country == request.asker.text()) return CountryRelation::kSameAsAsker;
  if (country == request.holder.text()) return CountryRelation::kSameAsHolder;
  return CountryRelation::kOther;
}

Truth JudgeRelation(const std::vector<CountryRelation>& listed,
                    const std::optional<std::vector<std::string>>& countries,
                    const RequestFacts& request, RelationMode mode) {
  if (listed.empty()) return Truth::kTrue;
  if (!countries.has_value() || countries->empty()) return Truth::kUnknown;
  const auto is_listed = [&](const std::string& country) {
    return Lists(listed, RelationOf(country, request));
  };
  return Of(mode == RelationMode::kAll
                ? std::all_of(countries->begin(), countries->end(), is_listed)
                : std::any_of(countries->begin(), countries->end(), is_listed));
}

Truth JudgeRisk(const When& when,
                const std::optional<std::vector<RiskMarker>>& risks) {
  if (when.risk_any_of.empty() && when.risk_none_of.empty()) {
    return Truth::kTrue;
  }
  if (!risks.has_value()) return Truth::kUnknown;
  const auto is_set = [&](RiskMarker risk) { return Lists(*risks, risk); };
  const bool any =
      when.risk_any_of.empty() ||
      std::any_of(when.risk_any_of.begin(), when.risk_any_of.end(), is_set);
  const bool none =
      std::none_of(when.risk_none_of.begin(), when.risk_none_of.end(), is_set);
  return Of(any && none);
}

template <typename T>
Truth JudgeValue(const std::vector<T>& listed, const std::optional<T>& value) {
  if (listed.empty()) return Truth::kTrue;
  if (!value.has_value()) return Truth::kUnknown;
  return Of(Lists(listed, *value));
}

Truth JudgeStage(const std::vector<DossierStage>& listed, DossierStage stage) {
  if (listed.empty()) return Truth::kTrue;
  if (stage == DossierStage::kUnset) return Truth::kUnknown;
  return Of(Lists(listed, stage));
}

}  // namespace

Truth JudgeRecord(const When& when, const RequestFacts& request,
                  const RecordFacts& record, RelationMode mode,
                  std::string* why) {
  static const CaseFacts kNothingKnown;
  const CaseFacts& facts =
      record.facts == nullptr ? kNothingKnown : *record.facts;
  const std::pair<const char*, Truth> conditions[] = {
      {"age", JudgeValue(when.age, facts.age)},
      {"risk", JudgeRisk(when, facts.risks)},
      {"origin",
       JudgeRelation(when.origin, facts.origin_countries, request, mode)},
      {"exploitation",
       JudgeRelation(when.exploitation, facts.exploitation_countries, request,
                     mode)},
      {"stage", JudgeStage(when.stage, record.stage)},
  };
  Truth result = Truth::kTrue;
  for (const auto& [name, truth] : conditions) {
    if (truth != Truth::kTrue && why->empty()) {
      *why = absl::StrCat(
          name, truth == Truth::kUnknown ? ": not known" : ": not listed");
    }
    result = std::min(result, truth);
  }
  return result;
}

Truth JudgeConsent(const When& when, FieldGroup group,
                   const RequestFacts& request, const RecordFacts& record) {
  if (when.consent.empty()) return Truth::kTrue;
  if (record.facts == nullptr) return Truth::kUnknown;
  return Of(Lists(when.consent, ConsentFor(*record.facts, group,
                                           request.purpose, request.asker,
                                           request.organisation, request.now)));
}

}  // namespace comity
