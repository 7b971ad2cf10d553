#include "tests/benchmark/asker.h"

#include <grpcpp/grpcpp.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "node/audit/own_log.h"
#include "node/base/status_macros.h"
#include "node/delivery/checkpoint_keeper.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/service/federation_service.h"

namespace comity {
namespace {

namespace fed = federation::v1;

SigningKey LogKeyOf(const TestParticipant& participant) {
  return *SigningKey::FromPem(
      ReadPrivateFile(NodeLayout{participant.directory()}.LogKey())->Expose(),
      SecretBytes());
}

}  // namespace

Asker::Asker(const TestParticipant& self, const TestParticipant& holder,
             const Clock& clock)
    : self_(self.code()),
      holder_(holder.code()),
      clock_(clock),
      store_(*OpenStore(directory_.Path("asker.db"),
                        SecretBytes(std::string(32, 'k')), random_)),
      signer_(LogKeyOf(self)),
      writer_(*store_, signer_, clock_),
      peers_(TlsFilesOf(self, holder.card()), partners_, clock_),
      context_{self_,
               config_,
               *store_,
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
               SecretBytes(std::string(32, 'o'))} {
  partners_.Set(std::make_shared<PartnerTable>(
      std::vector<ParticipantCard>{holder.card()}));
  StartServer(TlsFilesOf(self, holder.card()), self.card().endpoints[0]);
  keeper_ = std::thread([this] { KeepProved(); });
}

Asker::~Asker() {
  stopping_ = true;
  keeper_.join();
  server_->Shutdown(std::chrono::system_clock::now());
  open_calls_.AwaitNone();
  // What was queued and not waited for.
  writer_.AwaitNone();
}

void Asker::StartServer(const TlsFiles& files, const std::string& address) {
  service_ = MakeFederationService(context_, [](const ParticipantCode&) {});
  const auto judge = [this](const Certificate& leaf,
                            const std::vector<Certificate>& presented) {
    return partners_.Get()
        ->IdentifyNode(leaf, presented, ChainPurpose::kClient, clock_.Now())
        .status();
  };
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, TlsServerSide(files, judge));
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) std::abort();
}

void Asker::KeepProved() {
  CheckpointKeeper keeper(self_, *store_, writer_, partners_, checkpoints_);
  const auto peer = peers_.Find(holder_);
  while (!stopping_) {
    keeper.Exchange(holder_, **peer, absl::Seconds(5)).IgnoreError();
    absl::SleepFor(absl::Milliseconds(500));
  }
}

absl::StatusOr<Answered> Asker::Exchange(const fed::CaseQuestion& question,
                                         fed::AnswerCaseQueryRequest* request) {
  return comity::Ask(
      context_,
      {MessageKind::kCaseQuestion, MessageKind::kCaseAnswer,
       "comity.federation.v1.CaseQuestion", "comity.federation.v1.CaseAnswer",
       holder_, NewTimedUuid(absl::Now(), random_),
       question.SerializeAsString(),
       [this, request](Peer& peer, const Message& message) {
         heads_.Count(message.proof);
         if (request != nullptr) {
           *request->mutable_question() = FormatEnvelope(message);
         }
         return peer.AskCase(message, absl::Seconds(10));
       }});
}

absl::Status Asker::Ask(const fed::CaseQuestion& question) {
  ASSIGN_OR_RETURN(const Answered answered, Exchange(question, nullptr));
  heads_.Count(answered.answer.message.proof);
  fed::CaseAnswer answer;
  if (!answer.ParseFromString(answered.answer.message.payload)) {
    return absl::InternalError("the answer does not parse");
  }
  if (!answer.has_released()) {
    return absl::InternalError(answer.refusal().reason());
  }
  OwnEntry own;
  own.kind = OwnKind::kAsked;
  own.request_id = answered.answer.leaf.request_id;
  own.peer = holder_.text();
  own.question_leaf = answered.question_leaf;
  own.answer_leaf = answered.answer.leaf_hash;
  own.actor = "ORG/officer (COORDINATOR)";
  own.detail = "CASE_QUERY_ASK ANSWERED RELEASED";
  return writer_
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(ObserveOutcome(answered, scope));
        own.time = scope.now();
        return AppendOwn(self_, own, random_, scope).status();
      })
      .status();
}

absl::Status Asker::Sample(const fed::CaseQuestion& question,
                           fed::AnswerCaseQueryRequest& request,
                           fed::AnswerCaseQueryResponse& response) {
  ASSIGN_OR_RETURN(const Answered answered, Exchange(question, &request));
  *response.mutable_answer() = FormatEnvelope(answered.answer.message);
  return absl::OkStatus();
}

absl::Status Asker::CommitAlone() {
  OwnEntry own;
  own.detail = "STATUS_READ";
  return writer_
      .Commit([&](CommitScope& scope) -> absl::Status {
        own.time = scope.now();
        return AppendOwn(self_, own, random_, scope).status();
      })
      .status();
}

}  // namespace comity
