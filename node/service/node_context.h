#pragma once

#include <functional>
#include <memory>
#include <string>

#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/base/clock.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"
#include "node/identity/partner_table.h"
#include "node/peer/peer.h"
#include "node/service/caller_connections.h"
#include "node/service/fan_outs.h"
#include "node/service/live_tables.h"
#include "node/service/open_calls.h"
#include "node/service/policy_holder.h"
#include "node/service/rejected_calls.h"
#include "node/service/seen_handshakes.h"
#include "node/service/untaken_files.h"
#include "node/store/store.h"
#include "node/wire/config_file.h"

namespace comity {

// Everything that serving a call needs, borrowed from the daemon that wired it.
// Thread-safe as its parts are.
struct NodeContext {
  ParticipantCode self;
  const NodeConfig& config;
  Store& store;
  CommitWriter& writer;
  const LogSigner& signer;
  PolicyHolder& policy;
  PartnerTableHolder& partners;
  const NationalTrust& national;
  Peers& peers;
  CheckpointCache& checkpoints;
  const Clock& clock;
  RandomSource& random;
  RejectedCalls& rejected;
  OpenCalls& open_calls;
  CallerConnections& connections;
  std::string card;            // the own participant card, as text
  std::string data_directory;  // where the store lies
  std::function<absl::Time()> certificate_expires;  // of the own TLS one
  SecretBytes officer_key;   // keys what partners call the own people
  SecretBytes bundle_key{};  // opens bundles; empty: none on the card
  // What the own people count at home.
  std::shared_ptr<LiveTables> live = std::make_shared<LiveTables>();
  // What partners said of their agreements.
  std::shared_ptr<SeenHandshakes> handshakes =
      std::make_shared<SeenHandshakes>();
  std::shared_ptr<UntakenFiles> untaken = std::make_shared<UntakenFiles>();
  // Files that it could not write, and tries again.
  std::shared_ptr<UntakenFiles> unwritten = std::make_shared<UntakenFiles>();
  // How far calls are that ask several partners.
  std::shared_ptr<FanOuts> fan_outs = std::make_shared<FanOuts>();
};

}  // namespace comity
