#include "node/cli/display_name.h"

#include "absl/strings/str_cat.h"

namespace comity {

std::string WithName(
    const std::string& code,
    const google::protobuf::RepeatedPtrField<operators::v1::DisplayName>& names,
    const std::string& language) {
  for (const operators::v1::DisplayName& each : names) {
    if (each.participant() != code) continue;
    const auto found = each.in_language().find(language);
    if (found == each.in_language().end()) continue;
    return absl::StrCat(found->second, " (", code, ")");
  }
  return code;
}

Phrasebook WithNames(
    const google::protobuf::RepeatedPtrField<operators::v1::DisplayName>& names,
    const Phrasebook& words) {
  const std::string language = words.Sentence(Frame::kLanguage);
  std::map<std::string, std::string> named = words.words();
  for (const operators::v1::DisplayName& each : names) {
    if (!each.in_language().contains(language)) continue;
    const std::string& code = each.participant();
    named[absl::StrCat("Participant.", code)] = WithName(code, names, language);
  }
  return Phrasebook(std::move(named));
}

}  // namespace comity
