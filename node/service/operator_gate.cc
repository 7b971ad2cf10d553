#include "node/service/operator_gate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/audit/own_log.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/peer/grpc_status.h"
#include "node/service/call_certificate.h"
#include "node/service/federation_gate.h"
#include "node/wire/required_fields.h"

namespace comity {
namespace {

constexpr size_t kMaxWaiting = 256;
// What the node itself needs after its partners have answered.
constexpr absl::Duration kOwnWork = absl::Milliseconds(500);

void SetEntryId(google::protobuf::Message& response, const std::string& id) {
  const auto* field =
      response.GetDescriptor()->FindFieldByName("audit_entry_id");
  if (field != nullptr) {
    response.GetReflection()->SetString(&response, field, id);
  }
}

}  // namespace

OperatorCall::OperatorCall(NodeContext& node, Caller caller,
                           LocalOperation operation,
                           std::shared_ptr<const PolicyEngine> engine,
                           absl::Time deadline,
                           const google::protobuf::Message& request,
                           google::protobuf::Message& response)
    : node_(node),
      caller_(std::move(caller)),
      operation_(operation),
      engine_(std::move(engine)),
      now_(node.clock.Now()),
      deadline_(deadline),
      response_(response),
      answered_(AnsweredRequest::Of(caller_, operation, request)) {
  own_.kind = OwnKind::kOperatorAction;
  own_.actor =
      absl::StrCat(caller_.OperatorName(), " (", Name(caller_.role), ")");
  own_.detail = std::string(Name(operation_));
}

absl::Duration OperatorCall::PartnerTimeout(absl::Duration longest) const {
  return std::max(absl::ZeroDuration(),
                  std::min(longest, deadline_ - node_.clock.Now() - kOwnWork));
}

absl::StatusOr<CaseFacts> OperatorCall::FindCase(
    absl::string_view case_name) const {
  auto id = Uuid::Parse(case_name);
  if (!id.ok()) {
    ASSIGN_OR_RETURN(const std::vector<Uuid> found,
                     node_.store.FindCases(
                         {IndexKind::kLocalReference, std::string(case_name)}));
    if (found.empty()) return NoCase(case_name);
    id = found[0];
  }
  auto facts = node_.store.ReadFacts(*id);
  if (!facts.ok()) {
    id = node_.store.ReadMergedInto(*id);
    if (id.ok()) facts = node_.store.ReadFacts(*id);
  }
  if (!facts.ok()) return NoCase(case_name);
  return *std::move(facts);
}

absl::StatusOr<Permit> OperatorCall::PermitCase(absl::string_view case_name) {
  ASSIGN_OR_RETURN(const CaseFacts facts, FindCase(case_name));
  ASSIGN_OR_RETURN(Permit permit, PermitOn(facts));
  SetSubject(facts.case_id);
  return permit;
}

absl::Status OperatorCall::NoCase(absl::string_view case_name) const {
  const auto left = node_.store.FindTombstone(case_name);
  if (left.ok()) {
    CaseFacts facts;
    facts.case_id = left->case_id;
    facts.organisation = left->organisation;
    if (PermitOn(facts).ok()) {
      return ReasonError(
          ErrorReason::kNotFound,
          absl::StrCat(ErasedText(*left),
                       "; comity subject erase --show tells who has answered"));
    }
  }
  return ReasonError(
      ErrorReason::kNotFound,
      "there is no such case; give its id or its local reference");
}

absl::StatusOr<Permit> OperatorCall::PermitOn(const CaseFacts& facts) const {
  // Kept for its hold and no other use; she may ask what became of it.
  if (facts.ShutOff() && operation_ != LocalOperation::kCaseHold &&
      operation_ != LocalOperation::kSubjectReport) {
    return ReasonError(
        ErrorReason::kNotFound,
        "there is no such case; give its id or its local reference");
  }
  return engine_->DecideLocal(caller_, operation_, &facts, now_);
}

absl::StatusOr<Permit> OperatorCall::PermitAll() const {
  return engine_->DecideLocal(caller_, operation_, nullptr, now_);
}

void OperatorCall::SetLeaves(const std::string& question,
                             const std::string& answer) {
  own_.kind = OwnKind::kAsked;
  own_.question_leaf = question;
  own_.answer_leaf = answer;
}

void OperatorCall::SetDetail(absl::string_view detail) {
  own_.detail = absl::StrCat(Name(operation_), " ", detail);
}

absl::Status OperatorCall::AdmitAgain(absl::Time now) {
  auto current = node_.policy.Get(now);
  if (current->version() == engine_->version()) return absl::OkStatus();
  const bool founding = !engine_->set().local.has_value();
  engine_ = std::move(current);
  return founding ? absl::OkStatus() : PermitAll().status();
}

absl::StatusOr<std::vector<LoggedEntry>> OperatorCall::Commit(
    const CommitBody& effect) {
  ASSIGN_OR_RETURN(
      std::vector<LoggedEntry> entries,
      node_.writer.Commit([&](CommitScope& scope) -> absl::Status {
        absl::Status done = AdmitAgain(scope.now());
        if (done.ok() && effect) done = effect(scope);
        // What did not happen is not noted either.
        if (!done.ok()) notes_.clear();
        RETURN_IF_ERROR(done);
        own_.time = scope.now();
        own_.policy_digest = PolicyDigestOf(*engine_);
        ASSIGN_OR_RETURN(const uint64_t index,
                         AppendOwn(node_.self, own_, node_.random, scope));
        for (const ReleaseNote& note : notes_) {
          RETURN_IF_ERROR(NoteRelease(node_, note, index, scope));
        }
        // A repeat names the entry of the effect, not its own.
        if (!repeated_)
          SetEntryId(response_,
                     absl::StrCat(OwnLogOrigin(node_.self), "#", index));
        if (!effect || committed_) return absl::OkStatus();
        return answered_.has_value() ? answered_->Keep(scope, response_)
                                     : absl::OkStatus();
      }));
  committed_ = true;
  return entries;
}

absl::StatusOr<bool> OperatorCall::AnswerAgain() {
  if (!answered_.has_value()) return false;
  ASSIGN_OR_RETURN(repeated_,
                   answered_->AnswerAgain(node_.store, now_, response_));
  if (repeated_) SetDetail("REPEATED");
  return repeated_;
}

OperatorGate::OperatorGate(NodeContext& node) : node_(node) {
  for (int i = 0; i < node.config.operator_threads; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

OperatorGate::~OperatorGate() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void OperatorGate::Work() {
  while (true) {
    Task task;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &OperatorGate::HasWork));
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

grpc::ServerUnaryReactor* OperatorGate::RunErased(
    grpc::CallbackServerContext* context, LocalOperation operation,
    const google::protobuf::Message& request,
    google::protobuf::Message& response,
    std::function<absl::Status(OperatorCall&)> handler) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (context->deadline() == std::chrono::system_clock::time_point::max()) {
    Reject(reactor, ReasonError(ErrorReason::kDeadlineMissing,
                                "every call must carry a deadline"));
    return reactor;
  }
  node_.connections.Explain(CallOrigin::kOperators, context->peer(),
                            request.ByteSizeLong());
  const absl::Duration wanted =
      absl::FromChrono(context->deadline()) - absl::Now();
  Task task = [this, reactor, &request, &response,
               arrival = Arrival{CallCertificatePem(*context), context->peer(),
                                 operation, node_.clock.Now() + wanted},
               handler = std::move(handler)] {
    reactor->Finish(ToGrpc(Serve(arrival, request, response, handler)));
  };
  {
    absl::MutexLock lock(&mutex_);
    if (tasks_.size() < kMaxWaiting) {
      tasks_.push_back(std::move(task));
      return reactor;
    }
  }
  Reject(reactor, ReasonError(ErrorReason::kOverloaded,
                              "too many calls wait; try again"));
  return reactor;
}

void OperatorGate::Reject(grpc::ServerUnaryReactor* reactor,
                          const absl::Status& status) {
  node_.rejected.Count(CallOrigin::kOperators, ReasonOf(status));
  reactor->Finish(ToGrpc(status));
}

// Runs the handler unless its request was answered before; a call that lost
// the race against its own repeat is answered like it.
absl::Status OperatorGate::RunOnce(
    OperatorCall& call,
    const std::function<absl::Status(OperatorCall&)>& handler) {
  ASSIGN_OR_RETURN(bool again, call.AnswerAgain());
  if (again) return absl::OkStatus();
  absl::Status status = handler(call);
  if (status.ok() || call.committed()) return status;
  ASSIGN_OR_RETURN(again, call.AnswerAgain());
  return again ? absl::OkStatus() : status;
}

absl::Status OperatorGate::Admit(const Arrival& arrival,
                                 const google::protobuf::Message& request,
                                 google::protobuf::Message& response,
                                 std::optional<OperatorCall>& call) {
  // Nobody waits any longer for what waited too long itself.
  if (node_.clock.Now() >= arrival.deadline) {
    return ReasonError(ErrorReason::kDeadlineExceeded,
                       "the call waited past its deadline; nothing was done");
  }
  ASSIGN_OR_RETURN(const CallCertificate certificate,
                   ReadCallCertificate(arrival.certificate));
  ASSIGN_OR_RETURN(Caller caller, node_.national.IdentifyOperator(
                                      certificate.leaf, certificate.presented,
                                      node_.clock.Now()));
  node_.connections.Saw(CallOrigin::kOperators, arrival.address,
                        caller.OperatorName(), caller.certificate);
  RETURN_IF_ERROR(CheckRequiredFields(request));
  call.emplace(node_, std::move(caller), arrival.operation,
               node_.policy.Get(node_.clock.Now()), arrival.deadline, request,
               response);
  return absl::OkStatus();
}

absl::Status OperatorGate::Serve(
    const Arrival& arrival, const google::protobuf::Message& request,
    google::protobuf::Message& response,
    const std::function<absl::Status(OperatorCall&)>& handler) {
  std::optional<OperatorCall> admitted;
  absl::Status admission = Admit(arrival, request, response, admitted);
  if (!admission.ok()) {
    node_.rejected.Count(CallOrigin::kOperators, ReasonOf(admission));
    return admission;
  }
  OperatorCall& call = *admitted;
  // The first administrators must be able to activate the first local access.
  const bool founding = !call.engine().set().local.has_value() &&
                        call.caller().role == Role::kAdmin;
  absl::Status status = founding ? absl::OkStatus() : call.PermitAll().status();
  if (status.ok()) status = RunOnce(call, handler);
  if (ReasonOf(status) == ErrorReason::kInternal) {
    Log(LogLevel::kError, "operator_call_failed",
        {LogField::Public("operation", Name(call.operation())),
         LogField::Public("why", status.message())});
  }
  if (!call.committed()) {
    if (!status.ok()) {
      call.SetDetail(absl::StrCat("REFUSED ", ReasonName(ReasonOf(status))));
    }
    // At home too: no entry, no answer.
    RETURN_IF_ERROR(call.Commit(nullptr).status());
  }
  // Who was revoked meanwhile is told nothing any more.
  ASSIGN_OR_RETURN(const CallCertificate certificate,
                   ReadCallCertificate(arrival.certificate));
  RETURN_IF_ERROR(node_.national.CheckNotRevoked(
      call.caller(), certificate.leaf, node_.clock.Now()));
  return status;
}

}  // namespace comity
