#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "node/policy/policy_set.h"
#include "node/service/node_context.h"
#include "node/service/status_checks.h"

namespace comity {

// How an agreement stands between this node and a partner.
enum class AgreementStanding {
  kSame,  // what is in force at each side is held by the other
  kDiffers,
  kNotActivatedThere,
  kNotActivatedHere,
};

struct ComparedAgreement {
  std::string id;
  AgreementStanding standing = AgreementStanding::kSame;
  // Revisions with a switch ahead that only one side holds; 0: none.
  uint32_t only_here = 0;
  uint32_t only_there = 0;
};

// Compares what both sides say in a handshake, by the digests. Of one agreement
// the revision in force comes last. Own agreements first; of those that only
// the partner has, at most 16.
std::vector<ComparedAgreement> CompareAgreements(const HandshakeFacts& ours,
                                                 const HandshakeFacts& theirs);

// An agreement that does not work with a partner, as it was seen last.
struct AgreementDifference {
  ParticipantCode partner;
  std::string agreement_id;
  std::string detail;
  absl::Time seen;
  std::string fix;
};

// Those of all partners, from what is remembered: nobody is called.
std::vector<AgreementDifference> KnownDifferences(const NodeContext& node);

// Adds a check for each agreement with the partner, from what is remembered;
// one that says so if nothing is. `collects`: no file of its can be read from
// here.
void CheckAgreementsWith(const NodeContext& node,
                         const ParticipantCode& partner, bool collects,
                         StatusChecks& checks);

// How many agreements are in force here, which wait for their switch, and which
// stand outside of the time that they state.
void CheckOwnAgreements(const NodeContext& node, const PolicySet& set,
                        StatusChecks& checks);

}  // namespace comity
