#pragma once

#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "comity/operators/v1/case_service.pb.h"
#include "node/service/operator_gate.h"
#include "node/wire/case_import.h"

namespace comity {

// Imports that are under way on this node. Rows are staged in the store piece
// by piece; an import that is not finished leaves nothing: it is discarded when
// it lay still for 15 minutes and another one begins, and when the node starts.
// At most 16 at once. Thread-safe; one caller per import.
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
  struct Session {
    Uuid id;
    std::string owner;  // operator name
    CaseImportParser parser;
    operators::v1::ImportCounts counts;
    uint32_t next_piece = 1;
    bool complete = false;
    absl::Time touched;
  };

  absl::StatusOr<std::shared_ptr<Session>> Find(const OperatorCall& call,
                                                const std::string& import_id);
  absl::Status Stage(OperatorCall& call, Session& session,
                     std::vector<ImportRow> rows,
                     operators::v1::AppendImportResponse& response);

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
