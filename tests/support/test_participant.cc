#include "tests/support/test_participant.h"

#include "comity/federation/v1/federation_service.grpc.pb.h"
#include "comity/federation/v1/referral.pb.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "node/delivery/checkpoint_keeper.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "node/wire/config_file.h"
#include "node/wire/event_wire.h"
#include "node/wire/policy_file.h"
#include "node/wire/policy_signature.h"
#include "node/wire/proto_time.h"
#include "tests/support/held_port.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace pb = operators::v1;

SigningKey KeyFrom(const std::string& path) {
  return *SigningKey::FromPem(ReadPrivateFile(path)->Expose(), SecretBytes());
}

std::string InitAndReadCard(const std::string& code,
                            const std::string& directory, bool commission,
                            bool outbound_only, absl::Time now,
                            RandomSource& random) {
  const InitOptions options{
      code,  code,       directory,    directory + "-root",
      "ORG", commission, outbound_only};
  const auto made = InitNode(options, now, random);
  if (!made.ok()) std::abort();
  return *ReadPublicFile(NodeLayout{directory}.Card());
}

}  // namespace

TestParticipant::TestParticipant(const std::string& code, absl::Time now,
                                 bool commission, bool outbound_only)
    : code_(*ParticipantCode::Create(code)),
      directory_(temporary_.Path("node")),
      card_text_(InitAndReadCard(code, directory_, commission, outbound_only,
                                 now, random_)),
      card_(*ParseCard(card_text_)),
      now_(now) {
  const auto config =
      ParseConfig(*ReadPublicFile(NodeLayout{directory_}.Config()));
  HoldPort(config->operator_address);
  if (!config->federation_address.empty()) HoldPort(config->federation_address);
}

absl::Status TestParticipant::Start(const Clock& clock,
                                    const StoreOpener& open_store) {
  ASSIGN_OR_RETURN(node_, StartNode(directory_, clock, random_, open_store));
  return absl::OkStatus();
}

CommandContext& TestParticipant::As(const std::string& organisation, Role role,
                                    const std::string& person) {
  auto& context = people_[person];
  if (context != nullptr) return *context;
  context = std::make_unique<CommandContext>();
  context->profile = NodeLayout{directory_}.Operators() + "/" + person;
  const auto made =
      AddOperator(directory_, organisation, role, person, now_, random_);
  if (!made.ok() && ReasonOf(made.status()) != ErrorReason::kAlreadyExists) {
    std::abort();
  }
  return *context;
}

absl::Status TestParticipant::Pair(const TestParticipant& other) {
  CommandContext& admin = As("ORG", Role::kAdmin, "admin-1");
  pb::AddPartnerRequest request = PairingWith(other);
  request.set_request_id(admin.NewRequestId());
  return admin
      .Call<pb::AdminService, pb::AddPartnerResponse>(
          &pb::AdminService::Stub::AddPartner, request)
      .status();
}

absl::Status TestParticipant::Activate(
    const std::vector<std::string>& ready_files) {
  std::vector<std::string> texts;
  for (const std::string& path : ready_files) {
    texts.push_back(ReadyPolicy(path));
  }
  return ActivateTexts(texts);
}

pb::PolicySignature TestParticipant::SignatureOf(const std::string& person,
                                                 const std::string& text) {
  const std::string profile = NodeLayout{directory_}.Operators() + "/" + person;
  pb::PolicySignature signature;
  signature.set_certificate_chain(
      ReadPublicFile(profile + "/certificate.pem").value());
  signature.set_signature(
      KeyFrom(profile + "/key.pem")
          .Sign(PolicySignatureText(
              LoadPolicyFile("a.textproto", text).body->digest)));
  return signature;
}

pb::AddPartnerRequest TestParticipant::PairingWith(
    const TestParticipant& other) const {
  pb::AddPartnerRequest request;
  request.set_card(other.card_text());
  request.set_fingerprint(CardFingerprint(other.card_text()));
  return request;
}

absl::StatusOr<pb::ActivatePolicyRequest> TestParticipant::ActivationOf(
    const std::vector<std::string>& texts, absl::Time switch_at) {
  pb::ActivatePolicyRequest request;
  if (switch_at != absl::InfinitePast()) {
    *request.mutable_switch_at() = ToProtoTime(switch_at);
  }
  for (const std::string& text : texts) {
    auto* file = request.add_files();
    file->set_file_name("a.textproto");
    file->set_text(text);
    // A file that does not load cannot be signed; the node says why.
    const PolicyFileResult loaded = LoadPolicyFile("a.textproto", text);
    if (!loaded.body.has_value()) continue;
    for (const char* person : {"admin-1", "admin-2"}) {
      *file->add_signatures() = SignatureOf(person, text);
    }
  }
  return request;
}

absl::Status TestParticipant::ActivateTexts(
    const std::vector<std::string>& texts, absl::Time switch_at) {
  ASSIGN_OR_RETURN(pb::ActivatePolicyRequest request,
                   ActivationOf(texts, switch_at));
  CommandContext& admin = As("ORG", Role::kAdmin, "admin-1");
  request.set_request_id(admin.NewRequestId());
  return admin
      .Call<pb::PolicyService, pb::ActivatePolicyResponse>(
          &pb::PolicyService::Stub::ActivatePolicy, request)
      .status();
}

std::string ReadyPolicy(const std::string& path) {
  const auto text =
      ReadPublicFile(std::string(COMITY_SOURCE_DIR "/policy/") + path);
  if (!text.ok()) std::abort();
  return *text;
}

std::string ReadyPolicyDigest(const std::string& path) {
  return LoadPolicyFile(path, ReadyPolicy(path)).body->digest;
}

TlsFiles TlsFilesOf(const TestParticipant& participant,
                    const ParticipantCard& other) {
  const NodeLayout layout{participant.directory()};
  // A file for each other side: what is watched is never another's.
  const std::string roots =
      layout.Run() + "/roots-" + other.code.text() + ".pem";
  if (!WritePublicFile(roots, other.root.ToPem() + other.issuing.ToPem())
           .ok()) {
    std::abort();
  }
  return {layout.TlsKey(), layout.TlsCertificate(), roots};
}

absl::Status HandshakeAt(const TlsFiles& files, const std::string& address,
                         std::string* presented) {
  const auto channel = grpc::CreateChannel(
      address,
      TlsClientSide(files, [presented](const Certificate& leaf, const auto&) {
        if (presented != nullptr) *presented = leaf.Fingerprint();
        return absl::OkStatus();
      }));
  auto stub = fed::FederationService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(5));
  fed::HandshakeRequest request;
  request.set_protocol_version(1);
  fed::HandshakeResponse response;
  return FromGrpc(stub->Handshake(&context, request, &response));
}

HandmadePartner::HandmadePartner(TestParticipant& self,
                                 const TestParticipant& other,
                                 const Clock& clock, const std::string& store)
    : self_(self),
      other_(other.card()),
      clock_(clock),
      store_(*OpenStore(self.directory() + "/data/" + store + ".db",
                        SecretBytes(std::string(32, 'k')), random_)),
      signer_(KeyFrom(NodeLayout{self.directory()}.LogKey())),
      writer_(*store_, signer_, clock) {
  partners_.Set(
      std::make_shared<PartnerTable>(std::vector<ParticipantCard>{other_}));
  peers_ =
      std::make_unique<GrpcPeers>(TlsFilesOf(self, other_), partners_, clock);
  peer_ = *peers_->Find(other_.code);
}

Peer& HandmadePartner::peer() { return *peer_; }

fed::CaseQuestion HandmadePartner::QuestionAbout(
    const std::string& pseudonym) const {
  fed::CaseQuestion question;
  question.set_agreement_id("ng-ne-bilateral");
  question.set_agreement_digest(
      ReadyPolicyDigest("agreements/ng-ne-bilateral.textproto"));
  question.set_purpose("SAFE_RETURN");
  question.set_basis("CONSENT");
  question.set_role("COORDINATOR");
  question.set_organisation("NAPTIP");
  question.set_pseudonym(pseudonym);
  question.add_wanted(v1::RECORD_GROUP_STATUS);
  return question;
}

Message HandmadePartner::Ask(const fed::CaseQuestion& question,
                             const Uuid& id) {
  return Send(MessageKind::kCaseQuestion, id,
              "comity.federation.v1.CaseQuestion",
              question.SerializeAsString());
}

Message HandmadePartner::Send(MessageKind kind, const Uuid& request_id,
                              const std::string& type,
                              const std::string& payload,
                              std::vector<FieldOpening> openings,
                              const std::string& answers) {
  UnprovedMessage message =
      MakeMessage(kind, self_.code(), other_.code, request_id, answers, type,
                  payload, clock_.Now(), random_);
  message.openings = std::move(openings);
  const auto entries = writer_.Commit([&](CommitScope& scope) {
    return scope
        .Append(PartnerLogOrigin(self_.code(), other_.code),
                FormatMessageLeaf(message.leaf), "")
        .status();
  });
  return ProvedMessage(message, (*entries)[0].proof);
}

Message HandmadePartner::Receipt(const Message& event) {
  fed::EventReceipt receipt;
  *receipt.mutable_delivered()->mutable_delivered_at() =
      ToProtoTime(clock_.Now());
  return Send(MessageKind::kReceipt, ParseMessageLeaf(event.leaf)->request_id,
              kReceiptType, receipt.SerializeAsString(), {},
              LeafHash(event.leaf));
}

absl::Status HandmadePartner::ProveHeads() {
  CheckpointKeeper keeper(self_.code(), *store_, writer_, partners_,
                          checkpoints_);
  // An exchange asks what the other side needs, the next one has it. Proofs are
  // taken without waiting for their commit, so it is asked until it has all.
  CheckpointExchange ours;
  while (true) {
    ASSIGN_OR_RETURN(const CheckpointExchange needs,
                     peer().Exchange(ours, absl::Seconds(5)));
    if (needs.unproved_sizes.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(ours, keeper.Prove(other_.code, needs));
  }
}

absl::StatusOr<VerifiedMessage> HandmadePartner::Verify(Message message,
                                                        MessageKind kind) {
  return VerifyMessage(std::move(message), kind, other_.code, self_.code(),
                       other_.log_key, checkpoints_);
}

}  // namespace comity
