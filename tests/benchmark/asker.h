#pragma once

#include <grpcpp/impl/codegen/service_type.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "comity/federation/v1/case_query.pb.h"
#include "comity/federation/v1/federation_service.pb.h"
#include "node/peer/grpc_peers.h"
#include "node/service/dialogue.h"
#include "node/store/open_store.h"
#include "tests/support/test_directory.h"
#include "tests/support/test_participant.h"

namespace grpc {
class Server;
}

namespace comity {

// How many messages shared how many signatures: of each head that proofs lead
// to there is one, made once and checked once. Thread-safe.
class HeadTally {
 public:
  struct Seen {
    uint64_t messages = 0;
    uint64_t heads = 0;
  };
  // A message's tlog-proof, which ends with the signed head.
  void Count(absl::string_view proof) {
    const size_t head = absl::HashOf(proof.substr(proof.find("\n\n")));
    absl::MutexLock lock(&mutex_);
    ++messages_;
    heads_.insert(head);
  }
  Seen seen() const {
    absl::MutexLock lock(&mutex_);
    return {messages_, heads_.size()};
  }

 private:
  mutable absl::Mutex mutex_;
  uint64_t messages_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_set<size_t> heads_ ABSL_GUARDED_BY(mutex_);
};

// The asking side of a case query from where its operator's call has been
// admitted: the question is durable before it leaves, the answer is verified,
// and the outcome is durable before anybody is told. The parts are a node's
// own, with the listener at which the partner has heads proved; only that of
// the operators is not there. Ask is thread-safe.
class Asker {
 public:
  // Uses the files of `self`, whose node must not run, and a log of its own.
  Asker(const TestParticipant& self, const TestParticipant& holder,
        const Clock& clock);
  ~Asker();
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;

  // One question and its released answer; a refusal is an error.
  absl::Status Ask(const federation::v1::CaseQuestion& question);

  // One question and its answer as they travel.
  absl::Status Sample(const federation::v1::CaseQuestion& question,
                      federation::v1::AnswerCaseQueryRequest& request,
                      federation::v1::AnswerCaseQueryResponse& response);

  // An entry of this log alone, durable when it returns.
  absl::Status CommitAlone();

  // Of the questions and answers so far.
  HeadTally::Seen heads() const { return heads_.seen(); }

 private:
  absl::StatusOr<Answered> Exchange(
      const federation::v1::CaseQuestion& question,
      federation::v1::AnswerCaseQueryRequest* request);
  void StartServer(const TlsFiles& files, const std::string& address);
  // Has the holder prove its heads, as a courier does.
  void KeepProved();

  const ParticipantCode self_;
  const ParticipantCode holder_;
  const Clock& clock_;
  TestDirectory directory_;
  SystemRandom random_;
  const NodeConfig config_;
  const std::unique_ptr<Store> store_;
  const LogSigner signer_;
  PolicyHolder policy_;
  PartnerTableHolder partners_;
  NationalTrust national_{self_, {}};
  CheckpointCache checkpoints_;
  CommitWriter writer_;
  GrpcPeers peers_;
  RejectedCalls rejected_{self_, writer_, clock_, random_};
  OpenCalls open_calls_{clock_, absl::Seconds(10)};
  CallerConnections connections_;
  NodeContext context_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
  HeadTally heads_;
  std::atomic<bool> stopping_ = false;
  std::thread keeper_;
};

}  // namespace comity
