#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "node/domain/referral_terms.h"

namespace comity {

// One length that an agreement may set, by its name in policy files; at
// least 1.
struct DeadlineTerm {
  const char* name;
  uint32_t ReferralDeadlines::*value;
  uint32_t most;
};
inline constexpr std::array<DeadlineTerm, 9> kDeadlineTerms = {{
    {"acknowledge_hours", &ReferralDeadlines::acknowledge_hours, 720},
    {"triage_working_days", &ReferralDeadlines::triage_working_days, 60},
    {"decide_working_days", &ReferralDeadlines::decide_working_days, 120},
    {"answer_info_working_days", &ReferralDeadlines::answer_info_working_days,
     60},
    {"plan_working_days", &ReferralDeadlines::plan_working_days, 120},
    {"travel_notice_hours", &ReferralDeadlines::travel_notice_hours, 720},
    // The alarm must not wait for more than a week.
    {"handover_hours", &ReferralDeadlines::handover_hours, 168},
    {"erasure_hours", &ReferralDeadlines::erasure_hours, 720},
    {"expiry_days", &ReferralDeadlines::expiry_days, 365},
}};
// The follow-up reports are set together: four, rising.
inline constexpr DeadlineTerm kFollowUpTerm = {"follow_up_days", nullptr, 1825};

// A length as people read it: "72"; "30, 90, 180, 365" for follow-up reports.
struct DeadlineText {
  std::string name;
  std::string length;
};

// All that can be set, in a fixed order.
std::vector<DeadlineText> DeadlineTexts(const ReferralDeadlines& deadlines);

}  // namespace comity
