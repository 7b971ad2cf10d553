#include "node/cli/analysed_files.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <variant>

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "node/base/clock.h"
#include "node/base/error_reason.h"
#include "node/cli/all_pages.h"
#include "node/cli/policy_files.h"
#include "node/wire/policy_file.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Policies = pb::PolicyService;

// What no two files may share.
std::string IdentityOf(const PolicyFileBody& body) {
  if (const auto* national = std::get_if<NationalRules>(&body.body)) {
    return absl::StrCat("national rules of ", national->node);
  }
  if (const auto* local = std::get_if<LocalAccess>(&body.body)) {
    return absl::StrCat("local access of ", local->node);
  }
  return absl::StrCat(body.kind(), " ", body.id(), "@", body.revision());
}

absl::Status Add(PolicyFileBody body, std::set<std::string>& seen,
                 AnalysedFiles& files) {
  if (const std::string identity = IdentityOf(body);
      !seen.insert(identity).second) {
    return ReasonError(ErrorReason::kPolicyInvalid,
                       absl::StrCat("two of the files are the ", identity,
                                    "; name one of them"));
  }
  if (auto* agreement = std::get_if<Agreement>(&body.body)) {
    files.agreements.push_back(std::move(*agreement));
  } else if (auto* national = std::get_if<NationalRules>(&body.body)) {
    files.nationals.push_back(std::move(*national));
  } else {
    files.locals.push_back(std::move(std::get<LocalAccess>(body.body)));
  }
  return absl::OkStatus();
}

// A file that waits for its timed switch is listed, and not in force.
absl::StatusOr<bool> IsWaiting(const pb::ActivePolicy& active) {
  ASSIGN_OR_RETURN(const absl::Time activated,
                   FromProtoTime(active.activated_at()));
  ASSIGN_OR_RETURN(const absl::Time effective,
                   FromProtoTime(active.effective_at()));
  return effective > std::max(activated, SystemClock().Now());
}

absl::Status AddActive(CommandContext& context, std::set<std::string>& seen,
                       AnalysedFiles& files) {
  pb::ListPoliciesRequest request;
  request.set_with_text(true);
  ASSIGN_OR_RETURN(const auto response,
                   (CallAll<Policies, pb::ListPoliciesResponse>(
                       context, &Policies::Stub::ListPolicies, request)));
  for (const pb::ActivePolicy& active : response.active()) {
    ASSIGN_OR_RETURN(const bool waiting, IsWaiting(active));
    if (waiting) continue;
    const std::string name = absl::StrCat("active:", active.policy_id().empty()
                                                         ? active.kind()
                                                         : active.policy_id());
    ASSIGN_OR_RETURN(PolicyFileBody body, LoadPolicyBody(name, active.text()));
    RETURN_IF_ERROR(Add(std::move(body), seen, files));
  }
  return absl::OkStatus();
}

// Adds to `files` those of `before` that none of them replaces.
template <typename Body>
void KeepOthers(const std::vector<Body>& before, std::string Body::*identity,
                std::vector<Body>& files) {
  std::set<std::string> replaced;
  for (const Body& file : files) replaced.insert(file.*identity);
  std::copy_if(
      before.begin(), before.end(), std::back_inserter(files),
      [&](const Body& file) { return !replaced.contains(file.*identity); });
}

}  // namespace

std::string AnalysedFiles::OnlyNode() const {
  std::set<std::string> nodes;
  for (const NationalRules& national : nationals) nodes.insert(national.node);
  for (const LocalAccess& local : locals) nodes.insert(local.node);
  return nodes.size() == 1 ? *nodes.begin() : "";
}

void AnalysedFiles::TakeOver(const AnalysedFiles& before) {
  KeepOthers(before.agreements, &Agreement::id, agreements);
  KeepOthers(before.nationals, &NationalRules::node, nationals);
  KeepOthers(before.locals, &LocalAccess::node, locals);
}

absl::StatusOr<AnalysedFiles> ReadAnalysedFiles(
    const std::vector<std::string>& paths, CommandContext& context) {
  AnalysedFiles files;
  std::set<std::string> seen;
  absl::Status status;
  for (const std::string& path : paths) {
    if (path == "active") {
      RETURN_IF_ERROR(AddActive(context, seen, files));
      continue;
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> names,
                     ListPolicyFiles({path}));
    for (const std::string& name : names) {
      auto body = LoadPolicyFrom(name);
      if (body.ok()) {
        RETURN_IF_ERROR(Add(*std::move(body), seen, files));
      } else {
        status = body.status();
      }
    }
  }
  RETURN_IF_ERROR(status);
  return files;
}

absl::StatusOr<absl::Time> ReadInstant(const std::string& text) {
  if (text.empty()) return SystemClock().Now();
  absl::Time at;
  if (absl::ParseTime(absl::RFC3339_full, text, &at, nullptr) ||
      absl::ParseTime("%Y-%m-%d", text, &at, nullptr)) {
    return at;
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("\"", text,
                                  "\" is no time; write 2026-12-21 or "
                                  "2026-12-21T12:00:00Z"));
}

}  // namespace comity
