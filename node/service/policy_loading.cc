#include "node/service/policy_loading.h"

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

std::string NameOf(const PolicyRow& row) {
  return row.id.empty() ? row.kind : absl::StrCat(row.kind, " ", row.id);
}

}  // namespace

absl::StatusOr<std::vector<LoadedVersion>> ReadVersions(
    const PolicyReader& store, absl::Time now,
    std::vector<std::string>& faults) {
  ASSIGN_OR_RETURN(std::vector<PolicyRow> rows, store.ListPolicies(now));
  std::vector<LoadedVersion> versions;
  for (PolicyRow& row : rows) {
    PolicyFileResult loaded = LoadPolicyFile(NameOf(row), row.text);
    if (loaded.body.has_value()) {
      versions.push_back({std::move(row), *std::move(loaded.body)});
      continue;
    }
    faults.push_back(loaded.findings[0].ToString());
    Log(LogLevel::kError, "policy_does_not_load",
        {LogField::Public("file", NameOf(row)),
         LogField::Public("why", faults.back())});
  }
  return versions;
}

absl::StatusOr<PolicySet> SetAt(const ParticipantCode& self,
                                const std::vector<LoadedVersion>& versions,
                                absl::Time at) {
  // Versions come in the order in which they take effect.
  std::map<std::pair<std::string, std::string>, const LoadedVersion*> current;
  std::vector<PolicyFileBody> bodies;
  for (const LoadedVersion& version : versions) {
    if (version.row.effective_at <= at) {
      current[{version.row.kind, version.row.id}] = &version;
    } else if (version.row.kind == "agreement") {
      bodies.push_back(version.body);
    }
  }
  for (const auto& [file, version] : current) bodies.push_back(version->body);
  return AssemblePolicySet(self.text(), bodies);
}

absl::Status LoadPolicies(NodeContext& node) {
  const absl::Time now = node.clock.Now();
  std::vector<std::string> faults;
  ASSIGN_OR_RETURN(const std::vector<LoadedVersion> versions,
                   ReadVersions(node.store, now, faults));
  std::set<absl::Time> times = {now};
  for (const LoadedVersion& version : versions) {
    if (version.row.effective_at > now) times.insert(version.row.effective_at);
  }
  bool closed = false;
  for (const std::string& fault : faults) {
    closed |= absl::StartsWith(fault, "national");
  }
  std::vector<PolicyHolder::Stage> stages;
  uint64_t version = node.policy.LastVersion();
  for (const absl::Time time : times) {
    ASSIGN_OR_RETURN(PolicySet set, SetAt(node.self, versions, time));
    if (closed) set.agreements.clear();
    stages.push_back(
        {time == now ? absl::InfinitePast() : time,
         std::make_shared<PolicyEngine>(std::move(set), ++version)});
  }
  Log(LogLevel::kInfo, "policy_in_force",
      {LogField("files", static_cast<int64_t>(versions.size())),
       LogField("switches", static_cast<int64_t>(times.size() - 1)),
       LogField("version", static_cast<int64_t>(version))});
  node.policy.Set(std::move(stages), std::move(faults));
  return absl::OkStatus();
}

}  // namespace comity
