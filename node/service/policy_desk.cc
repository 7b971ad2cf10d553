#include "node/service/policy_desk.h"

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "node/base/status_macros.h"
#include "node/service/policy_explanation.h"
#include "node/service/policy_proposals.h"
#include "node/service/policy_simulation.h"
#include "node/service/policy_steps.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// A refused activation is kept, so that the status says that the files before
// stay in force until others come in force, also after a restart.
absl::Status ActivateOrNote(OperatorCall& call,
                            const pb::ActivatePolicyRequest& request,
                            pb::ActivatePolicyResponse& response) {
  absl::Status status = HandleActivatePolicy(call, request, response);
  if (status.ok() || call.committed()) return status;
  // Its own repeat came in force meanwhile.
  ASSIGN_OR_RETURN(const bool again, call.AnswerAgain());
  if (again) return absl::OkStatus();
  RETURN_IF_ERROR(call.node()
                      .writer
                      .Commit([&](CommitScope& scope) {
                        return scope.store().InsertRefusedActivation(
                            {scope.now(), call.caller().OperatorName(),
                             std::string(status.message())});
                      })
                      .status());
  return status;
}

class PolicyServiceImpl : public pb::PolicyService::CallbackService {
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

 public:
  explicit PolicyServiceImpl(OperatorGate& gate) : gate_(gate) {}

  Reactor* CheckPolicy(Context* context, const pb::CheckPolicyRequest* request,
                       pb::CheckPolicyResponse* response) override {
    return gate_.Run(context, LocalOperation::kPolicyRead, request, response,
                     HandleCheckPolicy);
  }
  Reactor* ProposePolicy(Context* context,
                         const pb::ProposePolicyRequest* request,
                         pb::ProposePolicyResponse* response) override {
    return gate_.Run(context, LocalOperation::kPolicyActivate, request,
                     response, HandleProposePolicy);
  }
  Reactor* ListProposals(Context* context,
                         const pb::ListProposalsRequest* request,
                         pb::ListProposalsResponse* response) override {
    return gate_.Run(context, LocalOperation::kPolicyRead, request, response,
                     HandleListProposals);
  }
  Reactor* ActivatePolicy(Context* context,
                          const pb::ActivatePolicyRequest* request,
                          pb::ActivatePolicyResponse* response) override {
    return gate_.Run(context, LocalOperation::kPolicyActivate, request,
                     response, ActivateOrNote);
  }
  Reactor* RollbackPolicy(Context* context,
                          const pb::RollbackPolicyRequest* request,
                          pb::RollbackPolicyResponse* response) override {
    return gate_.Run(context, LocalOperation::kPolicyActivate, request,
                     response, HandleRollbackPolicy);
  }
  Reactor* ListPolicies(Context* context,
                        const pb::ListPoliciesRequest* request,
                        pb::ListPoliciesResponse* response) override {
    return gate_.Run(context, LocalOperation::kPolicyRead, request, response,
                     HandleListPolicies);
  }
  Reactor* ListPolicyVersions(
      Context* context, const pb::ListPolicyVersionsRequest* request,
      pb::ListPolicyVersionsResponse* response) override {
    return gate_.Run(context, LocalOperation::kPolicyRead, request, response,
                     HandleListPolicyVersions);
  }
  Reactor* CompareAgreement(Context* context,
                            const pb::CompareAgreementRequest* request,
                            pb::CompareAgreementResponse* response) override {
    return gate_.Run(context, LocalOperation::kPolicyRead, request, response,
                     HandleCompareAgreement);
  }
  Reactor* SimulatePolicy(Context* context,
                          const pb::SimulatePolicyRequest* request,
                          pb::SimulatePolicyResponse* response) override {
    return gate_.Run(context, LocalOperation::kPolicyRead, request, response,
                     HandleSimulatePolicy);
  }
  Reactor* ExplainDecision(Context* context,
                           const pb::ExplainDecisionRequest* request,
                           pb::ExplainDecisionResponse* response) override {
    return gate_.Run(context, LocalOperation::kPolicyRead, request, response,
                     HandleExplainDecision);
  }
  Reactor* ExplainLoggedDecision(
      Context* context, const pb::ExplainLoggedDecisionRequest* request,
      pb::ExplainLoggedDecisionResponse* response) override {
    return gate_.Run(context, LocalOperation::kAuditRead, request, response,
                     HandleExplainLoggedDecision);
  }

 private:
  OperatorGate& gate_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakePolicyService(OperatorGate& gate) {
  return std::make_unique<PolicyServiceImpl>(gate);
}

}  // namespace comity
