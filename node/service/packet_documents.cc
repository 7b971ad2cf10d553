#include "node/service/packet_documents.h"

#include "node/base/status_macros.h"

namespace comity {

absl::Status ShareDocuments(NodeContext& node, const Uuid& referral_id,
                            const Uuid& case_id, CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const std::vector<AttachmentRow> fetched,
                   store.ListAttachments(referral_id));
  size_t shared = 0;
  for (const AttachmentRow& document : fetched) {
    if (!document.whole || shared == kMostAttachments) continue;
    AttachmentRow row;
    row.id = NewUuid(node.random);
    row.owner_kind = AttachmentOwner::kCase;
    row.owner = case_id;
    row.facts = document.facts;
    // Offers that this state makes of it are not recognised by the holder.
    row.facts.salt = node.random.Bytes(32);
    row.begun_at = scope.now();
    RETURN_IF_ERROR(store.ShareAttachment(document.id, row));
    ++shared;
  }
  return absl::OkStatus();
}

}  // namespace comity
