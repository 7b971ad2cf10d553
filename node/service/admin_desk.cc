#include "node/service/admin_desk.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/audit/log_verifier.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/service/status_report.h"
#include "node/wire/card_file.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

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
  const auto table = node.partners.Get();
  if (const ParticipantCard* pinned = table->Find(card.code)) {
    RETURN_IF_ERROR(CheckSuccessor(*pinned, card));
  }
  response.set_participant(card.code.text());
  call.SetPeer(card.code);
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) {
                        return scope.store().PutPartnerCard(card.code.text(),
                                                            request.card());
                      })
                      .status());
  return LoadPartners(node);
}

absl::Status HandleRemovePartner(OperatorCall& call,
                                 const pb::RemovePartnerRequest& request,
                                 pb::RemovePartnerResponse&) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ParticipantCode code,
                   ParticipantCode::Create(request.participant()));
  if (node.partners.Get()->Find(code) == nullptr) {
    return ReasonError(ErrorReason::kPartnerUnknown,
                       code.text() + " is no partner");
  }
  call.SetPeer(code);
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) {
                        return scope.store().DeletePartnerCard(code.text());
                      })
                      .status());
  return LoadPartners(node);
}

std::string DetailOf(const OwnEntry& entry) {
  return absl::StrCat(entry.actor, ": ", entry.detail,
                      entry.subject.empty() ? "" : " case ", entry.subject);
}

absl::Status HandleListEntries(OperatorCall& call,
                               const pb::ListLogEntriesRequest& request,
                               pb::ListLogEntriesResponse& response) {
  NodeContext& node = call.node();
  const std::string own = OwnLogOrigin(node.self);
  const std::string log = request.log().empty() ? own : request.log();
  uint64_t from = 0;
  if (!request.page_token().empty() &&
      !absl::SimpleAtoi(request.page_token(), &from)) {
    return ReasonError(ErrorReason::kFieldInvalid, "the page token is broken");
  }
  const int size =
      request.page_size() <= 0 ? 50 : std::min(request.page_size(), 500);
  ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                   node.store.ReadLeaves(log, from, size, log == own));
  for (const LeafRow& row : rows) {
    auto* entry = response.add_entries();
    entry->set_index(row.index);
    entry->set_leaf_hash(LeafHash(row.leaf));
    if (log == own) {
      ASSIGN_OR_RETURN(const OwnEntry read,
                       OpenOwnEntry(row.leaf, row.opening));
      *entry->mutable_time() = ToProtoTime(read.time);
      entry->set_kind(std::string(Name(read.kind)));
      entry->set_request_id(read.request_id.ToString());
      entry->set_peer(read.peer);
      entry->set_detail(DetailOf(read));
    } else {
      ASSIGN_OR_RETURN(const MessageLeaf read, ParseMessageLeaf(row.leaf));
      *entry->mutable_time() = ToProtoTime(read.time);
      entry->set_kind(std::string(Name(read.kind)));
      entry->set_request_id(read.request_id.ToString());
      entry->set_peer(read.receiver.text());
    }
  }
  if (static_cast<int>(rows.size()) == size) {
    response.set_next_page_token(absl::StrCat(rows.back().index + 1));
  }
  return absl::OkStatus();
}

absl::Status HandleVerifyLogs(OperatorCall& call, const pb::VerifyLogsRequest&,
                              pb::VerifyLogsResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const std::vector<std::string> logs, node.store.ListLogs());
  for (const std::string& log : logs) {
    ASSIGN_OR_RETURN(const LogVerdict verdict,
                     VerifyLog(node.store, log, node.signer.public_key()));
    auto* added = response.add_logs();
    added->set_log(log);
    added->set_size(verdict.size);
    added->set_ok(verdict.status.ok());
    added->set_root(verdict.root);
    added->set_detail(verdict.status.ok()
                          ? "entries, tree and signed head agree"
                          : std::string(verdict.status.message()));
  }
  const auto table = node.partners.Get();
  for (const auto& [code, card] : table->cards()) {
    ASSIGN_OR_RETURN(const PeerHead head, node.store.ReadPeerHead(code));
    if (head.size == 0) continue;
    const std::string log = PartnerLogOrigin(code, node.self);
    const auto checkpoint =
        node.checkpoints.Open(head.checkpoint, log, card.log_key);
    auto* added = response.add_logs();
    added->set_log(log);
    added->set_size(head.size);
    added->set_root(head.root);
    added->set_ok(checkpoint.ok() && checkpoint->root == head.root);
    added->set_detail("the partner's head as proved here");
  }
  return absl::OkStatus();
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
  Reactor* GetStatus(Context* context, const pb::GetStatusRequest* request,
                     pb::GetStatusResponse* response) override {
    return gate_.Run(context, LocalOperation::kStatusRead, request, response,
                     HandleStatus);
  }
  Reactor* ListLogEntries(Context* context,
                          const pb::ListLogEntriesRequest* request,
                          pb::ListLogEntriesResponse* response) override {
    return gate_.Run(context, LocalOperation::kAuditRead, request, response,
                     HandleListEntries);
  }
  Reactor* VerifyLogs(Context* context, const pb::VerifyLogsRequest* request,
                      pb::VerifyLogsResponse* response) override {
    return gate_.Run(context, LocalOperation::kAuditRead, request, response,
                     HandleVerifyLogs);
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

absl::Status LoadPartners(NodeContext& node) {
  ASSIGN_OR_RETURN(const std::vector<std::string> texts,
                   node.store.ListPartnerCards());
  std::vector<ParticipantCard> cards;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(ParticipantCard card, ParseCard(text));
    cards.push_back(std::move(card));
  }
  node.partners.Set(std::make_shared<PartnerTable>(std::move(cards)));
  return absl::OkStatus();
}

}  // namespace comity
