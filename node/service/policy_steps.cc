#include "node/service/policy_steps.h"

#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/service/admin_desk.h"
#include "node/wire/policy_file.h"
#include "node/wire/policy_signature.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
constexpr size_t kSignersNeeded = 2;

// The administrators of this country who signed the file.
absl::StatusOr<std::set<std::string>> SignersOf(const NodeContext& node,
                                                const pb::PolicyFile& file,
                                                const std::string& digest) {
  std::set<std::string> signers;
  for (const pb::PolicySignature& signature : file.signatures()) {
    ASSIGN_OR_RETURN(const std::vector<Certificate> chain,
                     Certificate::ListFromPem(signature.certificate_chain()));
    if (chain.empty()) {
      return ReasonError(ErrorReason::kPolicyInvalid,
                         "a signature lacks its certificate");
    }
    ASSIGN_OR_RETURN(const Caller signer, node.national.IdentifyOperator(
                                              chain[0], {}, node.clock.Now()));
    RETURN_IF_ERROR(chain[0].public_key().Verify(PolicySignatureText(digest),
                                                 signature.signature()));
    if (signer.role == Role::kAdmin) signers.insert(signer.OperatorName());
  }
  return signers;
}

absl::Status CheckSigned(const NodeContext& node, const pb::PolicyFile& file,
                         const std::string& digest) {
  ASSIGN_OR_RETURN(const std::set<std::string> signers,
                   SignersOf(node, file, digest));
  if (signers.size() >= kSignersNeeded) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kApprovalsMissing,
      absl::StrCat(file.file_name(), " is signed by ", signers.size(),
                   " administrator(s), two are needed: comity policy sign ",
                   file.file_name()));
}

void AddFindings(const std::vector<PolicyFinding>& findings,
                 pb::CheckPolicyResponse& response) {
  for (const PolicyFinding& finding : findings) {
    auto* added = response.add_findings();
    added->set_file_name(finding.file);
    added->set_line(static_cast<uint32_t>(finding.line));
    added->set_column(static_cast<uint32_t>(finding.column));
    added->set_message(finding.message);
    added->set_error(true);
  }
}

// The files now in force with the new ones in their place.
absl::StatusOr<std::vector<PolicyFileBody>> Combined(
    const NodeContext& node, const std::vector<PolicyFileBody>& added) {
  ASSIGN_OR_RETURN(const std::vector<PolicyRow> rows,
                   node.store.ListPolicies());
  std::vector<PolicyFileBody> bodies = added;
  for (const PolicyRow& row : rows) {
    bool replaced = false;
    for (const PolicyFileBody& body : added) {
      replaced |= body.kind() == row.kind && body.id() == row.id;
    }
    if (replaced) continue;
    PolicyFileResult loaded = LoadPolicyFile(row.kind, row.text);
    if (!loaded.body.has_value()) {
      return ReasonError(ErrorReason::kPolicyInvalid,
                         loaded.findings[0].ToString());
    }
    bodies.push_back(*std::move(loaded.body));
  }
  return bodies;
}

}  // namespace

absl::Status HandleCheckPolicy(OperatorCall&,
                               const pb::CheckPolicyRequest& request,
                               pb::CheckPolicyResponse& response) {
  for (const pb::PolicyFile& file : request.files()) {
    const PolicyFileResult loaded =
        LoadPolicyFile(file.file_name(), file.text());
    AddFindings(loaded.findings, response);
    response.add_digests(loaded.body.has_value() ? loaded.body->digest : "");
  }
  return absl::OkStatus();
}

absl::Status HandleActivatePolicy(OperatorCall& call,
                                  const pb::ActivatePolicyRequest& request,
                                  pb::ActivatePolicyResponse& response) {
  NodeContext& node = call.node();
  std::vector<PolicyFileBody> added;
  std::string detail;
  for (const pb::PolicyFile& file : request.files()) {
    PolicyFileResult loaded = LoadPolicyFile(file.file_name(), file.text());
    if (!loaded.body.has_value()) {
      return ReasonError(ErrorReason::kPolicyInvalid,
                         absl::StrCat(loaded.findings[0].ToString(),
                                      "; nothing was activated"));
    }
    RETURN_IF_ERROR(CheckSigned(node, file, loaded.body->digest));
    absl::StrAppend(&detail, loaded.body->kind(), " ", loaded.body->id(), "@",
                    loaded.body->revision(), " ",
                    absl::BytesToHexString(loaded.body->digest).substr(0, 16),
                    " ");
    added.push_back(*std::move(loaded.body));
  }
  ASSIGN_OR_RETURN(const std::vector<PolicyFileBody> all,
                   Combined(node, added));
  RETURN_IF_ERROR(AssemblePolicySet(node.self.text(), all).status());
  call.SetDetail(detail);
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) -> absl::Status {
                        for (int i = 0; i < request.files_size(); ++i) {
                          const PolicyFileBody& body =
                              added[static_cast<size_t>(i)];
                          pb::PolicyFile signatures = request.files(i);
                          signatures.clear_text();
                          RETURN_IF_ERROR(scope.store().PutPolicy(
                              {body.kind(), body.id(), body.revision(),
                               body.digest, request.files(i).text(),
                               signatures.SerializeAsString(), scope.now()}));
                        }
                        return absl::OkStatus();
                      })
                      .status());
  RETURN_IF_ERROR(LoadPolicies(node));
  pb::ListPoliciesResponse listed;
  RETURN_IF_ERROR(HandleListPolicies(call, {}, listed));
  *response.mutable_active() = std::move(*listed.mutable_active());
  return absl::OkStatus();
}

absl::Status HandleListPolicies(OperatorCall& call,
                                const pb::ListPoliciesRequest&,
                                pb::ListPoliciesResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<PolicyRow> rows,
                   call.node().store.ListPolicies());
  for (const PolicyRow& row : rows) {
    auto* active = response.add_active();
    active->set_kind(row.kind);
    active->set_policy_id(row.id);
    active->set_revision(row.revision);
    active->set_digest(row.digest);
    *active->mutable_activated_at() = ToProtoTime(row.activated_at);
  }
  return absl::OkStatus();
}

absl::Status LoadPolicies(NodeContext& node) {
  ASSIGN_OR_RETURN(const std::vector<PolicyFileBody> bodies,
                   Combined(node, {}));
  ASSIGN_OR_RETURN(PolicySet set, AssemblePolicySet(node.self.text(), bodies));
  const uint64_t version = node.policy.Get()->version() + 1;
  Log(LogLevel::kInfo, "policy_in_force",
      {LogField("files", static_cast<int64_t>(bodies.size())),
       LogField("version", static_cast<int64_t>(version))});
  node.policy.Set(std::make_shared<PolicyEngine>(std::move(set), version));
  return absl::OkStatus();
}

}  // namespace comity
