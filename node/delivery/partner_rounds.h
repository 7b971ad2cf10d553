#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/base/token_bucket.h"
#include "node/delivery/collector.h"
#include "node/delivery/courier.h"

namespace comity {

// What an outbound-only node does besides delivering.
struct Collecting {
  MailIntake take_in;
  absl::Duration every;
};

// All that passes between this node and one partner, round by round: delivers,
// and collects where this node does. Used by one thread. Time is an argument.
class PartnerRounds {
 public:
  // `collecting`: nullopt unless this node is outbound-only.
  PartnerRounds(const CourierParts& parts, const ParticipantCode& partner,
                const std::optional<Collecting>& collecting, absl::Time now);

  // One round of the courier, and one of the collector when its time has come,
  // something was delivered, or more waits; at most 50 a second, whatever the
  // partner says. An event that the partner cannot take keeps nothing from
  // being collected. True if the next round has something to do at once; an
  // error of either.
  absl::StatusOr<bool> Next(absl::Duration timeout, absl::Time now);

 private:
  absl::StatusOr<bool> Deliver(absl::Duration timeout);
  absl::StatusOr<bool> Collect(absl::Duration timeout, absl::Time now);

  CourierParts parts_;
  ParticipantCode partner_;
  Courier courier_;
  std::optional<Collector> collector_;
  absl::Duration every_;
  absl::Time collect_at_ = absl::InfinitePast();
  TokenBucket collections_;
};

}  // namespace comity
