#include "node/service/oversight_desk.h"

#include "comity/operators/v1/oversight_service.grpc.pb.h"
#include "node/service/oversight_steps.h"

namespace comity {
namespace {

namespace pb = operators::v1;

class OversightServiceImpl : public pb::OversightService::CallbackService {
 public:
  explicit OversightServiceImpl(OperatorGate& gate) : gate_(gate) {}

  grpc::ServerUnaryReactor* ListInbox(
      grpc::CallbackServerContext* context, const pb::ListInboxRequest* request,
      pb::ListInboxResponse* response) override {
    return gate_.Run(context, LocalOperation::kStatusRead, request, response,
                     HandleListInbox);
  }
  grpc::ServerUnaryReactor* DecideApproval(
      grpc::CallbackServerContext* context,
      const pb::DecideApprovalRequest* request,
      pb::DecideApprovalResponse* response) override {
    return gate_.Run(context, LocalOperation::kApprove, request, response,
                     HandleDecideApproval);
  }
  grpc::ServerUnaryReactor* DeclareEmergency(
      grpc::CallbackServerContext* context,
      const pb::DeclareEmergencyRequest* request,
      pb::DeclareEmergencyResponse* response) override {
    return gate_.Run(context, LocalOperation::kEmergencyDeclare, request,
                     response, HandleDeclareEmergency);
  }
  grpc::ServerUnaryReactor* ConfirmEmergency(
      grpc::CallbackServerContext* context,
      const pb::ConfirmEmergencyRequest* request,
      pb::ConfirmEmergencyResponse* response) override {
    return gate_.Run(context, LocalOperation::kEmergencyDeclare, request,
                     response, HandleConfirmEmergency);
  }
  grpc::ServerUnaryReactor* EndEmergency(
      grpc::CallbackServerContext* context,
      const pb::EndEmergencyRequest* request,
      pb::EndEmergencyResponse* response) override {
    return gate_.Run(context, LocalOperation::kEmergencyDeclare, request,
                     response, HandleEndEmergency);
  }
  grpc::ServerUnaryReactor* ListEmergencies(
      grpc::CallbackServerContext* context,
      const pb::ListEmergenciesRequest* request,
      pb::ListEmergenciesResponse* response) override {
    return gate_.Run(context, LocalOperation::kStatusRead, request, response,
                     HandleListEmergencies);
  }
  grpc::ServerUnaryReactor* ReviewEmergency(
      grpc::CallbackServerContext* context,
      const pb::ReviewEmergencyRequest* request,
      pb::ReviewEmergencyResponse* response) override {
    return gate_.Run(context, LocalOperation::kEmergencyReview, request,
                     response, HandleReviewEmergency);
  }

 private:
  OperatorGate& gate_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeOversightService(OperatorGate& gate) {
  return std::make_unique<OversightServiceImpl>(gate);
}

}  // namespace comity
