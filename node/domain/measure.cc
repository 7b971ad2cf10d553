#include "node/domain/measure.h"

#include "absl/strings/str_cat.h"

namespace comity {
namespace {

constexpr uint32_t kMedian = 50;
constexpr uint32_t kNineOfTen = 90;

constexpr int kLastMeasure = static_cast<int>(Measure::kReferralsReceived);

}  // namespace

CountedUnit UnitOf(Measure measure) {
  return measure == Measure::kPersons ? CountedUnit::kPerson
                                      : CountedUnit::kReferral;
}

std::optional<DurationQuantile> QuantileOf(Measure measure) {
  switch (measure) {
    case Measure::kMedianAcceptanceDays:
      return DurationQuantile{"acceptance_days", kMedian};
    case Measure::kP90AcceptanceDays:
      return DurationQuantile{"acceptance_days", kNineOfTen};
    case Measure::kMedianHandoverDays:
      return DurationQuantile{"handover_days", kMedian};
    case Measure::kP90HandoverDays:
      return DurationQuantile{"handover_days", kNineOfTen};
    case Measure::kMedianAssistanceDays:
      return DurationQuantile{"assistance_days", kMedian};
    case Measure::kP90AssistanceDays:
      return DurationQuantile{"assistance_days", kNineOfTen};
    case Measure::kUnset:
    case Measure::kPersons:
    case Measure::kReferrals:
    case Measure::kReferralsReceived:
      return std::nullopt;
  }
  return std::nullopt;
}

absl::string_view FigureUnit(Measure measure) {
  switch (measure) {
    case Measure::kUnset:
      return "";
    case Measure::kPersons:
      return "persons";
    case Measure::kReferrals:
    case Measure::kReferralsReceived:
      return "referrals";
    case Measure::kMedianAcceptanceDays:
    case Measure::kP90AcceptanceDays:
      return "working days";
    case Measure::kMedianHandoverDays:
    case Measure::kP90HandoverDays:
    case Measure::kMedianAssistanceDays:
    case Measure::kP90AssistanceDays:
      return "days";
  }
  return "";
}

std::string MeasureWords(Measure measure) {
  if (measure == Measure::kReferralsReceived) return "referrals received";
  const auto quantile = QuantileOf(measure);
  if (!quantile.has_value()) return std::string(FigureUnit(measure));
  const absl::string_view column = quantile->column;
  const char* between =
      column == "acceptance_days" ? "from sending to acceptance"
      : column == "handover_days" ? "from acceptance to handover"
                                  : "from sending to the begin of assistance";
  return absl::StrCat(
      quantile->percent == kMedian ? "median" : "90th percentile", " of ",
      FigureUnit(measure), " ", between);
}

Measure MeasureNamed(absl::string_view name) {
  return name.empty() ? Measure::kPersons : FromName<Measure>(name);
}

std::string NameInMessages(Measure measure) {
  return measure == Measure::kPersons ? "" : std::string(Name(measure));
}

std::vector<std::string> MeasureNames() {
  std::vector<std::string> names;
  for (int i = 1; i <= kLastMeasure; ++i) {
    names.emplace_back(Name(static_cast<Measure>(i)));
  }
  return names;
}

}  // namespace comity
