#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/policy/compiled_policy.h"
#include "node/policy/facts.h"

namespace comity {

// Facts that a proposal may change, cheapest first. Danger flags and bars on
// onward transfer are never proposed: nobody may talk them away.
enum class ChangedFact : uint8_t {
  // What an operator can do otherwise.
  kApprovals,
  kApprovalsAtHome,
  kWanted,
  kRole,
  kBasis,
  kPurpose,
  kOrganisation,
  kTable,
  kAgreement,
  kTime,
  kEmergency,
  // What only the record can say.
  kConsent,
  kScreening,
  kStage,
  kRecordAge,
  kRisks,
  kAge,
  kOrigin,
  kExploitation,
};

// "you may change": everything before kConsent.
bool OperatorMayChange(ChangedFact fact);

// The fact's name, "role", "when.age".
const char* Name(ChangedFact fact);

// One fact and the value that it would have.
struct FactChange {
  ChangedFact fact = ChangedFact::kRole;
  // The enum's number, the set's bits, a count, or the place of a table among
  // those that grants name.
  uint32_t number = 0;
  std::string digest;  // of the agreement
  absl::Time time;     // of the request
  std::string value;   // for people: "COORDINATOR"
};

// Makes one change to the facts. Charges of windows that end before a later
// time are gone; an earlier time brings none back.
void Apply(const FactChange& change, const CompiledPolicy& policy,
           RequestFacts& request, RecordFacts& record, StateFacts& state);

// Every other value of every fact that a decision on these facts could depend
// on, one change each, in the order of ChangedFact; approvals excepted, which a
// HOLD names by itself.
std::vector<FactChange> PossibleChanges(const CompiledPolicy& policy,
                                        const RequestFacts& request,
                                        const RecordFacts& record,
                                        const StateFacts& state);

// Changes that could only take something away: fewer approvals, the end of an
// emergency, and the moments from which a file or a grant says no more.
std::vector<FactChange> LosingChanges(const CompiledPolicy& policy,
                                      const RequestFacts& request,
                                      const StateFacts& state);

}  // namespace comity
