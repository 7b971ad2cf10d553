#include "node/delivery/courier.h"

#include <algorithm>
#include <set>
#include <utility>

#include "node/audit/own_anchor.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/delivery/checkpoint_keeper.h"

namespace comity {
namespace {

// A partner takes news with the first call and says so with the next. One that
// takes it not, because people there are to look at it first, is told rarely.
constexpr int kTellAtOnce = 4;
constexpr absl::Duration kTellAgain = absl::Seconds(30);

}  // namespace

bool IsOutage(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case ErrorReason::kPeerUnreachable:
    case ErrorReason::kDeadlineExceeded:
    case ErrorReason::kOverloaded:
    case ErrorReason::kStoreUnavailable:
    case ErrorReason::kPartnerUnknown:
      return true;
    default:
      return false;
  }
}

absl::StatusOr<int> Courier::Round(absl::Duration timeout) {
  const auto table = parts_.partners.Get();
  const ParticipantCard* card = table->Find(partner_);
  if (card != nullptr && card->CollectsMail()) return 0;
  ASSIGN_OR_RETURN(const std::shared_ptr<Peer> peer,
                   parts_.peers.Find(partner_));
  RETURN_IF_ERROR(Meet(*peer, timeout));
  return DeliverWaiting(*peer, timeout);
}

absl::Status Courier::Meet(Peer& peer, absl::Duration timeout) {
  CheckpointKeeper keeper(parts_.self, parts_.store, parts_.writer,
                          parts_.partners, parts_.checkpoints,
                          parts_.take_news);
  RETURN_IF_ERROR(TellNews(keeper, peer, timeout));
  ASSIGN_OR_RETURN(const bool due, keeper.IsDue(partner_));
  ASSIGN_OR_RETURN(const LogHead own, parts_.store.ReadLogHead(PartnerLogOrigin(
                                          parts_.self, partner_)));
  ASSIGN_OR_RETURN(const uint64_t anchored,
                   ReadAnchoredSize(parts_.store, partner_));
  const bool grew = parts_.outbound_only && own.size != met_size_;
  const bool shows = anchored != shown_anchor_;
  // Who cannot be called hears the partner's news by asking.
  const bool nothing = own.size == 0 && !parts_.outbound_only;
  if (!due && !grew && !shows && (met_ || nothing)) return absl::OkStatus();
  RETURN_IF_ERROR(parts_.outbound_only || shows
                      ? keeper.ExchangeBothWays(partner_, peer, timeout)
                      : keeper.Exchange(partner_, peer, timeout));
  met_ = true;
  met_size_ = own.size;
  shown_anchor_ = anchored;
  return absl::OkStatus();
}

absl::Status Courier::TellNews(CheckpointKeeper& keeper, Peer& peer,
                               absl::Duration timeout) {
  const absl::Time now = parts_.clock.Now();
  if (now < tell_at_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool told, keeper.TellNews(partner_, peer, timeout));
  told_ = told ? told_ + 1 : 0;
  if (told_ >= kTellAtOnce) tell_at_ = now + kTellAgain;
  return absl::OkStatus();
}

absl::StatusOr<int> Courier::DeliverWaiting(Peer& peer,
                                            absl::Duration timeout) {
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   parts_.store.ReadOutbox(partner_, kOutboxLookAhead));
  OutboxBatch batch;
  for (const OutboxRow& each : waiting) {
    if (batch.rows.size() >= limit_) break;
    ASSIGN_OR_RETURN(const bool added, Add(each, batch));
    if (!added) break;
  }
  // What takes the place of what was withheld goes in the next round.
  if (batch.rows.empty()) return batch.withheld ? 1 : 0;
  const auto count = static_cast<int>(batch.rows.size());
  const absl::Status delivered = Deliver(peer, std::move(batch), timeout);
  if (delivered.ok()) {
    limit_ = std::min(limit_ * 2, kMostEventsInCall);
    return count;
  }
  if (ReasonOf(delivered) == ErrorReason::kDeadlineExceeded) limit_ = 1;
  if (IsOutage(delivered)) return delivered;
  return DeliverSingly(peer, waiting, timeout);
}

absl::StatusOr<int> Courier::DeliverSingly(
    Peer& peer, const std::vector<OutboxRow>& waiting, absl::Duration timeout) {
  int receipts = 0;
  absl::Status failure;
  std::set<Uuid> held_up;
  for (const OutboxRow& each : waiting) {
    if (held_up.contains(each.referral_id)) continue;
    OutboxBatch batch;
    RETURN_IF_ERROR(Add(each, batch).status());
    if (batch.rows.empty()) {
      held_up.insert(each.referral_id);
      receipts += batch.withheld ? 1 : 0;
      continue;
    }
    const absl::Status delivered = Deliver(peer, std::move(batch), timeout);
    if (delivered.ok()) {
      ++receipts;
      continue;
    }
    failure = delivered;
    if (IsOutage(delivered)) break;
    held_up.insert(each.referral_id);
  }
  if (receipts == 0 && !failure.ok()) return failure;
  return receipts;
}

absl::StatusOr<bool> Courier::Add(const OutboxRow& waiting,
                                  OutboxBatch& batch) const {
  return WithholdAndAdd(parts_.store, parts_.departures, parts_.self, waiting,
                        parts_.writer, batch);
}

absl::Status Courier::Deliver(Peer& peer, OutboxBatch batch,
                              absl::Duration timeout) {
  ASSIGN_OR_RETURN(std::vector<Message> receipts,
                   peer.Deliver(batch.events, timeout));
  if (receipts.size() != batch.rows.size()) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the partner sent another number of receipts");
  }
  for (size_t i = 0; i < receipts.size(); ++i) {
    RETURN_IF_ERROR(TakeReceipt(parts_, partner_, std::move(batch.rows[i]),
                                std::move(receipts[i])));
  }
  return absl::OkStatus();
}

}  // namespace comity
