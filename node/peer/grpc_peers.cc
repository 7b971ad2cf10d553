#include "node/peer/grpc_peers.h"

#include <grpcpp/grpcpp.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "comity/federation/v1/federation_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/peer/grpc_status.h"
#include "node/peer/lanes.h"

namespace comity {

// Where answers arrive: one thread takes them from gRPC and wakes who waits for
// them. A thread that waits by itself would watch all connections meanwhile.
// Thread-safe.
class GrpcPeers::Arrivals {
 public:
  Arrivals() : thread_([this] { WakeThoseWhoWait(); }) {}
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;
  // No call runs any more.
  ~Arrivals() {
    queue_.Shutdown();
    thread_.join();
  }

  grpc::CompletionQueue& queue() { return queue_; }

 private:
  void WakeThoseWhoWait() {
    void* arrived = nullptr;
    bool ok = false;
    while (queue_.Next(&arrived, &ok)) {
      static_cast<absl::Notification*>(arrived)->Notify();
    }
  }

  grpc::CompletionQueue queue_;
  std::thread thread_;
};

namespace {

namespace pb = federation::v1;

constexpr int kMaxAnswerSize = 1 << 20;

using Stub = pb::FederationService::Stub;

struct Connection {
  explicit Connection(std::shared_ptr<grpc::Channel> channel_in)
      : channel(std::move(channel_in)),
        stub(pb::FederationService::NewStub(channel)) {}

  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<Stub> stub;
};

class GrpcPeer : public Peer {
 public:
  // Answers come by way of `queue`, whose tags are notifications; `owner` keeps
  // it. `open` makes the channel of that number, which shares no connection
  // with another.
  GrpcPeer(std::shared_ptr<const void> owner, grpc::CompletionQueue& queue,
           const std::function<std::shared_ptr<grpc::Channel>(size_t)>& open)
      : owner_(std::move(owner)), queue_(queue), lanes_([open](size_t lane) {
          return std::make_unique<Connection>(open(lane));
        }) {}

  absl::StatusOr<HandshakeFacts> Handshake(const HandshakeFacts& facts,
                                           absl::Duration timeout) override {
    ASSIGN_OR_RETURN(
        const auto response,
        Call(&Stub::AsyncHandshake, FormatHandshakeRequest(facts), timeout));
    return ParseHandshake(response);
  }

  absl::StatusOr<Message> AskCase(const Message& question,
                                  absl::Duration timeout) override {
    return Ask(&Stub::AsyncAnswerCaseQuery, question, timeout);
  }

  absl::StatusOr<Message> AskTable(const Message& question,
                                   absl::Duration timeout) override {
    return Ask(&Stub::AsyncAnswerTable, question, timeout);
  }

  absl::StatusOr<Message> AskSubject(const Message& question,
                                     absl::Duration timeout) override {
    return Ask(&Stub::AsyncAnswerSubjectQuery, question, timeout);
  }

  absl::StatusOr<Message> AskAttachment(const Message& question,
                                        absl::Duration timeout) override {
    return Ask(&Stub::AsyncAnswerAttachment, question, timeout);
  }

  absl::StatusOr<std::vector<Message>> Deliver(
      const std::vector<Message>& events, absl::Duration timeout) override {
    pb::DeliverEventsRequest request;
    for (const Message& event : events) {
      *request.add_events() = FormatEnvelope(event);
    }
    ASSIGN_OR_RETURN(const auto response,
                     Call(&Stub::AsyncDeliverEvents, request, timeout));
    std::vector<Message> receipts;
    for (const pb::Envelope& receipt : response.receipts()) {
      ASSIGN_OR_RETURN(Message message, ParseEnvelope(receipt));
      receipts.push_back(std::move(message));
    }
    return receipts;
  }

  absl::StatusOr<CollectedMail> Collect(const MailRequest& request,
                                        absl::Duration timeout) override {
    ASSIGN_OR_RETURN(
        const auto response,
        Call(&Stub::AsyncCollectEvents, FormatMailRequest(request), timeout));
    return ParseCollectedMail(response);
  }

  absl::StatusOr<CheckpointExchange> Exchange(const CheckpointExchange& ours,
                                              absl::Duration timeout) override {
    ASSIGN_OR_RETURN(const auto response,
                     Call(&Stub::AsyncExchangeCheckpoints,
                          FormatExchangeRequest(ours), timeout));
    return ParseExchange(response);
  }

  absl::StatusOr<std::vector<AgreementText>> ReadAgreement(
      const std::string& agreement_id, absl::Duration timeout) override {
    pb::ExchangeAgreementRequest request;
    request.set_agreement_id(agreement_id);
    ASSIGN_OR_RETURN(const auto response,
                     Call(&Stub::AsyncExchangeAgreement, request, timeout));
    return ParseAgreementFiles(response);
  }

  bool IsConnected() override {
    return lanes_.First().channel->GetState(/*try_to_connect=*/true) ==
           GRPC_CHANNEL_READY;
  }

 private:
  template <typename Request, typename Response>
  using Method = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (
      Stub::*)(grpc::ClientContext*, const Request&, grpc::CompletionQueue*);

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(Method<Request, Response> method,
                                const Request& request,
                                absl::Duration timeout) {
    const absl::Time deadline = absl::Now() + timeout;
    ASSIGN_OR_RETURN(const auto place,
                     lanes_.Enter(request.ByteSizeLong(), deadline));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    Response response;
    grpc::Status status;
    absl::Notification arrived;
    const auto reader = ((*(*place).stub).*method)(&context, request, &queue_);
    reader->Finish(&response, &status, &arrived);
    // The deadline ends it, if nothing else does.
    arrived.WaitForNotification();
    RETURN_IF_ERROR(FromGrpc(status));
    return response;
  }

  // One question, answered by one message.
  template <typename Request, typename Response>
  absl::StatusOr<Message> Ask(Method<Request, Response> method,
                              const Message& question, absl::Duration timeout) {
    Request request;
    *request.mutable_question() = FormatEnvelope(question);
    ASSIGN_OR_RETURN(const Response response, Call(method, request, timeout));
    return ParseEnvelope(response.answer());
  }

  const std::shared_ptr<const void> owner_;
  grpc::CompletionQueue& queue_;
  Lanes<Connection> lanes_;
};

std::shared_ptr<grpc::Channel> OpenChannel(
    const ParticipantCode& code, const std::string& endpoint,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials, size_t lane) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetMaxReceiveMessageSize(kMaxAnswerSize);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  // A partner that was away is found within 2 seconds of its return.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 250);
  // This one is the time that a connection may take, four round trips.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 3000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // Channels of the same arguments would share a connection: those to one
  // partner must not, nor those to partners behind one address.
  arguments.SetString("comity.partner", code.text());
  arguments.SetInt("comity.lane", static_cast<int>(lane));
  return grpc::CreateCustomChannel(endpoint, credentials, arguments);
}

}  // namespace

GrpcPeers::GrpcPeers(TlsFiles files, const PartnerTableHolder& partners,
                     const Clock& clock)
    : files_(std::move(files)),
      partners_(partners),
      clock_(clock),
      arrivals_(std::make_shared<Arrivals>()) {}

absl::StatusOr<std::shared_ptr<Peer>> GrpcPeers::Find(
    const ParticipantCode& code) {
  const auto table = partners_.Get();
  const ParticipantCard* card = table->Find(code);
  if (card == nullptr) {
    return ReasonError(ErrorReason::kPartnerUnknown,
                       code.text() + " is no partner; add its card first");
  }
  if (card->CollectsMail()) {
    return ReasonError(ErrorReason::kPartnerCollects,
                       code.text() +
                           " cannot be asked: no call reaches its node, which "
                           "collects its mail");
  }
  absl::MutexLock lock(&mutex_);
  Entry& entry = entries_[code];
  if (entry.table == table) return entry.peer;
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
    entry = {nullptr, card->serial, root,
             std::make_shared<GrpcPeer>(
                 arrivals_, arrivals_->queue(),
                 [code, endpoint = card->endpoints[0],
                  credentials = TlsClientSide(files_, judge)](size_t lane) {
                   return OpenChannel(code, endpoint, credentials, lane);
                 })};
  }
  entry.table = table;
  return entry.peer;
}

void GrpcPeers::Reconnect() {
  absl::MutexLock lock(&mutex_);
  entries_.clear();
}

}  // namespace comity
