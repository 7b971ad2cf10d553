#pragma once

#include <string>

#include "comity/operators/v1/referral_service.pb.h"
#include "node/cli/command.h"

namespace comity {

// A screened case of Niger's with consent to tell `receiver` of it, and the
// draft of a referral that a second coordinator cleared. Ends the program where
// that does not work.
operators::v1::Referral MadeReferral(CommandContext& coordinator,
                                     CommandContext& clearer,
                                     const std::string& reference,
                                     const std::string& receiver = "NG");

}  // namespace comity
