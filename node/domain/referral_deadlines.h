#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/domain/referral_status.h"

namespace comity {

// A step that somebody owes (domain.md 1.2).
enum class DeadlineKind : uint8_t {
  kAcknowledge,  // the receiver's node gives the receipt
  kTriage,       // the receiver accepts, declines or asks
  kDecide,       // the receiver accepts or declines
  kAnswerInfo,   // the holder answers
  kPlan,         // both agree on a plan
  kDeparture,    // the holder confirms that she left
  kHandover,     // the receiver confirms that she arrived: else the alarm
  kFollowUp,     // the receiver reports
  kErasure,      // the receiver answers a withdrawal
  kRiskAnswer,   // the receiver answers about the risk where she would go
  kExpiry,       // the referral ends by itself
};

// Which sides owe the step.
enum class Owing : uint8_t { kHolder, kReceiver, kBoth };

struct ReferralDeadline {
  DeadlineKind kind{};
  Owing owing{};
  absl::Time due;

  bool Overdue(absl::Time now) const { return now > due; }
};

// All clocks that run in `status`, earliest first.
std::vector<ReferralDeadline> DeadlinesOf(const ReferralStatus& status);

// When the node of the holder, or of the receiver, writes an event of its own:
// the alarm, or the end of a referral that nobody went on with (the holder's
// alone). The receiver's alarm follows 15 minutes later, if the holder's did
// not come. InfiniteFuture: never, as things stand.
absl::Time NodeActsAt(const ReferralStatus& status, bool at_holder);

// Whether anybody may be waited for, or a clock run: the referral has not
// ended, or its end is owed something still. What only time brings counts too.
bool IsOpen(const ReferralStatus& status);

// `days` working days after `start`, at the same time of day.
absl::Time AddWorkingDays(absl::Time start, uint32_t days);

// Within how many days, or working days, `to` follows `from`: the fewest such
// that as many later it is over. 0 for the same moment and for what is earlier;
// at most 3650.
uint32_t DaysWithin(absl::Time from, absl::Time to);
uint32_t WorkingDaysWithin(absl::Time from, absl::Time to);

// "ACKNOWLEDGE", "HANDOVER".
absl::string_view Name(DeadlineKind kind);

}  // namespace comity
