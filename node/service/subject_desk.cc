#include "node/service/subject_desk.h"

#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/service/subject_steps.h"
#include "node/service/waking.h"

namespace comity {
namespace {

namespace pb = operators::v1;

class SubjectServiceImpl : public pb::SubjectService::CallbackService {
 public:
  SubjectServiceImpl(OperatorGate& gate, std::function<void()> wake)
      : gate_(gate), wake_(std::move(wake)) {}

  grpc::ServerUnaryReactor* GetSubjectReport(
      grpc::CallbackServerContext* context,
      const pb::GetSubjectReportRequest* request,
      pb::GetSubjectReportResponse* response) override {
    return gate_.Run(context, LocalOperation::kSubjectReport, request, response,
                     HandleGetSubjectReport);
  }
  grpc::ServerUnaryReactor* RequestSubjectAccount(
      grpc::CallbackServerContext* context,
      const pb::RequestSubjectAccountRequest* request,
      pb::RequestSubjectAccountResponse* response) override {
    return gate_.Run(context, LocalOperation::kSubjectReport, request, response,
                     HandleRequestSubjectAccount);
  }
  grpc::ServerUnaryReactor* EraseSubject(
      grpc::CallbackServerContext* context,
      const pb::EraseSubjectRequest* request,
      pb::EraseSubjectResponse* response) override {
    return gate_.Run(context, LocalOperation::kSubjectErase, request, response,
                     Waking(wake_, HandleEraseSubject));
  }
  grpc::ServerUnaryReactor* ListErasures(
      grpc::CallbackServerContext* context,
      const pb::ListErasuresRequest* request,
      pb::ListErasuresResponse* response) override {
    return gate_.Run(context, LocalOperation::kSubjectErase, request, response,
                     HandleListErasures);
  }

 private:
  OperatorGate& gate_;
  std::function<void()> wake_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSubjectService(OperatorGate& gate,
                                                  std::function<void()> wake) {
  return std::make_unique<SubjectServiceImpl>(gate, std::move(wake));
}

}  // namespace comity
