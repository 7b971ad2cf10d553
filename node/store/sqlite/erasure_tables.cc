#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/store/facts_codec.h"
#include "node/store/sqlite/case_sealing.h"
#include "node/store/sqlite/case_tables.h"

// How a case is erased, whole or in part.
namespace comity::case_tables {
namespace {

absl::Status DeleteTerms(Session& session, absl::string_view id) {
  return session.database.Run("DELETE FROM case_terms WHERE case_id = ?", id);
}

// One pseudonym of a case, with whom.
struct KnownAs {
  std::string partner;
  std::string pseudonym;
};

absl::StatusOr<std::vector<KnownAs>> ReadPseudonyms(Session& session,
                                                    const SecretBytes& key,
                                                    absl::string_view id) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT partner, sealed_pseudonym FROM pseudonyms WHERE case_id = ?",
          id));
  std::vector<KnownAs> all;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return all;
    KnownAs one{rows.Blob(0), ""};
    ASSIGN_OR_RETURN(one.pseudonym, Open(key, rows.Blob(1), one.partner));
    all.push_back(std::move(one));
  }
}

}  // namespace

absl::Status EraseCase(Session& session, const Uuid& case_id) {
  const std::string id = case_id.ToBytes();
  RETURN_IF_ERROR(KeyOf(session, id).status());
  RETURN_IF_ERROR(DeleteTerms(session, id));
  RETURN_IF_ERROR(
      session.database.Run("DELETE FROM pseudonyms WHERE case_id = ?", id));
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE cases SET wrapped_key = x'', sealed_facts = x'', sealed_body = "
      "x'', reference_index = ?, content_index = x'', erase_at = 0, version = "
      "version + 1 WHERE id = ?",
      BlindIndex(session, "erased", id), id));
  return session.database.Run("INSERT INTO case_changes (case_id) VALUES (?)",
                              id);
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
    RETURN_IF_ERROR(session.database.Run(
        "UPDATE pseudonyms SET sealed_pseudonym = ? WHERE case_id = ? AND "
        "partner = ?",
        Seal(key, name.pseudonym, name.partner, session.random), id,
        name.partner));
  }
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
                             "erase_at <= ? LIMIT ?",
                             absl::ToUnixMicros(now), limit));
  return ReadIds(rows);
}

}  // namespace comity::case_tables
