#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "node/service/operator_gate.h"

namespace comity {

// One question to a partner: logged before it leaves, its answer verified.
struct Question {
  MessageKind kind;
  MessageKind answer_kind;
  const char* type;
  const char* answer_type;
  ParticipantCode partner;
  Uuid request_id;
  std::string payload;
  std::function<absl::StatusOr<Message>(Peer&, const Message&)> send;
  // Runs in the question's transaction; an error keeps it from leaving. May be
  // empty.
  CommitBody before = nullptr;
};

struct Answered {
  VerifiedMessage answer;
  uint64_t question_index = 0;
  uint64_t answer_index = 0;
  std::string question_leaf;
};

// PARTNER_UNKNOWN, or PARTNER_COLLECTS for one that no call reaches: to be
// asked before anybody is to approve a question.
absl::Status CheckCanBeAsked(NodeContext& node, const ParticipantCode& partner);

// Asks and waits: commits the question to the log for the partner, sends it,
// and checks that the answer is the partner's own, logged for this node, to
// this very question. The outcome is for the caller to commit (with
// ObserveOutcome). PEER_UNREACHABLE, DEADLINE_EXCEEDED, EVIDENCE_INVALID and
// the partner's own reasons.
absl::StatusOr<Answered> Ask(NodeContext& node, const Question& question);

// Notes the head that an answer led to; part of the outcome's transaction.
absl::Status ObserveOutcome(const Answered& answered, CommitScope& scope);

// The one agreement in force here that has a grant for this, or the named one;
// groups are read as of `at`. AGREEMENT_NOT_IN_FORCE says what to do if there
// is none, or more than one.
absl::StatusOr<const Agreement*> ChooseAgreement(const PolicyEngine& engine,
                                                 const std::string& named,
                                                 const ParticipantCode& holder,
                                                 const ParticipantCode& asker,
                                                 Operation operation,
                                                 absl::Time at);

}  // namespace comity
