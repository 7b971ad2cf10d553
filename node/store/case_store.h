#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/base/uuid.h"
#include "node/domain/case_facts.h"
#include "node/domain/tombstone.h"
#include "node/policy/permit.h"

namespace comity {

// What a blind index can find a case by. The store keeps only
// HMAC-SHA-256(index key, kind and value), so equality is all it can answer.
enum class IndexKind : uint8_t {
  kLocalReference = 1,  // unique in the node
  kFamilyName = 2,      // upper-case, trimmed
};

struct IndexTerm {
  IndexKind kind;
  std::string value;
};

// A case as its author hands it in. The store seals `body` (a serialized
// comity.record.v1.CaseRecord, opaque here) and the facts under a data key of
// the person's own, wrapped by the node's key.
struct NewCase {
  CaseFacts facts;  // case_id, owner, organisation and record facts
  std::string body;
  std::vector<IndexTerm> terms;
};

struct StoredCase {
  CaseFacts facts;
  std::string body;
};

// A case as it is kept: sealed under a data key of its own, with blind indexes
// of what it is found by and compared with. Made ahead of the transaction that
// stages it, which then has little left to do.
struct SealedCase {
  Uuid case_id;
  std::string wrapped_key;
  std::string sealed_facts;
  std::string sealed_body;
  std::string reference_index;
  std::string content_index;
  std::vector<std::string> term_indexes;
  std::string from_referral;  // the id's bytes; empty: none
  int64_t erase_at = 0;       // microseconds; 0: never
};

// What appending one row to an import did.
enum class StageResult : uint8_t {
  kStaged,
  kUnchanged,  // the reference exists with the same content: nothing to do
  kConflict,   // the reference exists with other content
};

// One step of the change sequence that tabulation follows.
struct CaseChange {
  uint64_t sequence = 0;
  Uuid case_id;
};

// An own case whose referrals are over.
struct ClosedCase {
  Uuid case_id;
  absl::Time closed_at;  // of the last event
};

// Reads cases. Every method that yields person data takes a Permit and
// answers only what it covers: the permit's case, or its scope (own: the
// caller is the owner; organisation; all). Thread-safe.
class CaseReader {
 public:
  virtual ~CaseReader() = default;

  // NOT_FOUND if there is no visible case of that id.
  virtual absl::StatusOr<CaseFacts> ReadFacts(const Uuid& case_id) const = 0;

  // The version that the facts have, which rises with each change of the case:
  // nothing is decrypted. NOT_FOUND likewise.
  virtual absl::StatusOr<uint64_t> ReadVersion(const Uuid& case_id) const = 0;

  // NOT_FOUND likewise; INTERNAL if `permit` is for another case or for none.
  virtual absl::StatusOr<StoredCase> ReadCase(const Permit& permit,
                                              const Uuid& case_id) const = 0;

  // Decrypts a constant body of ordinary size, so that a question that is
  // refused costs what a release would.
  virtual absl::StatusOr<StoredCase> ReadDecoy() const = 0;

  // Reads the facts of some case, always the same one for a pseudonym, so that
  // a question about a case that does not exist touches the pages that one
  // about a case that does would. What it returns is for nobody. NOT_FOUND if
  // there is no case at all.
  virtual absl::StatusOr<CaseFacts> ReadDecoyFacts(
      const Uuid& pseudonym) const = 0;
  // The same for ReadVersion.
  virtual absl::StatusOr<uint64_t> ReadDecoyVersion(
      const Uuid& pseudonym) const = 0;

  // Cases in the permit's scope in order of creation, at most `limit`, after
  // the one named (nil: from the start).
  virtual absl::StatusOr<std::vector<StoredCase>> ListCases(
      const Permit& permit, const Uuid& after, int limit) const = 0;

  // Ids of visible cases that carry the term, in no scope yet: the caller
  // decides on each by its facts. The local reference of a merged case leads to
  // the one that it was merged into.
  virtual absl::StatusOr<std::vector<Uuid>> FindCases(
      const IndexTerm& term) const = 0;

  // Calls `visit` with every visible case. For tabulation alone: INTERNAL
  // unless `permit` is for kTableTabulate with scope kAll.
  virtual absl::Status ScanCases(
      const Permit& permit,
      const std::function<absl::Status(const StoredCase&)>& visit) const = 0;

  // Changes after `sequence`, oldest first, at most `limit`.
  virtual absl::StatusOr<std::vector<CaseChange>> ReadChanges(
      uint64_t sequence, int limit) const = 0;

  // Seals cases for StageSealed, in their order; reads nothing.
  virtual absl::StatusOr<std::vector<SealedCase>> SealCases(
      const std::vector<NewCase>& cases) const = 0;

  // Imports that were begun and neither committed nor discarded.
  virtual absl::StatusOr<std::vector<Uuid>> ListImports() const = 0;

  // The pair pseudonym of a case for one partner; its own before that of a case
  // merged into it. NOT_FOUND if it has none.
  virtual absl::StatusOr<Uuid> ReadPseudonym(
      const Uuid& case_id, const ParticipantCode& partner) const = 0;

  // The case behind a pair pseudonym. NOT_FOUND if there is none.
  virtual absl::StatusOr<Uuid> ResolvePseudonym(
      const Uuid& pseudonym, const ParticipantCode& partner) const = 0;

  // The case into which another one was merged, however often. NOT_FOUND if it
  // was not.
  virtual absl::StatusOr<Uuid> ReadMergedInto(const Uuid& case_id) const = 0;

  // All pair pseudonyms of a case, those of cases merged into it included.
  virtual absl::StatusOr<std::vector<Uuid>> ListPseudonyms(
      const Uuid& case_id) const = 0;

  // What is left of an own case that was erased, by its id or by the local
  // reference that it had, or by those of a case merged into it. NOT_FOUND if
  // there is none.
  virtual absl::StatusOr<Tombstone> FindTombstone(
      absl::string_view case_name) const = 0;
  // Newest first, at most `limit`, after the one of that case (nil: from the
  // newest).
  virtual absl::StatusOr<std::vector<Tombstone>> ListTombstones(
      const Uuid& after, int limit) const = 0;

  // Cases that were made of what a referral told and are not erased.
  virtual absl::StatusOr<std::vector<Uuid>> ListCasesFrom(
      const Uuid& referral_id) const = 0;
  // Cases whose ErasureDue() has come and that are not erased, at most `limit`.
  virtual absl::StatusOr<std::vector<Uuid>> ListCasesToErase(
      absl::Time now, int limit) const = 0;
  // Own cases whose referrals are all over, one of them completed, with nothing
  // left to deliver and the last event at or before `before`, at most `limit`.
  virtual absl::StatusOr<std::vector<ClosedCase>> ListClosedCases(
      absl::Time before, int limit) const = 0;
};

// Makes of a case what is left of it. Nothing of it leaves the store: what it
// returns is sealed again.
using CaseRewrite = std::function<absl::StatusOr<NewCase>(const StoredCase&)>;

// Makes one case of two. Nothing of them leaves the store likewise.
using CaseMerge = std::function<absl::StatusOr<NewCase>(
    const StoredCase& kept, const StoredCase& other)>;

// Writes cases inside a transaction. Each write raises the case's version and
// the change sequence.
class CaseWriter {
 public:
  virtual ~CaseWriter() = default;

  // ALREADY_EXISTS if its local reference is taken.
  virtual absl::Status InsertCase(const NewCase& new_case) = 0;

  // Replace the named facts. NOT_FOUND if there is no such case.
  virtual absl::Status PutScreening(const Uuid& case_id,
                                    const DangerScreening& screening) = 0;
  virtual absl::Status PutConsent(const Consent& consent) = 0;
  virtual absl::Status PutPseudonym(const Uuid& case_id,
                                    const ParticipantCode& partner,
                                    const Uuid& pseudonym) = 0;
  virtual absl::Status PutHold(const Uuid& case_id,
                               const std::optional<LegalHold>& hold) = 0;
  virtual absl::Status PutOwner(const Uuid& case_id, absl::string_view owner,
                                absl::string_view organisation) = 0;
  virtual absl::Status PutDelegation(
      const Uuid& case_id, const std::optional<CaseDelegation>& delegation) = 0;
  // Notes that consent to what the case was made of was withdrawn.
  virtual absl::Status PutWithdrawn(const Uuid& case_id, absl::Time at) = 0;

  // Destroys the person's data key and all that it sealed, index terms and
  // pseudonyms; its reference, and those of cases merged into it, are free
  // again. NOT_FOUND if there is no such case, or it is erased already.
  virtual absl::Status EraseCase(const Uuid& case_id) = 0;
  // The same for an own case, of which `left` stays; its reference stays taken.
  virtual absl::Status EraseOwnCase(const Tombstone& left) = 0;
  // Replaces facts, body and terms by what `rewrite` returns, under a new data
  // key; the old one is destroyed.
  virtual absl::Status RewriteCase(const Uuid& case_id,
                                   const CaseRewrite& rewrite) = 0;

  // Replaces facts, body and terms of `kept` by what `merge` returns, under a
  // new data key, and gives it what was `other`'s: pseudonyms, referrals,
  // reviews of emergencies, cases merged earlier. The data keys of both are
  // destroyed. Approvals that nobody used yet, of either or of a referral of
  // either, are forgotten: they were given for another record. The references
  // of both stay taken, and an import compares its rows with what it compared
  // before. NOT_FOUND if one is not there.
  virtual absl::Status MergeCases(const Uuid& kept, const Uuid& other,
                                  const CaseMerge& merge) = 0;

  // Staged imports: rows become visible at CommitImport, all at once. Content
  // is compared by a keyed digest of `body` and the screening's flags.
  // BeginImport: ALREADY_EXISTS if cases came under that id before. StageCase:
  // NOT_FOUND if no such import is under way; the others do nothing then.
  virtual absl::Status BeginImport(const Uuid& import_id, absl::Time now) = 0;
  virtual absl::StatusOr<StageResult> StageCase(const Uuid& import_id,
                                                const NewCase& new_case) = 0;
  virtual absl::StatusOr<StageResult> StageSealed(const Uuid& import_id,
                                                  const SealedCase& row) = 0;
  // Returns how many rows became visible.
  virtual absl::StatusOr<int64_t> CommitImport(const Uuid& import_id) = 0;
  virtual absl::Status DiscardImport(const Uuid& import_id) = 0;
};

}  // namespace comity
