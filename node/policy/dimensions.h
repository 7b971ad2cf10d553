#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "node/policy/facts.h"
#include "node/policy/policy_set.h"

namespace comity {

// What a rule says of the request itself, judged without the record. The index
// (rule_index.h) finds by the same meaning; a property test holds the two
// together, and explanations name the dimension that does not fit.
enum class Dimension : uint8_t {
  kValidity,  // the grant's own end
  kHolder,
  kAsker,
  kRole,
  kOrganisation,
  kOperation,
  kPurpose,
  kBasis,
  kRelease,  // releases nothing of what is wanted
  kTable,    // does not open the table of counts
};
inline constexpr std::array kDimensions = {
    Dimension::kValidity, Dimension::kHolder,       Dimension::kAsker,
    Dimension::kRole,     Dimension::kOrganisation, Dimension::kOperation,
    Dimension::kPurpose,  Dimension::kBasis,        Dimension::kRelease,
    Dimension::kTable};

// The field's path in a file, "role".
const char* FieldPath(Dimension dimension);

// Whether `participant` is listed, by its code or by a group that it is a
// member of at `at`.
bool Lists(const std::vector<std::string>& list,
           const std::vector<ParticipantGroup>& groups,
           const ParticipantCode& participant, absl::Time at);

bool Fits(Dimension dimension, const Agreement& agreement, const Grant& grant,
          const RequestFacts& request);
bool Fits(Dimension dimension, const NationalRules& rules, const Deny& deny,
          const RequestFacts& request);
bool Fits(Dimension dimension, const NationalRules& rules,
          const Require& require, const RequestFacts& request);

// All dimensions at once.
template <typename Body, typename Rule>
bool FitsAll(const Body& body, const Rule& rule, const RequestFacts& request) {
  return std::all_of(kDimensions.begin(), kDimensions.end(),
                     [&](Dimension dimension) {
                       return Fits(dimension, body, rule, request);
                     });
}

// An operation that tells something of one record: fields, or a hit.
bool TellsFields(Operation operation);
// One that tells fields, and so names the groups that it wants.
bool AsksForFields(Operation operation);
// No file can deny it (policy.md 2.3, line 7).
bool IsProtective(Operation operation);
// REFERRAL_CREATE, _DELIVER or _ACCEPT.
inline constexpr EnumSet<Operation> kReferralOperations = {
    Operation::kReferralCreate, Operation::kReferralDeliver,
    Operation::kReferralAccept};

}  // namespace comity
