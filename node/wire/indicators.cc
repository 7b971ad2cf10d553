#include "node/wire/indicators.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/measure.h"
#include "node/wire/embedded_text.h"
#include "node/wire/policy_meaning.h"
#include "node/wire/policy_text.h"

namespace comity {
namespace {

namespace pb = policy::v1;

constexpr std::array kCatalogues = {"indicators/victims.indicators",
                                    "indicators/referrals.indicators",
                                    "indicators/traffickers.indicators"};

absl::Status Unreadable(absl::string_view what) {
  return ReasonError(ErrorReason::kInternal,
                     absl::StrCat("indicators: ", what));
}

// What joins several fields of one.
absl::Status CheckIndicator(const pb::Indicator& indicator) {
  const std::string name = IndicatorName(indicator);
  const bool collected = !indicator.has_not_collected();
  if (collected != (indicator.dimension_size() > 0) ||
      collected != indicator.has_denominator()) {
    return Unreadable(
        absl::StrCat(name,
                     " has dimensions and a denominator, or says why it "
                     "is not collected"));
  }
  const auto& columns = indicator.dimension();
  if (indicator.has_share_of() &&
      std::find(columns.begin(), columns.end(), indicator.share_of()) ==
          columns.end()) {
    return Unreadable(absl::StrCat(name, " tells shares of no dimension"));
  }
  if (indicator.has_share_of() &&
      QuantileOf(static_cast<Measure>(indicator.measure())).has_value()) {
    return Unreadable(absl::StrCat(name, " tells shares of a duration"));
  }
  const absl::Status shape = ShapeOf(indicator).status();
  return shape.ok() ? shape : Unreadable(shape.message());
}

absl::StatusOr<std::vector<pb::Indicator>> ReadAll() {
  std::string text;
  for (const char* file : kCatalogues) {
    absl::StrAppend(&text, EmbeddedText(file));
  }
  return ReadIndicators(text);
}

}  // namespace

absl::StatusOr<std::vector<pb::Indicator>> ReadIndicators(
    absl::string_view text) {
  pb::IndicatorCatalogue catalogue;
  google::protobuf::TextFormat::ParseInfoTree tree;
  std::vector<TextFault> faults = ReadStrictText(text, &catalogue, &tree);
  if (faults.empty()) faults = CheckFields(catalogue, tree);
  if (!faults.empty()) {
    return Unreadable(
        absl::StrCat("line ", faults[0].line, ": ", faults[0].message));
  }
  std::set<std::string> names;
  for (const pb::Indicator& indicator : catalogue.indicator()) {
    if (!names.insert(IndicatorName(indicator)).second) {
      return Unreadable(
          absl::StrCat(IndicatorName(indicator), " stands twice"));
    }
    RETURN_IF_ERROR(CheckIndicator(indicator));
  }
  return std::vector<pb::Indicator>(catalogue.indicator().begin(),
                                    catalogue.indicator().end());
}

absl::StatusOr<std::vector<pb::Indicator>> AllIndicators() {
  static const auto* const all =
      new absl::StatusOr<std::vector<pb::Indicator>>(ReadAll());
  return *all;
}

absl::StatusOr<pb::Indicator> FindIndicator(absl::string_view name) {
  ASSIGN_OR_RETURN(const std::vector<pb::Indicator> all, AllIndicators());
  const pb::Indicator* latest = nullptr;
  for (const pb::Indicator& indicator : all) {
    if (IndicatorName(indicator) == name) return indicator;
    if (indicator.code() == name &&
        (latest == nullptr || latest->version() < indicator.version())) {
      latest = &indicator;
    }
  }
  if (latest != nullptr) return *latest;
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat(
          "there is no indicator \"", name, "\"; there are ",
          absl::StrJoin(all, ", ", [](std::string* out, const auto& known) {
            *out += IndicatorName(known);
          })));
}

absl::Status CheckCollected(const pb::Indicator& indicator) {
  if (!indicator.has_not_collected()) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat(IndicatorName(indicator),
                   " is not collected: ", indicator.not_collected()));
}

std::string IndicatorName(const pb::Indicator& indicator) {
  return absl::StrCat(indicator.code(), "/", indicator.version());
}

absl::StatusOr<TableShape> ShapeOf(const pb::Indicator& indicator) {
  std::vector<std::string> parts(indicator.dimension().begin(),
                                 indicator.dimension().end());
  parts.insert(parts.end(), indicator.where().begin(), indicator.where().end());
  if (indicator.has_measure()) {
    parts.push_back(absl::StrCat(
        "measure=", Name(static_cast<Measure>(indicator.measure()))));
  }
  return TableShape::FromParts(parts);
}

}  // namespace comity
