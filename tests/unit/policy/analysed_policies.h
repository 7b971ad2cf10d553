#pragma once

#include <random>
#include <string>
#include <vector>

#include "node/policy/fact_axes.h"
#include "node/policy/holder_policies.h"

namespace comity {

inline const absl::Time kSpaceNow = absl::FromUnixSeconds(1790000000);

// Two policies of three countries that differ in one edit of one rule, made
// from a seed. Values are few, so that rules meet each other.
struct EditedPolicies {
  std::vector<Agreement> agreements;
  std::vector<NationalRules> nationals;
};

class PolicyDraw {
 public:
  explicit PolicyDraw(uint32_t seed) : random_(seed) {}

  size_t Below(size_t n) { return random_() % n; }
  bool OneIn(size_t n) { return Below(n) == 0; }

  template <typename Enum>
  EnumSet<Enum> Some(std::vector<Enum> values) {
    EnumSet<Enum> set{values[Below(values.size())]};
    for (const Enum value : values) {
      if (OneIn(3)) set = set.With(value);
    }
    return set;
  }
  template <typename Enum>
  EnumSet<Enum> Maybe(std::vector<Enum> values) {
    return OneIn(3) ? Some(std::move(values)) : EnumSet<Enum>();
  }

  std::vector<std::string> Parties() {
    switch (Below(4)) {
      case 0:
        return {"NG", "NE"};
      case 1:
        return {"BJ", "NE"};
      case 2:
        return {"@club", "NG"};
      default:
        return {"NG", "NE", "BJ"};
    }
  }

  When Conditions() {
    When when;
    when.consent =
        Maybe<ConsentState>({ConsentState::kGiven, ConsentState::kRefused,
                             ConsentState::kNotAsked});
    when.age = Maybe<AgeClass>({AgeClass::kChild, AgeClass::kAdult});
    if (OneIn(4)) when.risk_any_of = {RiskMarker::kFamily};
    if (OneIn(4)) when.risk_none_of = {RiskMarker::kTraffickerAtLarge};
    when.origin = Maybe<CountryRelation>(
        {CountryRelation::kSameAsAsker, CountryRelation::kOther});
    if (OneIn(3)) when.exploitation = {CountryRelation::kSameAsHolder};
    if (OneIn(3)) when.stage = {DossierStage::kNone, DossierStage::kAccepted};
    if (OneIn(4)) when.record_age = {RecordAge::kUpTo30Days};
    return when;
  }

  Duties SomeDuties() {
    Duties duties;
    if (OneIn(3)) duties.approvals = static_cast<uint32_t>(Below(3));
    if (OneIn(3)) duties.max_per_day = static_cast<uint32_t>(5 * Below(3));
    if (OneIn(3)) duties.retention_days = 30;
    if (OneIn(4)) duties.no_onward_transfer = true;
    if (OneIn(4)) duties.notify = {NoticeTarget::kDpoAtHolder};
    if (OneIn(3)) {
      duties.redact[static_cast<size_t>(FieldGroup::kDemographic)] =
          OneIn(2) ? Redaction::kAgeBand5 : Redaction::kYearOnly;
    }
    return duties;
  }

  EnumSet<Operation> Operations() {
    return Some<Operation>({Operation::kCaseQuery, Operation::kReferralDeliver,
                            Operation::kReferralAccept,
                            Operation::kAggregateCount});
  }
  FieldGroups Groups() {
    return Some<FieldGroup>({FieldGroup::kStatus, FieldGroup::kDemographic,
                             FieldGroup::kNeeds, FieldGroup::kMedical});
  }
  EnumSet<Role> Roles() {
    return Some<Role>({Role::kCaseWorker, Role::kCoordinator});
  }
  EnumSet<Purpose> Purposes() {
    return Some<Purpose>({Purpose::kProtection, Purpose::kSafeReturn});
  }
  EnumSet<LegalBasis> Bases() {
    return Some<LegalBasis>({LegalBasis::kConsent, LegalBasis::kTreatyDuty});
  }

  // Margins of each other, or not.
  std::vector<TableScope> Tables() {
    std::vector<TableScope> scopes;
    if (!OneIn(4)) scopes.push_back({"Q2/1", {{"age_group", "sex"}, {}}});
    if (OneIn(3)) scopes.push_back({"", {{"citizenship", "sex"}, {}}});
    if (OneIn(3)) {
      scopes.push_back(
          {"Q6/1", {{"industry"}, {{"exploitation", "ForcedLabour"}}}});
    }
    return scopes;
  }

  Grant AGrant(const std::string& id) {
    Grant grant;
    grant.id = id;
    grant.holder = Parties();
    grant.asker = Parties();
    grant.role = Roles();
    grant.operation = Operations();
    grant.purpose = Purposes();
    grant.basis = Bases();
    if (OneIn(4)) grant.organisation = {"NAPTIP"};
    grant.when = Conditions();
    grant.release = Groups();
    grant.duties = SomeDuties();
    grant.break_glass = OneIn(5);
    grant.tables = Tables();
    if (OneIn(5)) grant.valid_until = kSpaceNow + absl::Hours(24 * 30);
    return grant;
  }
  Deny ADeny(const std::string& id) {
    Deny deny;
    deny.id = id;
    if (OneIn(2)) deny.asker = {OneIn(2) ? "NE" : "BJ"};
    if (OneIn(3)) deny.role = Roles();
    if (OneIn(4)) deny.organisation = {"NAPTIP", "ANLTP"};
    if (!OneIn(3)) deny.operation = Operations();
    if (OneIn(3)) deny.purpose = Purposes();
    deny.when = Conditions();
    if (OneIn(2)) deny.withhold = Groups();
    deny.break_glass_may_override = OneIn(3);
    return deny;
  }
  Require ARequire(const std::string& id) {
    Require require;
    require.id = id;
    if (OneIn(2)) require.asker = {OneIn(2) ? "NE" : "BJ"};
    if (OneIn(2)) require.operation = Operations();
    require.when = Conditions();
    require.duties = SomeDuties();
    return require;
  }

  Agreement AnAgreement() {
    Agreement agreement;
    agreement.id = "a";
    agreement.party = {"NG", "NE", "BJ"};
    agreement.valid_from = kSpaceNow - absl::Hours(24);
    agreement.valid_until = kSpaceNow + absl::Hours(24 * 90);
    agreement.digest = "digest before the edit, 32 bytes";
    agreement.groups = {
        {"club",
         {{"BJ", absl::InfinitePast(), kSpaceNow + absl::Hours(24 * 60)},
          {"NE"}}}};
    for (const char* id : {"g1", "g2", "g3", "g4"}) {
      agreement.grants.push_back(AGrant(id));
    }
    return agreement;
  }
  NationalRules ANational() {
    NationalRules national;
    national.node = "NG";
    national.denies = {ADeny("d1"), ADeny("d2"), ADeny("d3")};
    national.requires_ = {ARequire("r1"), ARequire("r2")};
    return national;
  }

  // Changes one thing of one rule.
  void Edit(EditedPolicies& policies) {
    Agreement& agreement = policies.agreements[0];
    agreement.digest = "digest after the edit, 32 bytes.";
    NationalRules& national = policies.nationals[0];
    Grant& grant = agreement.grants[Below(agreement.grants.size())];
    switch (Below(12)) {
      case 0:
        grant.role = Roles();
        return;
      case 10:
        grant.tables = Tables();
        return;
      case 1:
        grant.operation = Operations();
        return;
      case 2:
        grant.when = Conditions();
        return;
      case 3:
        grant.release = Groups();
        return;
      case 4:
        grant.duties = SomeDuties();
        return;
      case 5:
        grant.asker = Parties();
        return;
      case 6:
        national.denies[Below(3)] = ADeny("edited");
        return;
      case 7:
        national.requires_[Below(2)] = ARequire("edited");
        return;
      case 8:
        national.denies.pop_back();
        return;
      case 9:
        agreement.valid_until -= absl::Hours(24 * Below(80));
        return;
      default:
        agreement.grants.pop_back();
    }
  }

 private:
  std::mt19937 random_;
};

}  // namespace comity
