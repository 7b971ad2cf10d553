#include "node/service/consent_desk.h"

#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "node/service/consent_steps.h"
#include "node/service/waking.h"

namespace comity {
namespace {

namespace pb = operators::v1;

class ConsentServiceImpl : public pb::ConsentService::CallbackService {
 public:
  ConsentServiceImpl(OperatorGate& gate, std::function<void()> wake)
      : gate_(gate), wake_(std::move(wake)) {}

  grpc::ServerUnaryReactor* GetConsents(
      grpc::CallbackServerContext* context,
      const pb::GetConsentsRequest* request,
      pb::GetConsentsResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseRead, request, response,
                     HandleGetConsents);
  }
  grpc::ServerUnaryReactor* WithdrawConsent(
      grpc::CallbackServerContext* context,
      const pb::WithdrawConsentRequest* request,
      pb::WithdrawConsentResponse* response) override {
    return gate_.Run(context, LocalOperation::kConsentWithdraw, request,
                     response, Waking(wake_, HandleWithdrawConsent));
  }
  grpc::ServerUnaryReactor* WithdrawReferral(
      grpc::CallbackServerContext* context,
      const pb::WithdrawReferralRequest* request,
      pb::WithdrawReferralResponse* response) override {
    return gate_.Run(context, LocalOperation::kConsentWithdraw, request,
                     response, Waking(wake_, HandleWithdrawReferral));
  }
  grpc::ServerUnaryReactor* WithdrawFollowUps(
      grpc::CallbackServerContext* context,
      const pb::WithdrawFollowUpsRequest* request,
      pb::WithdrawFollowUpsResponse* response) override {
    return gate_.Run(context, LocalOperation::kConsentWithdraw, request,
                     response, Waking(wake_, HandleWithdrawFollowUps));
  }
  grpc::ServerUnaryReactor* ConfirmErasure(
      grpc::CallbackServerContext* context,
      const pb::ConfirmErasureRequest* request,
      pb::ConfirmErasureResponse* response) override {
    return gate_.Run(context, LocalOperation::kConsentWithdraw, request,
                     response, Waking(wake_, HandleConfirmErasure));
  }
  grpc::ServerUnaryReactor* HoldCase(grpc::CallbackServerContext* context,
                                     const pb::HoldCaseRequest* request,
                                     pb::HoldCaseResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseHold, request, response,
                     Waking(wake_, HandleHoldCase));
  }

 private:
  OperatorGate& gate_;
  std::function<void()> wake_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeConsentService(OperatorGate& gate,
                                                  std::function<void()> wake) {
  return std::make_unique<ConsentServiceImpl>(gate, std::move(wake));
}

}  // namespace comity
