#pragma once

#include <google/protobuf/repeated_field.h>

#include "comity/operators/v1/referral_service.pb.h"
#include "node/cli/wording.h"

namespace comity {

// How referrals are shown on a terminal.

// A referral in some lines: state, what is next, and the clocks that run.
void PrintReferral(const operators::v1::Referral& referral,
                   const Wording& words = Wording());

// How far it has come: clearance, plan, guardians, journey, reports.
void PrintProgress(const operators::v1::Referral& referral,
                   const operators::v1::ReferralProgress& progress,
                   const Wording& words);

// What happened, and what is still due.
void PrintTimeline(const operators::v1::GetReferralResponse& shown,
                   const Wording& words);

// What its events were to tell and do not, and what can be done about it.
void PrintWithheld(const operators::v1::GetReferralResponse& shown,
                   const Wording& words);

// One line each; what waits comes under the heads "overdue", "due within 2
// days", "waits for you", "waits for others here" and "waits for the partner".
void PrintReferralList(const google::protobuf::RepeatedPtrField<
                           operators::v1::Referral>& referrals,
                       const Wording& words);
void PrintWork(const google::protobuf::RepeatedPtrField<
                   operators::v1::Referral>& referrals,
               const Wording& words);

}  // namespace comity
