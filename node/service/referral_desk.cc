#include "node/service/referral_desk.h"

#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "node/service/referral_steps.h"
#include "node/service/waking.h"

namespace comity {
namespace {

namespace pb = operators::v1;

class ReferralServiceImpl : public pb::ReferralService::CallbackService {
 public:
  ReferralServiceImpl(OperatorGate& gate, std::function<void()> wake)
      : gate_(gate), wake_(std::move(wake)) {}

  grpc::ServerUnaryReactor* CreateReferral(
      grpc::CallbackServerContext* context,
      const pb::CreateReferralRequest* request,
      pb::CreateReferralResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralDraft, request, response,
                     HandleCreateReferral);
  }
  grpc::ServerUnaryReactor* SendReferral(
      grpc::CallbackServerContext* context,
      const pb::SendReferralRequest* request,
      pb::SendReferralResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralSend, request, response,
                     Waking(wake_, HandleSendReferral));
  }
  grpc::ServerUnaryReactor* AcceptReferral(
      grpc::CallbackServerContext* context,
      const pb::AcceptReferralRequest* request,
      pb::AcceptReferralResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralDecide, request,
                     response, Waking(wake_, HandleAcceptReferral));
  }
  grpc::ServerUnaryReactor* DeclineReferral(
      grpc::CallbackServerContext* context,
      const pb::DeclineReferralRequest* request,
      pb::DeclineReferralResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralDecide, request,
                     response, Waking(wake_, HandleDeclineReferral));
  }
  grpc::ServerUnaryReactor* GetReferral(
      grpc::CallbackServerContext* context,
      const pb::GetReferralRequest* request,
      pb::GetReferralResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralRead, request, response,
                     HandleGetReferral);
  }
  grpc::ServerUnaryReactor* ListReferrals(
      grpc::CallbackServerContext* context,
      const pb::ListReferralsRequest* request,
      pb::ListReferralsResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralRead, request, response,
                     HandleListReferrals);
  }
  grpc::ServerUnaryReactor* RequestCase(
      grpc::CallbackServerContext* context,
      const pb::RequestCaseRequest* request,
      pb::RequestCaseResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseQueryAsk, request, response,
                     HandleRequestCase);
  }

 private:
  OperatorGate& gate_;
  std::function<void()> wake_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeReferralService(OperatorGate& gate,
                                                   std::function<void()> wake) {
  return std::make_unique<ReferralServiceImpl>(gate, std::move(wake));
}

}  // namespace comity
