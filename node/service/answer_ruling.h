#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "node/policy/policy_engine.h"
#include "node/service/approvals.h"
#include "node/service/dossier_event.h"
#include "node/service/operator_gate.h"

namespace comity {

// What the holder's people tell the receiver of a referral because it asked, or
// so that it may ask: an answer to its questions, the offer of a document.

// Whose approvals the agreement counts.
enum class Approvers : uint8_t {
  kOwnPeople,        // those of this side: nobody at the receiver was asked
  kReceiversPeople,  // those of the receiver, who approve when they fetch it
};

// One of them on its way out, in its transaction.
struct Answering {
  const Dossier& dossier;
  const Uuid& event_id;
  Approvers approvers;
  RequestFacts request;
  CaseFacts facts;
  std::string content = {};  // as in ApprovalBinding
  FoundApproval approval = {};
  Ruling ruling = {};
};

// Decides about it, as about a question of the receiver's, at this instant.
// Nothing is charged. Returns the request for what the own people have to
// approve first, made or raised; nullopt if they need not, or not any more.
absl::StatusOr<std::optional<ApprovalRequest>> RuleOnAnswer(
    OperatorCall& call, Answering& answering, CommitScope& scope);

}  // namespace comity
