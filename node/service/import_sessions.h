#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "comity/operators/v1/case_service.pb.h"
#include "node/crypto/hash.h"
#include "node/service/operator_gate.h"
#include "node/wire/case_import.h"

namespace comity {

// Imports that are under way on this node. Rows are staged in the store piece
// by piece: those of a piece wait, sealed, and are staged while the next one is
// read, for nothing of an import must survive the process. An import that is
// not finished leaves nothing: it is discarded at once when its file is broken,
// when it lay still for 15 minutes and another one begins, and when the node
// starts. At most 16 at once. Thread-safe.
class ImportSessions {
 public:
  absl::Status Begin(OperatorCall& call,
                     const operators::v1::BeginImportRequest& request,
                     operators::v1::BeginImportResponse& response);
  absl::Status Append(OperatorCall& call,
                      const operators::v1::AppendImportRequest& request,
                      operators::v1::AppendImportResponse& response);
  absl::Status Finish(OperatorCall& call,
                      const operators::v1::CommitImportRequest& request,
                      operators::v1::CommitImportResponse& response);

 private:
  // A row without faults, less what is sealed of it.
  struct WaitingRow {
    uint64_t line = 0;
    std::string reference;
    bool undated = false;
    bool unscreened = false;
    std::vector<UnplacedValue> unplaced;
    SealedCase sealed;
    std::optional<RecordFault> fault = std::nullopt;  // found in staging
  };

  struct Session {
    Session(const Uuid& import_id, ImportTerms terms, std::string sha256)
        : id(import_id),
          owner(terms.screened_by),
          file_sha256(std::move(sha256)),
          parser(terms),
          touched(terms.screened_at) {}

    const Uuid id;
    const std::string owner;        // operator name
    const std::string file_sha256;  // what the file must have; empty: any
    absl::Mutex busy;  // held while a piece is read or the end is made
    CaseImportParser parser ABSL_GUARDED_BY(busy);
    Sha256Stream read ABSL_GUARDED_BY(busy);
    operators::v1::ImportCounts counts ABSL_GUARDED_BY(busy);
    // How often each value that has no place occurs, by column, value and
    // reason. All are codes of one dialect, so there are few.
    std::map<std::tuple<std::string, std::string, std::string>, uint64_t>
        unplaced ABSL_GUARDED_BY(busy);
    std::vector<WaitingRow> waiting ABSL_GUARDED_BY(busy);
    uint32_t next_piece ABSL_GUARDED_BY(busy) = 1;
    // The last piece and its answer, should the answer be lost.
    std::string last_digest ABSL_GUARDED_BY(busy);
    operators::v1::AppendImportResponse last_answer ABSL_GUARDED_BY(busy);
    bool complete ABSL_GUARDED_BY(busy) = false;
    bool ended ABSL_GUARDED_BY(busy) = false;
    absl::Time touched;  // guarded by the sessions' mutex
  };

  absl::StatusOr<std::shared_ptr<Session>> Find(const OperatorCall& call,
                                                const std::string& import_id);
  // Reads a piece and seals its rows; those with faults are put aside.
  static absl::StatusOr<std::vector<WaitingRow>> ReadPiece(
      OperatorCall& call, Session& session,
      const operators::v1::AppendImportRequest& request,
      std::vector<ImportRow>& faulty)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(session.busy);
  // Stages rows, and notes at each one that stands against what is there why.
  static absl::Status Stage(const Uuid& import_id,
                            std::vector<WaitingRow>& rows,
                            StoreTransaction& store,
                            operators::v1::ImportCounts& counts);
  // Counts rows that were staged or imported before, and tells of the others.
  static void CountStaged(const std::vector<WaitingRow>& rows, Session& session,
                          operators::v1::AppendImportResponse& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(session.busy);
  static absl::Status StageNow(OperatorCall& call, Session& session,
                               std::vector<WaitingRow>& rows,
                               operators::v1::AppendImportResponse& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(session.busy);
  // What is known once the whole file was read: whether it is the one that was
  // named, and what had no place.
  static absl::Status EndFile(Session& session,
                              operators::v1::AppendImportResponse& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(session.busy);
  // Reads the piece while the one before is staged.
  static absl::Status Take(OperatorCall& call, Session& session,
                           const operators::v1::AppendImportRequest& request,
                           operators::v1::AppendImportResponse& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(session.busy);
  // Ends the session and keeps nothing of it; returns why.
  absl::Status GiveUp(OperatorCall& call, Session& session, absl::Status why)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(session.busy);
  void Forget(const Uuid& id);

  absl::Mutex mutex_;
  std::map<Uuid, std::shared_ptr<Session>> sessions_ ABSL_GUARDED_BY(mutex_);
};

// Discards what imports of an earlier run left staged.
absl::Status DiscardStaleImports(NodeContext& node);

// A case of the caller's organisation, ready for the store.
NewCase MakeNewCase(const Caller& caller, const record::v1::CaseRecord& record,
                    const std::optional<DangerScreening>& screening,
                    const Uuid& case_id);

}  // namespace comity
