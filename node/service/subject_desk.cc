#include "node/service/subject_desk.h"

#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/service/subject_steps.h"

namespace comity {
namespace {

namespace pb = operators::v1;

class SubjectServiceImpl : public pb::SubjectService::CallbackService {
 public:
  explicit SubjectServiceImpl(OperatorGate& gate) : gate_(gate) {}

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

 private:
  OperatorGate& gate_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSubjectService(OperatorGate& gate) {
  return std::make_unique<SubjectServiceImpl>(gate);
}

}  // namespace comity
