#include "node/service/referral_step_desk.h"

#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "node/service/referral_step_handlers.h"
#include "node/service/waking.h"

namespace comity {
namespace {

namespace pb = operators::v1;

class ReferralStepServiceImpl
    : public pb::ReferralStepService::CallbackService {
 public:
  ReferralStepServiceImpl(OperatorGate& gate, std::function<void()> wake)
      : gate_(gate), wake_(std::move(wake)) {}

  grpc::ServerUnaryReactor* ClearReferral(
      grpc::CallbackServerContext* context,
      const pb::ClearReferralRequest* request,
      pb::ClearReferralResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralClear, request, response,
                     HandleClearReferral);
  }
  grpc::ServerUnaryReactor* RequestInfo(
      grpc::CallbackServerContext* context,
      const pb::RequestInfoRequest* request,
      pb::RequestInfoResponse* response) override {
    return Step(context, request, response, HandleRequestInfo);
  }
  grpc::ServerUnaryReactor* AnswerInfo(
      grpc::CallbackServerContext* context,
      const pb::AnswerInfoRequest* request,
      pb::AnswerInfoResponse* response) override {
    return Step(context, request, response, HandleAnswerInfo);
  }
  grpc::ServerUnaryReactor* ProposePlan(
      grpc::CallbackServerContext* context,
      const pb::ProposePlanRequest* request,
      pb::ProposePlanResponse* response) override {
    return Step(context, request, response, HandleProposePlan);
  }
  grpc::ServerUnaryReactor* AcceptPlan(
      grpc::CallbackServerContext* context,
      const pb::AcceptPlanRequest* request,
      pb::AcceptPlanResponse* response) override {
    return Step(context, request, response, HandleAcceptPlan);
  }
  grpc::ServerUnaryReactor* RecordPlanAnswer(
      grpc::CallbackServerContext* context,
      const pb::RecordPlanAnswerRequest* request,
      pb::RecordPlanAnswerResponse* response) override {
    return Step(context, request, response, HandleRecordPlanAnswer);
  }
  grpc::ServerUnaryReactor* ApproveAsGuardian(
      grpc::CallbackServerContext* context,
      const pb::ApproveAsGuardianRequest* request,
      pb::ApproveAsGuardianResponse* response) override {
    return Step(context, request, response, HandleApproveAsGuardian);
  }
  grpc::ServerUnaryReactor* AskRisk(grpc::CallbackServerContext* context,
                                    const pb::AskRiskRequest* request,
                                    pb::AskRiskResponse* response) override {
    return Step(context, request, response, HandleAskRisk);
  }
  grpc::ServerUnaryReactor* AnswerRisk(
      grpc::CallbackServerContext* context,
      const pb::AnswerRiskRequest* request,
      pb::AnswerRiskResponse* response) override {
    return Step(context, request, response, HandleAnswerRisk);
  }
  grpc::ServerUnaryReactor* ScheduleReturn(
      grpc::CallbackServerContext* context,
      const pb::ScheduleReturnRequest* request,
      pb::ScheduleReturnResponse* response) override {
    return Step(context, request, response, HandleScheduleReturn);
  }
  grpc::ServerUnaryReactor* ConfirmDeparture(
      grpc::CallbackServerContext* context,
      const pb::ConfirmDepartureRequest* request,
      pb::ConfirmDepartureResponse* response) override {
    return Step(context, request, response, HandleConfirmDeparture);
  }
  grpc::ServerUnaryReactor* ConfirmArrival(
      grpc::CallbackServerContext* context,
      const pb::ConfirmArrivalRequest* request,
      pb::ConfirmArrivalResponse* response) override {
    return Step(context, request, response, HandleConfirmArrival);
  }
  grpc::ServerUnaryReactor* BeginAssistance(
      grpc::CallbackServerContext* context,
      const pb::BeginAssistanceRequest* request,
      pb::BeginAssistanceResponse* response) override {
    return Step(context, request, response, HandleBeginAssistance);
  }
  grpc::ServerUnaryReactor* ReportFollowUp(
      grpc::CallbackServerContext* context,
      const pb::ReportFollowUpRequest* request,
      pb::ReportFollowUpResponse* response) override {
    return Step(context, request, response, HandleReportFollowUp);
  }
  grpc::ServerUnaryReactor* RecordFeedback(
      grpc::CallbackServerContext* context,
      const pb::RecordFeedbackRequest* request,
      pb::RecordFeedbackResponse* response) override {
    return Step(context, request, response, HandleRecordFeedback);
  }
  grpc::ServerUnaryReactor* CloseReferral(
      grpc::CallbackServerContext* context,
      const pb::CloseReferralRequest* request,
      pb::CloseReferralResponse* response) override {
    return Step(context, request, response, HandleCloseReferral);
  }
  grpc::ServerUnaryReactor* CancelReferral(
      grpc::CallbackServerContext* context,
      const pb::CancelReferralRequest* request,
      pb::CancelReferralResponse* response) override {
    return Step(context, request, response, HandleCancelReferral);
  }

 private:
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Step(grpc::CallbackServerContext* context,
                                 const Request* request, Response* response,
                                 Handler handler) {
    return gate_.Run(context, LocalOperation::kReferralStep, request, response,
                     Waking(wake_, handler));
  }

  OperatorGate& gate_;
  std::function<void()> wake_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeReferralStepService(
    OperatorGate& gate, std::function<void()> wake) {
  return std::make_unique<ReferralStepServiceImpl>(gate, std::move(wake));
}

}  // namespace comity
