#pragma once

#include "comity/operators/v1/referral_step_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// The handlers of ReferralStepService, one for each call; see the proto.

absl::Status HandleClearReferral(
    OperatorCall& call, const operators::v1::ClearReferralRequest& request,
    operators::v1::ClearReferralResponse& response);
absl::Status HandleRequestInfo(OperatorCall& call,
                               const operators::v1::RequestInfoRequest& request,
                               operators::v1::RequestInfoResponse& response);
absl::Status HandleAnswerInfo(OperatorCall& call,
                              const operators::v1::AnswerInfoRequest& request,
                              operators::v1::AnswerInfoResponse& response);
absl::Status HandleProposePlan(OperatorCall& call,
                               const operators::v1::ProposePlanRequest& request,
                               operators::v1::ProposePlanResponse& response);
absl::Status HandleAcceptPlan(OperatorCall& call,
                              const operators::v1::AcceptPlanRequest& request,
                              operators::v1::AcceptPlanResponse& response);
absl::Status HandleRecordPlanAnswer(
    OperatorCall& call, const operators::v1::RecordPlanAnswerRequest& request,
    operators::v1::RecordPlanAnswerResponse& response);
absl::Status HandleApproveAsGuardian(
    OperatorCall& call, const operators::v1::ApproveAsGuardianRequest& request,
    operators::v1::ApproveAsGuardianResponse& response);
absl::Status HandleAskRisk(OperatorCall& call,
                           const operators::v1::AskRiskRequest& request,
                           operators::v1::AskRiskResponse& response);
absl::Status HandleAnswerRisk(OperatorCall& call,
                              const operators::v1::AnswerRiskRequest& request,
                              operators::v1::AnswerRiskResponse& response);
absl::Status HandleScheduleReturn(
    OperatorCall& call, const operators::v1::ScheduleReturnRequest& request,
    operators::v1::ScheduleReturnResponse& response);
absl::Status HandleConfirmDeparture(
    OperatorCall& call, const operators::v1::ConfirmDepartureRequest& request,
    operators::v1::ConfirmDepartureResponse& response);
absl::Status HandleConfirmArrival(
    OperatorCall& call, const operators::v1::ConfirmArrivalRequest& request,
    operators::v1::ConfirmArrivalResponse& response);
absl::Status HandleBeginAssistance(
    OperatorCall& call, const operators::v1::BeginAssistanceRequest& request,
    operators::v1::BeginAssistanceResponse& response);
absl::Status HandleReportFollowUp(
    OperatorCall& call, const operators::v1::ReportFollowUpRequest& request,
    operators::v1::ReportFollowUpResponse& response);
absl::Status HandleRecordFeedback(
    OperatorCall& call, const operators::v1::RecordFeedbackRequest& request,
    operators::v1::RecordFeedbackResponse& response);
absl::Status HandleCloseReferral(
    OperatorCall& call, const operators::v1::CloseReferralRequest& request,
    operators::v1::CloseReferralResponse& response);
absl::Status HandleCancelReferral(
    OperatorCall& call, const operators::v1::CancelReferralRequest& request,
    operators::v1::CancelReferralResponse& response);

}  // namespace comity
