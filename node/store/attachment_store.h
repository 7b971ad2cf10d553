#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/attachment.h"
#include "node/policy/permit.h"

namespace comity {

// What a document belongs to, and ends with.
enum class AttachmentOwner : uint8_t {
  kCase = 1,     // one of this node's
  kDossier = 2,  // what a partner offered in it
};

// One document. Its chunks are sealed under a key of its own, which is sealed
// under the data key of its owner: erasing the owner erases it.
struct AttachmentRow {
  Uuid id;  // of one that was fetched: that of its offer
  AttachmentOwner owner_kind = AttachmentOwner::kCase;
  Uuid owner;
  AttachmentFacts facts;  // sealed likewise
  uint64_t reserved = 0;  // bytes that it may come to have
  uint32_t held = 0;      // chunks that are here: 0 to held - 1
  bool whole = false;     // all are here, and were checked
  absl::Time begun_at;
};

// One offer of a document of an own case.
struct OfferedAttachment {
  Uuid offer_id;  // the event
  Uuid referral_id;
  Uuid attachment_id;
  // Persons besides the one who offered it who approved.
  uint32_t approvals = 0;
  bool charged = false;  // to the limits of policy files
};

// Reads documents. Thread-safe.
class AttachmentReader {
 public:
  virtual ~AttachmentReader() = default;
  // NOT_FOUND if there is no such document, or it is erased.
  virtual absl::StatusOr<AttachmentRow> ReadAttachment(
      const Uuid& id) const = 0;
  // Those of one case or dossier, oldest first, unfinished ones too.
  virtual absl::StatusOr<std::vector<AttachmentRow>> ListAttachments(
      const Uuid& owner) const = 0;
  // Chunks that are here, one behind the other. INTERNAL unless `permit` covers
  // the groups of the document, and is for its case, or, of a dossier's, for
  // kReferralRead.
  virtual absl::StatusOr<std::string> ReadChunks(const Permit& permit,
                                                 const Uuid& id, uint32_t first,
                                                 uint32_t count) const = 0;
  // SHA-256 of the chunks that are here.
  virtual absl::StatusOr<std::string> DigestAttachment(
      const Uuid& id) const = 0;
  // What all documents together may come to have; shared chunks count once.
  virtual absl::StatusOr<uint64_t> AttachmentBytes() const = 0;
  // Documents of cases that were begun before `time` and are not whole.
  virtual absl::StatusOr<std::vector<Uuid>> ListUnfinished(
      absl::Time time) const = 0;
  // NOT_FOUND if no document stands behind it any more.
  virtual absl::StatusOr<OfferedAttachment> ReadOffer(
      const Uuid& offer_id) const = 0;
  virtual absl::StatusOr<std::vector<OfferedAttachment>> ListOffersOf(
      const Uuid& attachment_id) const = 0;
};

// Writes documents inside a transaction.
class AttachmentWriter {
 public:
  virtual ~AttachmentWriter() = default;
  // Begins one without chunks. NOT_FOUND if its owner is erased, ALREADY_EXISTS
  // if the id is taken.
  virtual absl::Status InsertAttachment(const AttachmentRow& row) = 0;
  // Gives a second owner a whole document, as `row` says of it, under an id of
  // its own; its chunks are there once. Each ends with its owner, the chunks
  // with the last. NOT_FOUND if either is gone, INTERNAL unless it is whole.
  virtual absl::Status ShareAttachment(const Uuid& from,
                                       const AttachmentRow& row) = 0;
  // Adds chunks from `first` on; those that are here already stay as they are.
  // INTERNAL if there would be a gap.
  virtual absl::Status PutChunks(const Uuid& id, uint32_t first,
                                 absl::string_view content) = 0;
  // Replaces what is known of a document, and whether it is whole.
  virtual absl::Status PutAttachmentFacts(const Uuid& id,
                                          const AttachmentFacts& facts,
                                          bool whole) = 0;
  // Destroys its chunks, unless they are shared, and its offers; nothing
  // happens if it is not there.
  virtual absl::Status DeleteAttachment(const Uuid& id) = 0;
  virtual absl::Status InsertOffer(const OfferedAttachment& offer) = 0;
  virtual absl::Status ChargeOffer(const Uuid& offer_id) = 0;
};

}  // namespace comity
