#include "node/service/attachment_desk.h"

#include "comity/operators/v1/attachment_service.grpc.pb.h"
#include "node/service/attachment_steps.h"
#include "node/service/waking.h"

namespace comity {
namespace {

namespace pb = operators::v1;

class AttachmentServiceImpl : public pb::AttachmentService::CallbackService {
 public:
  AttachmentServiceImpl(OperatorGate& gate, std::function<void()> wake)
      : gate_(gate), wake_(std::move(wake)) {}

  grpc::ServerUnaryReactor* BeginAttachment(
      grpc::CallbackServerContext* context,
      const pb::BeginAttachmentRequest* request,
      pb::BeginAttachmentResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseEdit, request, response,
                     HandleBeginAttachment);
  }
  grpc::ServerUnaryReactor* AppendAttachment(
      grpc::CallbackServerContext* context,
      const pb::AppendAttachmentRequest* request,
      pb::AppendAttachmentResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseEdit, request, response,
                     HandleAppendAttachment);
  }
  grpc::ServerUnaryReactor* FinishAttachment(
      grpc::CallbackServerContext* context,
      const pb::FinishAttachmentRequest* request,
      pb::FinishAttachmentResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseEdit, request, response,
                     HandleFinishAttachment);
  }
  grpc::ServerUnaryReactor* ListAttachments(
      grpc::CallbackServerContext* context,
      const pb::ListAttachmentsRequest* request,
      pb::ListAttachmentsResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseRead, request, response,
                     HandleListAttachments);
  }
  grpc::ServerUnaryReactor* ReadAttachment(
      grpc::CallbackServerContext* context,
      const pb::ReadAttachmentRequest* request,
      pb::ReadAttachmentResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseRead, request, response,
                     HandleReadAttachment);
  }
  grpc::ServerUnaryReactor* DeleteAttachment(
      grpc::CallbackServerContext* context,
      const pb::DeleteAttachmentRequest* request,
      pb::DeleteAttachmentResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseEdit, request, response,
                     HandleDeleteAttachment);
  }
  grpc::ServerUnaryReactor* OfferAttachment(
      grpc::CallbackServerContext* context,
      const pb::OfferAttachmentRequest* request,
      pb::OfferAttachmentResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralStep, request, response,
                     Waking(wake_, HandleOfferAttachment));
  }
  grpc::ServerUnaryReactor* ListOffers(
      grpc::CallbackServerContext* context,
      const pb::ListOffersRequest* request,
      pb::ListOffersResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralRead, request, response,
                     HandleListOffers);
  }
  grpc::ServerUnaryReactor* FetchAttachment(
      grpc::CallbackServerContext* context,
      const pb::FetchAttachmentRequest* request,
      pb::FetchAttachmentResponse* response) override {
    return gate_.Run(context, LocalOperation::kCaseQueryAsk, request, response,
                     HandleFetchAttachment);
  }
  grpc::ServerUnaryReactor* ReadOffer(
      grpc::CallbackServerContext* context, const pb::ReadOfferRequest* request,
      pb::ReadOfferResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralRead, request, response,
                     HandleReadOffer);
  }

 private:
  OperatorGate& gate_;
  std::function<void()> wake_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAttachmentService(
    OperatorGate& gate, std::function<void()> wake) {
  return std::make_unique<AttachmentServiceImpl>(gate, std::move(wake));
}

}  // namespace comity
