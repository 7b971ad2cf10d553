#include "node/service/federation_gate.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/audit/own_log.h"
#include "node/audit/witness.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/service/call_certificate.h"

namespace comity {
namespace {

constexpr absl::Duration kFreshness = absl::Seconds(60);
constexpr absl::Duration kClockTolerance = absl::Minutes(5);
// Longer than any question stays fresh, clocks considered.
constexpr absl::Duration kRememberRequests = absl::Hours(1);
constexpr absl::Duration kForgetEach = absl::Seconds(1);
// Behind the hash by which a question is remembered that got no release.
constexpr const char* kNothingCharged = "-";
// How long a certificate's verdict is kept before it is judged again.
constexpr absl::Duration kIdentityLease = absl::Minutes(1);

absl::Status CheckFresh(const FederationCall& call) {
  const absl::Duration age = call.now - call.message.leaf.time;
  if (age > kFreshness || age < -kClockTolerance) {
    return ReasonError(ErrorReason::kQuestionExpired,
                       "a question is answered within 60 seconds of its time; "
                       "ask a new one, and compare clocks");
  }
  return absl::OkStatus();
}

// What is decided on one state of the store goes to `prepared`, a refusal too.
// Errors as CheckProvedInTime: then nothing is decided, and nothing recorded.
absl::Status Prepare(const QuestionMethod& method, const FederationCall& call,
                     const Store& store,
                     absl::StatusOr<FederationAnswer>& prepared) {
  return store.ReadAtOnce([&](const StoreReader& reader) -> absl::Status {
    RETURN_IF_ERROR(
        CheckProvedInTime(reader, call.caller.participant, call.now));
    const absl::Status fresh = CheckFresh(call);
    if (fresh.ok()) {
      prepared = method.handle(call, reader);
    } else {
      prepared = fresh;
    }
    return absl::OkStatus();
  });
}

// Whether policy, case and whatever else an answer was decided on are as they
// were.
absl::StatusOr<bool> StillHolds(const FederationAnswer& answer,
                                uint64_t policy_version,
                                const StoreReader& reader) {
  if (answer.about_nobody.has_value()) {
    reader.ReadDecoyVersion(*answer.about_nobody).IgnoreError();
  }
  if (answer.engine == nullptr || answer.engine->version() != policy_version) {
    return false;
  }
  if (answer.case_id.has_value()) {
    const auto version = reader.ReadVersion(*answer.case_id);
    if (!version.ok() || *version != answer.case_version) return false;
  }
  return answer.still_holds ? answer.still_holds(reader) : true;
}

}  // namespace

// One question on its way through the gate.
struct FederationGate::Pending {
  FederationCall call;
  absl::StatusOr<FederationAnswer> prepared;
  UnprovedMessage answer;
  MessageDone done;
};

std::string PolicyDigestOf(const PolicyEngine& engine) {
  return Sha256(DigestInput(engine.set()));
}

std::string DescribeDecision(const PolicyEngine& engine, Operation operation,
                             const Decision& decision) {
  std::string text = absl::StrCat(Name(operation), " ", Name(decision.outcome));
  if (decision.outcome != Outcome::kPermit) {
    absl::StrAppend(&text, " ", ReasonName(decision.reason));
  }
  if (decision.private_reason != PrivateReason::kNone) {
    absl::StrAppend(&text, " (", Name(decision.private_reason), ")");
  }
  const char* join = " by ";
  for (const RuleRef rule : decision.rules) {
    absl::StrAppend(&text, join, engine.policy().rule(rule).id);
    join = ",";
  }
  return text;
}

absl::StatusOr<Caller> FederationGate::Identify(
    absl::string_view certificate_pem) {
  const auto table = node_.partners.Get();
  const absl::Time now = node_.clock.Now();
  {
    absl::MutexLock lock(&mutex_);
    if (table_ != table || now - judged_at_ > kIdentityLease) {
      identified_.Clear();
      table_ = table;
      judged_at_ = now;
    }
    if (const auto known = identified_.Find(certificate_pem)) return *known;
  }
  ASSIGN_OR_RETURN(const CallCertificate certificate,
                   ReadCallCertificate(certificate_pem));
  ASSIGN_OR_RETURN(Caller caller,
                   table->IdentifyNode(certificate.leaf, certificate.presented,
                                       ChainPurpose::kClient, now));
  absl::MutexLock lock(&mutex_);
  if (table_ == table) identified_.Keep(certificate_pem, caller);
  return caller;
}

absl::StatusOr<FederationCall> FederationGate::Verify(const Caller& caller,
                                                      MessageKind kind,
                                                      Message message,
                                                      Carriage how) {
  if (how == Carriage::kOnline) {
    RETURN_IF_ERROR(
        CheckProvedInTime(node_.store, caller.participant, node_.clock.Now()));
  }
  return VerifyEvidence(caller, kind, std::move(message));
}

absl::StatusOr<FederationCall> FederationGate::VerifyEvidence(
    const Caller& caller, MessageKind kind, Message message) {
  const auto table = node_.partners.Get();
  const ParticipantCard* card = table->Find(caller.participant);
  if (card == nullptr) {
    return ReasonError(ErrorReason::kCertificateUnknown,
                       "the caller is no partner of this node");
  }
  const absl::Time now = node_.clock.Now();
  ASSIGN_OR_RETURN(VerifiedMessage verified,
                   VerifyMessage(std::move(message), kind, caller.participant,
                                 node_.self, card->log_key, node_.checkpoints));
  return FederationCall{caller, std::move(verified), now};
}

void FederationGate::Answer(const QuestionMethod& method, const Caller& caller,
                            Message question, MessageDone done,
                            std::function<bool()> is_cancelled) {
  auto call = VerifyEvidence(caller, method.question, std::move(question));
  if (call.ok() && call->message.message.type != method.question_type) {
    call = ReasonError(ErrorReason::kEvidenceInvalid,
                       "the payload is not of the type that this call takes");
  }
  if (!call.ok()) {
    done(call.status());
    return;
  }
  call->is_cancelled = std::move(is_cancelled);
  // With what it is decided on is read whether the partner's heads were proved.
  absl::StatusOr<FederationAnswer> prepared;
  const absl::Status read = Prepare(method, *call, node_.store, prepared);
  if (!read.ok()) {
    done(read);
    return;
  }
  UnprovedMessage answer = Compose(method, *call, prepared);
  SubmitAnswer(method, std::make_shared<Pending>(
                           Pending{*std::move(call), std::move(prepared),
                                   std::move(answer), std::move(done)}));
}

UnprovedMessage FederationGate::Compose(
    const QuestionMethod& method, const FederationCall& call,
    absl::StatusOr<FederationAnswer>& prepared) {
  return MakeMessage(method.answer, node_.self, call.caller.participant,
                     call.message.leaf.request_id, call.message.leaf_hash,
                     method.answer_type,
                     prepared.ok() ? std::move(prepared->payload)
                                   : method.refuse(prepared.status()),
                     call.now, node_.random);
}

void FederationGate::SubmitAnswer(const QuestionMethod& method,
                                  std::shared_ptr<Pending> pending) {
  node_.writer.Submit(
      [this, &method, pending](CommitScope& scope) {
        return CommitAnswer(method, *pending, scope);
      },
      [this, &method,
       pending](absl::StatusOr<std::vector<LoggedEntry>> entries) {
        if (entries.ok()) {
          pending->done(ProvedMessage(std::move(pending->answer),
                                      std::move((*entries)[0].proof)));
          return;
        }
        const ErrorReason reason = ReasonOf(entries.status());
        const bool refusable = reason == ErrorReason::kLimitReached ||
                               reason == ErrorReason::kPrivacyBudgetSpent ||
                               reason == ErrorReason::kRequestIdReused ||
                               reason == ErrorReason::kNotAvailable;
        if (!refusable || !pending->prepared.ok()) {
          pending->done(entries.status());
          return;
        }
        // Found out in the transaction; the refusal is evidence of its own.
        pending->prepared = entries.status();
        pending->answer = Compose(method, pending->call, pending->prepared);
        SubmitAnswer(method, pending);
      },
      pending->call.caller.participant.text());
}

absl::StatusOr<FederationGate::Seen> FederationGate::LookUp(
    const Pending& pending, CommitScope& scope) {
  const FederationCall& call = pending.call;
  ASSIGN_OR_RETURN(const auto seen,
                   scope.store().ReadSeenRequest(call.caller.participant.text(),
                                                 call.message.leaf.request_id));
  if (!seen.has_value()) return Seen::kNever;
  if (seen->leaf_hash == call.message.leaf_hash) return Seen::kCharged;
  if (seen->leaf_hash == call.message.leaf_hash + kNothingCharged) {
    return Seen::kNothingCharged;
  }
  return ReasonError(ErrorReason::kRequestIdReused,
                     "the request id was used for another question");
}

absl::Status FederationGate::Remember(const Pending& pending, bool charged,
                                      CommitScope& scope) {
  const FederationCall& call = pending.call;
  if (absl::AbsDuration(call.now - forgot_at_) >= kForgetEach) {
    RETURN_IF_ERROR(
        scope.store().DeleteSeenRequests(call.now - kRememberRequests));
    forgot_at_ = call.now;
  }
  return scope.store().PutSeenRequest(
      call.caller.participant.text(), call.message.leaf.request_id,
      {call.message.leaf_hash + (charged ? "" : kNothingCharged), call.now});
}

absl::Status FederationGate::CommitAnswer(const QuestionMethod& method,
                                          Pending& pending,
                                          CommitScope& scope) {
  const FederationCall& call = pending.call;
  RETURN_IF_ERROR(scope.Observe(call.caller.participant, call.message));
  const auto engine = node_.policy.Get(scope.now());
  Seen seen = Seen::kNever;
  if (pending.prepared.ok()) {
    ASSIGN_OR_RETURN(seen, LookUp(pending, scope));
    // What was decided on may have changed since: then decide again.
    ASSIGN_OR_RETURN(
        const bool holds,
        StillHolds(*pending.prepared, engine->version(), scope.store()));
    if (!holds) {
      pending.call.now = scope.now();
      pending.call.in_commit = true;
      pending.prepared = method.handle(call, scope.store());
      pending.answer = Compose(method, call, pending.prepared);
    }
  }
  FederationAnswer answer;
  if (pending.prepared.ok()) {
    // What fails from here on is answered, if at all, by its status alone.
    answer = *std::move(pending.prepared);
    const bool releases = answer.note.has_value();
    if (seen == Seen::kNever || (seen == Seen::kNothingCharged && releases)) {
      RETURN_IF_ERROR(Remember(pending, releases, scope));
      if (answer.effect) RETURN_IF_ERROR(answer.effect(scope));
    }
  } else {
    answer.detail =
        absl::StrCat("DENY ", ReasonName(ReasonOf(pending.prepared.status())));
  }
  pending.answer.leaf.time = scope.now();
  return LogAnswer(pending, answer,
                   answer.engine == nullptr ? *engine : *answer.engine, scope);
}

absl::Status FederationGate::LogAnswer(const Pending& pending,
                                       const FederationAnswer& answer,
                                       const PolicyEngine& decided_by,
                                       CommitScope& scope) {
  const FederationCall& call = pending.call;
  RETURN_IF_ERROR(
      scope
          .Append(PartnerLogOrigin(node_.self, call.caller.participant),
                  FormatMessageLeaf(pending.answer.leaf), "")
          .status());
  OwnEntry own;
  own.kind = OwnKind::kAnswered;
  own.time = scope.now();
  own.request_id = call.message.leaf.request_id;
  own.peer = call.caller.participant.text();
  own.question_leaf = call.message.leaf_hash;
  own.answer_leaf = scope.entries().back().leaf_hash;
  own.policy_digest = PolicyDigestOf(decided_by);
  own.subject = answer.subject;
  own.actor = own.peer;
  own.detail = answer.detail;
  own.facts = answer.facts;
  own.about = answer.about;
  ASSIGN_OR_RETURN(const uint64_t index,
                   AppendOwn(node_.self, own, node_.random, scope));
  if (!answer.note.has_value()) return absl::OkStatus();
  return NoteRelease(node_, *answer.note, index, scope);
}

bool FederationGate::Enter(const ParticipantCode& partner) {
  // What a machine can bear goes by the machine's time.
  const absl::Time now = absl::Now();
  const double rate = node_.config.max_calls_per_second_per_partner;
  const size_t partners = node_.partners.Get()->cards().size();
  absl::MutexLock lock(&mutex_);
  if (!places_.Enter(partner, partners)) return false;
  if (rates_.try_emplace(partner, rate, rate, now).first->second.Take(now)) {
    return true;
  }
  places_.Leave(partner);
  return false;
}

void FederationGate::Charge(const ParticipantCode& partner, size_t calls) {
  absl::MutexLock lock(&mutex_);
  const auto rate = rates_.find(partner);
  if (rate != rates_.end()) rate->second.Charge(static_cast<double>(calls));
}

void FederationGate::Leave(const ParticipantCode& partner) {
  absl::MutexLock lock(&mutex_);
  places_.Leave(partner);
}

}  // namespace comity
