#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "comity/federation/v1/case_query.pb.h"
#include "node/service/approvals.h"
#include "node/service/federation_gate.h"

namespace comity {

// What a question of a partner's about one case is decided on, at the holder.

// What the question is about: the case's facts, or those of nobody, so that a
// question about no case takes the same way.
struct InquirySubject {
  CaseFacts facts;
  bool exists = false;
  DossierStage stage = DossierStage::kNone;
};

// One question with what it is decided on.
struct CaseInquiry {
  std::shared_ptr<const PolicyEngine> engine;
  Uuid message;
  Uuid pseudonym;  // nil if it is malformed
  std::string officer;
  uint32_t approvers = 0;  // of the asker's people
  RequestFacts request;
  InquirySubject subject;

  // What the own people would have to approve.
  ApprovalBinding Binding() const {
    return {ApprovalMatter::kAnswerPartner, subject.facts.case_id, request,
            request.asker.text()};
  }
};

// FIELD_MISSING if it wants no group, FIELD_INVALID if it names persons
// wrongly.
absl::StatusOr<CaseInquiry> ReadInquiry(
    const NodeContext& node, const FederationCall& call,
    const federation::v1::CaseQuestion& question, const StoreReader& reader);

// What happened before, as the store has it, with the approvals of the asker's
// side.
absl::StatusOr<StateFacts> StateOf(const CaseInquiry& inquiry,
                                   const StoreReader& reader);

// Fills what the gate and the own log need to know of a decision: the policy,
// the facts, the case with its version, and `detail`.
void DescribeInquiry(const CaseInquiry& inquiry, const RecordFacts& record,
                     const StateFacts& state, const Decision& decision,
                     FederationAnswer& answer);

// The refusal as it is told: every private reason, and "no such case", as
// NOT_AVAILABLE.
federation::v1::Refusal RefusalOf(const absl::Status& status);

// The refusal that a decision without a permit comes to.
absl::Status RefusedBy(const Decision& decision);

}  // namespace comity
