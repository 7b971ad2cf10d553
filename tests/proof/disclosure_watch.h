#pragma once

#include <map>
#include <string>

#include "comity/federation/v1/evidence.pb.h"
#include "tests/proof/pair_of_nodes.h"

namespace comity {

// A model of what Niger may tell Nigeria of each person, from the acts of
// consent, the danger flags, the moment of the referral and what a test says of
// the policy files; and a watch that holds every disclosure against it. Fails
// the test that owns it. Used by one thread.
class DisclosureWatch {
 public:
  explicit DisclosureWatch(PairOfNodes& nodes);

  void Add(const WalkedReferral& referral) {
    referrals_.emplace(referral.id, referral);
  }
  // What the test put in force.
  void SetPolicy(bool agreement_in_force, FieldGroups withheld_at_home) {
    in_force_ = agreement_in_force;
    withheld_ = withheld_at_home;
  }

  // Groups that all three, consent, agreement and national rules, let go now.
  FieldGroups Tellable(const WalkedReferral& referral) const;

  // Niger's people have just done something with it: what they wrote was
  // tellable.
  void CheckWritten(const WalkedReferral& referral);
  // What Nigeria can still read of it, consent to which was taken back.
  FieldGroups KeptAfterWithdrawal(const WalkedReferral& referral) const;

  size_t disclosures() const { return disclosures_; }

 private:
  struct Consented {
    FieldGroups live;       // given, not withdrawn, not expired
    FieldGroups withdrawn;  // in every act that gave them
  };
  CaseFacts FactsOf(const WalkedReferral& referral) const;
  Consented ConsentedTo(const WalkedReferral& referral) const;
  bool IsExcluded(const WalkedReferral& referral) const;
  void CheckDelivery(
      const google::protobuf::RepeatedPtrField<federation::v1::Envelope>&
          events);
  void CheckAnswer(const std::string& request, const std::string& answer);
  static FieldGroups GroupsOfOpenings(const std::vector<FieldOpening>& told);

  PairOfNodes& nodes_;
  std::map<Uuid, WalkedReferral> referrals_;
  std::map<Uuid, size_t> checked_;  // events of each, from the first on
  bool in_force_ = true;
  FieldGroups withheld_;
  size_t disclosures_ = 0;
};

}  // namespace comity
