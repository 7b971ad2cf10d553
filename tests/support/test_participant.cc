#include "tests/support/test_participant.h"

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "node/wire/policy_file.h"
#include "node/wire/policy_signature.h"

namespace comity {
namespace {

namespace pb = operators::v1;

SigningKey KeyFrom(const std::string& path) {
  return *SigningKey::FromPem(ReadPrivateFile(path)->Expose(), SecretBytes());
}

std::string InitAndReadCard(const std::string& code,
                            const std::string& directory, bool commission,
                            absl::Time now, RandomSource& random) {
  const InitOptions options{code,  code,      directory, directory + "-root",
                            "ORG", commission};
  const auto made = InitNode(options, now, random);
  if (!made.ok()) std::abort();
  return *ReadPublicFile(NodeLayout{directory}.Card());
}

}  // namespace

TestParticipant::TestParticipant(const std::string& code, absl::Time now,
                                 bool commission)
    : code_(*ParticipantCode::Create(code)),
      directory_(temporary_.Path("node")),
      card_text_(InitAndReadCard(code, directory_, commission, now, random_)),
      card_(*ParseCard(card_text_)),
      now_(now) {}

absl::Status TestParticipant::Start(const Clock& clock) {
  ASSIGN_OR_RETURN(node_, StartNode(directory_, clock, random_));
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
  pb::AddPartnerRequest request;
  request.set_request_id(admin.NewRequestId());
  request.set_card(other.card_text());
  request.set_fingerprint(CardFingerprint(other.card_text()));
  return admin
      .Call<pb::AdminService, pb::AddPartnerResponse>(
          &pb::AdminService::Stub::AddPartner, request)
      .status();
}

absl::Status TestParticipant::Activate(
    const std::vector<std::string>& policy_files) {
  pb::ActivatePolicyRequest request;
  for (const std::string& path : policy_files) {
    auto* file = request.add_files();
    file->set_file_name(path);
    ASSIGN_OR_RETURN(
        *file->mutable_text(),
        ReadPublicFile(std::string(COMITY_SOURCE_DIR "/policy/") + path));
    const std::string digest = LoadPolicyFile(path, file->text()).body->digest;
    for (const char* person : {"admin-1", "admin-2"}) {
      const std::string profile =
          NodeLayout{directory_}.Operators() + "/" + person;
      auto* signature = file->add_signatures();
      ASSIGN_OR_RETURN(*signature->mutable_certificate_chain(),
                       ReadPublicFile(profile + "/certificate.pem"));
      signature->set_signature(
          KeyFrom(profile + "/key.pem").Sign(PolicySignatureText(digest)));
    }
  }
  CommandContext& admin = As("ORG", Role::kAdmin, "admin-1");
  request.set_request_id(admin.NewRequestId());
  return admin
      .Call<pb::AdminService, pb::ActivatePolicyResponse>(
          &pb::AdminService::Stub::ActivatePolicy, request)
      .status();
}

TlsFiles TlsFilesOf(const TestParticipant& participant,
                    const ParticipantCard& other) {
  const NodeLayout layout{participant.directory()};
  const std::string roots = layout.Run() + "/partners.pem";
  if (!WritePublicFile(roots, other.root.ToPem() + other.issuing.ToPem())
           .ok()) {
    std::abort();
  }
  return {layout.TlsKey(), layout.TlsCertificate(), roots};
}

HandmadePartner::HandmadePartner(TestParticipant& self,
                                 const TestParticipant& other,
                                 const Clock& clock)
    : self_(self),
      other_(other.card()),
      clock_(clock),
      store_(*OpenStore(self.directory() + "/data/handmade.db",
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

Message HandmadePartner::Send(MessageKind kind, const Uuid& request_id,
                              const std::string& type,
                              const std::string& payload,
                              std::vector<FieldOpening> openings) {
  UnprovedMessage message =
      MakeMessage(kind, self_.code(), other_.code, request_id, "", type,
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

absl::StatusOr<VerifiedMessage> HandmadePartner::Verify(Message message,
                                                        MessageKind kind) {
  return VerifyMessage(std::move(message), kind, other_.code, self_.code(),
                       other_.log_key, checkpoints_);
}

}  // namespace comity
