#pragma once

#include "node/store/attachment_store.h"
#include "node/store/sqlite/session.h"

namespace comity::attachment_tables {

// AttachmentReader and AttachmentWriter over one SQLite session; see
// attachment_store.h.

absl::StatusOr<AttachmentRow> ReadAttachment(Session& session, const Uuid& id);
absl::StatusOr<std::vector<AttachmentRow>> ListAttachments(Session& session,
                                                           const Uuid& owner);
absl::StatusOr<std::string> ReadChunks(Session& session, const Permit& permit,
                                       const Uuid& id, uint32_t first,
                                       uint32_t count);
absl::StatusOr<std::string> DigestAttachment(Session& session, const Uuid& id);
absl::StatusOr<uint64_t> AttachmentBytes(Session& session);
absl::StatusOr<std::vector<Uuid>> ListUnfinished(Session& session,
                                                 absl::Time time);
absl::StatusOr<OfferedAttachment> ReadOffer(Session& session,
                                            const Uuid& offer_id);
absl::StatusOr<std::vector<OfferedAttachment>> ListOffersOf(
    Session& session, const Uuid& attachment_id);

absl::Status InsertAttachment(Session& session, const AttachmentRow& row);
absl::Status ShareAttachment(Session& session, const Uuid& from,
                             const AttachmentRow& row);
absl::Status PutChunks(Session& session, const Uuid& id, uint32_t first,
                       absl::string_view content);
absl::Status PutAttachmentFacts(Session& session, const Uuid& id,
                                const AttachmentFacts& facts, bool whole);
absl::Status DeleteAttachment(Session& session, const Uuid& id);
absl::Status InsertOffer(Session& session, const OfferedAttachment& offer);
absl::Status ChargeOffer(Session& session, const Uuid& offer_id);

// For the erasure of an owner: deletes all that it has.
absl::Status DeleteOf(Session& session, absl::string_view owner);
// For the change of an owner's data key: what was sealed under the old one is
// sealed under the new one. Chunks stay as they are, under their own key.
absl::Status SealAnew(Session& session, absl::string_view owner,
                      const SecretBytes& old_key, const SecretBytes& key);

}  // namespace comity::attachment_tables
