#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/store/facts_codec.h"
#include "node/store/sqlite/attachment_tables.h"
#include "node/store/sqlite/case_sealing.h"
#include "node/store/sqlite/case_tables.h"

// How two cases of one person become one. The row of the one that is merged
// stays without content, so that its id and reference lead to the other.
namespace comity::case_tables {
namespace {

// Everything that is kept by the id of a case beside the tables of cases.
absl::Status MoveOwned(Session& session, absl::string_view kept,
                       absl::string_view other) {
  for (const char* forget :
       {"DELETE FROM approvals WHERE request_id IN (SELECT id FROM "
        "approval_requests WHERE used_by = zeroblob(16) AND (subject IN (?1, "
        "?2) OR subject IN (SELECT id FROM referrals WHERE case_id IN (?1, "
        "?2))))",
        "DELETE FROM approval_requests WHERE used_by = zeroblob(16) AND "
        "(subject IN (?1, ?2) OR subject IN (SELECT id FROM referrals WHERE "
        "case_id IN (?1, ?2)))"}) {
    RETURN_IF_ERROR(session.database.Run(forget, kept, other));
  }
  for (const char* move :
       {"UPDATE approval_requests SET subject = ?1 WHERE subject = ?2",
        "UPDATE emergency_reviews SET subject = ?1 WHERE subject = ?2",
        "INSERT INTO referral_changes (referral_id) SELECT id FROM referrals "
        "WHERE case_id = ?2",
        "UPDATE referrals SET case_id = ?1 WHERE case_id = ?2"}) {
    RETURN_IF_ERROR(session.database.Run(move, kept, other));
  }
  return absl::OkStatus();
}

// What is sealed under the data key of `from` goes under `key`, that of `to`.
absl::Status MoveSealed(Session& session, absl::string_view from,
                        absl::string_view to, const SecretBytes& key) {
  ASSIGN_OR_RETURN(const SecretBytes old_key, KeyOf(session, from));
  ASSIGN_OR_RETURN(const std::vector<KnownAs> names,
                   ReadPseudonyms(session, old_key, from));
  for (const KnownAs& name : names) {
    RETURN_IF_ERROR(GivePseudonym(session, name, from, to, key));
  }
  RETURN_IF_ERROR(attachment_tables::SealAnew(session, from, old_key, key));
  return session.database.Run(
      "UPDATE attachments SET owner = ? WHERE owner = ?", to, from);
}

// Leaves of a case what leads to the other one.
absl::Status Redirect(Session& session, absl::string_view from,
                      absl::string_view to) {
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE cases SET wrapped_key = x'', sealed_facts = x'', sealed_body = "
      "x'', from_referral = x'', erase_at = 0, merged_into = ?, version = "
      "version + 1 WHERE id = ?",
      to, from));
  return session.database.Run(
      "UPDATE cases SET merged_into = ? WHERE merged_into = ?", to, from);
}

}  // namespace

absl::StatusOr<Uuid> ReadMergedInto(Session& session, const Uuid& case_id) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT merged_into FROM cases WHERE id = ? AND "
                             "merged_into != x''",
                             case_id.ToBytes()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoCase();
  return Uuid::FromBytes(row.Blob(0));
}

absl::StatusOr<std::vector<Uuid>> FindMergedReference(
    Session& session, absl::string_view reference) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT merged_into FROM cases WHERE "
                             "reference_index = ? AND merged_into != x''",
                             BlindIndex(session, "reference", reference)));
  return ReadIds(rows);
}

absl::Status MergeCases(Session& session, const Uuid& kept, const Uuid& other,
                        const CaseMerge& merge) {
  if (kept == other) {
    return ReasonError(ErrorReason::kInternal, "a case was merged with itself");
  }
  const std::string id = kept.ToBytes();
  const std::string gone = other.ToBytes();
  ASSIGN_OR_RETURN(const StoredCase first, ReadWhole(session, kept));
  ASSIGN_OR_RETURN(const StoredCase second, ReadWhole(session, other));
  ASSIGN_OR_RETURN(const NewCase merged, merge(first, second));
  const std::string wrapped = NewWrappedKey(session, id);
  ASSIGN_OR_RETURN(const SecretBytes key, UnwrapKey(session, wrapped, id));
  RETURN_IF_ERROR(MoveSealed(session, id, id, key));
  RETURN_IF_ERROR(MoveSealed(session, gone, id, key));
  // What an import compares with stays what it was.
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE cases SET wrapped_key = ?, sealed_facts = ?, sealed_body = ?, "
      "erase_at = ?, version = version + 1 WHERE id = ?",
      wrapped,
      Seal(key, EncodeFacts(merged.facts), FactsContext(id), session.random),
      Seal(key, merged.body, BodyContext(id), session.random),
      DueOf(merged.facts), id));
  RETURN_IF_ERROR(DeleteTerms(session, id));
  RETURN_IF_ERROR(DeleteTerms(session, gone));
  RETURN_IF_ERROR(InsertTerms(session, merged));
  RETURN_IF_ERROR(MoveOwned(session, id, gone));
  RETURN_IF_ERROR(Redirect(session, gone, id));
  for (const std::string& changed : {id, gone}) {
    RETURN_IF_ERROR(session.database.Run(
        "INSERT INTO case_changes (case_id) VALUES (?)", changed));
  }
  return absl::OkStatus();
}

}  // namespace comity::case_tables
