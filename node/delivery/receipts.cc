#include "node/delivery/receipts.h"

#include "node/audit/log_appender.h"
#include "node/audit/own_log.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/dossier.h"

namespace comity {

absl::StatusOr<CommitBody> CheckReceipt(const CourierParts& parts,
                                        const ParticipantCode& partner,
                                        EventRow row, Message receipt) {
  const auto table = parts.partners.Get();
  const ParticipantCard* card = table->Find(partner);
  if (card == nullptr) {
    return ReasonError(ErrorReason::kPartnerUnknown, "no such partner");
  }
  ASSIGN_OR_RETURN(
      const VerifiedMessage verified,
      VerifyMessage(std::move(receipt), MessageKind::kReceipt, partner,
                    parts.self, card->log_key, parts.checkpoints));
  ASSIGN_OR_RETURN(const MessageLeaf event, ParseMessageLeaf(row.leaf));
  if (verified.leaf.answers != LeafHash(row.leaf) ||
      verified.leaf.request_id != row.event.event_id ||
      event.sender != parts.self || event.receiver != partner) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the receipt is for another event");
  }
  row.receipt_payload = verified.message.payload;
  row.receipt_salt = verified.message.salt;
  row.receipt_leaf = verified.message.leaf;
  row.receipt_proof = verified.message.proof;
  OwnEntry own;
  own.kind = OwnKind::kReceiptReceived;
  own.request_id = row.event.event_id;
  own.peer = partner.text();
  own.question_leaf = LeafHash(row.leaf);
  own.answer_leaf = verified.leaf_hash;
  own.actor = partner.text();
  own.detail = "RECEIPT";
  own.about = {row.event.referral_id};
  return [self = parts.self, &random = parts.random,
          after = parts.after_receipt, partner, row, verified,
          own](CommitScope& scope) -> absl::Status {
    RETURN_IF_ERROR(scope.Observe(partner, verified));
    ASSIGN_OR_RETURN(const EventRow held,
                     scope.store().ReadEvent(row.event.event_id));
    if (!held.receipt_leaf.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(scope.store().PutReceipt(row));
    RETURN_IF_ERROR(RefreshState(self, scope.store(), row.event.referral_id));
    OwnEntry entry = own;
    entry.time = scope.now();
    RETURN_IF_ERROR(AppendOwn(self, entry, random, scope).status());
    return after ? after(row.event, scope) : absl::OkStatus();
  };
}

absl::Status TakeReceipt(const CourierParts& parts,
                         const ParticipantCode& partner, EventRow row,
                         Message receipt) {
  ASSIGN_OR_RETURN(
      CommitBody store,
      CheckReceipt(parts, partner, std::move(row), std::move(receipt)));
  return parts.writer.Commit(std::move(store)).status();
}

}  // namespace comity
