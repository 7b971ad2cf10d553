#include "node/service/policy_log.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/page_size.h"
#include "node/service/policy_signers.h"
#include "node/service/policy_steps.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr int kLatestPage = 10000;

pb::RefusedActivation ViewOf(const RefusedActivation& refused) {
  pb::RefusedActivation view;
  *view.mutable_refused_at() = ToProtoTime(refused.at);
  view.set_refused_by(refused.by);
  view.set_why(refused.why);
  return view;
}

pb::PolicyVersion ViewOf(const NodeContext& node, const PolicyRow& row) {
  pb::PolicyVersion view;
  view.set_kind(row.kind);
  view.set_policy_id(row.id);
  view.set_revision(row.revision);
  view.set_digest(row.digest);
  *view.mutable_activated_at() = ToProtoTime(row.activated_at);
  *view.mutable_effective_at() = ToProtoTime(row.effective_at);
  view.set_activated_by(row.activated_by);
  view.set_rolled_back(row.rolled_back);
  view.set_called_off(row.cancelled);
  const auto signers =
      StoredSignersOf(node, row.signatures, row.digest, row.activated_at);
  if (!signers.ok()) return view;
  for (const std::string& signer : *signers) view.add_signers(signer);
  return view;
}

void AddLine(const NodeContext& node, const PolicyLogLine& line,
             pb::ListPolicyVersionsResponse& response) {
  auto* entry = response.add_entries();
  if (line.version != nullptr) {
    *entry->mutable_version() = ViewOf(node, *line.version);
  } else {
    *entry->mutable_refused() = ViewOf(*line.refused);
  }
}

}  // namespace

std::vector<PolicyLogLine> MergePolicyLog(
    const std::vector<PolicyRow>& versions,
    const std::vector<RefusedActivation>& refused) {
  std::vector<PolicyLogLine> lines;
  auto next = refused.begin();
  for (const PolicyRow& version : versions) {
    for (; next != refused.end() && next->at > version.activated_at; ++next) {
      lines.push_back({nullptr, &*next});
    }
    lines.push_back({&version, nullptr});
  }
  for (; next != refused.end(); ++next) lines.push_back({nullptr, &*next});
  return lines;
}

absl::Status HandleListPolicyVersions(
    OperatorCall& call, const pb::ListPolicyVersionsRequest& request,
    pb::ListPolicyVersionsResponse& response) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  int from = 0;
  if (!request.page_token().empty() &&
      (!absl::SimpleAtoi(request.page_token(), &from) || from < 0 ||
       from > kLatestPage)) {
    return ReasonError(ErrorReason::kFieldInvalid, "the page token is broken");
  }
  // One more than the page holds, for it may all be of one kind.
  const int limit = from + size + 1;
  ASSIGN_OR_RETURN(const std::vector<PolicyRow> versions,
                   node.store.ListPolicyVersions(request.kind(),
                                                 request.policy_id(), limit));
  std::vector<RefusedActivation> refused;
  if (request.kind().empty()) {
    ASSIGN_OR_RETURN(refused, node.store.ListRefusedActivations(limit));
  }
  const std::vector<PolicyLogLine> lines = MergePolicyLog(versions, refused);
  const auto end = static_cast<size_t>(from) + static_cast<size_t>(size);
  for (auto i = static_cast<size_t>(from); i < lines.size() && i < end; ++i) {
    AddLine(node, lines[i], response);
  }
  if (lines.size() > end) response.set_next_page_token(absl::StrCat(end));
  return absl::OkStatus();
}

}  // namespace comity
