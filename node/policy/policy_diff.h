#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/policy/fact_axes.h"
#include "node/policy/fact_space.h"
#include "node/policy/holder_policies.h"

namespace comity {

enum class ChangeKind : uint8_t {
  kWidened,   // can now be told what could not
  kNarrowed,  // can no longer be told
  kWeaker,    // still told, with less to be done for it
  kStronger,
  kFewerApprovals,
  kMoreApprovals,
};
// "WIDENED", "FEWER_APPROVALS".
const char* Name(ChangeKind kind);

// One difference: every request in `box` (pairs of two different participants)
// changed in this way.
struct PolicyChange {
  ChangeKind kind = ChangeKind::kWidened;
  // The agreement's id; empty for what national rules leave out of published
  // counts, and then `box` says which cases of which holder.
  std::string agreement;
  std::string demand;  // for duties and approvals: what is asked for now
  FactBox box;
  size_t classes = 0;  // that were walked one by one
  // One of the requests, and what each side answers to it.
  FactPoint witness;
  Answer before;
  Answer after;
};

// A step of referrals under an agreement that may take longer or shorter now.
// Nobody sees more or less by it.
struct DeadlineChange {
  std::string agreement;  // its id
  std::string name;       // as policy files call it, "decide_working_days"
  std::string before;     // "10"; "30, 90, 180, 365" for follow-up reports
  std::string after;
};

struct PolicyDiff {
  FactAxes axes;
  std::vector<PolicyChange> changes;  // by kind, agreement and box
  size_t classes = 0;                 // compared
  std::vector<DeadlineChange> deadlines = {};

  size_t Count(ChangeKind kind) const;
  bool widened() const { return Count(ChangeKind::kWidened) != 0; }
};

// Compares what two policies answer to every request there can be. Agreements
// are compared by id. Exact: a request's answer differs if and only if it is in
// the box of some change. MESSAGE_TOO_LARGE as FactAxes and FactSpace say.
absl::StatusOr<PolicyDiff> DiffPolicies(
    const HolderPolicies& before, const HolderPolicies& after,
    const FactAxes::Bounds& bounds, size_t max_cells = FactSpace::kMaxCells);

// "ng-ne: decide_working_days is now 5 (was 10)".
std::string Sentence(const DeadlineChange& change);

// One plain sentence: "ng-ne: NE may now tell MEDICAL to NG's CASE_WORKER, for
// CASE_QUERY, purpose PROTECTION, on CONSENT, when consent is GIVEN (1,152
// classes)".
std::string Sentence(const FactAxes& axes, const PolicyChange& change);

// "1,344,000".
std::string Thousands(size_t number);

}  // namespace comity
