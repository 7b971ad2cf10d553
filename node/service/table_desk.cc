#include "node/service/table_desk.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/disclosure/cell_key.h"
#include "node/domain/table_columns.h"
#include "node/policy/judge.h"
#include "node/service/table_budgets.h"
#include "node/service/table_protection.h"
#include "node/service/table_releases.h"
#include "node/service/table_request.h"
#include "node/tabulation/column_table.h"
#include "node/wire/case_record.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

uint32_t NextRevision(const std::vector<SnapshotRow>& snapshots,
                      const std::string& period) {
  uint32_t revision = 1;
  for (const SnapshotRow& row : snapshots) {
    if (row.period == period) revision = std::max(revision, row.revision + 1);
  }
  return revision;
}

// What a period is published from.
struct CountedPeriod {
  PeriodColumns columns;
  uint64_t left_out = 0;  // by national rules
};

absl::StatusOr<CountedPeriod> CountPeriod(
    OperatorCall& call, int year, const std::set<std::string>& not_collected) {
  const Permit permit =
      call.engine().PermitTabulation(call.node().self, call.now());
  const CompiledPolicy& policy = call.engine().policy();
  std::vector<CodedCase> cases;
  uint64_t left_out = 0;
  RETURN_IF_ERROR(call.node().store.ScanCases(
      permit, [&](const StoredCase& stored) -> absl::Status {
        // Who took her consent back is counted no more.
        if (stored.facts.ShutOff()) return absl::OkStatus();
        ASSIGN_OR_RETURN(const record::v1::CaseRecord record,
                         ParseRecord(stored.body));
        CodedCase coded = CodedCaseOf(record);
        coded.case_id = stored.facts.case_id;
        if (coded.year != year) return absl::OkStatus();
        if (LeftOutOfCounts(
                policy,
                ProjectForCounts(stored.facts, call.node().self, call.now()))) {
          ++left_out;
        } else {
          cases.push_back(std::move(coded));
        }
        return absl::OkStatus();
      }));
  const SecretBytes secret = RecordKeySecret(call.node());
  const auto record_key = [&secret](const Uuid& case_id) {
    return RecordKey(secret, case_id);
  };
  return CountedPeriod{
      PeriodColumns::Of(cases, year, record_key, not_collected), left_out};
}

absl::StatusOr<std::set<std::string>> ReadNotCollected(
    const pb::PublishPeriodRequest& request) {
  std::set<std::string> columns;
  for (const std::string& column : request.not_collected()) {
    if (FindTableColumn(column) == nullptr) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         absl::StrCat("there is no column \"", column,
                                      "\"; proto/README.md lists them"));
    }
    columns.insert(column);
  }
  return columns;
}

absl::Status HandlePublish(OperatorCall& call,
                           const pb::PublishPeriodRequest& request,
                           pb::PublishPeriodResponse& response) {
  ASSIGN_OR_RETURN(const TableQuestion period,
                   TableQuestion::Create(request.period(), {}, {}));
  const absl::CivilYear now(absl::ToCivilYear(call.now(), absl::UTCTimeZone()));
  if (period.year() >= now.year()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "only a year that has ended can be published");
  }
  ASSIGN_OR_RETURN(const std::set<std::string> not_collected,
                   ReadNotCollected(request));
  ASSIGN_OR_RETURN(const CountedPeriod counted,
                   CountPeriod(call, period.year(), not_collected));
  response.set_left_out(counted.left_out);
  SnapshotRow row{request.period(), 0, call.now(), call.caller().OperatorName(),
                  counted.columns.Serialize()};
  auto* published = response.mutable_published();
  published->set_period(row.period);
  *published->mutable_published_at() = ToProtoTime(row.published_at);
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(const auto snapshots, scope.store().ListSnapshots());
        row.revision = NextRevision(snapshots, row.period);
        published->set_revision(row.revision);
        return scope.store().InsertSnapshot(row);
      })
      .status();
}

absl::Status HandleListPeriods(OperatorCall& call,
                               const pb::ListPeriodsRequest&,
                               pb::ListPeriodsResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> snapshots,
                   call.node().store.ListSnapshots());
  for (const SnapshotRow& row : snapshots) {
    auto* period = response.add_periods();
    period->set_period(row.period);
    period->set_revision(row.revision);
    period->set_closed(row.closed);
    *period->mutable_published_at() = ToProtoTime(row.published_at);
  }
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
                     HandlePublish);
  }
  grpc::ServerUnaryReactor* ListPeriods(
      grpc::CallbackServerContext* context,
      const pb::ListPeriodsRequest* request,
      pb::ListPeriodsResponse* response) override {
    return gate_.Run(context, LocalOperation::kStatusRead, request, response,
                     HandleListPeriods);
  }
  grpc::ServerUnaryReactor* RequestTable(
      grpc::CallbackServerContext* context,
      const pb::RequestTableRequest* request,
      pb::RequestTableResponse* response) override {
    return gate_.Run(context, LocalOperation::kTableAsk, request, response,
                     HandleRequestTable);
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
