#include "node/service/case_desk.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_change.h"
#include "node/service/case_merge.h"
#include "node/service/case_view.h"
#include "node/service/consent_steps.h"
#include "node/service/import_sessions.h"
#include "node/service/packet_documents.h"
#include "node/service/page_size.h"
#include "node/service/referral_steps.h"
#include "node/service/taken_in.h"
#include "node/service/waking.h"
#include "node/service/withdrawal.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// Accepted, and the person has neither gone another way nor withdrawn.
bool WasAccepted(ReferralState state) {
  const DossierStage stage = StageOf(state);
  return stage != DossierStage::kSent && stage != DossierStage::kClosed;
}

// Puts the packet of a received referral under `record`, and returns what its
// release binds the new case to: as it is in the commit that makes the case,
// for a withdrawal may have come meanwhile.
absl::StatusOr<Provenance> TakePacket(OperatorCall& call,
                                      const Uuid& referral_id,
                                      const StoreReader& store,
                                      record::v1::CaseRecord& record) {
  ASSIGN_OR_RETURN(
      const Permit reading,
      call.engine().DecideLocal(call.caller(), LocalOperation::kReferralRead,
                                nullptr, call.now()));
  ASSIGN_OR_RETURN(const Dossier dossier, ReadDossier(store, referral_id));
  const ReferralRow& row = dossier.row;
  if (row.parties.receiver != call.node().self || !WasAccepted(row.state) ||
      !row.PacketReadable(call.now())) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "a case is made of a received referral that is accepted "
                       "and whose packet is not erased");
  }
  call.SetPeer(row.parties.holder);
  ASSIGN_OR_RETURN(record::v1::CaseRecord told,
                   ReadTold(store, reading, dossier));
  told.MergeFrom(record);
  record = std::move(told);
  Provenance provenance{row.parties.holder, row.referral_id, row.purpose,
                        row.no_onward_transfer};
  if (row.erase_at != absl::InfiniteFuture()) {
    provenance.erase_at = row.erase_at;
  }
  return provenance;
}

absl::Status CheckNewRecord(record::v1::CaseRecord& record) {
  const std::vector<RecordFault> faults = CheckRecord(record);
  if (!faults.empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat(faults[0].field, ": ", faults[0].reason,
                                    "; allowed: ", faults[0].allowed));
  }
  if (record.x_local_reference().empty()) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "x_local_reference must be set");
  }
  return absl::OkStatus();
}

// What a new case is made of.
struct CaseDraft {
  Uuid id;
  record::v1::CaseRecord record;
  std::optional<DangerScreening> screening;
  std::optional<Uuid> packet;  // the received referral, if it is made of one
};

absl::Status MakeCase(OperatorCall& call, const CaseDraft& draft,
                      CommitScope& scope) {
  record::v1::CaseRecord record = draft.record;
  std::optional<Provenance> provenance;
  if (draft.packet.has_value()) {
    ASSIGN_OR_RETURN(provenance,
                     TakePacket(call, *draft.packet, scope.store(), record));
    RETURN_IF_ERROR(CheckNewRecord(record));
  }
  const auto left = scope.store().FindTombstone(record.x_local_reference());
  if (left.ok()) {
    return ReasonError(
        ErrorReason::kAlreadyExists,
        absl::StrCat(ErasedText(*left), "; give a new reference"));
  }
  NewCase made = MakeNewCase(call.caller(), record, draft.screening, draft.id);
  made.facts.provenance = std::move(provenance);
  RETURN_IF_ERROR(scope.store().InsertCase(made));
  if (!draft.packet.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(ShareDocuments(call.node(), *draft.packet, draft.id, scope));
  return HoldBackOutbox(call.node(), draft.id, scope);
}

absl::Status HandleCreateCase(OperatorCall& call,
                              const pb::CreateCaseRequest& request,
                              pb::CreateCaseResponse& response) {
  CaseDraft draft;
  ASSIGN_OR_RETURN(draft.id, Uuid::Parse(request.request_id()));
  draft.record = request.record();
  if (request.referral_id().empty()) {
    RETURN_IF_ERROR(CheckNewRecord(draft.record));
  } else {
    ASSIGN_OR_RETURN(const ReferralRow row,
                     FindReferral(call, request.referral_id()));
    draft.packet = row.referral_id;
  }
  if (request.has_screening()) {
    ASSIGN_OR_RETURN(draft.screening,
                     ParseScreening(request.screening(),
                                    call.caller().OperatorName(), call.now()));
  }
  // The request id is the case's id, so a repeat finds what it made.
  call.SetSubject(draft.id);
  response.set_case_id(draft.id.ToString());
  return call
      .Commit([&](CommitScope& scope) { return MakeCase(call, draft, scope); })
      .status();
}

absl::Status HandleGetCase(OperatorCall& call,
                           const pb::GetCaseRequest& request,
                           pb::GetCaseResponse& response) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(const StoredCase stored,
                   call.node().store.ReadCase(permit, *permit.case_id()));
  ASSIGN_OR_RETURN(*response.mutable_case_(), CaseViewOf(stored));
  return AddConflicts(call.node(), call.engine(), stored.facts,
                      response.case_().record(), call.now(), response);
}

absl::Status HandleListCases(OperatorCall& call,
                             const pb::ListCasesRequest& request,
                             pb::ListCasesResponse& response) {
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  Uuid after;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(after, Uuid::Parse(request.page_token()));
  }
  ASSIGN_OR_RETURN(const Permit permit, call.PermitAll());
  ASSIGN_OR_RETURN(const std::vector<StoredCase> cases,
                   call.node().store.ListCases(permit, after, size));
  for (const StoredCase& stored : cases) {
    if (stored.facts.ShutOff()) continue;
    call.AddAbout(stored.facts.case_id);
    ASSIGN_OR_RETURN(*response.add_cases(), CaseViewOf(stored));
  }
  if (static_cast<int>(cases.size()) == size) {
    response.set_next_page_token(cases.back().facts.case_id.ToString());
  }
  return absl::OkStatus();
}

absl::Status HandleFindCases(OperatorCall& call,
                             const pb::FindCasesRequest& request,
                             pb::FindCasesResponse& response) {
  if (request.local_reference().empty() == request.family_name().empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "give either local_reference or family_name");
  }
  const IndexTerm term =
      request.family_name().empty()
          ? IndexTerm{IndexKind::kLocalReference, request.local_reference()}
          : IndexTerm{IndexKind::kFamilyName,
                      FoldedName(request.family_name())};
  ASSIGN_OR_RETURN(const std::vector<Uuid> ids,
                   call.node().store.FindCases(term));
  for (const Uuid& id : ids) {
    const auto permit = call.PermitCase(id.ToString());
    if (!permit.ok() || response.cases_size() >= 50) continue;
    ASSIGN_OR_RETURN(const StoredCase stored,
                     call.node().store.ReadCase(*permit, id));
    ASSIGN_OR_RETURN(*response.add_cases(), CaseViewOf(stored));
  }
  return absl::OkStatus();
}

absl::Status HandleRecordScreening(OperatorCall& call,
                                   const pb::RecordScreeningRequest& request,
                                   pb::RecordScreeningResponse&) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(const DangerScreening screening,
                   ParseScreening(request.screening(),
                                  call.caller().OperatorName(), call.now()));
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(
            scope.store().PutScreening(*permit.case_id(), screening));
        return HoldBackOutbox(call.node(), *permit.case_id(), scope);
      })
      .status();
}

class CaseServiceImpl : public pb::CaseService::CallbackService {
 public:
  CaseServiceImpl(OperatorGate& gate, std::function<void()> wake)
      : gate_(gate), wake_(std::move(wake)) {}

  grpc::ServerUnaryReactor* BeginImport(
      grpc::CallbackServerContext* context,
      const pb::BeginImportRequest* request,
      pb::BeginImportResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseImport, request, response,
                     [this](auto& call, const auto& in, auto& out) {
                       return imports_.Begin(call, in, out);
                     });
  }
  grpc::ServerUnaryReactor* AppendImport(
      grpc::CallbackServerContext* context,
      const pb::AppendImportRequest* request,
      pb::AppendImportResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseImport, request, response,
                     [this](auto& call, const auto& in, auto& out) {
                       return imports_.Append(call, in, out);
                     });
  }
  grpc::ServerUnaryReactor* CommitImport(
      grpc::CallbackServerContext* context,
      const pb::CommitImportRequest* request,
      pb::CommitImportResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseImport, request, response,
                     [this](auto& call, const auto& in, auto& out) {
                       return imports_.Finish(call, in, out);
                     });
  }
  grpc::ServerUnaryReactor* CreateCase(
      grpc::CallbackServerContext* context,
      const pb::CreateCaseRequest* request,
      pb::CreateCaseResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseCreate, request, response,
                     HandleCreateCase);
  }
  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context,
                                    const pb::GetCaseRequest* request,
                                    pb::GetCaseResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseRead, request, response,
                     HandleGetCase);
  }
  grpc::ServerUnaryReactor* ListCases(
      grpc::CallbackServerContext* context, const pb::ListCasesRequest* request,
      pb::ListCasesResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseRead, request, response,
                     HandleListCases);
  }
  grpc::ServerUnaryReactor* FindCases(
      grpc::CallbackServerContext* context, const pb::FindCasesRequest* request,
      pb::FindCasesResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseFind, request, response,
                     HandleFindCases);
  }
  grpc::ServerUnaryReactor* UpdateCase(
      grpc::CallbackServerContext* context,
      const pb::UpdateCaseRequest* request,
      pb::UpdateCaseResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseEdit, request, response,
                     Waking(wake_, HandleUpdateCase));
  }
  grpc::ServerUnaryReactor* CorrectCase(
      grpc::CallbackServerContext* context,
      const pb::CorrectCaseRequest* request,
      pb::CorrectCaseResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseEdit, request, response,
                     Waking(wake_, HandleCorrectCase));
  }
  grpc::ServerUnaryReactor* AssignCase(
      grpc::CallbackServerContext* context,
      const pb::AssignCaseRequest* request,
      pb::AssignCaseResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseAssign, request, response,
                     HandleAssignCase);
  }
  grpc::ServerUnaryReactor* DelegateCase(
      grpc::CallbackServerContext* context,
      const pb::DelegateCaseRequest* request,
      pb::DelegateCaseResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseAssign, request, response,
                     HandleDelegateCase);
  }
  grpc::ServerUnaryReactor* PreviewMerge(
      grpc::CallbackServerContext* context,
      const pb::PreviewMergeRequest* request,
      pb::PreviewMergeResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseRead, request, response,
                     HandlePreviewMerge);
  }
  grpc::ServerUnaryReactor* MergeCases(
      grpc::CallbackServerContext* context,
      const pb::MergeCasesRequest* request,
      pb::MergeCasesResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseEdit, request, response,
                     Waking(wake_, HandleMergeCases));
  }
  grpc::ServerUnaryReactor* RecordScreening(
      grpc::CallbackServerContext* context,
      const pb::RecordScreeningRequest* request,
      pb::RecordScreeningResponse* response) override {
    return gate_.Run(context, LocalOperation::kDangerScreen, request, response,
                     Waking(wake_, HandleRecordScreening));
  }
  grpc::ServerUnaryReactor* RecordConsent(
      grpc::CallbackServerContext* context,
      const pb::RecordConsentRequest* request,
      pb::RecordConsentResponse* response) override {
    return gate_.Run(context, LocalOperation::kConsentRecord, request, response,
                     Waking(wake_, HandleRecordConsent));
  }

 private:
  OperatorGate& gate_;
  std::function<void()> wake_;
  ImportSessions imports_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCaseService(OperatorGate& gate,
                                               std::function<void()> wake) {
  return std::make_unique<CaseServiceImpl>(gate, std::move(wake));
}

}  // namespace comity
