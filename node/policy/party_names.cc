#include "node/policy/party_names.h"

#include "absl/strings/str_cat.h"
#include "node/policy/policy_set.h"

namespace comity {

Phrasebook WithNames(const Agreement& agreement, const Phrasebook& words) {
  const std::string language = words.Sentence(Frame::kLanguage);
  std::map<std::string, std::string> named = words.words();
  for (const PartyName& each : agreement.party_names) {
    named[absl::StrCat("Participant.", each.party)] =
        absl::StrCat(each.In(language), " (", each.party, ")");
  }
  return Phrasebook(std::move(named));
}

std::vector<std::map<std::string, std::string>> NameTexts(
    const Agreement& agreement) {
  std::vector<std::map<std::string, std::string>> texts;
  for (const PartyName& each : agreement.party_names) {
    std::string list = absl::StrCat("\"", each.name, "\"");
    for (const auto& [language, name] : each.in_language) {
      absl::StrAppend(&list, "; ", language, " \"", name, "\"");
    }
    texts.push_back({{"code", each.party}, {"list", std::move(list)}});
  }
  return texts;
}

std::string PartyNameOf(const PolicySet& set, absl::string_view code,
                        const std::string& language) {
  for (const Agreement& agreement : set.agreements) {
    for (const PartyName& each : agreement.party_names) {
      if (each.party == code) return each.In(language);
    }
  }
  return "";
}

}  // namespace comity
