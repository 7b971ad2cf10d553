#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/domain/referral.h"
#include "node/store/facts_codec.h"
#include "node/store/sqlite/all_rows.h"
#include "node/store/sqlite/attachment_tables.h"
#include "node/store/sqlite/case_sealing.h"
#include "node/store/sqlite/case_tables.h"

// How a case is erased, whole or in part.
namespace comity::case_tables {
namespace {

// All of a case but its reference; of those merged into it, all that an import
// compares.
absl::Status Destroy(Session& session, absl::string_view id) {
  RETURN_IF_ERROR(KeyOf(session, id).status());
  RETURN_IF_ERROR(DeleteTerms(session, id));
  RETURN_IF_ERROR(attachment_tables::DeleteOf(session, id));
  RETURN_IF_ERROR(
      session.database.Run("DELETE FROM pseudonyms WHERE case_id = ?", id));
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE cases SET wrapped_key = x'', sealed_facts = x'', sealed_body = "
      "x'', content_index = x'', erase_at = 0, version = version + 1 WHERE id "
      "= ?",
      id));
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE cases SET content_index = x'' WHERE merged_into = ?", id));
  return session.database.Run("INSERT INTO case_changes (case_id) VALUES (?)",
                              id);
}

// Columns id, erased_in, erased_at, erased_by, erased_why.
absl::StatusOr<Tombstone> TombstoneOf(const SqliteStatement& row) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::FromBytes(row.Blob(0)));
  return Tombstone{id, row.Blob(1), absl::FromUnixMicros(row.Int(2)),
                   static_cast<Role>(row.Int(3)),
                   static_cast<ErasureGround>(row.Int(4))};
}

absl::StatusOr<ClosedCase> ClosedCaseOf(const SqliteStatement& row) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::FromBytes(row.Blob(0)));
  return ClosedCase{id, absl::FromUnixMicros(row.Int(1))};
}

int64_t Micros(absl::Time time) {
  return time == absl::InfiniteFuture() ? INT64_MAX : absl::ToUnixMicros(time);
}

}  // namespace

absl::Status EraseCase(Session& session, const Uuid& case_id) {
  const std::string id = case_id.ToBytes();
  RETURN_IF_ERROR(Destroy(session, id));
  std::vector<Uuid> ids;
  {
    ASSIGN_OR_RETURN(SqliteStatement rows,
                     session.database.Query(
                         "SELECT id FROM cases WHERE merged_into = ?", id));
    ASSIGN_OR_RETURN(ids, ReadIds(rows));
  }
  ids.push_back(case_id);
  for (const Uuid& each : ids) {
    RETURN_IF_ERROR(session.database.Run(
        "UPDATE cases SET reference_index = ?, merged_into = x'' WHERE id = ?",
        BlindIndex(session, "erased", each.ToBytes()), each.ToBytes()));
  }
  return absl::OkStatus();
}

absl::Status EraseOwnCase(Session& session, const Tombstone& left) {
  const std::string id = left.case_id.ToBytes();
  RETURN_IF_ERROR(Destroy(session, id));
  return session.database.Run(
      "UPDATE cases SET erased_in = ?, erased_at = ?, erased_by = ?, "
      "erased_why = ? WHERE id = ?",
      left.organisation, absl::ToUnixMicros(left.erased_at),
      static_cast<int>(left.role), static_cast<int>(left.ground), id);
}

absl::StatusOr<std::vector<Uuid>> ListPseudonyms(Session& session,
                                                 const Uuid& case_id) {
  const std::string id = case_id.ToBytes();
  ASSIGN_OR_RETURN(const SecretBytes key, KeyOf(session, id));
  ASSIGN_OR_RETURN(const std::vector<KnownAs> names,
                   ReadPseudonyms(session, key, id));
  std::vector<Uuid> pseudonyms;
  for (const KnownAs& name : names) {
    ASSIGN_OR_RETURN(const Uuid one, Uuid::FromBytes(name.pseudonym));
    pseudonyms.push_back(one);
  }
  return pseudonyms;
}

absl::StatusOr<Tombstone> FindTombstone(Session& session,
                                        absl::string_view case_name) {
  const auto id = Uuid::Parse(case_name);
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT id, erased_in, erased_at, erased_by, erased_why FROM cases "
          "WHERE erased_at > 0 AND id IN (SELECT iif(merged_into = x'', id, "
          "merged_into) FROM cases WHERE id = ? OR reference_index = ?)",
          id.ok() ? id->ToBytes() : "",
          BlindIndex(session, "reference", case_name)));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoCase();
  return TombstoneOf(row);
}

absl::StatusOr<std::vector<Tombstone>> ListTombstones(Session& session,
                                                      const Uuid& after,
                                                      int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, erased_in, erased_at, erased_by, erased_why FROM cases "
          "WHERE erased_at > 0 AND (? OR (erased_at, id) < (SELECT erased_at, "
          "id FROM cases WHERE id = ?)) ORDER BY erased_at DESC, id DESC LIMIT "
          "?",
          after.IsNil() ? 1 : 0, after.ToBytes(), limit));
  return AllRows(rows, TombstoneOf);
}

absl::StatusOr<std::vector<ClosedCase>> ListClosedCases(Session& session,
                                                        absl::Time before,
                                                        int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT c.id, max(e.occurred) FROM cases c JOIN referrals r ON "
          "r.case_id = c.id LEFT JOIN events e ON e.referral_id = r.id WHERE "
          "c.wrapped_key != x'' AND c.import_id NOT IN (SELECT id FROM "
          "imports) AND c.from_referral = x'' AND NOT EXISTS (SELECT 1 FROM "
          "outbox o WHERE o.referral_id = "
          "r.id) GROUP BY c.id HAVING max(r.state = ?) AND min(r.state IN (?, "
          "?, ?, ?, ?)) AND max(e.occurred) <= ? AND count(DISTINCT r.id) = "
          "(SELECT count(*) FROM referrals WHERE case_id = c.id) ORDER BY 2 "
          "LIMIT ?",
          static_cast<int>(ReferralState::kClosed),
          static_cast<int>(ReferralState::kDeclined),
          static_cast<int>(ReferralState::kClosed),
          static_cast<int>(ReferralState::kWithdrawn),
          static_cast<int>(ReferralState::kCancelled),
          static_cast<int>(ReferralState::kExpired), Micros(before), limit));
  return AllRows(rows, ClosedCaseOf);
}

absl::Status RewriteCase(Session& session, const Uuid& case_id,
                         const CaseRewrite& rewrite) {
  const std::string id = case_id.ToBytes();
  ASSIGN_OR_RETURN(const StoredCase stored, ReadWhole(session, case_id));
  ASSIGN_OR_RETURN(const NewCase left, rewrite(stored));
  ASSIGN_OR_RETURN(const SecretBytes old_key, KeyOf(session, id));
  ASSIGN_OR_RETURN(const std::vector<KnownAs> names,
                   ReadPseudonyms(session, old_key, id));
  const std::string wrapped = NewWrappedKey(session, id);
  ASSIGN_OR_RETURN(const SecretBytes key, UnwrapKey(session, wrapped, id));
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE cases SET wrapped_key = ?, sealed_facts = ?, sealed_body = ?, "
      "content_index = ?, erase_at = ?, version = version + 1 WHERE id = ?",
      wrapped,
      Seal(key, EncodeFacts(left.facts), FactsContext(id), session.random),
      Seal(key, left.body, BodyContext(id), session.random),
      ContentOf(session, left), DueOf(left.facts), id));
  for (const KnownAs& name : names) {
    RETURN_IF_ERROR(GivePseudonym(session, name, id, id, key));
  }
  RETURN_IF_ERROR(attachment_tables::SealAnew(session, id, old_key, key));
  RETURN_IF_ERROR(DeleteTerms(session, id));
  RETURN_IF_ERROR(InsertTerms(session, left));
  return session.database.Run("INSERT INTO case_changes (case_id) VALUES (?)",
                              id);
}

absl::StatusOr<std::vector<Uuid>> ListCasesFrom(Session& session,
                                                const Uuid& referral_id) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT id FROM cases WHERE from_referral = ? AND "
                             "from_referral != x'' AND wrapped_key != x''",
                             referral_id.ToBytes()));
  return ReadIds(rows);
}

absl::StatusOr<std::vector<Uuid>> ListCasesToErase(Session& session,
                                                   absl::Time now, int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT id FROM cases WHERE erase_at > 0 AND "
                             "erase_at <= ? ORDER BY erase_at LIMIT ?",
                             Micros(now), limit));
  return ReadIds(rows);
}

}  // namespace comity::case_tables
