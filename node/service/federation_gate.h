#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "node/base/token_bucket.h"
#include "node/service/identified_callers.h"
#include "node/service/node_context.h"
#include "node/service/partner_places.h"
#include "node/service/release_notes.h"
#include "node/wire/own_leaf.h"

namespace comity {

// A partner's message as a handler sees it: who sent it, proved and parsed.
struct FederationCall {
  Caller caller;
  VerifiedMessage message;
  absl::Time now;
  // Decided again in the transaction that commits: everybody waits for it.
  bool in_commit = false;
  // Whether its caller waits no longer. May be empty.
  std::function<bool()> is_cancelled = nullptr;
};

// How a message came. Online its sender is asked every second to prove the
// heads that it shows, and has to; a bundle's sender cannot be asked.
enum class Carriage { kOnline, kBundle };

// What a handler answers, and what must still hold when it is committed.
struct FederationAnswer {
  std::string payload;      // padded to its size class
  std::string subject;      // case id for the own log; empty: none
  std::vector<Uuid> about;  // what else it is about: dossier, pseudonym
  std::string detail;       // outcome and rules, for the own log alone
  std::string facts;        // what was decided on, for the own log alone
  // That decided; null if none was asked.
  std::shared_ptr<const PolicyEngine> engine;
  std::optional<Uuid> case_id;  // with its version: decided on
  uint64_t case_version = 0;
  // The pseudonym behind which there is no case: the question must cost the
  // commit what one about a case costs.
  std::optional<Uuid> about_nobody;
  // Whether what else was decided on still holds, in the committing
  // transaction; if not, it is decided again. May be empty.
  std::function<absl::StatusOr<bool>(const StoreReader&)> still_holds;
  // Charges and effects; not run for a repeated question, unless this is a
  // release and what it got before was none. May be empty.
  std::function<absl::Status(CommitScope&)> effect;
  // For a release, repeated ones included.
  std::optional<ReleaseNote> note;
};

// One kind of question: its rule beside its handler.
struct QuestionMethod {
  MessageKind question;
  MessageKind answer;
  const char* question_type;
  const char* answer_type;
  // Decides and acts from `reader`; an error is answered as a refusal.
  std::function<absl::StatusOr<FederationAnswer>(const FederationCall&,
                                                 const StoreReader& reader)>
      handle;
  // The payload of a refusal, of the same size class as an answer.
  std::function<std::string(const absl::Status&)> refuse;
};

using MessageDone = std::function<void(absl::StatusOr<Message>)>;

// Runs every call of the federation protocol through the same steps: identify,
// admit, check evidence, decide, act, record, release. Thread-safe.
class FederationGate {
 public:
  explicit FederationGate(NodeContext& node)
      : node_(node),
        places_(node.config.max_in_flight_per_partner,
                node.config.max_in_flight) {}

  // Identifies the partner behind a certificate, in PEM.
  absl::StatusOr<Caller> Identify(absl::string_view certificate_pem);

  // Answers a question. `done` is called once: with the answer, durable and
  // proved, refusals included; or with the error of a call that could not be
  // identified or whose evidence does not hold. `is_cancelled` is asked until
  // then.
  void Answer(const QuestionMethod& method, const Caller& caller,
              Message question, MessageDone done,
              std::function<bool()> is_cancelled = nullptr);

  // Verifies a message that is not a question (an event).
  absl::StatusOr<FederationCall> Verify(const Caller& caller, MessageKind kind,
                                        Message message,
                                        Carriage how = Carriage::kOnline);

  // Takes a place for one call; false when the partner has as many running as
  // allowed, or all that are not kept for others are taken, or it calls more
  // often than allowed. Leave() gives it back.
  bool Enter(const ParticipantCode& partner);
  void Leave(const ParticipantCode& partner);
  // A call that was let in costs as much as so many more: the partner's next
  // ones wait for it.
  void Charge(const ParticipantCode& partner, size_t calls);

 private:
  struct Pending;
  // The part of Verify that asks nothing of the store.
  absl::StatusOr<FederationCall> VerifyEvidence(const Caller& caller,
                                                MessageKind kind,
                                                Message message);
  // The message that tells what was prepared, whose payload it takes: made
  // before the commit, which is one thread's, and again for what that decides.
  UnprovedMessage Compose(const QuestionMethod& method,
                          const FederationCall& call,
                          absl::StatusOr<FederationAnswer>& prepared);
  absl::Status CommitAnswer(const QuestionMethod& method, Pending& pending,
                            CommitScope& scope);
  // Whether the question was seen before, and what came of it.
  enum class Seen { kNever, kNothingCharged, kCharged };
  static absl::StatusOr<Seen> LookUp(const Pending& pending,
                                     CommitScope& scope);
  // Remembers the question, and whether its answer was charged.
  absl::Status Remember(const Pending& pending, bool charged,
                        CommitScope& scope);
  // Appends the answer to the partner's log and the outcome to the own one,
  // with the policy that decided.
  absl::Status LogAnswer(const Pending& pending, const FederationAnswer& answer,
                         const PolicyEngine& decided_by, CommitScope& scope);
  void SubmitAnswer(const QuestionMethod& method,
                    std::shared_ptr<Pending> pending);

  NodeContext& node_;
  absl::Mutex mutex_;
  // Forgotten when the table changes.
  IdentifiedCallers identified_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const PartnerTable> table_ ABSL_GUARDED_BY(mutex_);
  absl::Time judged_at_ ABSL_GUARDED_BY(mutex_);
  PartnerPlaces places_ ABSL_GUARDED_BY(mutex_);
  std::map<ParticipantCode, TokenBucket> rates_ ABSL_GUARDED_BY(mutex_);
  // When questions of long ago were forgotten last; the writer's thread alone.
  absl::Time forgot_at_ = absl::InfinitePast();
};

// SHA-256 over the digests of all policy bodies in force.
std::string PolicyDigestOf(const PolicyEngine& engine);

// The own log's line about a decision: "CASE_QUERY PERMIT a/g" or
// "CASE_QUERY DENY NOT_AVAILABLE (why) rules".
std::string DescribeDecision(const PolicyEngine& engine, Operation operation,
                             const Decision& decision);

}  // namespace comity
