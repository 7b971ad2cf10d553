#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/message.h"
#include "node/peer/grpc_names.h"
#include "node/service/answered_request.h"
#include "node/service/node_context.h"
#include "node/service/release_notes.h"
#include "node/wire/own_leaf.h"

namespace comity {

// One call of an operator as its handler sees it. Borrows request and response.
// Used by one thread.
class OperatorCall {
 public:
  OperatorCall(NodeContext& node, Caller caller, LocalOperation operation,
               std::shared_ptr<const PolicyEngine> engine, absl::Time deadline,
               const google::protobuf::Message& request,
               google::protobuf::Message& response);

  NodeContext& node() { return node_; }
  const NodeContext& node() const { return node_; }
  const Caller& caller() const { return caller_; }
  LocalOperation operation() const { return operation_; }
  const PolicyEngine& engine() const { return *engine_; }
  absl::Time now() const { return now_; }
  // How long to wait for a partner: `longest`, or less when the operator waits
  // less long, so that an answer still reaches her.
  absl::Duration PartnerTimeout(absl::Duration longest) const;

  // A permit for this operation on one case, by its id or its local reference,
  // or by those of a case that was merged into it.
  // NOT_FOUND for a case outside the caller's scope, or one that is kept for
  // its legal hold alone and is meant for another operation.
  absl::StatusOr<Permit> PermitCase(absl::string_view case_name);
  // The facts of a case by such a name, before anything is permitted.
  absl::StatusOr<CaseFacts> FindCase(absl::string_view case_name) const;
  // The same for a case whose facts are known, and nothing of which is told:
  // the own log does not name it.
  absl::StatusOr<Permit> PermitOn(const CaseFacts& facts) const;
  // The permit for this operation on no single case.
  absl::StatusOr<Permit> PermitAll() const;

  // Runs an effect in one commit together with this call's entry in the own log
  // and, if the call changes something, its response: the effect completes the
  // response, for a repeat is answered with what stands in it then. engine() is
  // the one in force at that instant; if it changed since the call was
  // admitted, the operation is admitted again. A call has one effect; one that
  // does not commit is recorded by the gate.
  absl::StatusOr<std::vector<LoggedEntry>> Commit(const CommitBody& effect);

  // What this call commits is no answer to its request (somebody must approve
  // first): a repeat is decided anew.
  void ExpectRepeat() { answered_.reset(); }

  // True, with the response, if this request was answered before.
  absl::StatusOr<bool> AnswerAgain();

  // What the own log says of the call.
  void SetSubject(const Uuid& case_id) {
    own_.subject = case_id.ToString();
    AddAbout(case_id);
  }
  // A case of which something is told, a dossier or a pseudonym: reports to the
  // person find the entry by it.
  void AddAbout(const Uuid& id) { own_.about.push_back(id); }
  void SetPeer(const ParticipantCode& peer) { own_.peer = peer.text(); }
  void SetRequestId(const Uuid& id) { own_.request_id = id; }
  void SetLeaves(const std::string& question, const std::string& answer);
  void SetDetail(absl::string_view detail);
  void SetKind(OwnKind kind) { own_.kind = kind; }
  // What Commit() notes with the entry, if its effect succeeds.
  void AddNote(ReleaseNote note) { notes_.push_back(std::move(note)); }

  bool committed() const { return committed_; }

 private:
  absl::Status AdmitAgain(absl::Time now);
  // NOT_FOUND, with what became of the case to whoever might have seen it.
  absl::Status NoCase(absl::string_view case_name) const;

  NodeContext& node_;
  Caller caller_;
  LocalOperation operation_;
  std::shared_ptr<const PolicyEngine> engine_;
  absl::Time now_;
  absl::Time deadline_;
  google::protobuf::Message& response_;
  std::optional<AnsweredRequest> answered_;
  OwnEntry own_;
  std::vector<ReleaseNote> notes_;
  bool repeated_ = false;
  bool committed_ = false;
};

// Runs every call of the operator API through the same steps: identify, admit
// the role, check the request, act, record, release. Calls run on a bounded
// pool of threads, where waiting for a commit or a partner is allowed; at most
// 256 wait for a thread, and one that waited past its deadline does nothing.
// Thread-safe.
class OperatorGate {
 public:
  explicit OperatorGate(NodeContext& node);
  ~OperatorGate();

  // One handler with its rule beside it.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context,
                                LocalOperation operation,
                                const Request* request, Response* response,
                                Handler handler) {
    return RunErased(context, operation, *request, *response,
                     [request, response, handler](OperatorCall& call) {
                       return handler(call, *request, *response);
                     });
  }

 private:
  using Task = std::function<void()>;

  grpc::ServerUnaryReactor* RunErased(
      grpc::CallbackServerContext* context, LocalOperation operation,
      const google::protobuf::Message& request,
      google::protobuf::Message& response,
      std::function<absl::Status(OperatorCall&)> handler);
  // What is known of a call before its operator is.
  struct Arrival {
    std::string certificate;
    std::string address;  // of the connection's other end
    LocalOperation operation;
    absl::Time deadline;
  };
  absl::Status Serve(const Arrival& arrival,
                     const google::protobuf::Message& request,
                     google::protobuf::Message& response,
                     const std::function<absl::Status(OperatorCall&)>& handler);
  absl::Status Admit(const Arrival& arrival,
                     const google::protobuf::Message& request,
                     google::protobuf::Message& response,
                     std::optional<OperatorCall>& call);
  // Ends a call that leaves no entry of its own.
  void Reject(grpc::ServerUnaryReactor* reactor, const absl::Status& status);
  static absl::Status RunOnce(
      OperatorCall& call,
      const std::function<absl::Status(OperatorCall&)>& handler);
  void Work();
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !tasks_.empty();
  }

  NodeContext& node_;
  absl::Mutex mutex_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace comity
