#include "node/service/admin_desk.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/audit/witness.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/service/log_steps.h"
#include "node/service/partner_suspension.h"
#include "node/service/status_report.h"
#include "node/service/trust_intake.h"
#include "node/service/witness_steps.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// The pinned card as it was added; empty if there is none.
absl::StatusOr<std::string> PinnedText(const NodeContext& node,
                                       const ParticipantCode& code) {
  ASSIGN_OR_RETURN(const std::vector<std::string> texts,
                   node.store.ListPartnerCards());
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(const ParticipantCard card, ParseCard(text));
    if (card.code == code) return text;
  }
  return std::string();
}

// A card follows the pinned one. Of a node that was restored it is the same
// once more, or an older one of the same root: the backup may be from before
// the card in force, and what that names is lost with the keys of it.
absl::Status CheckCard(const NodeContext& node, const ParticipantCard& card,
                       const pb::AddPartnerRequest& request) {
  ASSIGN_OR_RETURN(const std::string pinned, PinnedText(node, card.code));
  if (request.restored() && pinned.empty()) {
    return ReasonError(
        ErrorReason::kPartnerUnknown,
        card.code.text() + " is no partner; add it without --restored");
  }
  if (pinned.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const ParticipantCard known, ParseCard(pinned));
  if (request.restored() &&
      card.root.Fingerprint() == known.root.Fingerprint()) {
    return absl::OkStatus();
  }
  return CheckSuccessor(known, card);
}

absl::Status HandleAddPartner(OperatorCall& call,
                              const pb::AddPartnerRequest& request,
                              pb::AddPartnerResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ParticipantCard card, ParseCard(request.card()));
  if (card.code == node.self) {
    return ReasonError(ErrorReason::kFieldInvalid, "this is the own card");
  }
  if (request.fingerprint() != CardFingerprint(request.card())) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("the fingerprint is not this card's (",
                     CardFingerprint(request.card()),
                     "); compare again with the partner's administrator, over "
                     "another channel than the card came by"));
  }
  RETURN_IF_ERROR(CheckCard(node, card, request));
  response.set_participant(card.code.text());
  call.SetPeer(card.code);
  RETURN_IF_ERROR(
      call.Commit([&](CommitScope& scope) -> absl::Status {
            RETURN_IF_ERROR(
                scope.store().PutPartnerCard(card.code.text(), request.card()));
            if (!request.restored()) return absl::OkStatus();
            ASSIGN_OR_RETURN(
                const uint64_t size,
                ForgetHeads(scope.store(), card.code, scope.now()));
            scope.ForgetObserved(card.code);
            call.SetDetail(absl::StrCat("RESTORED, forgot head ", size));
            return absl::OkStatus();
          })
          .status());
  return LoadPartners(node);
}

absl::Status HandleRemovePartner(OperatorCall& call,
                                 const pb::RemovePartnerRequest& request,
                                 pb::RemovePartnerResponse&) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ParticipantCode code,
                   KnownPartner(node, request.participant()));
  call.SetPeer(code);
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) {
                        return scope.store().DeletePartnerCard(code.text());
                      })
                      .status());
  return LoadPartners(node);
}

class AdminServiceImpl : public pb::AdminService::CallbackService {
  // After a handler that may have changed the partners.
  template <typename Handler>
  auto Changing(Handler handler) {
    return [this, handler](auto& call, const auto& in, auto& out) {
      const absl::Status status = handler(call, in, out);
      if (status.ok()) partners_changed_();
      return status;
    };
  }
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

 public:
  AdminServiceImpl(OperatorGate& gate, std::function<void()> partners_changed)
      : gate_(gate), partners_changed_(std::move(partners_changed)) {}

  Reactor* AddPartner(Context* context, const pb::AddPartnerRequest* request,
                      pb::AddPartnerResponse* response) override {
    return gate_.Run(context, LocalOperation::kPartnerManage, request, response,
                     Changing(HandleAddPartner));
  }
  Reactor* RemovePartner(Context* context,
                         const pb::RemovePartnerRequest* request,
                         pb::RemovePartnerResponse* response) override {
    return gate_.Run(context, LocalOperation::kPartnerManage, request, response,
                     Changing(HandleRemovePartner));
  }
  Reactor* SuspendPartner(Context* context,
                          const pb::SuspendPartnerRequest* request,
                          pb::SuspendPartnerResponse* response) override {
    return gate_.Run(context, LocalOperation::kPartnerManage, request, response,
                     Changing(HandleSuspendPartner));
  }
  Reactor* ResumePartner(Context* context,
                         const pb::ResumePartnerRequest* request,
                         pb::ResumePartnerResponse* response) override {
    return gate_.Run(context, LocalOperation::kPartnerManage, request, response,
                     Changing(HandleResumePartner));
  }
  Reactor* GetStatus(Context* context, const pb::GetStatusRequest* request,
                     pb::GetStatusResponse* response) override {
    return gate_.Run(context, LocalOperation::kStatusRead, request, response,
                     HandleStatus);
  }
  Reactor* ListLogEntries(Context* context,
                          const pb::ListLogEntriesRequest* request,
                          pb::ListLogEntriesResponse* response) override {
    return gate_.Run(context, LocalOperation::kAuditRead, request, response,
                     HandleListLogEntries);
  }
  Reactor* VerifyLogs(Context* context, const pb::VerifyLogsRequest* request,
                      pb::VerifyLogsResponse* response) override {
    return gate_.Run(context, LocalOperation::kAuditRead, request, response,
                     HandleVerifyLogs);
  }
  Reactor* ExportLog(Context* context, const pb::ExportLogRequest* request,
                     pb::ExportLogResponse* response) override {
    return gate_.Run(context, LocalOperation::kAuditRead, request, response,
                     HandleExportLog);
  }
  Reactor* ProveLogEntry(Context* context,
                         const pb::ProveLogEntryRequest* request,
                         pb::ProveLogEntryResponse* response) override {
    return gate_.Run(context, LocalOperation::kAuditRead, request, response,
                     HandleProveLogEntry);
  }
  Reactor* ListWitnesses(Context* context,
                         const pb::ListWitnessesRequest* request,
                         pb::ListWitnessesResponse* response) override {
    return gate_.Run(context, LocalOperation::kAuditRead, request, response,
                     HandleListWitnesses);
  }
  Reactor* ReconcileLogs(Context* context,
                         const pb::ReconcileLogsRequest* request,
                         pb::ReconcileLogsResponse* response) override {
    return gate_.Run(context, LocalOperation::kAuditRead, request, response,
                     HandleReconcileLogs);
  }

 private:
  OperatorGate& gate_;
  std::function<void()> partners_changed_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAdminService(
    OperatorGate& gate, std::function<void()> partners_changed) {
  return std::make_unique<AdminServiceImpl>(gate, std::move(partners_changed));
}

absl::StatusOr<ParticipantCode> KnownPartner(const NodeContext& node,
                                             absl::string_view code) {
  ASSIGN_OR_RETURN(ParticipantCode known, ParticipantCode::Create(code));
  if (node.partners.Get()->Find(known) == nullptr) {
    return ReasonError(ErrorReason::kPartnerUnknown,
                       known.text() + " is no partner");
  }
  return known;
}

absl::Status LoadPartners(NodeContext& node) {
  // Of two at once the later one reads what both changed.
  static absl::Mutex loading(absl::kConstInit);
  absl::MutexLock lock(&loading);
  ASSIGN_OR_RETURN(const std::vector<std::string> texts,
                   node.store.ListPartnerCards());
  std::vector<ParticipantCard> cards;
  std::set<ParticipantCode> suspended;
  std::map<ParticipantCode, RevokedCertificates> revoked;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(ParticipantCard card, ParseCard(text));
    // What cannot be read lets nobody in, and does not stop the node.
    const auto suspension = ReadSuspension(node.store, card.code);
    auto list = KeptRevocations(node.store, card);
    if (!suspension.ok() || suspension->has_value() || !list.ok()) {
      suspended.insert(card.code);
    }
    if (list.ok()) revoked.emplace(card.code, *std::move(list));
    cards.push_back(std::move(card));
  }
  node.partners.Set(std::make_shared<PartnerTable>(
      std::move(cards), std::move(suspended), std::move(revoked)));
  return absl::OkStatus();
}

}  // namespace comity
