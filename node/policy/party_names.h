#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "node/policy/phrasebook.h"

namespace comity {

struct Agreement;
struct PolicySet;

// What an agreement calls one of its parties, for people alone: no decision
// reads it, and its code is always beside it.
struct PartyName {
  std::string party;
  std::string name;
  std::map<std::string, std::string> in_language;  // where it is another one

  const std::string& In(const std::string& language) const {
    const auto found = in_language.find(language);
    return found == in_language.end() ? name : found->second;
  }
};

// The words with what the agreement calls its parties, "Kosovo* (XK)", in place
// of the build's own names for them.
Phrasebook WithNames(const Agreement& agreement, const Phrasebook& words);

// What Frame.PARTY_NAME says, party by party: each name in every language,
// since all are signed.
std::vector<std::map<std::string, std::string>> NameTexts(
    const Agreement& agreement);

// What the agreements in force call a participant in a language; the first of
// them that names it. Empty: none does.
std::string PartyNameOf(const PolicySet& set, absl::string_view code,
                        const std::string& language);

}  // namespace comity
