#include "node/peer/grpc_peers.h"

#include <grpcpp/grpcpp.h>

#include "comity/federation/v1/federation_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/peer/grpc_status.h"

namespace comity {
namespace {

namespace pb = federation::v1;

constexpr int kMaxAnswerSize = 1 << 20;

class GrpcPeer : public Peer {
 public:
  explicit GrpcPeer(std::shared_ptr<grpc::Channel> channel)
      : channel_(std::move(channel)),
        stub_(pb::FederationService::NewStub(channel_)) {}

  absl::StatusOr<HandshakeFacts> Handshake(const HandshakeFacts& facts,
                                           absl::Duration timeout) override {
    pb::HandshakeResponse response;
    RETURN_IF_ERROR(Call(timeout, [&](grpc::ClientContext* context) {
      return stub_->Handshake(context, FormatHandshakeRequest(facts),
                              &response);
    }));
    return ParseHandshake(response);
  }

  absl::StatusOr<Message> AskCase(const Message& question,
                                  absl::Duration timeout) override {
    return Ask(&Stub::AnswerCaseQuery, question, timeout);
  }

  absl::StatusOr<Message> AskTable(const Message& question,
                                   absl::Duration timeout) override {
    return Ask(&Stub::AnswerTable, question, timeout);
  }

  absl::StatusOr<Message> AskSubject(const Message& question,
                                     absl::Duration timeout) override {
    return Ask(&Stub::AnswerSubjectQuery, question, timeout);
  }

  absl::StatusOr<std::vector<Message>> Deliver(
      const std::vector<Message>& events, absl::Duration timeout) override {
    pb::DeliverEventsRequest request;
    for (const Message& event : events) {
      *request.add_events() = FormatEnvelope(event);
    }
    pb::DeliverEventsResponse response;
    RETURN_IF_ERROR(Call(timeout, [&](grpc::ClientContext* context) {
      return stub_->DeliverEvents(context, request, &response);
    }));
    std::vector<Message> receipts;
    for (const pb::Envelope& receipt : response.receipts()) {
      ASSIGN_OR_RETURN(Message message, ParseEnvelope(receipt));
      receipts.push_back(std::move(message));
    }
    return receipts;
  }

  absl::StatusOr<CheckpointExchange> Exchange(const CheckpointExchange& ours,
                                              absl::Duration timeout) override {
    pb::ExchangeCheckpointsResponse response;
    RETURN_IF_ERROR(Call(timeout, [&](grpc::ClientContext* context) {
      return stub_->ExchangeCheckpoints(context, FormatExchangeRequest(ours),
                                        &response);
    }));
    return ParseExchange(response);
  }

  absl::StatusOr<std::vector<AgreementText>> ReadAgreement(
      const std::string& agreement_id, absl::Duration timeout) override {
    pb::ExchangeAgreementRequest request;
    request.set_agreement_id(agreement_id);
    pb::ExchangeAgreementResponse response;
    RETURN_IF_ERROR(Call(timeout, [&](grpc::ClientContext* context) {
      return stub_->ExchangeAgreement(context, request, &response);
    }));
    return ParseAgreementFiles(response);
  }

  bool IsConnected() override {
    return channel_->GetState(/*try_to_connect=*/true) == GRPC_CHANNEL_READY;
  }

 private:
  using Stub = pb::FederationService::Stub;

  template <typename F>
  static absl::Status Call(absl::Duration timeout, const F& call) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         absl::ToChronoMilliseconds(timeout));
    return FromGrpc(call(&context));
  }

  // One question, answered by one message.
  template <typename Request, typename Response>
  absl::StatusOr<Message> Ask(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*),
                              const Message& question, absl::Duration timeout) {
    Request request;
    *request.mutable_question() = FormatEnvelope(question);
    Response response;
    RETURN_IF_ERROR(Call(timeout, [&](grpc::ClientContext* context) {
      return (*stub_.*method)(context, request, &response);
    }));
    return ParseEnvelope(response.answer());
  }

  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<Peer>> GrpcPeers::Find(
    const ParticipantCode& code) {
  const auto table = partners_.Get();
  const ParticipantCard* card = table->Find(code);
  if (card == nullptr || card->endpoints.empty()) {
    return ReasonError(ErrorReason::kPartnerUnknown,
                       code.text() + " is no partner; add its card first");
  }
  absl::MutexLock lock(&mutex_);
  Entry& entry = entries_[code];
  const std::string root = card->root.Fingerprint();
  if (entry.peer == nullptr || entry.serial != card->serial ||
      entry.root != root) {
    // Judged against the table in force at each handshake, not today's.
    auto judge =
        [this, code](
            const Certificate& leaf,
            const std::vector<Certificate>& presented) -> absl::Status {
      ASSIGN_OR_RETURN(
          const Caller caller,
          partners_.Get()->IdentifyNode(leaf, presented, ChainPurpose::kServer,
                                        clock_.Now()));
      if (caller.participant == code) return absl::OkStatus();
      return ReasonError(ErrorReason::kCertificateUnknown,
                         "another participant's node answers there");
    };
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetMaxReceiveMessageSize(kMaxAnswerSize);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
    // A partner that was away is found within 2 seconds of its return.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 250);
    // This one is the time that a connection may take, four round trips.
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 3000);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
    // Partners may share an address in a test; never share their channels.
    arguments.SetString("comity.partner", code.text());
    entry = {card->serial, root,
             std::make_shared<GrpcPeer>(grpc::CreateCustomChannel(
                 card->endpoints[0], TlsClientSide(files_, judge), arguments))};
  }
  return entry.peer;
}

void GrpcPeers::Reconnect() {
  absl::MutexLock lock(&mutex_);
  entries_.clear();
}

}  // namespace comity
