#include "node/service/policy_simulation.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/judge.h"
#include "node/service/policy_loading.h"
#include "node/wire/decision_wire.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
constexpr uint32_t kMostDays = 366;
constexpr int kMostChanges = 100;
constexpr int kPage = 500;

// The set in force with each candidate in the place of its file.
absl::StatusOr<PolicySet> CandidateSet(
    const NodeContext& node, const pb::SimulatePolicyRequest& request) {
  std::vector<std::string> faults;
  ASSIGN_OR_RETURN(const std::vector<LoadedVersion> versions,
                   ReadVersions(node.store, node.clock.Now(), faults));
  std::vector<PolicyFileBody> bodies;
  for (const pb::PolicyFile& file : request.files()) {
    ASSIGN_OR_RETURN(PolicyFileBody body,
                     LoadPolicyBody(file.file_name(), file.text()));
    bodies.push_back(std::move(body));
  }
  const size_t candidates = bodies.size();
  for (const LoadedVersion& version : versions) {
    bool replaced = version.row.effective_at > node.clock.Now();
    for (size_t i = 0; i < candidates; ++i) {
      replaced |= bodies[i].kind() == version.row.kind &&
                  bodies[i].id() == version.row.id;
    }
    if (!replaced) bodies.push_back(version.body);
  }
  return AssemblePolicySet(node.self.text(), bodies);
}

// The logged facts as a question of today under `policy`: citing its revision
// of the agreement, its charges by its rules.
absl::StatusOr<Decision> JudgeToday(const pb::DecisionFacts& logged,
                                    const CompiledPolicy& policy,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(DecisionFacts facts, ParseDecisionFacts(logged, policy));
  facts.request.now = now;
  if (const Agreement* cited =
          policy.set().FindLast(facts.request.agreement_id)) {
    facts.request.agreement_digest = cited->digest;
  }
  return Judge(policy, facts.request, facts.record, facts.state);
}

std::string Describe(const Decision& decision) {
  std::string text(Name(decision.outcome));
  if (decision.outcome != Outcome::kPermit) {
    absl::StrAppend(&text, " ", ReasonName(decision.reason));
    if (decision.private_reason != PrivateReason::kNone) {
      absl::StrAppend(&text, " (", Name(decision.private_reason), ")");
    }
    return text;
  }
  const char* join = " ";
  for (const FieldGroup group : decision.released.Values()) {
    absl::StrAppend(&text, join, Name(group));
    join = ",";
  }
  return text;
}

bool IsWider(const Decision& before, const Decision& after) {
  if (after.outcome != before.outcome) return after.outcome > before.outcome;
  return !after.released.IsSubsetOf(before.released) ||
         (after.released == before.released &&
          Join(before.duties, after.duties) != after.duties);
}

bool IsSame(const Decision& before, const Decision& after) {
  return before.outcome == after.outcome && before.reason == after.reason &&
         before.released == after.released && before.duties == after.duties;
}

// Goes through the own log and decides again.
class Simulation {
 public:
  Simulation(const CompiledPolicy& current, const CompiledPolicy& candidate,
             absl::Time now, pb::SimulatePolicyResponse& response)
      : current_(current),
        candidate_(candidate),
        now_(now),
        response_(response) {}

  absl::Status Take(uint64_t index, const OwnEntry& entry) {
    pb::DecisionFacts facts;
    if (entry.facts.empty() || !facts.ParseFromString(entry.facts)) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const Decision before, JudgeToday(facts, current_, now_));
    ASSIGN_OR_RETURN(const Decision after, JudgeToday(facts, candidate_, now_));
    response_.set_decisions(response_.decisions() + 1);
    if (IsSame(before, after)) {
      response_.set_same(response_.same() + 1);
      return absl::OkStatus();
    }
    const bool wider = IsWider(before, after);
    if (wider) {
      response_.set_widened(response_.widened() + 1);
    } else {
      response_.set_narrowed(response_.narrowed() + 1);
    }
    if (response_.changed_size() >= kMostChanges) return absl::OkStatus();
    auto* changed = response_.add_changed();
    changed->set_entry_index(index);
    *changed->mutable_time() = ToProtoTime(entry.time);
    changed->set_peer(entry.peer);
    changed->set_operation(facts.request().operation());
    changed->set_before(Describe(before));
    changed->set_after(Describe(after));
    changed->set_widened(wider);
    return absl::OkStatus();
  }

 private:
  const CompiledPolicy& current_;
  const CompiledPolicy& candidate_;
  absl::Time now_;
  pb::SimulatePolicyResponse& response_;
};

// The first entry of the own log at or after `since`: entries are in the order
// of time, to the millisecond.
absl::StatusOr<uint64_t> FirstSince(const NodeContext& node, absl::Time since) {
  const std::string log = OwnLogOrigin(node.self);
  ASSIGN_OR_RETURN(const LogHead head, node.store.ReadLogHead(log));
  uint64_t low = 0;
  uint64_t high = head.size;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                     node.store.ReadLeaves(log, middle, 1, false));
    ASSIGN_OR_RETURN(const OwnEntry entry, OpenOwnEntry(rows[0].leaf, ""));
    if (entry.time < since) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

absl::Status HandleSimulatePolicy(OperatorCall& call,
                                  const pb::SimulatePolicyRequest& request,
                                  pb::SimulatePolicyResponse& response) {
  NodeContext& node = call.node();
  if (request.days() > kMostDays) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "days is 1 to 366: how far back logged decisions go");
  }
  ASSIGN_OR_RETURN(PolicySet set, CandidateSet(node, request));
  const CompiledPolicy candidate(std::move(set));
  Simulation simulation(call.engine().policy(), candidate, call.now(),
                        response);
  const std::string log = OwnLogOrigin(node.self);
  ASSIGN_OR_RETURN(
      uint64_t next,
      FirstSince(node, call.now() - absl::Hours(24) * request.days()));
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                     node.store.ReadLeaves(log, next, kPage, true));
    for (const LeafRow& row : rows) {
      ASSIGN_OR_RETURN(const OwnEntry entry,
                       OpenOwnEntry(row.leaf, row.opening));
      RETURN_IF_ERROR(simulation.Take(row.index, entry));
    }
    if (rows.size() < kPage) break;
    next = rows.back().index + 1;
  }
  call.SetDetail(absl::StrCat("SIMULATED ", response.decisions(),
                              " decisions, ", response.widened(), " widened, ",
                              response.narrowed(), " narrowed"));
  return absl::OkStatus();
}

}  // namespace comity
