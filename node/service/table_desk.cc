#include "node/service/table_desk.h"

#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/base/status_macros.h"
#include "node/service/page_size.h"
#include "node/service/period_publish.h"
#include "node/service/table_budgets.h"
#include "node/service/table_count.h"
#include "node/service/table_releases.h"
#include "node/service/table_request.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

absl::Status HandleListPeriods(OperatorCall& call,
                               const pb::ListPeriodsRequest& request,
                               pb::ListPeriodsResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> snapshots,
                   call.node().store.ListSnapshots());
  ASSIGN_OR_RETURN(const auto page, PageOf(snapshots, request, response));
  for (const SnapshotRow& row : page) {
    auto* period = response.add_periods();
    period->set_period(row.period);
    period->set_revision(row.revision);
    period->set_closed(row.closed);
    *period->mutable_published_at() = ToProtoTime(row.published_at);
  }
  return absl::OkStatus();
}

absl::Status HandleGetTableProgress(OperatorCall& call,
                                    const pb::GetTableProgressRequest& request,
                                    pb::GetTableProgressResponse& response) {
  const FanOuts::Progress progress = call.node().fan_outs->Of(
      call.caller().OperatorName(), request.asked_as());
  response.set_asked(progress.asked);
  response.set_answered(progress.answered);
  response.set_without_answer(progress.without_answer);
  call.SetDetail("PROGRESS");
  return absl::OkStatus();
}

class TableServiceImpl : public pb::TableService::CallbackService {
 public:
  explicit TableServiceImpl(OperatorGate& gate) : gate_(gate) {}

  grpc::ServerUnaryReactor* PublishPeriod(
      grpc::CallbackServerContext* context,
      const pb::PublishPeriodRequest* request,
      pb::PublishPeriodResponse* response) override {
    return gate_.Run(context, LocalOperation::kTablePublish, request, response,
                     HandlePublishPeriod);
  }
  grpc::ServerUnaryReactor* ListPeriods(
      grpc::CallbackServerContext* context,
      const pb::ListPeriodsRequest* request,
      pb::ListPeriodsResponse* response) override {
    return gate_.Run(context, LocalOperation::kStatusRead, request, response,
                     HandleListPeriods);
  }
  grpc::ServerUnaryReactor* CountTable(
      grpc::CallbackServerContext* context,
      const pb::CountTableRequest* request,
      pb::CountTableResponse* response) override {
    return gate_.Run(context, LocalOperation::kTableTabulate, request, response,
                     HandleCountTable);
  }
  grpc::ServerUnaryReactor* RequestTable(
      grpc::CallbackServerContext* context,
      const pb::RequestTableRequest* request,
      pb::RequestTableResponse* response) override {
    return gate_.Run(context, LocalOperation::kTableAsk, request, response,
                     HandleRequestTable);
  }
  grpc::ServerUnaryReactor* GetTableProgress(
      grpc::CallbackServerContext* context,
      const pb::GetTableProgressRequest* request,
      pb::GetTableProgressResponse* response) override {
    return gate_.Run(context, LocalOperation::kTableAsk, request, response,
                     HandleGetTableProgress);
  }
  grpc::ServerUnaryReactor* ListReleases(
      grpc::CallbackServerContext* context,
      const pb::ListReleasesRequest* request,
      pb::ListReleasesResponse* response) override {
    return gate_.Run(context, LocalOperation::kTableAsk, request, response,
                     HandleListReleases);
  }
  grpc::ServerUnaryReactor* GetRelease(
      grpc::CallbackServerContext* context,
      const pb::GetReleaseRequest* request,
      pb::GetReleaseResponse* response) override {
    return gate_.Run(context, LocalOperation::kTableAsk, request, response,
                     HandleGetRelease);
  }
  grpc::ServerUnaryReactor* ListBudgets(
      grpc::CallbackServerContext* context,
      const pb::ListBudgetsRequest* request,
      pb::ListBudgetsResponse* response) override {
    return gate_.Run(context, LocalOperation::kStatusRead, request, response,
                     HandleListBudgets);
  }

 private:
  OperatorGate& gate_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTableService(OperatorGate& gate) {
  return std::make_unique<TableServiceImpl>(gate);
}

}  // namespace comity
