#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "comity/federation/v1/case_query.pb.h"
#include "node/service/approvals.h"
#include "node/service/operator_gate.h"

namespace comity {

// A question of an own officer's about one case, before it leaves.
struct DraftedQuestion {
  Uuid message;
  Uuid pseudonym;
  RequestFacts request;
  std::string officer;  // operator name

  ApprovalBinding Binding() const {
    return {ApprovalMatter::kAskCase, pseudonym, request, officer};
  }
};

// The question as it travels; `referral_id` is empty if it belongs to none.
federation::v1::CaseQuestion QuestionOf(const NodeContext& node,
                                        const DraftedQuestion& draft,
                                        const std::string& referral_id,
                                        const FoundApproval& approval);

// Notes on the own side what came under these terms.
void NoteReceived(OperatorCall& call, const DraftedQuestion& draft,
                  const federation::v1::ReleaseTerms& terms);

// An approval covers an answer: where none came, the call ends with the
// partner's silence, and what `approved` was used for (its message) gives it
// back.
absl::Status EndUnanswered(OperatorCall& call, const DraftedQuestion& draft,
                           const FoundApproval& approval, const Uuid& approved,
                           const absl::Status& silence);

}  // namespace comity
