#include "node/delivery/partner_rounds.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/collection_times.h"

namespace comity {
namespace {

// A partner that always has more to give keeps this node no busier than that.
constexpr double kMostCollections = 50;  // a second

// What the partner sends must not wait for an event that it cannot take, but
// for the line; and nothing is logged for it under a log that lost what it
// holds.
bool MayCollectAfter(const absl::Status& delivered) {
  return delivered.ok() || !(IsOutage(delivered) ||
                             ReasonOf(delivered) == ErrorReason::kLogForked);
}

}  // namespace

PartnerRounds::PartnerRounds(const CourierParts& parts,
                             const ParticipantCode& partner,
                             const std::optional<Collecting>& collecting,
                             absl::Time now)
    : parts_(parts),
      partner_(partner),
      courier_(parts, partner),
      collections_(kMostCollections, kMostCollections, now) {
  if (!collecting.has_value()) return;
  collector_.emplace(parts, partner, collecting->take_in);
  every_ = collecting->every;
}

absl::StatusOr<bool> PartnerRounds::Next(absl::Duration timeout,
                                         absl::Time now) {
  const auto table = parts_.partners.Get();
  const ParticipantCard* card = table->Find(partner_);
  // Of two that cannot be called neither calls: people carry their mail.
  const bool collects_too = card != nullptr && card->CollectsMail();
  if (!collector_.has_value() || collects_too) return Deliver(timeout);
  const bool due = now >= collect_at_;
  // The partner may lack proofs, and cannot ask for them.
  if (due) courier_.MeetAgain();
  absl::StatusOr<bool> delivered = Deliver(timeout);
  if (!delivered.ok()) courier_.MeetAgain();
  const bool hurried = delivered.ok() && *delivered;
  if (!MayCollectAfter(delivered.status()) || !(due || hurried) ||
      !collections_.Take(now)) {
    return delivered;
  }
  absl::StatusOr<bool> more = Collect(timeout, now);
  if (!more.ok()) {
    courier_.MeetAgain();
    return more;
  }
  if (*more) return true;
  return delivered;
}

absl::StatusOr<bool> PartnerRounds::Deliver(absl::Duration timeout) {
  ASSIGN_OR_RETURN(const int receipts, courier_.Round(timeout));
  return receipts > 0;
}

absl::StatusOr<bool> PartnerRounds::Collect(absl::Duration timeout,
                                            absl::Time now) {
  ASSIGN_OR_RETURN(const Collector::Collected collected,
                   collector_->Round(timeout));
  NoteCollected(parts_.store, parts_.writer, partner_, parts_.clock.Now());
  collect_at_ = collected.more ? now : now + every_;
  return collected.more || collected.taken > 0;
}

}  // namespace comity
