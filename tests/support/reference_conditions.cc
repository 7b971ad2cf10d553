#include "tests/support/reference_conditions.h"

#include <algorithm>

namespace comity {
namespace {

template <typename Enum>
Answer Single(EnumSet<Enum> listed, Enum value) {
  if (listed.empty()) return kYes;
  if (value == Enum::kUnset) return kPerhaps;
  return listed.Contains(value) ? kYes : kNo;
}

Answer Countries(EnumSet<CountryRelation> listed,
                 EnumSet<CountryRelation> values, Reader reader) {
  if (listed.empty()) return kYes;
  if (values.empty()) return kPerhaps;
  bool all = true;
  bool any = false;
  for (const CountryRelation value : values.Values()) {
    all = all && listed.Contains(value);
    any = any || listed.Contains(value);
  }
  return (reader == Reader::kGrant ? all : any) ? kYes : kNo;
}

Answer AnyRisk(EnumSet<RiskMarker> listed, const RecordFacts& record) {
  if (listed.empty()) return kYes;
  if (!listed.Intersect(record.risks).empty()) return kYes;
  return record.risks_known ? kNo : kPerhaps;
}

Answer NoRisk(EnumSet<RiskMarker> listed, const RecordFacts& record) {
  if (listed.empty()) return kYes;
  if (!listed.Intersect(record.risks).empty()) return kNo;
  return record.risks_known ? kYes : kPerhaps;
}

// All conditions but consent, which is asked for each group.
Answer Record(const When& when, const RecordFacts& record, Reader reader) {
  return std::min({Single(when.age, record.age),
                   AnyRisk(when.risk_any_of, record),
                   NoRisk(when.risk_none_of, record),
                   Countries(when.origin, record.origin, reader),
                   Countries(when.exploitation, record.exploitation, reader),
                   Single(when.stage, record.stage),
                   Single(when.record_age, record.record_age)});
}

}  // namespace

Answer ForGroup(const When& when, FieldGroup group, const RecordFacts& record,
                Reader reader) {
  return std::min(
      Record(when, record, reader),
      Single(when.consent, record.consent[static_cast<size_t>(group)]));
}

Answer ForNoGroup(const When& when, const RecordFacts& record, Reader reader) {
  return std::min(Record(when, record, reader),
                  when.consent.empty() ? kYes : kPerhaps);
}

}  // namespace comity
