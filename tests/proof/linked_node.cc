#include "tests/proof/linked_node.h"

#include <cstdlib>
#include <filesystem>

#include "absl/synchronization/notification.h"
#include "comity/federation/v1/federation_service.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_answer.h"
#include "node/service/federation_service.h"
#include "node/service/mail_collection.h"
#include "node/service/mail_intake.h"
#include "node/wire/event_wire.h"
#include "node/wire/federation_wire.h"
#include "node/wire/policy_file.h"
#include "node/wire/required_fields.h"
#include "tests/support/self_made_card.h"

namespace comity {
namespace {

namespace fed = federation::v1;

constexpr size_t kMaxRequestSize = size_t{16} * 1024;

SecretBytes StoreKey() { return SecretBytes(std::string(32, 'k')); }

template <typename Request>
absl::StatusOr<Request> Parse(const std::string& bytes) {
  Request request;
  if (!request.ParseFromString(bytes)) {
    return ReasonError(ErrorReason::kFieldInvalid, "the request is no message");
  }
  return request;
}

// What was asked of the writer, once it is durable.
struct Awaited {
  absl::Notification done;
  absl::StatusOr<Message> message;

  void Finish(absl::StatusOr<Message> outcome) {
    message = std::move(outcome);
    done.Notify();
  }
};

// These tests commit a hundred thousand times: their stores lie in memory where
// there is such a place, unless somebody chose another.
const bool kInMemory = std::filesystem::exists("/dev/shm") &&
                       setenv("TMPDIR", "/dev/shm", /*replace=*/0) == 0;

}  // namespace

LinkedNode::LinkedNode(const std::string& code, const Clock& clock,
                       uint64_t seed, bool outbound_only)
    : self_(*ParticipantCode::Create(code)),
      outbound_only_(outbound_only),
      clock_(clock),
      random_(seed),
      store_(*OpenStore(directory_.Path("s.db"), StoreKey(), random_)),
      context_{self_,
               config_,
               store_,
               writer_,
               signer_,
               policy_,
               partners_,
               national_,
               peers_,
               checkpoints_,
               clock_,
               random_,
               rejected_,
               open_calls_,
               connections_,
               "",
               directory_.Path("data"),
               [] { return absl::InfiniteFuture(); },
               SecretBytes(std::string(32, 'o'))},
      case_method_(CaseAnswerMethod(context_)) {}

LinkedNode::~LinkedNode() { Settle(); }

absl::StatusOr<std::unique_ptr<Store>> LinkedNode::OpenFromDisk() {
  return OpenStore(directory_.Path("s.db"), StoreKey(), system_random_);
}

ParticipantCard LinkedNode::Card() const {
  SystemRandom random;
  ParticipantCard card = SelfMadeCard(self_, log_key(), absl::Now(), random);
  if (outbound_only_) card.endpoints.clear();
  return card;
}

CourierParts LinkedNode::Parts() {
  return {self_,          store_,  writer_,
          partners_,      peers_,  checkpoints_,
          clock_,         random_, departures_,
          outbound_only_, nullptr, TellingMissedWithdrawals(context_)};
}

void LinkedNode::Join(const LinkedNode& other, std::shared_ptr<Peer> way) {
  partners_.Set(std::make_shared<PartnerTable>(
      std::vector<ParticipantCard>{other.Card()}));
  peers_.Set(std::move(way));
  courier_ = std::make_unique<Courier>(Parts(), other.code());
  if (!outbound_only_) return;
  collector_ = std::make_unique<Collector>(
      Parts(), other.code(),
      [this](const ParticipantCode& partner, std::vector<Message> events) {
        return TakeMail(intake_, partner, std::move(events), Carriage::kOnline);
      });
}

void LinkedNode::Enact(const std::vector<std::string>& texts) {
  std::vector<PolicyFileBody> bodies;
  for (const std::string& text : texts) {
    bodies.push_back(*LoadPolicyBody("a.textproto", text));
  }
  const auto engine = std::make_shared<PolicyEngine>(
      *AssemblePolicySet(self_.text(), bodies), policy_.LastVersion() + 1);
  policy_.Set({{absl::InfinitePast(), engine}}, {});
}

Caller LinkedNode::Person(Role role, const std::string& name) const {
  return {self_, false, "ORG", role, name, std::string(32, 'c')};
}

// As OperatorGate::Serve, for a person whose certificate was judged.
absl::Status LinkedNode::Serve(
    const Caller& person, LocalOperation operation,
    const google::protobuf::Message& request,
    google::protobuf::Message& response,
    const std::function<absl::Status(OperatorCall&)>& handler) {
  RETURN_IF_ERROR(CheckRequiredFields(request));
  OperatorCall call(context_, person, operation, policy_.Get(clock_.Now()),
                    clock_.Now() + absl::Seconds(30), request, response);
  RETURN_IF_ERROR(call.PermitAll().status());
  ASSIGN_OR_RETURN(const bool again, call.AnswerAgain());
  const absl::Status status = again ? absl::OkStatus() : handler(call);
  if (call.committed()) return status;
  if (!status.ok()) {
    call.SetDetail(absl::StrCat("REFUSED ", ReasonName(ReasonOf(status))));
  }
  RETURN_IF_ERROR(call.Commit(nullptr).status());
  return status;
}

absl::StatusOr<std::string> LinkedNode::Answer(const ParticipantCode& partner,
                                               LinkCall call,
                                               const std::string& request) {
  if (request.size() > kMaxRequestSize) {
    return ReasonError(ErrorReason::kMessageTooLarge,
                       "a federation request holds at most 16 KiB");
  }
  const Caller caller{partner, true};
  switch (call) {
    case LinkCall::kHandshake: {
      ASSIGN_OR_RETURN(const auto shake, Parse<fed::HandshakeRequest>(request));
      RETURN_IF_ERROR(ParseHandshake(shake).status());
      return FormatHandshakeResponse(OwnHandshake(context_, partner))
          .SerializeAsString();
    }
    case LinkCall::kDeliver:
      return TakeEvents(caller, request);
    case LinkCall::kCollect:
      return GiveMail(caller, request);
    case LinkCall::kExchange:
      return AnswerCheckpoints(caller, request);
    case LinkCall::kAskCase:
      return AnswerCase(caller, request);
  }
  return ReasonError(ErrorReason::kInternal, "no such call");
}

absl::StatusOr<std::string> LinkedNode::TakeEvents(const Caller& caller,
                                                   const std::string& request) {
  ASSIGN_OR_RETURN(const auto delivery,
                   Parse<fed::DeliverEventsRequest>(request));
  std::vector<std::shared_ptr<Awaited>> receipts;
  for (const fed::Envelope& envelope : delivery.events()) {
    ASSIGN_OR_RETURN(Message event, ParseEnvelope(envelope));
    auto awaited = std::make_shared<Awaited>();
    receipts.push_back(awaited);
    intake_.Take(caller, std::move(event),
                 [awaited](absl::StatusOr<Message> receipt) {
                   awaited->Finish(std::move(receipt));
                 });
  }
  for (const auto& each : receipts) each->done.WaitForNotification();
  fed::DeliverEventsResponse response;
  for (const auto& each : receipts) {
    RETURN_IF_ERROR(each->message.status());
    *response.add_receipts() = FormatEnvelope(*each->message);
  }
  return response.SerializeAsString();
}

absl::StatusOr<std::string> LinkedNode::GiveMail(const Caller& caller,
                                                 const std::string& request) {
  ASSIGN_OR_RETURN(const auto asked, Parse<fed::CollectEventsRequest>(request));
  ASSIGN_OR_RETURN(MailRequest wanted, ParseMailRequest(asked));
  absl::Notification done;
  absl::StatusOr<CollectedMail> mail;
  AnswerCollection(context_, caller.participant, std::move(wanted),
                   [&](absl::StatusOr<CollectedMail> outcome) {
                     mail = std::move(outcome);
                     done.Notify();
                   });
  done.WaitForNotification();
  RETURN_IF_ERROR(mail.status());
  return FormatCollectedMail(*mail).SerializeAsString();
}

absl::StatusOr<std::string> LinkedNode::AnswerCase(const Caller& caller,
                                                   const std::string& request) {
  ASSIGN_OR_RETURN(const auto query,
                   Parse<fed::AnswerCaseQueryRequest>(request));
  ASSIGN_OR_RETURN(Message question, ParseEnvelope(query.question()));
  auto awaited = std::make_shared<Awaited>();
  gate_.Answer(case_method_, caller, std::move(question),
               [awaited](absl::StatusOr<Message> answer) {
                 awaited->Finish(std::move(answer));
               });
  awaited->done.WaitForNotification();
  RETURN_IF_ERROR(awaited->message.status());
  fed::AnswerCaseQueryResponse response;
  *response.mutable_answer() = FormatEnvelope(*awaited->message);
  return response.SerializeAsString();
}

absl::StatusOr<std::string> LinkedNode::AnswerCheckpoints(
    const Caller& caller, const std::string& request) {
  ASSIGN_OR_RETURN(const auto exchange,
                   Parse<fed::ExchangeCheckpointsRequest>(request));
  ASSIGN_OR_RETURN(const CheckpointExchange theirs, ParseExchange(exchange));
  ASSIGN_OR_RETURN(const CheckpointExchange ours,
                   AnswerExchange(context_, caller.participant, theirs));
  Settle();
  return FormatExchangeResponse(ours).SerializeAsString();
}

absl::StatusOr<int> LinkedNode::Round() {
  if (collector_ == nullptr) return courier_->Round(absl::Seconds(5));
  const absl::StatusOr<int> outcome = RoundOfBoth();
  // As PartnerRounds does.
  if (!outcome.ok()) courier_->MeetAgain();
  return outcome;
}

absl::StatusOr<int> LinkedNode::RoundOfBoth() {
  const absl::StatusOr<int> receipts = courier_->Round(absl::Seconds(5));
  if (!receipts.ok() && IsOutage(receipts.status())) return receipts;
  ASSIGN_OR_RETURN(const Collector::Collected collected,
                   collector_->Round(absl::Seconds(5)));
  RETURN_IF_ERROR(receipts.status());
  return *receipts + collected.taken;
}

absl::Status LinkedNode::BringReceiptAgain(LinkedNode& partner,
                                           const Uuid& event_id) {
  ASSIGN_OR_RETURN(EventRow row, store_.ReadEvent(event_id));
  if (row.receipt_leaf.empty()) return absl::OkStatus();
  const absl::StatusOr<EventRow> there = partner.store_.ReadEvent(event_id);
  // A refusal leaves no event.
  if (ReasonOf(there.status()) == ErrorReason::kNotFound) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(there.status());
  ASSIGN_OR_RETURN(
      std::string proof,
      ProveEntry(partner.store_, PartnerLogOrigin(partner.self_, self_),
                 there->receipt_leaf_index));
  return TakeReceipt(Parts(), partner.self_, std::move(row),
                     Message{there->receipt_leaf,
                             kReceiptType,
                             there->receipt_payload,
                             there->receipt_salt,
                             std::move(proof),
                             {}});
}

void LinkedNode::Tick() {
  housekeeper_.Tick();
  Settle();
}

void LinkedNode::Settle() {
  writer_.Commit([](CommitScope&) { return absl::OkStatus(); })
      .status()
      .IgnoreError();
}

}  // namespace comity
