#include "node/service/policy_steps.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/page_size.h"
#include "node/service/policy_loading.h"
#include "node/service/policy_signers.h"
#include "node/wire/policy_file.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
constexpr absl::Duration kLatestSwitch = absl::Hours(24 * 366);
constexpr int kAllVersions = 10000;

// A file that is about to come into force.
struct Candidate {
  pb::PolicyFile file;
  PolicyFileBody body;
};

absl::StatusOr<Candidate> LoadCandidate(const NodeContext& node,
                                        const pb::PolicyFile& file) {
  auto body = LoadPolicyBody(file.file_name(), file.text());
  if (!body.ok()) {
    return ReasonError(
        ErrorReason::kPolicyInvalid,
        absl::StrCat(body.status().message(), "; nothing was activated"));
  }
  RETURN_IF_ERROR(CheckSigned(node, file, body->digest));
  return Candidate{file, *std::move(body)};
}

// The files of the request and those that were signed at the node.
absl::StatusOr<std::vector<Candidate>> CandidatesOf(
    const NodeContext& node, const pb::ActivatePolicyRequest& request) {
  std::vector<Candidate> candidates;
  for (const pb::PolicyFile& file : request.files()) {
    ASSIGN_OR_RETURN(Candidate candidate, LoadCandidate(node, file));
    candidates.push_back(std::move(candidate));
  }
  ASSIGN_OR_RETURN(const std::vector<PolicyProposal> proposals,
                   node.store.ListProposals());
  for (const std::string& digest : request.proposals()) {
    const auto found =
        std::find_if(proposals.begin(), proposals.end(),
                     [&](const auto& each) { return each.digest == digest; });
    if (found == proposals.end()) {
      return ReasonError(ErrorReason::kNotFound,
                         "no proposal has this digest; see comity policy list "
                         "--proposals");
    }
    pb::PolicyFile file;
    file.ParseFromString(found->signatures);
    file.set_file_name(absl::StrCat(found->kind, " ", found->id));
    file.set_text(found->text);
    ASSIGN_OR_RETURN(Candidate candidate, LoadCandidate(node, file));
    candidates.push_back(std::move(candidate));
  }
  if (!candidates.empty()) return candidates;
  return ReasonError(ErrorReason::kFieldMissing,
                     "name at least one file or proposal to activate");
}

// A revision is used once, and an emergency ends on the day it first said.
absl::Status CheckSuccession(const PolicyReader& store, const Candidate& next) {
  ASSIGN_OR_RETURN(
      const std::vector<PolicyRow> versions,
      store.ListPolicyVersions(next.body.kind(), next.body.id(), kAllVersions));
  for (const PolicyRow& version : versions) {
    if (version.revision >= next.body.revision()) {
      return ReasonError(
          ErrorReason::kAlreadyExists,
          absl::StrCat(next.file.file_name(), " is revision ",
                       next.body.revision(), ", but revision ",
                       version.revision,
                       " was activated here before; raise the revision, or "
                       "put an earlier one back with comity policy rollback"));
    }
  }
  const auto* agreement = std::get_if<Agreement>(&next.body.body);
  if (agreement == nullptr || versions.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PolicyRow before,
                   store.ReadPolicy(versions.front().digest));
  const PolicyFileResult loaded = LoadPolicyFile(before.id, before.text);
  if (!loaded.body.has_value()) return absl::OkStatus();
  const auto& previous = std::get<Agreement>(loaded.body->body);
  if (previous.emergency && (!agreement->emergency ||
                             agreement->valid_until > previous.valid_until)) {
    return ReasonError(
        ErrorReason::kPolicyInvalid,
        "an emergency agreement ends on its day; to go on, conclude an "
        "ordinary agreement under an id of its own");
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> SwitchTime(const pb::ActivatePolicyRequest& request,
                                      absl::Time now) {
  if (!request.has_switch_at()) return now;
  ASSIGN_OR_RETURN(const absl::Time at, FromProtoTime(request.switch_at()));
  if (at > now && at - now <= kLatestSwitch) return at;
  return ReasonError(ErrorReason::kFieldInvalid,
                     "the moment of the switch must lie ahead, at most 366 "
                     "days; leave it out to activate at once");
}

// The set that the new files lead to must go together, before anything is
// written.
absl::Status CheckTogether(const NodeContext& node,
                           const std::vector<Candidate>& candidates,
                           absl::Time at) {
  std::vector<std::string> faults;
  ASSIGN_OR_RETURN(std::vector<LoadedVersion> versions,
                   ReadVersions(node.store, node.clock.Now(), faults));
  for (const Candidate& candidate : candidates) {
    versions.erase(
        std::remove_if(versions.begin(), versions.end(),
                       [&](const LoadedVersion& version) {
                         return version.row.effective_at > at &&
                                version.row.kind == candidate.body.kind() &&
                                version.row.id == candidate.body.id();
                       }),
        versions.end());
    PolicyRow row{candidate.body.kind(), candidate.body.id()};
    row.effective_at = at;
    versions.push_back({row, candidate.body});
  }
  return SetAt(node.self, versions, at).status();
}

std::string DescribeActivation(const std::vector<Candidate>& candidates,
                               absl::Time at, bool timed) {
  std::string text;
  for (const Candidate& candidate : candidates) {
    absl::StrAppend(&text, candidate.body.kind(), " ", candidate.body.id(), "@",
                    candidate.body.revision(), " ",
                    absl::BytesToHexString(candidate.body.digest).substr(0, 16),
                    " ");
  }
  if (timed) absl::StrAppend(&text, "from ", absl::FormatTime(at));
  return text;
}

// The newest revision below the one in force that was ever in force itself.
std::optional<PolicyRow> RevisionBefore(const std::vector<PolicyRow>& versions,
                                        const std::vector<PolicyRow>& current,
                                        const std::string& kind,
                                        const std::string& id) {
  const auto in_force = std::find_if(
      current.begin(), current.end(),
      [&](const PolicyRow& row) { return row.kind == kind && row.id == id; });
  std::optional<PolicyRow> before;
  for (const PolicyRow& version : versions) {
    if (in_force == current.end() || version.cancelled ||
        version.revision >= in_force->revision) {
      continue;
    }
    if (!before.has_value() || version.revision > before->revision) {
      before = version;
    }
  }
  return before;
}

void AddActive(const PolicyRow& row, bool with_text, pb::ActivePolicy& active) {
  active.set_kind(row.kind);
  active.set_policy_id(row.id);
  active.set_revision(row.revision);
  active.set_digest(row.digest);
  *active.mutable_activated_at() = ToProtoTime(row.activated_at);
  *active.mutable_effective_at() = ToProtoTime(row.effective_at);
  if (with_text) active.set_text(row.text);
}

template <typename Response>
absl::Status ListInto(const StoreReader& store, absl::Time now,
                      Response& response) {
  ASSIGN_OR_RETURN(const std::vector<PolicyRow> rows, store.ListPolicies(now));
  for (const PolicyRow& row : rows) {
    AddActive(row, /*with_text=*/false, *response.add_active());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleCheckPolicy(OperatorCall&,
                               const pb::CheckPolicyRequest& request,
                               pb::CheckPolicyResponse& response) {
  for (const pb::PolicyFile& file : request.files()) {
    const PolicyFileResult loaded =
        LoadPolicyFile(file.file_name(), file.text());
    for (const PolicyFinding& finding : loaded.findings) {
      auto* added = response.add_findings();
      added->set_file_name(finding.file);
      added->set_line(static_cast<uint32_t>(finding.line));
      added->set_column(static_cast<uint32_t>(finding.column));
      added->set_message(finding.message);
      added->set_error(true);
    }
    response.add_digests(loaded.body.has_value() ? loaded.body->digest : "");
  }
  return absl::OkStatus();
}

absl::Status HandleActivatePolicy(OperatorCall& call,
                                  const pb::ActivatePolicyRequest& request,
                                  pb::ActivatePolicyResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const std::vector<Candidate> candidates,
                   CandidatesOf(node, request));
  ASSIGN_OR_RETURN(const absl::Time at, SwitchTime(request, call.now()));
  RETURN_IF_ERROR(CheckTogether(node, candidates, at));
  call.SetKind(OwnKind::kPolicyChange);
  call.SetDetail(DescribeActivation(candidates, at, request.has_switch_at()));
  const CommitBody effect = [&](CommitScope& scope) -> absl::Status {
    for (const Candidate& candidate : candidates) {
      RETURN_IF_ERROR(CheckSuccession(scope.store(), candidate));
      PolicyRow row{candidate.body.kind(), candidate.body.id(),
                    candidate.body.revision(), candidate.body.digest};
      row.text = candidate.file.text();
      row.signatures = StoredSignatures(candidate.file);
      row.activated_at = scope.now();
      row.effective_at = request.has_switch_at() ? at : scope.now();
      row.activated_by = call.caller().OperatorName();
      RETURN_IF_ERROR(scope.store().PutPolicy(row));
      RETURN_IF_ERROR(scope.store().DeleteProposal(row.digest));
    }
    return ListInto(scope.store(), scope.now(), response);
  };
  RETURN_IF_ERROR(call.Commit(effect).status());
  return LoadPolicies(node);
}

absl::Status HandleRollbackPolicy(OperatorCall& call,
                                  const pb::RollbackPolicyRequest& request,
                                  pb::RollbackPolicyResponse& response) {
  NodeContext& node = call.node();
  const std::string& kind = request.kind();
  const std::string& id = request.policy_id();
  call.SetKind(OwnKind::kPolicyChange);
  const CommitBody effect = [&](CommitScope& scope) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t called_off,
                     scope.store().CancelScheduled(kind, id, scope.now()));
    response.set_switch_called_off(called_off > 0);
    call.SetDetail(absl::StrCat("ROLLBACK ", kind, " ", id, " switch"));
    if (called_off > 0) {
      return ListInto(scope.store(), scope.now(), response);
    }
    ASSIGN_OR_RETURN(const std::vector<PolicyRow> versions,
                     scope.store().ListPolicyVersions(kind, id, kAllVersions));
    ASSIGN_OR_RETURN(const std::vector<PolicyRow> current,
                     scope.store().ListPolicies(scope.now()));
    const auto before = RevisionBefore(versions, current, kind, id);
    if (!before.has_value()) {
      return ReasonError(ErrorReason::kNotFound,
                         absl::StrCat("there is no revision of ", kind, " ", id,
                                      " before the one in force"));
    }
    ASSIGN_OR_RETURN(PolicyRow row, scope.store().ReadPolicy(before->digest));
    row.activated_at = scope.now();
    row.effective_at = scope.now();
    row.activated_by = call.caller().OperatorName();
    row.rolled_back = true;
    call.SetDetail(absl::StrCat("ROLLBACK ", kind, " ", id, "@", row.revision));
    RETURN_IF_ERROR(scope.store().PutPolicy(row));
    return ListInto(scope.store(), scope.now(), response);
  };
  RETURN_IF_ERROR(call.Commit(effect).status());
  return LoadPolicies(node);
}

absl::Status HandleListPolicies(OperatorCall& call,
                                const pb::ListPoliciesRequest& request,
                                pb::ListPoliciesResponse& response) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const std::vector<PolicyRow> rows,
                   node.store.ListPolicies(node.clock.Now()));
  ASSIGN_OR_RETURN(const auto page, PageOf(rows, request, response));
  for (const PolicyRow& row : page) {
    AddActive(row, request.with_text(), *response.add_active());
  }
  return absl::OkStatus();
}

}  // namespace comity
