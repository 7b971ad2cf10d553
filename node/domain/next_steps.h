#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/domain/referral_status.h"

namespace comity {

// A step that people take with a referral.
enum class ReferralStep : uint8_t {
  kClear,
  kSend,
  kAsk,
  kAnswer,
  kAccept,
  kDecline,
  kProposePlan,
  kAcceptPlan,
  kAnswerPlan,  // what the person says to it
  kApprove,     // as a child's guardian
  kSchedule,
  kDepart,
  kArrive,
  kAssist,
  kFollowUp,
  kAnswerRisk,  // about where she would go
  kClose,
  kCancel,
};

struct NextStep {
  ReferralStep step{};
  // Others wait for it; else it is merely possible, such as cancelling.
  bool owed = false;
};

// What a person of `self` in `role` may do next, by the very guards that will
// judge the event.
std::vector<NextStep> NextSteps(const ReferralParties& parties,
                                const ReferralStatus& status,
                                const ParticipantCode& self, Role role,
                                absl::Time now);

// Likewise at the holder before anything left.
std::vector<NextStep> NextDraftSteps(const DraftFacts& facts, Role role,
                                     bool drafted_it);

// Whether somebody of `side` owes a step, whoever it is.
bool Owes(const ReferralParties& parties, const ReferralStatus& status,
          const ParticipantCode& side, absl::Time now);

// The program's verb: "plan propose", "follow-up".
absl::string_view Name(ReferralStep step);

}  // namespace comity
