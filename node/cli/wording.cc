#include "node/cli/wording.h"

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"
#include "node/wire/policy_labels.h"

namespace comity {
namespace {

// As a shell sets it: "fr_FR.UTF-8". English keeps the codes, so that scripts
// which read them need no option.
std::string LanguageOfShell() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    // No command changes its environment.
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr || *value == '\0') continue;
    for (const char* language : {"fr", "pt"}) {
      if (absl::StartsWith(value, language)) return language;
    }
    return "";
  }
  return "";
}

}  // namespace

Wording::Wording() : Wording(*LoadPhrasebook("en"), "en", true) {}

absl::StatusOr<Wording> Wording::Of(const std::string& language) {
  const std::string wanted = language.empty() ? LanguageOfShell() : language;
  if (wanted.empty()) return Wording();
  ASSIGN_OR_RETURN(Phrasebook words, LoadPhrasebook(wanted));
  return Wording(std::move(words), wanted, false);
}

std::string Wording::Code(absl::string_view list,
                          absl::string_view code) const {
  if (codes_ || code.empty()) return std::string(code);
  return words_.Word(absl::StrCat(list, ".", code));
}

std::string Wording::Text(
    absl::string_view key,
    const std::map<std::string, std::string>& filled) const {
  return words_.Fill(key, filled);
}

void AddLanguageOption(CLI::App& verb, std::string& language) {
  verb.add_option("--lang", language,
                  "Words of this language for codes; left out: French or "
                  "Portuguese if LANG says so, else the codes")
      ->check(CLI::IsMember(LabelLanguages()));
}

}  // namespace comity
