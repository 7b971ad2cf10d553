#include "node/wire/indicators.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/embedded_text.h"
#include "node/wire/policy_meaning.h"
#include "node/wire/policy_text.h"

namespace comity {

namespace pb = policy::v1;

absl::StatusOr<std::vector<pb::Indicator>> ReadIndicators(
    absl::string_view text) {
  pb::IndicatorCatalogue catalogue;
  google::protobuf::TextFormat::ParseInfoTree tree;
  std::vector<TextFault> faults = ReadStrictText(text, &catalogue, &tree);
  if (faults.empty()) faults = CheckFields(catalogue, tree);
  if (!faults.empty()) {
    return ReasonError(ErrorReason::kInternal,
                       absl::StrCat("indicators, line ", faults[0].line, ": ",
                                    faults[0].message));
  }
  std::set<std::string> ids;
  for (const pb::Indicator& indicator : catalogue.indicator()) {
    if (ids.insert(indicator.code()).second) continue;
    return ReasonError(
        ErrorReason::kInternal,
        absl::StrCat("indicator ", indicator.code(), " stands twice"));
  }
  return std::vector<pb::Indicator>(catalogue.indicator().begin(),
                                    catalogue.indicator().end());
}

absl::StatusOr<std::vector<pb::Indicator>> AllIndicators() {
  return ReadIndicators(EmbeddedText("indicators/victims.indicators"));
}

absl::StatusOr<pb::Indicator> FindIndicator(absl::string_view id) {
  ASSIGN_OR_RETURN(const std::vector<pb::Indicator> all, AllIndicators());
  for (const pb::Indicator& indicator : all) {
    if (indicator.code() == id) return indicator;
  }
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat(
          "there is no indicator \"", id, "\"; there are ",
          absl::StrJoin(all, ", ", [](std::string* out, const auto& known) {
            *out += known.code();
          })));
}

}  // namespace comity
