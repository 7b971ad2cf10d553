#include "node/service/federation_service.h"

#include <algorithm>

#include "comity/federation/v1/federation_service.grpc.pb.h"
#include "node/audit/known_fork.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/delivery/checkpoint_keeper.h"
#include "node/delivery/shown_heads.h"
#include "node/peer/grpc_status.h"
#include "node/service/attachment_answer.h"
#include "node/service/call_certificate.h"
#include "node/service/case_answer.h"
#include "node/service/mail_collection.h"
#include "node/service/policy_proposals.h"
#include "node/service/subject_answer.h"
#include "node/service/table_answer.h"
#include "node/service/trust_intake.h"

namespace comity {
namespace {

namespace pb = federation::v1;

constexpr int kMaxEvents = 8;
constexpr size_t kMaxRequestSize = size_t{16} * 1024;

// What waits is looked through and decided on.
constexpr size_t kCostOfCollection = 10;
constexpr size_t kProofsForACall = 4;

// What an exchange costs beside an ordinary call, in such calls: each size and
// each entry is proved, each head checked.
size_t CostOf(const CheckpointExchange& theirs) {
  return (theirs.unproved_sizes.size() + theirs.wanted_entries.size() +
          theirs.held_checkpoints.size() + theirs.forks.size()) /
         kProofsForACall;
}

// Collects the receipts of one call's events, in their order.
struct Batch {
  absl::Mutex mutex;
  std::vector<Message> receipts;
  absl::Status status;
  int open = 0;
};

class FederationServiceImpl : public pb::FederationService::CallbackService {
 public:
  FederationServiceImpl(NodeContext& node, PartnerCalled called)
      : node_(node),
        called_(std::move(called)),
        gate_(node),
        intake_(node, gate_),
        case_method_(CaseAnswerMethod(node)),
        table_method_(TableAnswerMethod(node)),
        subject_method_(SubjectAnswerMethod(node)),
        attachment_method_(AttachmentAnswerMethod(node)) {}

  grpc::ServerUnaryReactor* Handshake(
      grpc::CallbackServerContext* context, const pb::HandshakeRequest* request,
      pb::HandshakeResponse* response) override {
    return Admit(context, *request, [&](const Caller& caller, auto finish) {
      const auto theirs = ParseHandshake(*request);
      if (theirs.ok()) {
        node_.handshakes->Note(caller.participant, *theirs, node_.clock.Now());
      }
      finish(theirs.status(), [&] {
        *response =
            FormatHandshakeResponse(OwnHandshake(node_, caller.participant));
      });
    });
  }

  grpc::ServerUnaryReactor* AnswerCaseQuery(
      grpc::CallbackServerContext* context,
      const pb::AnswerCaseQueryRequest* request,
      pb::AnswerCaseQueryResponse* response) override {
    return Answer(context, *request, case_method_, request->question(),
                  response->mutable_answer());
  }

  grpc::ServerUnaryReactor* AnswerTable(
      grpc::CallbackServerContext* context,
      const pb::AnswerTableRequest* request,
      pb::AnswerTableResponse* response) override {
    return Answer(context, *request, table_method_, request->question(),
                  response->mutable_answer());
  }

  grpc::ServerUnaryReactor* AnswerSubjectQuery(
      grpc::CallbackServerContext* context,
      const pb::AnswerSubjectQueryRequest* request,
      pb::AnswerSubjectQueryResponse* response) override {
    return Answer(context, *request, subject_method_, request->question(),
                  response->mutable_answer());
  }

  grpc::ServerUnaryReactor* AnswerAttachment(
      grpc::CallbackServerContext* context,
      const pb::AnswerAttachmentRequest* request,
      pb::AnswerAttachmentResponse* response) override {
    return Answer(context, *request, attachment_method_, request->question(),
                  response->mutable_answer());
  }

  grpc::ServerUnaryReactor* DeliverEvents(
      grpc::CallbackServerContext* context,
      const pb::DeliverEventsRequest* request,
      pb::DeliverEventsResponse* response) override {
    return Admit(context, *request, [&](const Caller& caller, auto finish) {
      TakeEvents(caller, *request, response, std::move(finish));
    });
  }

  grpc::ServerUnaryReactor* CollectEvents(
      grpc::CallbackServerContext* context,
      const pb::CollectEventsRequest* request,
      pb::CollectEventsResponse* response) override {
    return Admit(context, *request, [&](const Caller& caller, Finish finish) {
      gate_.Charge(caller.participant, kCostOfCollection);
      auto asked = ParseMailRequest(*request);
      if (!asked.ok()) {
        finish(asked.status(), nullptr);
        return;
      }
      AnswerCollection(node_, caller.participant, *std::move(asked),
                       [response, finish](absl::StatusOr<CollectedMail> mail) {
                         finish(mail.status(), [&] {
                           *response = FormatCollectedMail(*mail);
                         });
                       });
    });
  }

  grpc::ServerUnaryReactor* ExchangeCheckpoints(
      grpc::CallbackServerContext* context,
      const pb::ExchangeCheckpointsRequest* request,
      pb::ExchangeCheckpointsResponse* response) override {
    return Admit(context, *request, [&](const Caller& caller, auto finish) {
      auto answer = [&]() -> absl::StatusOr<CheckpointExchange> {
        ASSIGN_OR_RETURN(const CheckpointExchange theirs,
                         ParseExchange(*request));
        gate_.Charge(caller.participant, CostOf(theirs));
        return AnswerExchange(node_, caller.participant, theirs);
      }();
      finish(answer.status(),
             [&] { *response = FormatExchangeResponse(*answer); });
    });
  }

  grpc::ServerUnaryReactor* ExchangeAgreement(
      grpc::CallbackServerContext* context,
      const pb::ExchangeAgreementRequest* request,
      pb::ExchangeAgreementResponse* response) override {
    return Admit(context, *request, [&](const Caller& caller, auto finish) {
      finish(absl::OkStatus(), [&] {
        *response = FormatAgreementFiles(OwnAgreementFiles(
            node_, caller.participant, request->agreement_id()));
      });
    });
  }

 private:
  using Finish =
      std::function<void(const absl::Status&, const OpenCalls::Fill&)>;

  // The steps that every call takes before its handler: deadline, size,
  // identity, a place. `opened` is set before the handler runs.
  template <typename Handler>
  grpc::ServerUnaryReactor* Admit(grpc::CallbackServerContext* context,
                                  const google::protobuf::Message& request,
                                  const Handler& handler,
                                  OpenCalls::Handle* opened = nullptr) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const auto tell = [this, reactor](const absl::Status& status) {
      // Past the evidence every outcome is an answer; what fails is counted.
      if (!status.ok()) {
        node_.rejected.Count(CallOrigin::kFederation, ReasonOf(status));
      }
      reactor->Finish(ToGrpc(status));
    };
    const auto caller = Identify(context, request);
    if (!caller.ok()) {
      tell(caller.status());
      return reactor;
    }
    const ParticipantCode partner = caller->participant;
    const std::string address = context->peer();
    node_.connections.Explain(CallOrigin::kFederation, address,
                              request.ByteSizeLong());
    node_.connections.Saw(CallOrigin::kFederation, address, partner.text(),
                          caller->certificate);
    if (!gate_.Enter(partner)) {
      tell(ReasonError(ErrorReason::kOverloaded,
                       "too many calls at once or in a second; try again in a "
                       "moment"));
      return reactor;
    }
    called_(partner);
    const OpenCalls::Handle call = node_.open_calls.Open(
        absl::FromChrono(context->deadline()) - absl::Now(), tell,
        [context] { return context->IsCancelled(); });
    if (opened != nullptr) *opened = call;
    // The place is kept until the work is over, also when nobody waits for it
    // any longer: what a partner can pile up stays bounded.
    handler(*caller, [this, call, partner](const absl::Status& status,
                                           const OpenCalls::Fill& fill) {
      gate_.Leave(partner);
      node_.open_calls.Close(call, status, fill);
    });
    return reactor;
  }

  absl::StatusOr<Caller> Identify(grpc::CallbackServerContext* context,
                                  const google::protobuf::Message& request) {
    if (context->deadline() == std::chrono::system_clock::time_point::max()) {
      return ReasonError(ErrorReason::kDeadlineMissing,
                         "every call must carry a deadline");
    }
    if (request.ByteSizeLong() > kMaxRequestSize) {
      return ReasonError(ErrorReason::kMessageTooLarge,
                         "a federation request holds at most 16 KiB");
    }
    return gate_.Identify(CallCertificatePem(*context));
  }

  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context,
                                   const google::protobuf::Message& request,
                                   const QuestionMethod& method,
                                   const pb::Envelope& question,
                                   pb::Envelope* answer) {
    OpenCalls::Handle call;
    const auto handler = [&](const Caller& caller, Finish finish) {
      const std::string address = context->peer();
      auto message = ParseEnvelope(question);
      if (!message.ok()) {
        finish(message.status(), nullptr);
        return;
      }
      gate_.Answer(
          method, caller, *std::move(message),
          [this, address, answer, finish](absl::StatusOr<Message> proved) {
            if (proved.ok()) {
              node_.connections.ExplainAnswer(CallOrigin::kFederation, address,
                                              proved->payload.size());
            }
            finish(proved.status(),
                   [&] { *answer = FormatEnvelope(*std::move(proved)); });
          },
          [call] { return !OpenCalls::IsAwaited(call); });
    };
    return Admit(context, request, handler, &call);
  }

  void TakeEvents(const Caller& caller, const pb::DeliverEventsRequest& request,
                  pb::DeliverEventsResponse* response, Finish finish) {
    const int count = request.events_size();
    std::vector<Message> events;
    for (const pb::Envelope& envelope : request.events()) {
      auto message = ParseEnvelope(envelope);
      if (!message.ok()) {
        finish(message.status(), nullptr);
        return;
      }
      events.push_back(*std::move(message));
    }
    if (count == 0 || count > kMaxEvents) {
      finish(ReasonError(ErrorReason::kFieldInvalid,
                         "a delivery holds 1 to 8 events"),
             nullptr);
      return;
    }
    // Each takes a commit of its own; the call itself paid for the first.
    gate_.Charge(caller.participant, events.size() - 1);
    auto batch = std::make_shared<Batch>();
    batch->receipts.resize(static_cast<size_t>(count));
    batch->open = count;
    for (size_t i = 0; i < events.size(); ++i) {
      intake_.Take(
          caller, std::move(events[i]),
          [batch, i, response, finish](absl::StatusOr<Message> receipt) {
            Collect(*batch, i, std::move(receipt), response, finish);
          });
    }
  }

  static void Collect(Batch& batch, size_t index,
                      absl::StatusOr<Message> receipt,
                      pb::DeliverEventsResponse* response,
                      const Finish& finish) {
    {
      absl::MutexLock lock(&batch.mutex);
      if (receipt.ok()) {
        batch.receipts[index] = *std::move(receipt);
      } else {
        batch.status = receipt.status();
      }
      if (--batch.open > 0) return;
    }
    finish(batch.status, [&] {
      for (Message& each : batch.receipts) {
        *response->add_receipts() = FormatEnvelope(std::move(each));
      }
    });
  }

  NodeContext& node_;
  const PartnerCalled called_;
  FederationGate gate_;
  EventIntake intake_;
  const QuestionMethod case_method_;
  const QuestionMethod table_method_;
  const QuestionMethod subject_method_;
  const QuestionMethod attachment_method_;
};

}  // namespace

HandshakeFacts OwnHandshake(const NodeContext& node,
                            const ParticipantCode& partner) {
  HandshakeFacts facts;
  facts.now = node.clock.Now();
  facts.serving = node.writer.healthy();
  const auto engine = node.policy.Get(facts.now);
  for (const Agreement& agreement : engine->set().agreements) {
    const auto is_party = [&](const ParticipantCode& code) {
      return std::find(agreement.party.begin(), agreement.party.end(),
                       code.text()) != agreement.party.end();
    };
    if (is_party(partner)) {
      facts.agreements.push_back(
          {agreement.id, agreement.revision, agreement.digest});
    }
  }
  return facts;
}

absl::StatusOr<CheckpointExchange> AnswerExchange(
    NodeContext& node, const ParticipantCode& partner,
    const CheckpointExchange& theirs) {
  CheckpointKeeper keeper(node.self, node.store, node.writer, node.partners,
                          node.checkpoints);
  NoteHeldBy(node.store, node.writer, partner, theirs.news);
  TakeTrustNews(node, partner, theirs.news);
  RETURN_IF_ERROR(keeper.TakeStatements(partner, theirs));
  RETURN_IF_ERROR(keeper.CheckOwnLog(partner, theirs));
  RETURN_IF_ERROR(keeper.TakeProofs(partner, theirs));
  ASSIGN_OR_RETURN(CheckpointExchange ours, keeper.Prove(partner, theirs));
  ASSIGN_OR_RETURN(ours.news, NewsFor(node.store, *node.partners.Get(), partner,
                                      theirs.news));
  // Where the partner stands if this answer arrives, or if it is lost.
  std::vector<uint64_t> shown;
  if (theirs.proved_size == 0 && !ours.checkpoint.empty()) {
    // It takes the head that it is shown as its first.
    ASSIGN_OR_RETURN(const uint64_t size, SizeOfNote(ours.checkpoint));
    if (size > kFirstSizes) shown = {size};
  } else if (!theirs.unproved_sizes.empty() && !ours.proofs.empty()) {
    shown = {theirs.proved_size, ours.proofs.back().new_size};
  }
  if (shown.empty()) return ours;
  node.writer.Submit(
      [partner, shown](CommitScope& scope) {
        return NoteShownHeads(scope.store(), partner, shown);
      },
      [](const auto&) {}, partner.text());
  return ours;
}

std::unique_ptr<grpc::Service> MakeFederationService(NodeContext& node,
                                                     PartnerCalled called) {
  return std::make_unique<FederationServiceImpl>(node, std::move(called));
}

}  // namespace comity
