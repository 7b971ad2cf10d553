#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "node/policy/compiled_policy.h"
#include "node/policy/decision.h"
#include "node/policy/facts.h"

namespace comity {

// One request with everything that a decision looks at.
struct FactPoint {
  RequestFacts request;
  RecordFacts record;
  StateFacts state;
};

// What a set says to one request, as the analyses compare it: once every
// approval is given and no limit is used up. Why something is refused is no
// part of it; the built-in danger flags, which no file can name, are not asked.
struct Answer {
  bool permitted = false;
  // Persons who must approve, of the side that asks or sends, and of the
  // holder. Duties::approvals is not used.
  uint32_t approvals = 0;
  uint32_t approvals_at_home = 0;
  bool break_glass = false;
  // Only what can touch the groups that are wanted; limits of every rule that
  // is charged.
  Duties duties;
  std::vector<std::string> rules;  // "agreement/grant", "national/rule"

  friend bool operator==(const Answer& a, const Answer& b) {
    return a.permitted == b.permitted && a.approvals == b.approvals &&
           a.approvals_at_home == b.approvals_at_home &&
           a.break_glass == b.break_glass && a.duties == b.duties;
  }
};

// Agreements with the national rules of one or several nodes: what each holder
// decides by. A holder whose national rules are not here decides by the
// agreements alone. Immutable, thread-safe.
class HolderPolicies {
 public:
  HolderPolicies(const std::vector<Agreement>& agreements,
                 const std::vector<NationalRules>& nationals);
  explicit HolderPolicies(const PolicySet& set);

  const std::vector<Agreement>& agreements() const {
    return common_->set().agreements;
  }
  // The revisions of one agreement, in their order.
  std::vector<const Agreement*> Revisions(const std::string& id) const;
  // Codes of the nodes whose national rules are here.
  std::vector<std::string> Nodes() const;
  // nullptr if the node's rules are not here.
  const NationalRules* National(const std::string& node) const;
  // What `holder` decides by.
  const CompiledPolicy& Of(const ParticipantCode& holder) const;

  // The answer under the revision of agreement `id` that allows most. Calls
  // Judge, the same function as the gate.
  Answer Decide(const std::string& id, const FactPoint& point) const;

 private:
  std::unique_ptr<CompiledPolicy> common_;
  std::map<std::string, std::unique_ptr<CompiledPolicy>> own_;
};

}  // namespace comity
