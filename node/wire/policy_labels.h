#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/policy/phrasebook.h"
#include "node/wire/policy_file.h"

namespace comity {

// The languages of the plain-language rendering: "en", "fr", "pt".
std::vector<std::string> LabelLanguages();

// The words of one of them, built into this program from policy/labels.
// FIELD_INVALID for another language.
absl::StatusOr<Phrasebook> LoadPhrasebook(absl::string_view language);

// A loaded file in plain language.
std::string RenderPlainText(const PolicyFileBody& body,
                            const Phrasebook& phrasebook);

}  // namespace comity
