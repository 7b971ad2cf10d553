#include "node/store/sqlite/attachment_tables.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/crypto/hash.h"
#include "node/store/sqlite/all_rows.h"
#include "node/store/sqlite/case_sealing.h"
#include "node/store/sqlite/referral_tables.h"

namespace comity::attachment_tables {
namespace {

constexpr char kFactsVersion = 1;
constexpr size_t kFixedFacts = 13;  // version to size

absl::Status NoAttachment() {
  return ReasonError(ErrorReason::kNotFound, "there is no such document");
}

// What ties a sealed value to its document.
std::string KeyContext(absl::string_view id) {
  return absl::StrCat("attachment key", id);
}
std::string FactsContext(absl::string_view id) {
  return absl::StrCat("attachment facts", id);
}
std::string ChunkContext(absl::string_view id, uint32_t chunk) {
  return absl::StrCat("attachment chunk", id, chunk);
}

// Version, kind, format, group, names, size in 8 bytes, big-endian; then salt
// and digest, 32 bytes each, the digest only if it is known.
std::string EncodeFacts(const AttachmentFacts& facts) {
  std::string bytes = {kFactsVersion, static_cast<char>(facts.kind),
                       static_cast<char>(facts.media),
                       static_cast<char>(facts.group),
                       static_cast<char>(facts.names_person ? 1 : 0)};
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(facts.size >> shift & 0xff));
  }
  return absl::StrCat(bytes, facts.salt, facts.digest);
}

absl::StatusOr<AttachmentFacts> DecodeFacts(absl::string_view bytes) {
  const bool known = bytes.size() == kFixedFacts + 64;
  if ((!known && bytes.size() != kFixedFacts + 32) ||
      bytes[0] != kFactsVersion) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the facts of a document do not read");
  }
  AttachmentFacts facts;
  facts.kind = static_cast<AttachmentKind>(bytes[1]);
  facts.media = static_cast<MediaType>(bytes[2]);
  facts.group = static_cast<FieldGroup>(bytes[3]);
  facts.names_person = bytes[4] != 0;
  for (size_t i = 5; i < kFixedFacts; ++i) {
    facts.size = facts.size << 8 | static_cast<uint8_t>(bytes[i]);
  }
  facts.salt = std::string(bytes.substr(kFixedFacts, 32));
  if (known) facts.digest = std::string(bytes.substr(kFixedFacts + 32));
  return facts;
}

absl::StatusOr<SecretBytes> OwnerKey(Session& session, AttachmentOwner kind,
                                     absl::string_view owner) {
  if (kind == AttachmentOwner::kCase) return case_tables::KeyOf(session, owner);
  ASSIGN_OR_RETURN(const Uuid id, Uuid::FromBytes(owner));
  return referral_tables::DossierKey(session, id);
}

// A row as it stands in the table.
struct SealedRow {
  std::string id;
  AttachmentOwner owner_kind;
  std::string owner;
  std::string sealed_key;
  std::string sealed_facts;
  uint64_t reserved;
  uint32_t held;
  bool whole;
  absl::Time begun_at;
  std::string content;  // the document that the chunks were sealed for
};

absl::StatusOr<SealedRow> SealedRowOf(const SqliteStatement& row) {
  return SealedRow{row.Blob(0),
                   static_cast<AttachmentOwner>(row.Int(1)),
                   row.Blob(2),
                   row.Blob(3),
                   row.Blob(4),
                   static_cast<uint64_t>(row.Int(5)),
                   static_cast<uint32_t>(row.Int(6)),
                   row.Int(7) != 0,
                   absl::FromUnixMicros(row.Int(8)),
                   row.Blob(9)};
}

absl::StatusOr<SealedRow> FindRow(Session& session, const Uuid& id) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT id, owner_kind, owner, sealed_key, sealed_facts, reserved, "
          "held, whole, begun, content FROM attachments WHERE id = ?",
          id.ToBytes()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoAttachment();
  return SealedRowOf(row);
}

absl::StatusOr<std::vector<SealedRow>> RowsOf(Session& session,
                                              absl::string_view owner) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, owner_kind, owner, sealed_key, sealed_facts, reserved, "
          "held, whole, begun, content FROM attachments WHERE owner = ? ORDER "
          "BY sequence",
          owner));
  return AllRows(rows, SealedRowOf);
}

absl::StatusOr<SecretBytes> KeyOf(Session& session, const SealedRow& row) {
  ASSIGN_OR_RETURN(const SecretBytes owner,
                   OwnerKey(session, row.owner_kind, row.owner));
  ASSIGN_OR_RETURN(std::string key,
                   Open(owner, row.sealed_key, KeyContext(row.id)));
  return SecretBytes(std::move(key));
}

absl::StatusOr<AttachmentRow> OpenRow(Session& session, const SealedRow& row) {
  ASSIGN_OR_RETURN(const SecretBytes key, KeyOf(session, row));
  ASSIGN_OR_RETURN(const std::string facts,
                   Open(key, row.sealed_facts, FactsContext(row.id)));
  AttachmentRow read;
  ASSIGN_OR_RETURN(read.id, Uuid::FromBytes(row.id));
  read.owner_kind = row.owner_kind;
  ASSIGN_OR_RETURN(read.owner, Uuid::FromBytes(row.owner));
  ASSIGN_OR_RETURN(read.facts, DecodeFacts(facts));
  read.reserved = row.reserved;
  read.held = row.held;
  read.whole = row.whole;
  read.begun_at = row.begun_at;
  return read;
}

bool Covers(const Permit& permit, const AttachmentRow& row) {
  if (!row.facts.Groups().IsSubsetOf(permit.groups())) return false;
  return row.owner_kind == AttachmentOwner::kCase
             ? permit.case_id() == row.owner
             : permit.local_operation() == LocalOperation::kReferralRead;
}

absl::StatusOr<std::string> OpenChunk(Session& session, const SecretBytes& key,
                                      absl::string_view id, uint32_t chunk) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT sealed_chunk FROM attachment_chunks WHERE "
                             "attachment = ? AND chunk = ?",
                             id, chunk));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a chunk of a document is not where it was put");
  }
  return Open(key, row.Blob(0), ChunkContext(id, chunk));
}

absl::StatusOr<OfferedAttachment> OfferOf(const SqliteStatement& row) {
  OfferedAttachment offer;
  ASSIGN_OR_RETURN(offer.offer_id, Uuid::FromBytes(row.Blob(0)));
  ASSIGN_OR_RETURN(offer.referral_id, Uuid::FromBytes(row.Blob(1)));
  ASSIGN_OR_RETURN(offer.attachment_id, Uuid::FromBytes(row.Blob(2)));
  offer.approvals = static_cast<uint32_t>(row.Int(3));
  offer.charged = row.Int(4) != 0;
  return offer;
}

}  // namespace

absl::StatusOr<AttachmentRow> ReadAttachment(Session& session, const Uuid& id) {
  ASSIGN_OR_RETURN(const SealedRow row, FindRow(session, id));
  return OpenRow(session, row);
}

absl::StatusOr<std::vector<AttachmentRow>> ListAttachments(Session& session,
                                                           const Uuid& owner) {
  ASSIGN_OR_RETURN(const std::vector<SealedRow> sealed,
                   RowsOf(session, owner.ToBytes()));
  std::vector<AttachmentRow> all;
  for (const SealedRow& row : sealed) {
    ASSIGN_OR_RETURN(AttachmentRow opened, OpenRow(session, row));
    all.push_back(std::move(opened));
  }
  return all;
}

absl::StatusOr<std::string> ReadChunks(Session& session, const Permit& permit,
                                       const Uuid& id, uint32_t first,
                                       uint32_t count) {
  ASSIGN_OR_RETURN(const SealedRow row, FindRow(session, id));
  ASSIGN_OR_RETURN(const AttachmentRow opened, OpenRow(session, row));
  if (!Covers(permit, opened)) {
    return ReasonError(ErrorReason::kInternal,
                       "a permit was used for a document that it does not "
                       "cover");
  }
  ASSIGN_OR_RETURN(const SecretBytes key, KeyOf(session, row));
  const uint64_t end = std::min<uint64_t>(row.held, uint64_t{first} + count);
  std::string content;
  for (uint64_t chunk = first; chunk < end; ++chunk) {
    ASSIGN_OR_RETURN(
        const std::string part,
        OpenChunk(session, key, row.content, static_cast<uint32_t>(chunk)));
    content += part;
  }
  return content;
}

absl::StatusOr<std::string> DigestAttachment(Session& session, const Uuid& id) {
  ASSIGN_OR_RETURN(const SealedRow row, FindRow(session, id));
  ASSIGN_OR_RETURN(const SecretBytes key, KeyOf(session, row));
  Sha256Stream stream;
  for (uint32_t chunk = 0; chunk < row.held; ++chunk) {
    ASSIGN_OR_RETURN(const std::string part,
                     OpenChunk(session, key, row.content, chunk));
    stream.Add(part);
  }
  return stream.Finish();
}

absl::StatusOr<uint64_t> AttachmentBytes(Session& session) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT coalesce(sum(most), 0) FROM (SELECT "
                             "max(reserved) AS most FROM attachments GROUP BY "
                             "content)"));
  RETURN_IF_ERROR(row.Step().status());
  return static_cast<uint64_t>(row.Int(0));
}

absl::StatusOr<std::vector<Uuid>> ListUnfinished(Session& session,
                                                 absl::Time time) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT id FROM attachments WHERE whole = 0 AND "
                             "owner_kind = ? AND begun < ?",
                             static_cast<int>(AttachmentOwner::kCase),
                             time == absl::InfiniteFuture()
                                 ? int64_t{INT64_MAX}
                                 : absl::ToUnixMicros(time)));
  return ReadIds(rows);
}

absl::StatusOr<OfferedAttachment> ReadOffer(Session& session,
                                            const Uuid& offer_id) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT event_id, referral_id, attachment, "
                             "approvals, charged FROM attachment_offers WHERE "
                             "event_id = ?",
                             offer_id.ToBytes()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoAttachment();
  return OfferOf(row);
}

absl::StatusOr<std::vector<OfferedAttachment>> ListOffersOf(
    Session& session, const Uuid& attachment_id) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT event_id, referral_id, attachment, "
                             "approvals, charged FROM attachment_offers WHERE "
                             "attachment = ?",
                             attachment_id.ToBytes()));
  return AllRows(rows, OfferOf);
}

absl::Status InsertAttachment(Session& session, const AttachmentRow& row) {
  const std::string id = row.id.ToBytes();
  const std::string owner = row.owner.ToBytes();
  ASSIGN_OR_RETURN(const SecretBytes owner_key,
                   OwnerKey(session, row.owner_kind, owner));
  const SecretBytes key(session.random.Bytes(32));
  return session.database.Run(
      "INSERT INTO attachments (id, owner_kind, owner, sealed_key, "
      "sealed_facts, reserved, held, whole, begun, content) VALUES (?1, ?2, "
      "?3, ?4, ?5, ?6, 0, 0, ?7, ?1)",
      id, static_cast<int>(row.owner_kind), owner,
      Seal(owner_key, key.Expose(), KeyContext(id), session.random),
      Seal(key, EncodeFacts(row.facts), FactsContext(id), session.random),
      row.reserved, absl::ToUnixMicros(row.begun_at));
}

absl::Status ShareAttachment(Session& session, const Uuid& from,
                             const AttachmentRow& row) {
  const std::string id = row.id.ToBytes();
  const std::string owner = row.owner.ToBytes();
  ASSIGN_OR_RETURN(const SealedRow source, FindRow(session, from));
  if (!source.whole) {
    return ReasonError(ErrorReason::kInternal, "only a whole one is shared");
  }
  ASSIGN_OR_RETURN(const SecretBytes key, KeyOf(session, source));
  ASSIGN_OR_RETURN(const SecretBytes owner_key,
                   OwnerKey(session, row.owner_kind, owner));
  return session.database.Run(
      "INSERT INTO attachments (id, owner_kind, owner, sealed_key, "
      "sealed_facts, reserved, held, whole, begun, content) VALUES (?, ?, ?, "
      "?, ?, ?, ?, 1, ?, ?)",
      id, static_cast<int>(row.owner_kind), owner,
      Seal(owner_key, key.Expose(), KeyContext(id), session.random),
      Seal(key, EncodeFacts(row.facts), FactsContext(id), session.random),
      source.reserved, source.held, absl::ToUnixMicros(row.begun_at),
      source.content);
}

absl::Status PutChunks(Session& session, const Uuid& id, uint32_t first,
                       absl::string_view content) {
  ASSIGN_OR_RETURN(const SealedRow row, FindRow(session, id));
  if (first > row.held) {
    return ReasonError(ErrorReason::kInternal,
                       "chunks of a document are put one behind the other");
  }
  ASSIGN_OR_RETURN(const SecretBytes key, KeyOf(session, row));
  uint32_t chunk = first;
  for (size_t at = 0; at < content.size(); at += kChunkSize, ++chunk) {
    if (chunk < row.held) continue;
    RETURN_IF_ERROR(session.database.Run(
        "INSERT INTO attachment_chunks VALUES (?, ?, ?)", row.id, chunk,
        Seal(key, content.substr(at, kChunkSize), ChunkContext(row.id, chunk),
             session.random)));
  }
  return session.database.Run("UPDATE attachments SET held = ? WHERE id = ?",
                              std::max(row.held, chunk), row.id);
}

absl::Status PutAttachmentFacts(Session& session, const Uuid& id,
                                const AttachmentFacts& facts, bool whole) {
  ASSIGN_OR_RETURN(const SealedRow row, FindRow(session, id));
  ASSIGN_OR_RETURN(const SecretBytes key, KeyOf(session, row));
  return session.database.Run(
      "UPDATE attachments SET sealed_facts = ?, whole = ? WHERE id = ?",
      Seal(key, EncodeFacts(facts), FactsContext(row.id), session.random),
      whole ? 1 : 0, row.id);
}

absl::Status DeleteAttachment(Session& session, const Uuid& id) {
  const std::string bytes = id.ToBytes();
  // Chunks that another document shares stay.
  RETURN_IF_ERROR(session.database.Run(
      "DELETE FROM attachment_chunks WHERE attachment IN (SELECT content FROM "
      "attachments WHERE id = ?1) AND NOT EXISTS (SELECT 1 FROM attachments "
      "WHERE content = attachment_chunks.attachment AND id != ?1)",
      bytes));
  RETURN_IF_ERROR(session.database.Run(
      "DELETE FROM attachment_offers WHERE attachment = ?", bytes));
  return session.database.Run("DELETE FROM attachments WHERE id = ?", bytes);
}

absl::Status InsertOffer(Session& session, const OfferedAttachment& offer) {
  return session.database.Run(
      "INSERT INTO attachment_offers (event_id, referral_id, attachment, "
      "approvals, charged) VALUES (?, ?, ?, ?, ?)",
      offer.offer_id.ToBytes(), offer.referral_id.ToBytes(),
      offer.attachment_id.ToBytes(), offer.approvals, offer.charged ? 1 : 0);
}

absl::Status ChargeOffer(Session& session, const Uuid& offer_id) {
  return session.database.Run(
      "UPDATE attachment_offers SET charged = 1 WHERE event_id = ?",
      offer_id.ToBytes());
}

absl::Status DeleteOf(Session& session, absl::string_view owner) {
  ASSIGN_OR_RETURN(const std::vector<SealedRow> rows, RowsOf(session, owner));
  for (const SealedRow& row : rows) {
    ASSIGN_OR_RETURN(const Uuid id, Uuid::FromBytes(row.id));
    RETURN_IF_ERROR(DeleteAttachment(session, id));
  }
  return absl::OkStatus();
}

absl::Status SealAnew(Session& session, absl::string_view owner,
                      const SecretBytes& old_key, const SecretBytes& key) {
  ASSIGN_OR_RETURN(const std::vector<SealedRow> sealed, RowsOf(session, owner));
  for (const SealedRow& row : sealed) {
    ASSIGN_OR_RETURN(const std::string own,
                     Open(old_key, row.sealed_key, KeyContext(row.id)));
    RETURN_IF_ERROR(session.database.Run(
        "UPDATE attachments SET sealed_key = ? WHERE id = ?",
        Seal(key, own, KeyContext(row.id), session.random), row.id));
  }
  return absl::OkStatus();
}

}  // namespace comity::attachment_tables
