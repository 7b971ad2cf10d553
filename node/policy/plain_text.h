#pragma once

#include <string>

#include "node/policy/phrasebook.h"
#include "node/policy/policy_set.h"

namespace comity {

// The text that lawyers read and sign (policy.md 2.9): one fixed frame for each
// field that is written, each rule with its line in the file, the digest at the
// end. Everything that the digest covers is in it.
std::string RenderPlainText(const Agreement& agreement,
                            const Phrasebook& phrasebook);
std::string RenderPlainText(const NationalRules& rules,
                            const Phrasebook& phrasebook);
std::string RenderPlainText(const LocalAccess& local,
                            const Phrasebook& phrasebook);

}  // namespace comity
