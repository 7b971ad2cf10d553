#include "node/service/packet_documents.h"

#include "node/base/status_macros.h"

namespace comity {
namespace {

absl::Status Share(NodeContext& node, const AttachmentRow& document,
                   const Uuid& case_id, CommitScope& scope) {
  AttachmentRow row;
  row.id = NewUuid(node.random);
  row.owner_kind = AttachmentOwner::kCase;
  row.owner = case_id;
  row.facts = document.facts;
  // Offers that this state makes of it are not recognised by the holder.
  row.facts.salt = node.random.Bytes(32);
  row.begun_at = scope.now();
  return scope.store().ShareAttachment(document.id, row);
}

// Whether the case is bound to no less than the dossier is by now, so that the
// document is kept no longer in it and goes no further.
bool IsBoundAs(const ReferralRow& dossier, const Provenance& made_of) {
  const absl::Time ends = made_of.erase_at.value_or(absl::InfiniteFuture());
  return ends <= dossier.erase_at &&
         (made_of.no_onward_transfer || !dossier.no_onward_transfer);
}

}  // namespace

absl::Status ShareDocuments(NodeContext& node, const Uuid& referral_id,
                            const Uuid& case_id, CommitScope& scope) {
  ASSIGN_OR_RETURN(const std::vector<AttachmentRow> fetched,
                   scope.store().ListAttachments(referral_id));
  size_t shared = 0;
  for (const AttachmentRow& document : fetched) {
    if (!document.whole || shared == kMostAttachments) continue;
    RETURN_IF_ERROR(Share(node, document, case_id, scope));
    ++shared;
  }
  return absl::OkStatus();
}

absl::Status ShareLateDocument(NodeContext& node, const AttachmentRow& document,
                               CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const ReferralRow dossier,
                   store.ReadReferral(document.owner));
  ASSIGN_OR_RETURN(const std::vector<Uuid> cases,
                   store.ListCasesFrom(document.owner));
  for (const Uuid& case_id : cases) {
    ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(case_id));
    ASSIGN_OR_RETURN(const std::vector<AttachmentRow> own,
                     store.ListAttachments(case_id));
    if (!facts.provenance.has_value() ||
        !IsBoundAs(dossier, *facts.provenance) || facts.HeldAt(scope.now()) ||
        own.size() >= kMostAttachments) {
      continue;
    }
    RETURN_IF_ERROR(Share(node, document, case_id, scope));
  }
  return absl::OkStatus();
}

}  // namespace comity
