#pragma once

#include <string>
#include <vector>

#include "node/store/case_store.h"
#include "node/store/sqlite/session.h"

namespace comity::case_tables {

// How the tables of cases seal and index: what the functions of case_tables.h
// have in common.

absl::Status NoCase();

// What ties a sealed value to its case and column.
std::string FactsContext(absl::string_view id);
std::string BodyContext(absl::string_view id);

// The data key of a case. NOT_FOUND if there is none, or it was destroyed.
absl::StatusOr<SecretBytes> KeyOf(Session& session, absl::string_view id);

// ErasureDue() as its column holds it; 0: never.
int64_t DueOf(const CaseFacts& facts);
// The referral that a case was made of; empty: none.
std::string OriginOf(const CaseFacts& facts);

std::string TermKind(IndexKind kind);
// A local reference is found by its own column of `cases`, and is no term of
// its own there.
bool IsReference(const IndexTerm& term);
std::vector<std::string> TermIndexes(const Session& session,
                                     const NewCase& new_case);
absl::Status InsertTermIndexes(Session& session, absl::string_view id,
                               const std::vector<std::string>& indexes);
absl::Status InsertTerms(Session& session, const NewCase& new_case);
absl::Status DeleteTerms(Session& session, absl::string_view id);

// One pseudonym of a case: for whom, and for which of the cases merged into it.
struct KnownAs {
  std::string partner;
  std::string made_for;
  std::string pseudonym;
};

absl::StatusOr<std::vector<KnownAs>> ReadPseudonyms(Session& session,
                                                    const SecretBytes& key,
                                                    absl::string_view id);
// Makes a pseudonym of `from` one of `to`, sealed under the latter's key.
absl::Status GivePseudonym(Session& session, const KnownAs& name,
                           absl::string_view from, absl::string_view to,
                           const SecretBytes& key);

}  // namespace comity::case_tables
