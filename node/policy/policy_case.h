#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "node/policy/policy_engine.h"

namespace comity {

// What was charged to one limit, with the rule by its id.
struct NamedUse {
  std::string rule;  // "agreement/grant", "national/rule"
  LimitKind kind = LimitKind::kDay;
  uint32_t used = 0;
};

// One operation at home.
struct HomeFacts {
  Caller caller;
  LocalOperation operation = LocalOperation::kUnset;
  std::optional<CaseFacts> subject;  // nullopt: no single case
};

// What a case expects; nullopt is not compared. Outcome and released groups
// always are.
struct Expectation {
  Outcome outcome = Outcome::kDeny;
  std::optional<ErrorReason> reason;
  std::optional<PrivateReason> why;
  FieldGroups released;
  std::optional<Duties> duties;
  std::optional<std::vector<std::string>> rules;
  std::optional<bool> shared;
  std::optional<uint32_t> approvals_missing;
  std::optional<bool> break_glass;
};

// One case of a test file. Exactly one of `request` and `home` is set; the
// request's digest is that of the agreement of this id in the set.
struct PolicyCase {
  std::string name;
  FilePlace place;
  std::optional<RequestFacts> request;
  RecordFacts record;
  StateFacts state;  // without `used`
  std::vector<NamedUse> used;
  std::optional<HomeFacts> home;
  absl::Time now;
  Expectation expected;
};

// One line of an expectation that did not come out.
struct Difference {
  std::string what;
  std::string expected;
  std::string got;
};

// What a case came to. `decided` are the rules, "local/rule" among them, that
// the decision names or would differ without.
struct CaseResult {
  std::vector<Difference> differences;  // empty: as expected
  std::set<std::string> decided;
};

// Decides a case with the functions that the gates decide with, and compares.
CaseResult RunCase(const PolicyEngine& engine, const PolicyCase& tested);

// The ids of all rules of a set, as `decided` has them.
std::set<std::string> RuleIds(const PolicySet& set);

// One line per duty, in the words of the files: "max_per_day: 5".
std::vector<std::string> DutyLines(const Duties& duties);

}  // namespace comity
