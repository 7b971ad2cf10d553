#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/policy/fact_axes.h"

namespace comity {
namespace {

std::string RelationNames(uint32_t bits) {
  return absl::StrJoin(EnumSet<CountryRelation>::FromBits(bits).Values(), "+",
                       [](std::string* out, CountryRelation value) {
                         absl::StrAppend(out, Name(value));
                       });
}

std::string RiskNames(size_t value) {
  if (value == 1) return "none";
  return absl::StrJoin(
      EnumSet<RiskMarker>::FromBits(static_cast<uint32_t>(value - 1) << 1)
          .Values(),
      "+", [](std::string* out, RiskMarker risk) {
        absl::StrAppend(out, Name(risk));
      });
}

template <typename Enum>
std::string EnumName(size_t value) {
  return value == 0 ? "not known" : std::string(Name(static_cast<Enum>(value)));
}

// Runs of neighbouring instants: "from 2026-11-21 until 2026-12-21".
std::string Periods(const FactAxes& axes, Axis axis, uint64_t values,
                    size_t first) {
  std::vector<std::string> periods;
  const size_t size = axes.size(axis);
  const auto has = [&](size_t i) { return i < size && (values >> i & 1) != 0; };
  for (size_t i = first; i < size; ++i) {
    if (!has(i) || (i > first && has(i - 1))) continue;
    size_t end = i;
    while (has(end)) ++end;
    std::string period;
    if (i > first) {
      absl::StrAppend(&period, "from ", axes.ValueName(axis, i));
    }
    if (end < size) {
      absl::StrAppend(&period, period.empty() ? "" : " ", "until ",
                      axes.ValueName(axis, end));
    }
    periods.push_back(period);
  }
  return absl::StrJoin(periods, " and ");
}

std::string WordsOf(const TableScope& scope) {
  constexpr size_t kMostColumns = 3;
  return scope.table.by.size() > kMostColumns
             ? absl::StrCat("by any three of ",
                            absl::StrJoin(scope.table.by, ", "))
             : scope.table.Words();
}

// The widest tables; the others are their margins.
std::string Tables(const std::vector<TableScope>& scopes, uint64_t values) {
  std::vector<std::string> names;
  for (size_t i = 0; i < scopes.size(); ++i) {
    if ((values >> i & 1) == 0) continue;
    const bool margin = [&] {
      for (size_t j = 0; j < scopes.size(); ++j) {
        if (j != i && (values >> j & 1) != 0 &&
            scopes[j].Holds(scopes[i].table)) {
          return true;
        }
      }
      return false;
    }();
    if (!margin) names.push_back(WordsOf(scopes[i]));
  }
  return absl::StrJoin(names, "; ");
}

std::vector<std::string> NamesOf(const FactAxes& axes, Axis axis,
                                 uint64_t values) {
  std::vector<std::string> names;
  for (size_t i = 0; i < axes.size(axis); ++i) {
    if ((values >> i & 1) != 0) names.push_back(axes.ValueName(axis, i));
  }
  return names;
}

}  // namespace

const char* Name(Axis axis) {
  static constexpr std::array<const char*, kAxisCount> kNames = {
      "operation",    "time",         "day of membership",
      "holder",       "asker",        "role",
      "organisation", "purpose",      "basis",
      "field",        "table",        "emergency",
      "consent",      "age",          "risk",
      "origin",       "exploitation", "stage",
      "record age"};
  return kNames.at(static_cast<size_t>(axis));
}

std::string FactAxes::ValueName(Axis axis, size_t value) const {
  switch (axis) {
    case Axis::kOperation:
      return EnumName<Operation>(value);
    case Axis::kTime:
    case Axis::kMemberOn:
      return absl::FormatTime("%Y-%m-%d", Instant(axis, value),
                              absl::UTCTimeZone());
    case Axis::kHolder:
    case Axis::kAsker:
      return participants_[value].text();
    case Axis::kRole:
      return EnumName<Role>(value);
    case Axis::kOrganisation:
      return value == 0 ? "not known" : organisations_[value];
    case Axis::kPurpose:
      return EnumName<Purpose>(value);
    case Axis::kBasis:
      return EnumName<LegalBasis>(value);
    case Axis::kGroup:
      return value == 0 ? "no field" : EnumName<FieldGroup>(value);
    case Axis::kTable:
      return WordsOf(table_scopes_[value]);
    case Axis::kEmergency:
      return value == 1 ? "declared" : "not declared";
    case Axis::kConsent:
      return EnumName<ConsentState>(value);
    case Axis::kAge:
      return EnumName<AgeClass>(value);
    case Axis::kRisk:
      return value == 0 ? "not known" : RiskNames(value);
    case Axis::kOrigin:
    case Axis::kExploitation:
      return value == 0 ? "not known"
                        : RelationNames(static_cast<uint32_t>(value) << 1);
    case Axis::kStage:
      return EnumName<DossierStage>(value);
    case Axis::kRecordAge:
      return EnumName<RecordAge>(value);
  }
  return "";
}

std::string Words(const FactAxes& axes, Axis axis, uint64_t values) {
  if (axis == Axis::kTime) return Periods(axes, axis, values, 0);
  if (axis == Axis::kMemberOn) {
    return values == 1 ? "" : Periods(axes, axis, values, 1);
  }
  if (axis == Axis::kTable) {
    return values == 1 ? "" : Tables(axes.tables(), values);
  }
  // Two or three parties are better named.
  const bool party = axis == Axis::kHolder || axis == Axis::kAsker;
  const uint64_t all =
      party ? axes.All(axis) : axes.Walked(axis, Operation::kUnset);
  if (values == all && !(party && axes.size(axis) <= 3)) return "";
  const std::vector<std::string> names = NamesOf(axes, axis, values);
  const bool all_of_them = party || axis == Axis::kGroup;
  return absl::StrJoin(names, all_of_them ? ", " : " or ");
}

}  // namespace comity
