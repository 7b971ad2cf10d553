#include "node/store/sqlite/case_sealing.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

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

absl::Status InsertTerms(Session& session, const NewCase& new_case) {
  for (const IndexTerm& term : new_case.terms) {
    if (term.value.empty()) continue;
    RETURN_IF_ERROR(session.database.Run(
        "INSERT OR IGNORE INTO case_terms (term_index, case_id) VALUES (?, ?)",
        BlindIndex(session, TermKind(term.kind), term.value),
        new_case.facts.case_id.ToBytes()));
  }
  return absl::OkStatus();
}

}  // namespace comity::case_tables
