#pragma once

#include <memory>
#include <string>

#include "node/service/node_context.h"
#include "node/store/open_store.h"
#include "tests/support/fault_injecting_store.h"
#include "tests/support/test_directory.h"

namespace comity {

// No partner can be called.
class NoPeers : public Peers {
 public:
  absl::StatusOr<std::shared_ptr<Peer>> Find(const ParticipantCode&) override {
    return ReasonError(ErrorReason::kPartnerUnknown, "nobody is there");
  }
};

// Everything that a service needs, in process and without a network: a real
// store that can be made to fail, a real writer, and a clock that stands still.
struct ServiceParts {
  const ParticipantCode self = *ParticipantCode::Create("NE");
  TestDirectory directory;
  SystemRandom random;
  FakeClock clock{absl::FromUnixSeconds(1790000000)};
  NodeConfig config;
  FaultInjectingStore store{*OpenStore(
      directory.Path("s.db"), SecretBytes(std::string(32, 'k')), random)};
  LogSigner signer{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer{store, signer, clock};
  PolicyHolder policy;
  PartnerTableHolder partners;
  NationalTrust national{self, {}};
  NoPeers peers;
  CheckpointCache checkpoints;
  RejectedCalls rejected{self, writer, clock, random};
  OpenCalls open_calls{clock, absl::Seconds(10)};
  CallerConnections connections;
  NodeContext node{self,
                   config,
                   store,
                   writer,
                   signer,
                   policy,
                   partners,
                   national,
                   peers,
                   checkpoints,
                   clock,
                   random,
                   rejected,
                   open_calls,
                   connections,
                   "",
                   directory.Path("data"),
                   [] { return absl::InfiniteFuture(); },
                   SecretBytes(std::string(32, 'o'))};
};

}  // namespace comity
