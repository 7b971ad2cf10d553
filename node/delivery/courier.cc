#include "node/delivery/courier.h"

#include <algorithm>

#include "node/audit/log_appender.h"
#include "node/audit/witness.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/delivery/dossier.h"
#include "node/wire/event_wire.h"
#include "node/wire/own_leaf.h"

namespace comity {
namespace {

constexpr int kMaxEvents = 8;
constexpr absl::Duration kTimeout = absl::Seconds(5);
constexpr absl::Duration kIdle = absl::Seconds(1);
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(250);
// While a partner may come back at any moment the first delivery must follow
// within 2 seconds of its return, so the ceiling is low for a start.
constexpr absl::Duration kLastBackoff = absl::Milliseconds(1500);

}  // namespace

absl::StatusOr<int> Courier::Round(absl::Duration timeout) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Peer> peer,
                   parts_.peers.Find(partner_));
  CheckpointKeeper keeper(parts_.self, parts_.store, parts_.writer,
                          parts_.partners, parts_.checkpoints);
  RETURN_IF_ERROR(keeper.Exchange(partner_, *peer, timeout));
  return DeliverWaiting(*peer, timeout);
}

absl::StatusOr<int> Courier::DeliverWaiting(Peer& peer,
                                            absl::Duration timeout) {
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   parts_.store.ReadOutbox(partner_, kMaxEvents));
  if (waiting.empty()) return 0;
  std::vector<EventRow> rows;
  std::vector<Message> events;
  for (const OutboxRow& each : waiting) {
    ASSIGN_OR_RETURN(EventRow row, parts_.store.ReadForDelivery(each));
    ASSIGN_OR_RETURN(
        std::string proof,
        ProveEntry(parts_.store, PartnerLogOrigin(parts_.self, partner_),
                   row.leaf_index));
    ASSIGN_OR_RETURN(std::vector<FieldOpening> openings,
                     ParseOpenings(row.openings));
    events.push_back({row.leaf, row.type, row.payload, row.salt,
                      std::move(proof), std::move(openings)});
    rows.push_back(std::move(row));
  }
  ASSIGN_OR_RETURN(std::vector<Message> receipts,
                   peer.Deliver(events, timeout));
  if (receipts.size() != rows.size()) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the partner sent another number of receipts");
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    RETURN_IF_ERROR(StoreReceipt(std::move(rows[i]), std::move(receipts[i])));
  }
  return static_cast<int>(rows.size());
}

absl::Status Courier::StoreReceipt(EventRow row, Message receipt) {
  const auto table = parts_.partners.Get();
  const ParticipantCard* card = table->Find(partner_);
  if (card == nullptr) {
    return ReasonError(ErrorReason::kPartnerUnknown, "no such partner");
  }
  ASSIGN_OR_RETURN(
      const VerifiedMessage verified,
      VerifyMessage(std::move(receipt), MessageKind::kReceipt, partner_,
                    parts_.self, card->log_key, parts_.checkpoints));
  if (verified.leaf.answers != LeafHash(row.leaf) ||
      verified.leaf.request_id != row.event.event_id) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the receipt is for another event");
  }
  row.receipt_payload = verified.message.payload;
  row.receipt_salt = verified.message.salt;
  row.receipt_leaf = verified.message.leaf;
  OwnEntry own;
  own.kind = OwnKind::kReceiptReceived;
  own.request_id = row.event.event_id;
  own.peer = partner_.text();
  own.question_leaf = LeafHash(row.leaf);
  own.answer_leaf = verified.leaf_hash;
  own.actor = partner_.text();
  own.detail = "RECEIPT";
  return parts_.writer
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(
            ObserveHead(scope.store(), partner_, verified.head, scope.now()));
        RETURN_IF_ERROR(scope.store().PutReceipt(row));
        RETURN_IF_ERROR(
            RefreshState(parts_.self, scope.store(), row.event.referral_id));
        own.time = scope.now();
        const SealedOwnEntry sealed = SealOwnEntry(own, parts_.random);
        return scope
            .Append(OwnLogOrigin(parts_.self), sealed.leaf, sealed.opening)
            .status();
      })
      .status();
}

CourierService::~CourierService() {
  std::map<ParticipantCode, std::thread> threads;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
    threads.swap(threads_);
  }
  for (auto& [partner, thread] : threads) thread.join();
}

void CourierService::Wake() {
  const auto table = parts_.partners.Get();
  absl::MutexLock lock(&mutex_);
  ++wakes_;
  for (const auto& [code, card] : table->cards()) {
    if (stopping_ || threads_.contains(code)) continue;
    threads_.emplace(code, [this, code = code] { Run(code); });
  }
  changed_.SignalAll();
}

void CourierService::Run(const ParticipantCode& partner) {
  Courier courier(parts_, partner);
  absl::Duration backoff = kFirstBackoff;
  bool failing = false;
  while (true) {
    uint64_t seen = 0;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      seen = wakes_;
    }
    const auto round = courier.Round(kTimeout);
    if (!round.ok() && !failing) {
      Log(LogLevel::kWarning, "delivery_waits",
          {LogField::Public("partner", partner.text()),
           LogField::Public("reason", ReasonName(ReasonOf(round.status())))});
    }
    failing = !round.ok();
    if (round.ok() && *round > 0) continue;
    const auto jitter = static_cast<unsigned char>(parts_.random.Bytes(1)[0]);
    const absl::Duration wait =
        failing ? backoff * (0.5 + jitter / 512.0) : kIdle;
    backoff = failing ? std::min(backoff * 2, kLastBackoff) : kFirstBackoff;
    Pause(wait, failing, seen);
  }
}

void CourierService::Pause(absl::Duration wait, bool failing, uint64_t seen) {
  const absl::Time until = absl::Now() + wait;
  absl::MutexLock lock(&mutex_);
  while (!stopping_ && (failing || wakes_ == seen)) {
    if (changed_.WaitWithDeadline(&mutex_, until)) break;
  }
}

}  // namespace comity
