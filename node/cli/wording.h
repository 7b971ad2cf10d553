#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/policy/phrasebook.h"

namespace comity {

// How the codes of a result are shown to people: in the words of a language, or
// as they are. Codes travel, words do not. Immutable.
class Wording {
 public:
  // Codes as they are, in English sentences.
  Wording();

  // The words of `language`, "en", "fr" or "pt". Empty: those of LC_ALL,
  // LC_MESSAGES or LANG, whichever is set first, if it names French or
  // Portuguese; else codes. FIELD_INVALID for another language.
  static absl::StatusOr<Wording> Of(const std::string& language);

  // The word for a code of a list, "State" and "SENT".
  std::string Code(absl::string_view list, absl::string_view code) const;
  // Whether codes stay as they are.
  bool codes() const { return codes_; }
  // Whose words they are, "en" for codes.
  const std::string& language() const { return language_; }
  // A sentence or word of the program's own, "Work.DUE".
  std::string Text(absl::string_view key,
                   const std::map<std::string, std::string>& filled = {}) const;

 private:
  Wording(Phrasebook words, std::string language, bool codes)
      : words_(std::move(words)),
        language_(std::move(language)),
        codes_(codes) {}

  Phrasebook words_;
  std::string language_;
  bool codes_;
};

// Adds --lang to a verb.
void AddLanguageOption(CLI::App& verb, std::string& language);

}  // namespace comity
