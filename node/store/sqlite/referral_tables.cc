#include "node/store/sqlite/referral_tables.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/store/sqlite/all_rows.h"

namespace comity::referral_tables {
namespace {

absl::Status NoReferral() {
  return ReasonError(ErrorReason::kNotFound, "there is no such referral");
}

// Columns 16 to 20 of the SELECT lists below.
std::optional<RiskClearance> ClearanceOf(const SqliteStatement& row) {
  RiskClearance clearance;
  clearance.risk = static_cast<RiskLevel>(row.Int(16));
  if (clearance.risk == RiskLevel::kUnset) return std::nullopt;
  clearance.assessed_at = absl::FromUnixMicros(row.Int(17));
  clearance.cleared_at = absl::FromUnixMicros(row.Int(18));
  clearance.cleared_by = row.Blob(19);
  if (row.Int(20) > 0) {
    clearance.reflection_ends_at = absl::FromUnixMicros(row.Int(20));
  }
  return clearance;
}

absl::StatusOr<ReferralRow> RowOf(const SqliteStatement& row) {
  ASSIGN_OR_RETURN(Uuid id, Uuid::FromBytes(row.Blob(0)));
  ASSIGN_OR_RETURN(ParticipantCode holder,
                   ParticipantCode::Create(row.Blob(1)));
  ASSIGN_OR_RETURN(ParticipantCode receiver,
                   ParticipantCode::Create(row.Blob(2)));
  ReferralRow read{id, {holder, receiver}};
  ASSIGN_OR_RETURN(read.case_id, Uuid::FromBytes(row.Blob(3)));
  ASSIGN_OR_RETURN(read.pseudonym, Uuid::FromBytes(row.Blob(4)));
  read.purpose = static_cast<Purpose>(row.Int(5));
  read.basis = static_cast<LegalBasis>(row.Int(6));
  read.agreement_id = row.Blob(7);
  read.agreement_digest = row.Blob(8);
  read.drafted_by = row.Blob(9);
  read.created_at = absl::FromUnixMicros(row.Int(10));
  read.state = static_cast<ReferralState>(row.Int(11));
  read.version = static_cast<uint64_t>(row.Int(12));
  if (row.Int(13) > 0) read.erase_at = absl::FromUnixMicros(row.Int(13));
  read.no_onward_transfer = row.Int(14) != 0;
  read.erased = row.Int(15) != 0;
  read.clearance = ClearanceOf(row);
  read.place = row.Int(21);
  read.reason = row.Blob(22);
  return read;
}

absl::StatusOr<Uuid> IdOf(const SqliteStatement& row) {
  return Uuid::FromBytes(row.Blob(0));
}

absl::StatusOr<ParticipantCode> CodeOf(const SqliteStatement& row) {
  return ParticipantCode::Create(row.Blob(0));
}

// InfiniteFuture is 0: never.
int64_t MicrosOrZero(absl::Time time) {
  return time == absl::InfiniteFuture() ? 0 : absl::ToUnixMicros(time);
}

std::string JoinIds(const std::vector<Uuid>& ids) {
  std::string joined;
  for (const Uuid& id : ids) joined += id.ToBytes();
  return joined;
}

std::vector<Uuid> SplitIds(const std::string& joined) {
  std::vector<Uuid> ids;
  for (size_t at = 0; at + 16 <= joined.size(); at += 16) {
    ids.push_back(*Uuid::FromBytes(joined.substr(at, 16)));
  }
  return ids;
}

// Columns in the order of the SELECT lists below.
absl::StatusOr<EventRow> EventOf(const SqliteStatement& row) {
  ASSIGN_OR_RETURN(Uuid id, Uuid::FromBytes(row.Blob(0)));
  ASSIGN_OR_RETURN(Uuid referral, Uuid::FromBytes(row.Blob(1)));
  ASSIGN_OR_RETURN(ParticipantCode author,
                   ParticipantCode::Create(row.Blob(2)));
  EventRow read{ReferralEvent{id, referral, author}};
  read.event.sequence = static_cast<uint32_t>(row.Int(3));
  read.event.parents = SplitIds(row.Blob(4));
  read.event.kind = static_cast<ReferralEventKind>(row.Int(5));
  read.event.occurred_at = absl::FromUnixMicros(row.Int(6));
  read.event.role = static_cast<Role>(row.Int(7));
  read.type = row.Blob(8);
  read.payload = row.Blob(9);
  read.salt = row.Blob(10);
  read.leaf = row.Blob(11);
  read.leaf_index = static_cast<uint64_t>(row.Int(12));
  read.receipt_payload = row.Blob(13);
  read.receipt_salt = row.Blob(14);
  read.receipt_leaf = row.Blob(15);
  read.receipt_leaf_index = static_cast<uint64_t>(row.Int(16));
  read.proof = row.Blob(17);
  read.receipt_proof = row.Blob(18);
  return read;
}

}  // namespace

absl::StatusOr<SecretBytes> DossierKey(Session& session,
                                       const Uuid& referral_id) {
  const std::string id = referral_id.ToBytes();
  ASSIGN_OR_RETURN(SqliteStatement row,
                   session.database.Query(
                       "SELECT wrapped_key FROM referrals WHERE id = ?", id));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoReferral();
  const std::string wrapped = row.Blob(0);
  if (wrapped.empty()) {
    return ReasonError(ErrorReason::kNotFound,
                       "what this dossier told was erased");
  }
  return UnwrapKey(session, wrapped, id);
}

absl::StatusOr<ReferralRow> ReadReferral(Session& session,
                                         const Uuid& referral_id) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT id, holder, receiver, case_id, pseudonym, purpose, basis, "
          "agreement_id, agreement_digest, drafted_by, created, state, "
          "version, erase_at, no_onward, wrapped_key = x'', risk, assessed, "
          "cleared, cleared_by, reflection_ends, sequence, reason FROM "
          "referrals WHERE "
          "id = ?",
          referral_id.ToBytes()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoReferral();
  return RowOf(row);
}

absl::StatusOr<std::vector<ReferralRow>> ListReferrals(
    Session& session, const ReferralPage& page) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, holder, receiver, case_id, pseudonym, purpose, basis, "
          "agreement_id, agreement_digest, drafted_by, created, state, "
          "version, erase_at, no_onward, wrapped_key = x'', risk, assessed, "
          "cleared, cleared_by, reflection_ends, sequence, reason FROM "
          "referrals WHERE "
          "sequence < ? AND open >= ? ORDER BY sequence DESC LIMIT ?",
          page.before, page.open_only ? 1 : 0, page.limit));
  return AllRows(rows, RowOf);
}

absl::StatusOr<std::vector<EventRow>> ReadEvents(Session& session,
                                                 const Uuid& referral_id) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, referral_id, author, sequence, parents, kind, occurred, "
          "role, type, payload, salt, leaf, leaf_index, receipt_payload, "
          "receipt_salt, receipt_leaf, receipt_leaf_index, proof, "
          "receipt_proof "
          "FROM events WHERE referral_id = ? ORDER BY arrival",
          referral_id.ToBytes()));
  return AllRows(rows, EventOf);
}

absl::StatusOr<EventRow> ReadEvent(Session& session, const Uuid& event_id,
                                   bool with_openings) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT id, referral_id, author, sequence, parents, kind, occurred, "
          "role, type, payload, salt, leaf, leaf_index, receipt_payload, "
          "receipt_salt, receipt_leaf, receipt_leaf_index, proof, "
          "receipt_proof, "
          "sealed_openings FROM events WHERE id = ?",
          event_id.ToBytes()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return ReasonError(ErrorReason::kNotFound, "there is no such event");
  }
  ASSIGN_OR_RETURN(EventRow read, EventOf(row));
  if (!with_openings || row.Blob(19).empty()) return read;
  ASSIGN_OR_RETURN(const SecretBytes key,
                   DossierKey(session, read.event.referral_id));
  ASSIGN_OR_RETURN(read.openings, Open(key, row.Blob(19), event_id.ToBytes()));
  return read;
}

absl::StatusOr<EventRow> ReadEventOpenings(Session& session,
                                           const Permit& permit,
                                           const Uuid& event_id) {
  if (permit.local_operation() != LocalOperation::kReferralRead) {
    return ReasonError(ErrorReason::kInternal,
                       "reading a packet needs a permit to read referrals");
  }
  ASSIGN_OR_RETURN(EventRow read, ReadEvent(session, event_id, true));
  RETURN_IF_ERROR(DossierKey(session, read.event.referral_id).status());
  return read;
}

absl::StatusOr<std::string> ReadOfferOpening(Session& session,
                                             const Uuid& event_id) {
  ASSIGN_OR_RETURN(EventRow read, ReadEvent(session, event_id, true));
  if (read.event.kind == ReferralEventKind::kAttachmentOffered) {
    return std::move(read.openings);
  }
  return ReasonError(ErrorReason::kNotFound, "the event offers no document");
}

absl::StatusOr<EventRow> ReadForDelivery(Session& session,
                                         const OutboxRow& row) {
  {
    ASSIGN_OR_RETURN(
        SqliteStatement waiting,
        session.database.Query("SELECT 1 FROM outbox WHERE event_id = ?",
                               row.event_id.ToBytes()));
    ASSIGN_OR_RETURN(const bool found, waiting.Step());
    if (!found) {
      return ReasonError(ErrorReason::kNotFound,
                         "the event does not wait for delivery");
    }
  }
  return ReadEvent(session, row.event_id, true);
}

absl::StatusOr<std::vector<OutboxRow>> ReadOutbox(
    Session& session, const ParticipantCode& partner, int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT referral_id, event_id, queued, urgent FROM outbox WHERE "
          "partner = ? ORDER BY urgent DESC, position LIMIT ?",
          partner.text(), limit));
  std::vector<OutboxRow> waiting;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return waiting;
    OutboxRow row{partner};
    ASSIGN_OR_RETURN(row.referral_id, Uuid::FromBytes(rows.Blob(0)));
    ASSIGN_OR_RETURN(row.event_id, Uuid::FromBytes(rows.Blob(1)));
    row.queued_at = absl::FromUnixMicros(rows.Int(2));
    row.urgent = rows.Int(3) != 0;
    waiting.push_back(std::move(row));
  }
}

absl::StatusOr<uint32_t> CountOutbox(Session& session,
                                     const ParticipantCode& partner,
                                     const Uuid& referral_id) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT COUNT(*) FROM outbox WHERE partner = ? "
                             "AND referral_id = ?",
                             partner.text(), referral_id.ToBytes()));
  RETURN_IF_ERROR(row.Step().status());
  return static_cast<uint32_t>(row.Int(0));
}

absl::StatusOr<std::vector<ParticipantCode>> OutboxPartners(Session& session) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT DISTINCT partner FROM outbox"));
  return AllRows(rows, CodeOf);
}

absl::Status InsertReferral(Session& session, const ReferralRow& row) {
  const std::string id = row.referral_id.ToBytes();
  return session.database.Run(
      "INSERT INTO referrals (id, holder, receiver, case_id, pseudonym, "
      "purpose, basis, agreement_id, agreement_digest, drafted_by, created, "
      "state, version, wrapped_key, erase_at, no_onward, reason) VALUES (?, ?, "
      "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)",
      id, row.parties.holder.text(), row.parties.receiver.text(),
      row.case_id.ToBytes(), row.pseudonym.ToBytes(),
      static_cast<int>(row.purpose), static_cast<int>(row.basis),
      row.agreement_id, row.agreement_digest, row.drafted_by,
      absl::ToUnixMicros(row.created_at), static_cast<int>(row.state),
      NewWrappedKey(session, id), MicrosOrZero(row.erase_at),
      row.no_onward_transfer ? 1 : 0, row.reason);
}

absl::Status InsertEvent(Session& session, const EventRow& row,
                         const ReferralStanding& standing) {
  const std::string id = row.event.event_id.ToBytes();
  std::string sealed;
  if (!row.openings.empty()) {
    ASSIGN_OR_RETURN(const SecretBytes key,
                     DossierKey(session, row.event.referral_id));
    sealed = Seal(key, row.openings, id, session.random);
  }
  RETURN_IF_ERROR(session.database.Run(
      "INSERT INTO events (id, referral_id, author, sequence, parents, kind, "
      "occurred, role, type, payload, salt, leaf, leaf_index, "
      "sealed_openings, receipt_payload, receipt_salt, receipt_leaf, "
      "receipt_leaf_index, proof, receipt_proof) VALUES (?, ?, ?, ?, ?, ?, ?, "
      "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      id, row.event.referral_id.ToBytes(), row.event.author.text(),
      row.event.sequence, JoinIds(row.event.parents),
      static_cast<int>(row.event.kind),
      absl::ToUnixMicros(row.event.occurred_at),
      static_cast<int>(row.event.role), row.type, row.payload, row.salt,
      row.leaf, row.leaf_index, sealed, row.receipt_payload, row.receipt_salt,
      row.receipt_leaf, row.receipt_leaf_index, row.proof, row.receipt_proof));
  return SetReferralState(session, row.event.referral_id, standing);
}

absl::Status SetReferralState(Session& session, const Uuid& referral_id,
                              const ReferralStanding& standing) {
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE referrals SET state = ?, acts_at = ?, open = ?, version = "
      "version "
      "+ 1 WHERE id = ?",
      static_cast<int>(standing.state), MicrosOrZero(standing.node_acts_at),
      standing.is_open ? 1 : 0, referral_id.ToBytes()));
  return session.database.Run(
      "INSERT INTO referral_changes (referral_id) VALUES (?)",
      referral_id.ToBytes());
}

absl::Status PutClearance(Session& session, const Uuid& referral_id,
                          const RiskClearance& clearance) {
  return session.database.Run(
      "UPDATE referrals SET risk = ?, assessed = ?, cleared = ?, cleared_by = "
      "?, reflection_ends = ?, version = version + 1 WHERE id = ?",
      static_cast<int>(clearance.risk),
      absl::ToUnixMicros(clearance.assessed_at),
      absl::ToUnixMicros(clearance.cleared_at), clearance.cleared_by,
      MicrosOrZero(
          clearance.reflection_ends_at.value_or(absl::InfiniteFuture())),
      referral_id.ToBytes());
}

absl::Status BindReferral(Session& session, const Uuid& referral_id,
                          absl::Time erase_at, bool no_onward_transfer) {
  return session.database.Run(
      "UPDATE referrals SET erase_at = ?, no_onward = ?, version = version + 1 "
      "WHERE id = ?",
      MicrosOrZero(erase_at), no_onward_transfer ? 1 : 0,
      referral_id.ToBytes());
}

absl::Status InsertOutbox(Session& session, const OutboxRow& row) {
  return session.database.Run(
      "INSERT INTO outbox (event_id, partner, referral_id, queued, urgent) "
      "VALUES (?, ?, ?, ?, ?)",
      row.event_id.ToBytes(), row.partner.text(), row.referral_id.ToBytes(),
      absl::ToUnixMicros(row.queued_at), row.urgent ? 1 : 0);
}

absl::Status RemoveOutbox(Session& session, const Uuid& event_id) {
  return session.database.Run("DELETE FROM outbox WHERE event_id = ?",
                              event_id.ToBytes());
}

absl::StatusOr<std::vector<Uuid>> ListExpiredDossiers(Session& session,
                                                      absl::Time now,
                                                      int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT id FROM referrals WHERE erase_at > 0 AND "
                             "erase_at <= ? AND wrapped_key != x'' ORDER BY "
                             "erase_at LIMIT ?",
                             absl::ToUnixMicros(now), limit));
  return AllRows(rows, IdOf);
}

absl::StatusOr<std::vector<Uuid>> ListReferralsToActOn(Session& session,
                                                       absl::Time now,
                                                       int limit) {
  ASSIGN_OR_RETURN(SqliteStatement rows,
                   session.database.Query(
                       "SELECT id FROM referrals WHERE acts_at > 0 AND acts_at "
                       "<= ? ORDER BY acts_at LIMIT ?",
                       absl::ToUnixMicros(now), limit));
  return AllRows(rows, IdOf);
}

absl::Status PutReceipt(Session& session, const EventRow& row) {
  const std::string id = row.event.event_id.ToBytes();
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE events SET receipt_payload = ?, receipt_salt = ?, receipt_leaf "
      "= ?, receipt_leaf_index = ?, receipt_proof = ? WHERE id = ?",
      row.receipt_payload, row.receipt_salt, row.receipt_leaf,
      row.receipt_leaf_index, row.receipt_proof, id));
  RETURN_IF_ERROR(session.database.Run(
      "INSERT INTO referral_changes (referral_id) SELECT referral_id FROM "
      "events WHERE id = ?",
      id));
  return RemoveOutbox(session, row.event.event_id);
}

}  // namespace comity::referral_tables
