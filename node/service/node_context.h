#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/base/clock.h"
#include "node/crypto/random.h"
#include "node/identity/partner_table.h"
#include "node/peer/peer.h"
#include "node/policy/policy_engine.h"
#include "node/service/open_calls.h"
#include "node/service/rejected_calls.h"
#include "node/store/store.h"
#include "node/wire/config_file.h"

namespace comity {

// The policy engine in force. Thread-safe; a decision keeps the engine it took.
class PolicyHolder {
 public:
  std::shared_ptr<const PolicyEngine> Get() const {
    absl::MutexLock lock(&mutex_);
    return engine_;
  }
  void Set(std::shared_ptr<const PolicyEngine> engine) {
    absl::MutexLock lock(&mutex_);
    engine_ = std::move(engine);
  }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<const PolicyEngine> engine_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<PolicyEngine>(PolicySet(), 0);
};

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
  std::string card;  // the own participant card, as text
};

}  // namespace comity
