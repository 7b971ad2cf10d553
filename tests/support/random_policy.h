#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "node/policy/compiled_policy.h"
#include "node/policy/facts.h"

namespace comity {

// The facts of one random decision.
struct RandomCase {
  RequestFacts request;
  RecordFacts record;
  StateFacts state;
};

// Makes random policy sets, and cases that come close to their rules, so that
// permits, holds and every kind of refusal are all frequent. The sets use all
// that a set can say (dated groups, organisations, limits, approvals, emergency
// grants, two revisions of one agreement), more freely than the loader allows.
// The same seed gives the same sequence everywhere. Not thread-safe.
class RandomPolicy {
 public:
  explicit RandomPolicy(uint64_t seed) : random_(seed) {}

  // One to three agreements among NG, NE, TD and GH, and mostly NG's national
  // rules.
  PolicySet NextSet();

  // A case of NG's node under `policy`, a set of NextSet.
  RandomCase NextCase(const CompiledPolicy& policy);

 private:
  // Below `bound`; std distributions differ between libraries.
  uint32_t Below(uint32_t bound);
  bool Chance(uint32_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& OneOf(const std::vector<T>& list);

  // Any value from 1 to `last`, a set of about `percent` of them, such a set
  // that is not empty, a member of `set`.
  template <typename Enum>
  Enum Any(Enum last);
  template <typename Enum>
  EnumSet<Enum> Some(Enum last, uint32_t percent);
  template <typename Enum>
  EnumSet<Enum> SomeAtLeastOne(Enum last, uint32_t percent);
  template <typename Enum>
  Enum MemberOf(EnumSet<Enum> set);

  std::vector<std::string> Participants(bool group);
  std::vector<std::string> Organisations(uint32_t percent);
  When Conditions(uint32_t percent);
  Duties AnyDuties(uint32_t percent);
  std::vector<ParticipantGroup> Groups();
  TableShape AnyTable();
  Grant NextGrant(uint32_t number);
  Agreement NextAgreement(uint32_t number);
  NationalRules NextNational();

  RequestFacts AnyRequest();
  void BringClose(const CompiledPolicy& policy, const Agreement& agreement,
                  const Grant& grant, RandomCase& out);
  RecordFacts AnyRecord();
  void Satisfy(const When& when, RecordFacts& record);
  StateFacts AnyState(const CompiledPolicy& policy);
  void SpoilRequest(RequestFacts& request);
  void SpoilRecord(RecordFacts& record);

  std::mt19937_64 random_;
};

}  // namespace comity
