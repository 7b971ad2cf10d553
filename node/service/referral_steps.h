#pragma once

#include "comity/operators/v1/referral_service.pb.h"
#include "comity/record/v1/case_record.pb.h"
#include "node/delivery/dossier.h"
#include "node/service/operator_gate.h"

namespace comity {

// The handlers of ReferralService, one for each call; see the proto.

absl::Status HandleCreateReferral(
    OperatorCall& call, const operators::v1::CreateReferralRequest& request,
    operators::v1::CreateReferralResponse& response);
absl::Status HandleSendReferral(
    OperatorCall& call, const operators::v1::SendReferralRequest& request,
    operators::v1::SendReferralResponse& response);
absl::Status HandleAcceptReferral(
    OperatorCall& call, const operators::v1::AcceptReferralRequest& request,
    operators::v1::AcceptReferralResponse& response);
absl::Status HandleDeclineReferral(
    OperatorCall& call, const operators::v1::DeclineReferralRequest& request,
    operators::v1::DeclineReferralResponse& response);
absl::Status HandleGetReferral(OperatorCall& call,
                               const operators::v1::GetReferralRequest& request,
                               operators::v1::GetReferralResponse& response);
absl::Status HandleListReferrals(
    OperatorCall& call, const operators::v1::ListReferralsRequest& request,
    operators::v1::ListReferralsResponse& response);
absl::Status HandleRequestCase(OperatorCall& call,
                               const operators::v1::RequestCaseRequest& request,
                               operators::v1::RequestCaseResponse& response);

// The referral of that id; at the holder it is as visible as its case, at the
// receiver, once accepted, to the organisation that manages it. The own log's
// entry of the call is about it.
absl::StatusOr<ReferralRow> FindReferral(OperatorCall& call,
                                         const std::string& referral_id);
absl::StatusOr<ReferralRow> FindReferral(OperatorCall& call,
                                         const StoreReader& store,
                                         const std::string& referral_id);

// Whether the caller may see it.
bool SeesReferral(const OperatorCall& call, const StoreReader& store,
                  const ReferralRow& row);

// What the packet, the answers and the corrections of a dossier told this
// receiver, together.
// NOT_FOUND if it was erased.
absl::StatusOr<record::v1::CaseRecord> ReadTold(const ReferralReader& store,
                                                const Permit& permit,
                                                const Dossier& dossier);

}  // namespace comity
