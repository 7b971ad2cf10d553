#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "node/delivery/collector.h"
#include "node/delivery/courier.h"
#include "node/service/event_intake.h"
#include "node/service/federation_gate.h"
#include "node/service/housekeeping.h"
#include "node/service/node_context.h"
#include "node/service/operator_gate.h"
#include "node/store/open_store.h"
#include "tests/support/fault_injecting_store.h"
#include "tests/support/test_directory.h"

namespace comity {

// The calls between nodes that a Link carries.
enum class LinkCall : uint8_t {
  kHandshake,
  kDeliver,
  kCollect,
  kExchange,
  kAskCase
};

// The partner's node behind whatever a test puts between the two.
class OnePeer : public Peers {
 public:
  void Set(std::shared_ptr<Peer> peer) { peer_ = std::move(peer); }
  absl::StatusOr<std::shared_ptr<Peer>> Find(const ParticipantCode&) override {
    return peer_;
  }

 private:
  std::shared_ptr<Peer> peer_;
};

// A participant's services in one process without listeners: a real store, a
// real writer, real evidence and policy files. People call the handlers with
// the steps of the operator gate; the partner's calls come in as bytes, with
// the steps of the federation service; the courier runs when it is told to.
// Used by one thread.
class LinkedNode {
 public:
  // Borrows the clock. The same seed makes the same ids and keys of records. An
  // outbound-only one collects its mail.
  LinkedNode(const std::string& code, const Clock& clock, uint64_t seed,
             bool outbound_only = false);
  ~LinkedNode();

  const ParticipantCode& code() const { return self_; }
  NodeContext& context() { return context_; }
  FaultInjectingStore& store() { return store_; }
  // A reader of its own of what stands on the disk.
  absl::StatusOr<std::unique_ptr<Store>> OpenFromDisk();
  VerifyKey log_key() const { return signer_.public_key(); }

  // Pins the other's card and calls it by `way`.
  void Join(const LinkedNode& other, std::shared_ptr<Peer> way);
  // Puts policy files in force in place of those before.
  void Enact(const std::vector<std::string>& texts);

  // A person of "ORG".
  Caller Person(Role role, const std::string& name) const;
  Caller Coordinator(const std::string& name) const {
    return Person(Role::kCoordinator, name);
  }
  // One call of a person's, and its answer.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(const Caller& person, LocalOperation operation,
                                absl::Status (*handler)(OperatorCall&,
                                                        const Request&,
                                                        Response&),
                                const Request& request) {
    Response response;
    const absl::Status status = Serve(
        person, operation, request, response,
        [&](OperatorCall& call) { return handler(call, request, response); });
    if (!status.ok()) return status;
    return response;
  }

  // Answers one call of the partner's node, as it came over the line.
  absl::StatusOr<std::string> Answer(const ParticipantCode& partner,
                                     LinkCall call, const std::string& request);

  // One round of the courier, and of the collector if there is one; how many
  // receipts came and were given.
  absl::StatusOr<int> Round();
  // What the time asks for; returns when it is done.
  void Tick();
  // Waits until everything that was queued for the writer is done.
  void Settle();

 private:
  absl::Status Serve(const Caller& person, LocalOperation operation,
                     const google::protobuf::Message& request,
                     google::protobuf::Message& response,
                     const std::function<absl::Status(OperatorCall&)>& handler);
  absl::StatusOr<int> RoundOfBoth();
  absl::StatusOr<std::string> TakeEvents(const Caller& caller,
                                         const std::string& request);
  absl::StatusOr<std::string> GiveMail(const Caller& caller,
                                       const std::string& request);
  absl::StatusOr<std::string> AnswerCase(const Caller& caller,
                                         const std::string& request);
  absl::StatusOr<std::string> AnswerCheckpoints(const Caller& caller,
                                                const std::string& request);
  ParticipantCard Card() const;

  const ParticipantCode self_;
  const bool outbound_only_;
  const Clock& clock_;
  TestDirectory directory_;
  SeededRandomForTest random_;
  SystemRandom system_random_;
  NodeConfig config_;
  FaultInjectingStore store_;
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  PolicyHolder policy_;
  PartnerTableHolder partners_;
  NationalTrust national_{self_, {}};
  OnePeer peers_;
  CheckpointCache checkpoints_;
  CommitWriter writer_{store_, signer_, clock_};
  RejectedCalls rejected_{self_, writer_, clock_, random_};
  OpenCalls open_calls_{clock_, absl::Seconds(10)};
  CallerConnections connections_;
  NodeContext context_;
  FederationGate gate_{context_};
  EventIntake intake_{context_, gate_};
  const QuestionMethod case_method_;
  std::unique_ptr<Courier> courier_;
  std::unique_ptr<Collector> collector_;
  Housekeeper housekeeper_{context_, [] {}};
};

}  // namespace comity
