#pragma once

#include "node/store/case_store.h"
#include "node/store/sqlite/session.h"

namespace comity::case_tables {

// CaseReader and CaseWriter over one SQLite session; see case_store.h.

absl::StatusOr<CaseFacts> ReadFacts(Session& session, const Uuid& case_id);
absl::StatusOr<StoredCase> ReadCase(Session& session, const Permit& permit,
                                    const Uuid& case_id);
absl::StatusOr<StoredCase> ReadDecoy(Session& session);
absl::StatusOr<CaseFacts> ReadDecoyFacts(Session& session,
                                         const Uuid& pseudonym);
absl::StatusOr<uint64_t> ReadVersion(Session& session, const Uuid& case_id);
absl::StatusOr<uint64_t> ReadDecoyVersion(Session& session,
                                          const Uuid& pseudonym);
absl::StatusOr<std::vector<StoredCase>> ListCases(Session& session,
                                                  const Permit& permit,
                                                  const Uuid& after, int limit);
absl::StatusOr<std::vector<Uuid>> FindCases(Session& session,
                                            const IndexTerm& term);
absl::Status ScanCases(
    Session& session, const Permit& permit,
    const std::function<absl::Status(const StoredCase&)>& visit);
absl::StatusOr<std::vector<CaseChange>> ReadChanges(Session& session,
                                                    uint64_t sequence,
                                                    int limit);
absl::StatusOr<std::vector<Uuid>> ListImports(Session& session);
absl::StatusOr<Uuid> ReadPseudonym(Session& session, const Uuid& case_id,
                                   const ParticipantCode& partner);
absl::StatusOr<Uuid> ResolvePseudonym(Session& session, const Uuid& pseudonym,
                                      const ParticipantCode& partner);

absl::StatusOr<Uuid> ReadMergedInto(Session& session, const Uuid& case_id);
// The case to which the local reference of a merged one leads, if it does.
absl::StatusOr<std::vector<Uuid>> FindMergedReference(
    Session& session, absl::string_view reference);
absl::StatusOr<std::vector<Uuid>> ListPseudonyms(Session& session,
                                                 const Uuid& case_id);
absl::StatusOr<Tombstone> FindTombstone(Session& session,
                                        absl::string_view case_name);
absl::StatusOr<std::vector<Tombstone>> ListTombstones(Session& session,
                                                      const Uuid& after,
                                                      int limit);
absl::StatusOr<std::vector<ClosedCase>> ListClosedCases(Session& session,
                                                        absl::Time before,
                                                        int limit);
absl::StatusOr<std::vector<Uuid>> ListCasesFrom(Session& session,
                                                const Uuid& referral_id);
absl::StatusOr<std::vector<Uuid>> ListCasesToErase(Session& session,
                                                   absl::Time now, int limit);

// The whole case, for the store's own use alone. NOT_FOUND if it is erased.
absl::StatusOr<StoredCase> ReadWhole(Session& session, const Uuid& case_id);

// What makes a case unique, and what an import compares: the body and the flags
// of the screening, not when and by whom it was screened.
std::string ReferenceOf(const NewCase& new_case);
std::string ContentOf(const Session& session, const NewCase& new_case);

absl::Status InsertCase(Session& session, const NewCase& new_case,
                        absl::string_view import_id);
SealedCase SealCase(const Session& session, const NewCase& new_case);
absl::StatusOr<std::vector<SealedCase>> SealCases(
    const Session& session, const std::vector<NewCase>& cases);
absl::Status InsertSealed(Session& session, const SealedCase& row,
                          absl::string_view import_id);
absl::Status PutScreening(Session& session, const Uuid& case_id,
                          const DangerScreening& screening);
absl::Status PutConsent(Session& session, const Consent& consent);
absl::Status PutPseudonym(Session& session, const Uuid& case_id,
                          const ParticipantCode& partner,
                          const Uuid& pseudonym);
absl::Status PutHold(Session& session, const Uuid& case_id,
                     const std::optional<LegalHold>& hold);
absl::Status PutOwner(Session& session, const Uuid& case_id,
                      absl::string_view owner, absl::string_view organisation);
absl::Status PutDelegation(Session& session, const Uuid& case_id,
                           const std::optional<CaseDelegation>& delegation);
absl::Status PutWithdrawn(Session& session, const Uuid& case_id, absl::Time at);
absl::Status EraseCase(Session& session, const Uuid& case_id);
absl::Status EraseOwnCase(Session& session, const Tombstone& left);
absl::Status RewriteCase(Session& session, const Uuid& case_id,
                         const CaseRewrite& rewrite);
absl::Status MergeCases(Session& session, const Uuid& kept, const Uuid& other,
                        const CaseMerge& merge);
absl::Status BeginImport(Session& session, const Uuid& import_id,
                         absl::Time now);
absl::StatusOr<StageResult> StageCase(Session& session, const Uuid& import_id,
                                      const NewCase& new_case);
absl::StatusOr<StageResult> StageSealed(Session& session, const Uuid& import_id,
                                        const SealedCase& row);
absl::StatusOr<int64_t> CommitImport(Session& session, const Uuid& import_id);
absl::Status DiscardImport(Session& session, const Uuid& import_id);

}  // namespace comity::case_tables
