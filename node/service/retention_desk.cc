#include "node/service/retention_desk.h"

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/retention_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/doubted_time.h"
#include "node/service/retention.h"
#include "node/service/waking.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr int kMost = 500;  // of each kind

// What ends is nobody's own: it is seen and purged as a whole.
absl::Status CheckReachesAll(const OperatorCall& call) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitAll());
  if (permit.scope() == CaseScope::kAll) return absl::OkStatus();
  return ReasonError(ErrorReason::kLocalAccessDenied,
                     "retention is for those whose scope is all cases");
}

absl::Status HandleGetRetention(OperatorCall& call,
                                const pb::GetRetentionRequest&,
                                pb::GetRetentionResponse& response) {
  RETURN_IF_ERROR(CheckReachesAll(call));
  ASSIGN_OR_RETURN(const std::vector<pb::RetentionItem> items,
                   ListRetention(call.node(), call.node().store,
                                 absl::InfiniteFuture(), kMost));
  *response.mutable_items() = {items.begin(), items.end()};
  return absl::OkStatus();
}

// People may say that a clock is right that the node does not believe.
absl::Status SettleTime(const NodeContext& node, bool clock_is_right,
                        CommitScope& scope) {
  if (clock_is_right) return ConfirmTime(scope);
  const absl::Status time = CheckTime(node, scope.store(), scope.now());
  if (time.ok()) return NoteTime(scope);
  return ReasonError(
      ReasonOf(time),
      absl::StrCat(time.message(),
                   ". Set the clock; if it is right: comity retention run "
                   "--clock-is-right"));
}

absl::Status HandlePurgeDue(OperatorCall& call,
                            const pb::PurgeDueRequest& request,
                            pb::PurgeDueResponse& response) {
  NodeContext& node = call.node();
  RETURN_IF_ERROR(CheckReachesAll(call));
  RETURN_IF_ERROR(
      call.Commit([&](CommitScope& scope) -> absl::Status {
            RETURN_IF_ERROR(SettleTime(node, request.clock_is_right(), scope));
            ASSIGN_OR_RETURN(const std::vector<pb::RetentionItem> purged,
                             PurgeDue(node, kMost, scope));
            *response.mutable_purged() = {purged.begin(), purged.end()};
            ASSIGN_OR_RETURN(
                const std::vector<pb::RetentionItem> left,
                ListRetention(node, scope.store(), scope.now(), 1));
            if (purged.empty() && !left.empty()) {
              return ReasonError(
                  ErrorReason::kIntegrityFailure,
                  absl::StrCat("what is due could not be erased, from ",
                               left[0].kind(), " ", left[0].id(),
                               " on: comity retention show lists it, and "
                               "comityd's messages say why"));
            }
            response.set_more(!left.empty());
            call.SetDetail(absl::StrCat(
                "PURGED ", purged.size(),
                request.clock_is_right() ? ", clock confirmed" : ""));
            return absl::OkStatus();
          })
          .status());
  // What has to wait for a reader the housekeeper does.
  node.store.ForgetDeleted().IgnoreError();
  return absl::OkStatus();
}

class RetentionServiceImpl : public pb::RetentionService::CallbackService {
 public:
  RetentionServiceImpl(OperatorGate& gate, std::function<void()> wake)
      : gate_(gate), wake_(std::move(wake)) {}

  grpc::ServerUnaryReactor* GetRetention(
      grpc::CallbackServerContext* context,
      const pb::GetRetentionRequest* request,
      pb::GetRetentionResponse* response) override {
    return gate_.Run(context, LocalOperation::kRetentionRun, request, response,
                     HandleGetRetention);
  }
  grpc::ServerUnaryReactor* PurgeDue(grpc::CallbackServerContext* context,
                                     const pb::PurgeDueRequest* request,
                                     pb::PurgeDueResponse* response) override {
    return gate_.Run(context, LocalOperation::kRetentionRun, request, response,
                     Waking(wake_, HandlePurgeDue));
  }

 private:
  OperatorGate& gate_;
  std::function<void()> wake_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRetentionService(
    OperatorGate& gate, std::function<void()> wake) {
  return std::make_unique<RetentionServiceImpl>(gate, std::move(wake));
}

}  // namespace comity
