#include "node/store/sqlite/case_sealing.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"

namespace comity::case_tables {

absl::Status NoCase() {
  return ReasonError(ErrorReason::kNotFound, "there is no such case");
}

std::string FactsContext(absl::string_view id) {
  return absl::StrCat("facts", id);
}
std::string BodyContext(absl::string_view id) {
  return absl::StrCat("body", id);
}

absl::StatusOr<SecretBytes> KeyOf(Session& session, absl::string_view id) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT wrapped_key FROM cases WHERE id = ?", id));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  const std::string wrapped = found ? row.Blob(0) : "";
  if (wrapped.empty()) return NoCase();
  return UnwrapKey(session, wrapped, id);
}

int64_t DueOf(const CaseFacts& facts) {
  const absl::Time due = ErasureDue(facts);
  return due == absl::InfiniteFuture() ? 0 : absl::ToUnixMicros(due);
}

std::string OriginOf(const CaseFacts& facts) {
  return facts.provenance.has_value() ? facts.provenance->referral_id.ToBytes()
                                      : "";
}

std::string TermKind(IndexKind kind) {
  return absl::StrCat("term", static_cast<int>(kind));
}

bool IsReference(const IndexTerm& term) {
  return term.kind == IndexKind::kLocalReference && !term.value.empty();
}

std::vector<std::string> TermIndexes(const Session& session,
                                     const NewCase& new_case) {
  std::vector<std::string> indexes;
  for (const IndexTerm& term : new_case.terms) {
    if (term.value.empty() || IsReference(term)) continue;
    indexes.push_back(BlindIndex(session, TermKind(term.kind), term.value));
  }
  return indexes;
}

absl::Status InsertTermIndexes(Session& session, absl::string_view id,
                               const std::vector<std::string>& indexes) {
  for (const std::string& index : indexes) {
    RETURN_IF_ERROR(session.database.Run(
        "INSERT OR IGNORE INTO case_terms (term_index, case_id) VALUES (?, ?)",
        index, id));
  }
  return absl::OkStatus();
}

absl::Status InsertTerms(Session& session, const NewCase& new_case) {
  return InsertTermIndexes(session, new_case.facts.case_id.ToBytes(),
                           TermIndexes(session, new_case));
}

absl::Status DeleteTerms(Session& session, absl::string_view id) {
  return session.database.Run("DELETE FROM case_terms WHERE case_id = ?", id);
}

absl::StatusOr<std::vector<KnownAs>> ReadPseudonyms(Session& session,
                                                    const SecretBytes& key,
                                                    absl::string_view id) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT partner, made_for, sealed_pseudonym FROM "
                             "pseudonyms WHERE case_id = ?",
                             id));
  std::vector<KnownAs> all;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return all;
    KnownAs one{rows.Blob(0), rows.Blob(1), ""};
    ASSIGN_OR_RETURN(one.pseudonym, Open(key, rows.Blob(2), one.partner));
    all.push_back(std::move(one));
  }
}

absl::Status GivePseudonym(Session& session, const KnownAs& name,
                           absl::string_view from, absl::string_view to,
                           const SecretBytes& key) {
  return session.database.Run(
      "UPDATE pseudonyms SET case_id = ?, sealed_pseudonym = ? WHERE case_id = "
      "? AND partner = ? AND made_for = ?",
      to, Seal(key, name.pseudonym, name.partner, session.random), from,
      name.partner, name.made_for);
}

}  // namespace comity::case_tables
