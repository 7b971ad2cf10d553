#pragma once

#include <string>

#include "comity/operators/v1/referral_service.pb.h"
#include "node/cli/wording.h"

namespace comity {

// What an event carries, in one line of the reader's language; in codes as
// EventText says it.
std::string EventWords(const federation::v1::ReferralEventPayload& payload,
                       const Wording& words);

// The same for a line of a referral's history.
std::string SummaryWords(const operators::v1::ReferralHistoryEntry& entry,
                         const Wording& words);

// Groups in the reader's language, or "CASE_REF STATUS".
std::string GroupWords(const google::protobuf::RepeatedField<int>& groups,
                       const Wording& words);

}  // namespace comity
