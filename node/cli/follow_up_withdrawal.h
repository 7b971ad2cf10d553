#pragma once

#include <string>

#include "node/cli/command.h"

namespace comity {

// Records that the person of a referral wants no follow-up reports any more.
absl::Status WithdrawFollowUps(const std::string& id,
                               const std::string& channel,
                               CommandContext& context);

}  // namespace comity
