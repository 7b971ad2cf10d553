#include "node/service/import_sessions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/run_aside.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/domain/case_merge.h"
#include "node/service/import_terms.h"

namespace comity {
namespace {

namespace pb = operators::v1;
constexpr size_t kMaxSessions = 16;
constexpr absl::Duration kLongestPause = absl::Minutes(15);
constexpr int kMaxFindings = 5000;
// Rows of a session that wait in memory; a piece with more is staged at once.
constexpr size_t kMostWaiting = 8192;
constexpr size_t kShownValue = 64;

absl::Status NoSuchImport() {
  return ReasonError(ErrorReason::kNotFound,
                     "there is no such import under way; begin a new one");
}

void AddFinding(uint64_t line, const RecordFault& fault,
                pb::AppendImportResponse& response) {
  if (response.findings_size() >= kMaxFindings) return;
  auto* finding = response.add_findings();
  finding->set_line(line);
  finding->set_column(fault.field);
  finding->set_value(fault.value.substr(0, kShownValue));
  finding->set_reason(fault.reason);
  finding->set_allowed(fault.allowed);
}

RecordFault ConflictOf(const std::string& reference, const CaseReader& store) {
  const auto left = store.FindTombstone(reference);
  if (left.ok()) {
    return {"x_local_reference", reference, ErasedText(*left),
            "a new reference"};
  }
  const auto ids = store.FindCases({IndexKind::kLocalReference, reference});
  if (ids.ok() && !ids->empty()) {
    const auto facts = store.ReadFacts(ids->front());
    for (const MergedCase& each :
         facts.ok() ? facts->merged : std::vector<MergedCase>()) {
      if (each.reference != reference) continue;
      return {"x_local_reference", reference,
              absl::StrCat("the case of this reference was ", MergedText(each),
                           ", and the row is another than its was"),
              "the same content; comity case edit changes the case"};
    }
  }
  return {"x_local_reference", reference,
          "the reference exists with other content",
          "a new reference, or the same content"};
}

}  // namespace

NewCase MakeNewCase(const Caller& caller, const record::v1::CaseRecord& record,
                    const std::optional<DangerScreening>& screening,
                    const Uuid& case_id) {
  NewCase made;
  made.facts = RecordFactsOf(record);
  made.facts.case_id = case_id;
  made.facts.owner = caller.OperatorName();
  made.facts.organisation = caller.organisation;
  made.facts.screening = screening;
  made.body = record.SerializeAsString();
  made.terms = {{IndexKind::kLocalReference, record.x_local_reference()},
                {IndexKind::kFamilyName, FoldedName(record.prs_second_name())}};
  return made;
}

absl::Status ImportSessions::Begin(OperatorCall& call,
                                   const pb::BeginImportRequest& request,
                                   pb::BeginImportResponse& response) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const ImportTerms terms, TermsOf(call, request));
  std::vector<Uuid> stale;
  {
    absl::MutexLock lock(&mutex_);
    std::erase_if(sessions_, [&](const auto& entry) {
      const bool still = call.now() - entry.second->touched > kLongestPause;
      if (still) stale.push_back(entry.first);
      return still;
    });
    if (sessions_.size() >= kMaxSessions) {
      return ReasonError(ErrorReason::kOverloaded,
                         "16 imports are under way; wait for one to finish");
    }
    const auto session =
        std::make_shared<Session>(id, terms, request.file_sha256());
    if (!sessions_.emplace(id, session).second) {
      return ReasonError(ErrorReason::kRequestIdReused,
                         "an import of this request id is under way");
    }
  }
  response.set_import_id(id.ToString());
  const auto entries = call.Commit([&](CommitScope& scope) -> absl::Status {
    for (const Uuid& each : stale) {
      RETURN_IF_ERROR(scope.store().DiscardImport(each));
    }
    return scope.store().BeginImport(id, scope.now());
  });
  if (!entries.ok()) Forget(id);
  return entries.status();
}

absl::Status DiscardStaleImports(NodeContext& node) {
  ASSIGN_OR_RETURN(const std::vector<Uuid> stale, node.store.ListImports());
  if (stale.empty()) return absl::OkStatus();
  return node.writer
      .Commit([&](CommitScope& scope) -> absl::Status {
        for (const Uuid& each : stale) {
          RETURN_IF_ERROR(scope.store().DiscardImport(each));
        }
        return absl::OkStatus();
      })
      .status();
}

absl::StatusOr<std::shared_ptr<ImportSessions::Session>> ImportSessions::Find(
    const OperatorCall& call, const std::string& import_id) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(import_id));
  absl::MutexLock lock(&mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() ||
      found->second->owner != call.caller().OperatorName()) {
    return NoSuchImport();
  }
  found->second->touched = call.now();
  return found->second;
}

void ImportSessions::Forget(const Uuid& id) {
  absl::MutexLock lock(&mutex_);
  sessions_.erase(id);
}

absl::Status ImportSessions::GiveUp(OperatorCall& call, Session& session,
                                    absl::Status why) {
  session.ended = true;
  Forget(session.id);
  call.SetDetail("DISCARDED");
  // What cannot be discarded now is when the node starts again.
  (void)call.Commit([&](CommitScope& scope) {
    return scope.store().DiscardImport(session.id);
  });
  return why;
}

absl::Status ImportSessions::Append(OperatorCall& call,
                                    const pb::AppendImportRequest& request,
                                    pb::AppendImportResponse& response) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Session> session,
                   Find(call, request.import_id()));
  absl::MutexLock lock(&session->busy);
  const std::string digest =
      Sha256Joined({request.last() ? "last" : "more", request.content()});
  if (request.sequence() + 1 == session->next_piece &&
      digest == session->last_digest) {
    response = session->last_answer;
    return absl::OkStatus();
  }
  if (request.sequence() != session->next_piece || session->complete) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("the next piece is number ", session->next_piece));
  }
  if (session->ended) return NoSuchImport();
  const absl::Status taken = Take(call, *session, request, response);
  if (!taken.ok()) return GiveUp(call, *session, taken);
  ++session->next_piece;
  session->complete = request.last();
  *response.mutable_counts() = session->counts;
  session->last_digest = digest;
  session->last_answer = response;
  return absl::OkStatus();
}

absl::Status ImportSessions::Take(OperatorCall& call, Session& session,
                                  const pb::AppendImportRequest& request,
                                  pb::AppendImportResponse& response) {
  std::vector<WaitingRow> before;
  before.swap(session.waiting);
  pb::ImportCounts counts = session.counts;
  auto staged = RunAside([&, id = session.id]() -> absl::Status {
    if (before.empty()) return absl::OkStatus();
    return call.node()
        .writer
        .Commit([&](CommitScope& scope) {
          return Stage(id, before, scope.store(), counts);
        })
        .status();
  });
  std::vector<ImportRow> faulty;
  absl::StatusOr<std::vector<WaitingRow>> rows =
      ReadPiece(call, session, request, faulty);
  RETURN_IF_ERROR(staged.get());
  RETURN_IF_ERROR(rows.status());
  session.counts = counts;
  CountStaged(before, session, response);
  session.counts.set_rows(session.counts.rows() + rows->size() + faulty.size());
  for (const ImportRow& row : faulty) {
    session.counts.set_rejected(session.counts.rejected() + 1);
    for (const RecordFault& fault : row.faults) {
      AddFinding(row.line, fault, response);
    }
  }
  if (!request.last() && rows->size() <= kMostWaiting) {
    session.waiting = *std::move(rows);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(StageNow(call, session, *rows, response));
  return request.last() ? EndFile(session, response) : absl::OkStatus();
}

absl::StatusOr<std::vector<ImportSessions::WaitingRow>>
ImportSessions::ReadPiece(OperatorCall& call, Session& session,
                          const pb::AppendImportRequest& request,
                          std::vector<ImportRow>& faulty) {
  if (!session.file_sha256.empty()) session.read.Add(request.content());
  ASSIGN_OR_RETURN(std::vector<ImportRow> read,
                   session.parser.Read(request.content(), request.last()));
  std::vector<NewCase> cases;
  std::vector<WaitingRow> rows;
  for (ImportRow& row : read) {
    if (!row.faults.empty()) {
      faulty.push_back(std::move(row));
      continue;
    }
    cases.push_back(MakeNewCase(call.caller(), row.record, row.screening,
                                NewUuid(call.node().random)));
    rows.push_back({row.line, row.record.x_local_reference(),
                    row.record.x_registered_on().empty(),
                    !row.screening.has_value(), std::move(row.unplaced)});
  }
  ASSIGN_OR_RETURN(std::vector<SealedCase> sealed,
                   call.node().store.SealCases(cases));
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].sealed = std::move(sealed[i]);
  }
  return rows;
}

absl::Status ImportSessions::Stage(const Uuid& import_id,
                                   std::vector<WaitingRow>& rows,
                                   StoreTransaction& store,
                                   pb::ImportCounts& counts) {
  for (WaitingRow& row : rows) {
    ASSIGN_OR_RETURN(const StageResult result,
                     store.StageSealed(import_id, row.sealed));
    switch (result) {
      case StageResult::kStaged:
        counts.set_accepted(counts.accepted() + 1);
        break;
      case StageResult::kConflict:
        counts.set_conflicts(counts.conflicts() + 1);
        counts.set_rejected(counts.rejected() + 1);
        row.fault = ConflictOf(row.reference, store);
        break;
      case StageResult::kUnchanged:
        counts.set_unchanged(counts.unchanged() + 1);
    }
  }
  return absl::OkStatus();
}

void ImportSessions::CountStaged(const std::vector<WaitingRow>& rows,
                                 Session& session,
                                 pb::AppendImportResponse& response) {
  for (const WaitingRow& row : rows) {
    if (row.fault.has_value()) {
      AddFinding(row.line, *row.fault, response);
      continue;
    }
    for (const UnplacedValue& each : row.unplaced) {
      ++session.unplaced[{each.column, each.value, each.reason}];
    }
    if (row.undated) session.counts.set_undated(session.counts.undated() + 1);
    if (row.unscreened) {
      session.counts.set_unscreened(session.counts.unscreened() + 1);
    }
  }
}

absl::Status ImportSessions::StageNow(OperatorCall& call, Session& session,
                                      std::vector<WaitingRow>& rows,
                                      pb::AppendImportResponse& response) {
  pb::ImportCounts counts = session.counts;
  RETURN_IF_ERROR(call.Commit([&, id = session.id](CommitScope& scope) {
                        return Stage(id, rows, scope.store(), counts);
                      })
                      .status());
  session.counts = counts;
  CountStaged(rows, session, response);
  return absl::OkStatus();
}

absl::Status ImportSessions::EndFile(Session& session,
                                     pb::AppendImportResponse& response) {
  if (!session.file_sha256.empty() &&
      session.read.Finish() != session.file_sha256) {
    return ReasonError(ErrorReason::kImportRejected,
                       "the file changed while it was read; import it again");
  }
  for (const auto& [what, count] : session.unplaced) {
    auto* values = response.add_unplaced();
    values->set_column(std::get<0>(what));
    values->set_value(std::get<1>(what));
    values->set_reason(std::get<2>(what));
    values->set_count(count);
  }
  return absl::OkStatus();
}

absl::Status ImportSessions::Finish(OperatorCall& call,
                                    const pb::CommitImportRequest& request,
                                    pb::CommitImportResponse& response) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Session> session,
                   Find(call, request.import_id()));
  absl::MutexLock lock(&session->busy);
  if (session->ended) return NoSuchImport();
  *response.mutable_counts() = session->counts;
  response.set_dialect(session->parser.dialect());
  const bool whole = session->counts.rejected() == 0;
  const bool commit = session->complete && !request.discard() &&
                      (whole || request.accept_valid_rows());
  call.SetDetail(commit ? "COMMITTED" : "DISCARDED");
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) -> absl::Status {
                        if (!commit)
                          return scope.store().DiscardImport(session->id);
                        ASSIGN_OR_RETURN(
                            const int64_t imported,
                            scope.store().CommitImport(session->id));
                        response.set_imported(static_cast<uint64_t>(imported));
                        return absl::OkStatus();
                      })
                      .status());
  session->ended = true;
  Forget(session->id);
  return absl::OkStatus();
}

}  // namespace comity
