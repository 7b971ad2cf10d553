#pragma once

#include "comity/operators/v1/consent_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// The handlers of ConsentService, one for each call, and that of
// CaseService.RecordConsent; see the protos.

absl::Status HandleRecordConsent(
    OperatorCall& call, const operators::v1::RecordConsentRequest& request,
    operators::v1::RecordConsentResponse& response);
absl::Status HandleGetConsents(OperatorCall& call,
                               const operators::v1::GetConsentsRequest& request,
                               operators::v1::GetConsentsResponse& response);
absl::Status HandleWithdrawConsent(
    OperatorCall& call, const operators::v1::WithdrawConsentRequest& request,
    operators::v1::WithdrawConsentResponse& response);
absl::Status HandleWithdrawReferral(
    OperatorCall& call, const operators::v1::WithdrawReferralRequest& request,
    operators::v1::WithdrawReferralResponse& response);
absl::Status HandleWithdrawFollowUps(
    OperatorCall& call, const operators::v1::WithdrawFollowUpsRequest& request,
    operators::v1::WithdrawFollowUpsResponse& response);
absl::Status HandleConfirmErasure(
    OperatorCall& call, const operators::v1::ConfirmErasureRequest& request,
    operators::v1::ConfirmErasureResponse& response);
absl::Status HandleHoldCase(OperatorCall& call,
                            const operators::v1::HoldCaseRequest& request,
                            operators::v1::HoldCaseResponse& response);

}  // namespace comity
