#pragma once

#include <memory>
#include <string>
#include <vector>

#include "comity/federation/v1/case_query.pb.h"
#include "comity/operators/v1/admin_service.pb.h"
#include "comity/operators/v1/policy_service.pb.h"
#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/cli/command.h"
#include "node/cli/node_init.h"
#include "node/daemon/node.h"
#include "node/peer/grpc_peers.h"
#include "node/store/open_store.h"
#include "tests/support/test_directory.h"

namespace comity {

// A participant with the files of a real node, made by comity node init in a
// directory of the test's own.
class TestParticipant {
 public:
  TestParticipant(const std::string& code, absl::Time now,
                  bool commission = false, bool outbound_only = false);

  const ParticipantCode& code() const { return code_; }
  const std::string& directory() const { return directory_; }
  const std::string& card_text() const { return card_text_; }
  const ParticipantCard& card() const { return card_; }

  // Starts comityd's node in this process, on its real listeners, over a store
  // that a test may wrap.
  absl::Status Start(const Clock& clock,
                     const StoreOpener& open_store = OpenStore);
  void Stop() { node_.reset(); }
  void Tick() { node_->Tick(); }

  // A command context for one of its people; makes the person if needed.
  CommandContext& As(const std::string& organisation, Role role,
                     const std::string& person);

  // Pins the other's card.
  absl::Status Pair(const TestParticipant& other);
  // Puts ready policy files in force, or the files of a test's own, signed by
  // both administrators.
  absl::Status Activate(const std::vector<std::string>& ready_files);
  absl::Status ActivateTexts(const std::vector<std::string>& texts,
                             absl::Time switch_at = absl::InfinitePast());
  // Over the digest of a file that loads.
  operators::v1::PolicySignature SignatureOf(const std::string& person,
                                             const std::string& text);
  // The requests of both, without their ids.
  operators::v1::AddPartnerRequest PairingWith(
      const TestParticipant& other) const;
  absl::StatusOr<operators::v1::ActivatePolicyRequest> ActivationOf(
      const std::vector<std::string>& texts,
      absl::Time switch_at = absl::InfinitePast());

 private:
  SystemRandom random_;
  ParticipantCode code_;
  TestDirectory temporary_;
  std::string directory_;
  std::string card_text_;
  ParticipantCard card_;
  absl::Time now_;
  std::unique_ptr<Node> node_;
  std::map<std::string, std::unique_ptr<CommandContext>> people_;
};

// A partner whose messages a test writes by hand: its own logs and keys, and a
// channel to another participant's node.
class HandmadePartner {
 public:
  // `store` names the file of its logs: another one is another history.
  HandmadePartner(TestParticipant& self, const TestParticipant& other,
                  const Clock& clock, const std::string& store = "handmade");

  // Logs a message for the other side and returns it with its proof.
  Message Send(MessageKind kind, const Uuid& request_id,
               const std::string& type, const std::string& payload,
               std::vector<FieldOpening> openings = {},
               const std::string& answers = "");
  // A receipt for an event of the other side's.
  Message Receipt(const Message& event);
  // A question about the status of a case, asked under the ready bilateral
  // agreement by a coordinator; and the same logged for the other side.
  federation::v1::CaseQuestion QuestionAbout(
      const std::string& pseudonym) const;
  Message Ask(const federation::v1::CaseQuestion& question, const Uuid& id);
  // Proves all heads of its log that the other side has seen, as a node does
  // every second.
  absl::Status ProveHeads();
  // Verifies what the other side sent.
  absl::StatusOr<VerifiedMessage> Verify(Message message, MessageKind kind);
  Peer& peer();
  Store& store() { return *store_; }
  RandomSource& random() { return random_; }

 private:
  TestParticipant& self_;
  const ParticipantCard other_;
  const Clock& clock_;
  SystemRandom random_;
  std::unique_ptr<Store> store_;
  LogSigner signer_;
  CommitWriter writer_;
  PartnerTableHolder partners_;
  CheckpointCache checkpoints_;
  std::unique_ptr<GrpcPeers> peers_;
  std::shared_ptr<Peer> peer_;
};

// A ready policy file, "agreements/ng-ne-bilateral.textproto", and its digest.
std::string ReadyPolicy(const std::string& path);
std::string ReadyPolicyDigest(const std::string& path);

// TLS files of a node that does not run.
TlsFiles TlsFilesOf(const TestParticipant& participant,
                    const ParticipantCard& other);

// Shakes hands with a node over a connection of its own, presenting the files'
// certificate; `presented`, if given, gets the fingerprint of the node's.
absl::Status HandshakeAt(const TlsFiles& files, const std::string& address,
                         std::string* presented = nullptr);

}  // namespace comity
