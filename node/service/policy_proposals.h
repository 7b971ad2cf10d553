#pragma once

#include "comity/operators/v1/policy_service.pb.h"
#include "node/service/operator_gate.h"
#include "node/wire/federation_wire.h"

namespace comity {

// The handlers of PolicyService for files that are not in force yet, and for
// comparing agreements with a partner; see the proto.
absl::Status HandleProposePolicy(
    OperatorCall& call, const operators::v1::ProposePolicyRequest& request,
    operators::v1::ProposePolicyResponse& response);
absl::Status HandleListProposals(
    OperatorCall& call, const operators::v1::ListProposalsRequest& request,
    operators::v1::ListProposalsResponse& response);
absl::Status HandleCompareAgreement(
    OperatorCall& call, const operators::v1::CompareAgreementRequest& request,
    operators::v1::CompareAgreementResponse& response);

// How this node holds an agreement, for a partner that is a party of it.
std::vector<AgreementText> OwnAgreementFiles(const NodeContext& node,
                                             const ParticipantCode& partner,
                                             const std::string& agreement_id);

}  // namespace comity
