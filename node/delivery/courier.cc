#include "node/delivery/courier.h"

#include <algorithm>
#include <set>
#include <utility>

#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/delivery/checkpoint_keeper.h"
#include "node/delivery/outbox.h"

namespace comity {
namespace {

// A request holds at most 16 KiB; each event adds a few bytes around it.
constexpr size_t kMaxBytes = size_t{15} * 1024;
// How far one round looks past dossiers that are held up.
constexpr int kLookAhead = 256;
constexpr absl::Duration kTimeout = absl::Seconds(5);
// How often a partner that is away is looked for.
constexpr absl::Duration kLook = absl::Milliseconds(250);

// Whether the partner or the way to it failed, whatever was sent.
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

}  // namespace

absl::StatusOr<int> Courier::Round(absl::Duration timeout) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Peer> peer,
                   parts_.peers.Find(partner_));
  CheckpointKeeper keeper(parts_.self, parts_.store, parts_.writer,
                          parts_.partners, parts_.checkpoints);
  ASSIGN_OR_RETURN(const bool due, keeper.IsDue(partner_));
  ASSIGN_OR_RETURN(const LogHead own, parts_.store.ReadLogHead(PartnerLogOrigin(
                                          parts_.self, partner_)));
  if (due || (!met_ && own.size > 0)) {
    RETURN_IF_ERROR(keeper.Exchange(partner_, *peer, timeout));
    met_ = true;
  }
  return DeliverWaiting(*peer, timeout);
}

absl::StatusOr<int> Courier::DeliverWaiting(Peer& peer,
                                            absl::Duration timeout) {
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   parts_.store.ReadOutbox(partner_, kLookAhead));
  Batch batch;
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
    limit_ = std::min(limit_ * 2, kMaxEvents);
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
    Batch batch;
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
                                  Batch& batch) const {
  if (batch.held_up.contains(waiting.referral_id)) return true;
  ASSIGN_OR_RETURN(
      std::optional<WaitingEvent> each,
      PrepareWaitingEvent(parts_.store, parts_.departures, parts_.self, waiting,
                          parts_.writer, batch.withheld));
  if (!each.has_value()) {
    batch.held_up.insert(waiting.referral_id);
    return true;
  }
  const size_t bytes = batch.bytes + EnvelopeSize(each->event);
  if (!batch.rows.empty() && bytes > kMaxBytes) return false;
  batch.bytes = bytes;
  batch.rows.push_back(std::move(each->row));
  batch.events.push_back(std::move(each->event));
  return true;
}

absl::Status Courier::Deliver(Peer& peer, Batch batch, absl::Duration timeout) {
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

CourierService::~CourierService() {
  std::map<ParticipantCode, Line> lines;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
    lines.swap(lines_);
  }
  for (auto& [partner, line] : lines) line.thread.join();
}

void CourierService::Wake() {
  const auto table = parts_.partners.Get();
  absl::MutexLock lock(&mutex_);
  ++wakes_;
  for (const auto& [code, card] : table->cards()) {
    if (stopping_ || lines_.contains(code)) continue;
    lines_[code].thread = std::thread([this, code = code] { Run(code); });
  }
  changed_.SignalAll();
}

void CourierService::PartnerCalled(const ParticipantCode& partner) {
  absl::MutexLock lock(&mutex_);
  const auto line = lines_.find(partner);
  if (line == lines_.end()) return;
  ++line->second.calls;
  changed_.SignalAll();
}

void CourierService::Run(const ParticipantCode& partner) {
  Courier courier(parts_, partner);
  Pace pace(limits_, parts_.random);
  Signs seen;
  while (Await(partner, pace, seen)) {
    const auto round = courier.Round(kTimeout);
    const absl::Time now = absl::Now();
    if (round.ok()) {
      pace.Succeeded(now);
      if (*round > 0) pace.Queued(now);
      continue;
    }
    if (!pace.failing()) {
      Log(LogLevel::kWarning, "delivery_waits",
          {LogField::Public("partner", partner.text()),
           LogField::Public("reason", ReasonName(ReasonOf(round.status())))});
    }
    pace.Failed(now, IsOutage(round.status()));
  }
}

bool CourierService::Await(const ParticipantCode& partner, Pace& pace,
                           Signs& seen) {
  while (true) {
    const bool connected = IsConnected(pace, partner);
    absl::MutexLock lock(&mutex_);
    const absl::Time now = absl::Now();
    const auto line = lines_.find(partner);
    if (stopping_ || line == lines_.end()) return false;
    if (std::exchange(seen.wakes, wakes_) != wakes_) pace.Queued(now);
    const uint64_t calls = line->second.calls;
    const bool called = std::exchange(seen.calls, calls) != calls;
    const bool was_connected = std::exchange(seen.connected, connected);
    if (called || (connected && !was_connected)) pace.SignOfLife(now);
    if (pace.due() <= now) return true;
    changed_.WaitWithDeadline(&mutex_, pace.failing()
                                           ? std::min(pace.due(), now + kLook)
                                           : pace.due());
  }
}

bool CourierService::IsConnected(const Pace& pace,
                                 const ParticipantCode& partner) {
  if (!pace.failing()) return false;
  const auto peer = parts_.peers.Find(partner);
  return peer.ok() && (*peer)->IsConnected();
}

}  // namespace comity
