#include "node/delivery/collector.h"

#include <algorithm>
#include <utility>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/courier.h"
#include "node/delivery/owed_receipts.h"

namespace comity {
namespace {

// A request holds at most 16 KiB, of which events that are held up take 1.2.
constexpr size_t kMaxReceiptBytes = size_t{13} * 1024;

// Whether this node could not take it in whatever it was.
bool IsOwnFailure(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case ErrorReason::kStoreUnavailable:
    case ErrorReason::kLogUnwritable:
    case ErrorReason::kOverloaded:
    case ErrorReason::kConsistencyUnproved:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<Collector::Collected> Collector::Round(absl::Duration timeout) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Peer> peer,
                   parts_.peers.Find(partner_));
  ASSIGN_OR_RETURN(const MailRequest request, Request());
  absl::StatusOr<CollectedMail> mail = peer->Collect(request, timeout);
  if (!mail.ok()) {
    // Of receipts that do not hold none is handed over again: their events come
    // again, and with them new proofs.
    if (!IsOutage(mail.status())) owed_.clear();
    if (ReasonOf(mail.status()) == ErrorReason::kDeadlineExceeded) limit_ = 1;
    return mail.status();
  }
  limit_ = std::min(limit_ * 2, kMostEventsInCall);
  for (const Message& receipt : request.receipts) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(receipt.leaf));
    owed_.erase(leaf.request_id);
  }
  Collected collected;
  ASSIGN_OR_RETURN(collected.taken, TakeIn(std::move(mail->events)));
  collected.more =
      !owed_.empty() || (mail->more && held_up_.size() < kMostHeldUp);
  if (collected.more) return collected;
  held_up_.clear();
  const absl::Status failure = std::exchange(failure_, absl::OkStatus());
  if (collected.taken == 0 && !failure.ok()) return failure;
  return collected;
}

absl::StatusOr<MailRequest> Collector::Request() const {
  MailRequest request;
  request.max_events = limit_;
  request.held_up = held_up_;
  size_t bytes = 0;
  for (const auto& [event, given] : owed_) {
    if (request.receipts.size() >= kMostEventsInCall) break;
    Message receipt = given;
    // All lead to the newest head, which the partner was given the proof of.
    RETURN_IF_ERROR(RenewProof(
        parts_.store, PartnerLogOrigin(parts_.self, partner_), receipt));
    bytes += EnvelopeSize(receipt);
    if (!request.receipts.empty() && bytes > kMaxReceiptBytes) break;
    request.receipts.push_back(std::move(receipt));
  }
  return request;
}

absl::StatusOr<int> Collector::TakeIn(std::vector<Message> events) {
  if (events.empty()) return 0;
  std::vector<Uuid> ids;
  for (const Message& event : events) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(event.leaf));
    ids.push_back(leaf.request_id);
  }
  std::vector<absl::StatusOr<Message>> outcomes =
      take_in_(partner_, std::move(events));
  int taken = 0;
  absl::Status own_failure;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].ok()) {
      ++taken;
      owed_.insert_or_assign(ids[i], *std::move(outcomes[i]));
    } else if (IsOwnFailure(outcomes[i].status())) {
      own_failure = outcomes[i].status();
    } else {
      failure_ = outcomes[i].status();
      if (held_up_.size() < kMostHeldUp) held_up_.push_back(ids[i]);
    }
  }
  if (!own_failure.ok()) return own_failure;
  return taken;
}

}  // namespace comity
