#include "tests/support/random_policy.h"

#include "absl/strings/str_cat.h"
#include "node/policy/dimensions.h"

namespace comity {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1790000000);
const std::vector<std::string> kCodes = {"NG", "NE", "TD", "GH"};
const std::vector<std::string> kOrganisations = {"NAPTIP", "POLICE", "SHELTER"};
// Few columns and one code, so that tables meet each other.
const std::vector<std::string> kColumns = {"age_group", "citizenship", "sex"};
constexpr char kFixedColumn[] = "exploitation";

ParticipantCode Code(const std::string& text) {
  return *ParticipantCode::Create(text);
}

}  // namespace

uint32_t RandomPolicy::Below(uint32_t bound) {
  return static_cast<uint32_t>(random_() % bound);
}

template <typename T>
const T& RandomPolicy::OneOf(const std::vector<T>& list) {
  return list[Below(static_cast<uint32_t>(list.size()))];
}

template <typename Enum>
Enum RandomPolicy::Any(Enum last) {
  return static_cast<Enum>(1 + Below(static_cast<uint32_t>(last)));
}

template <typename Enum>
EnumSet<Enum> RandomPolicy::Some(Enum last, uint32_t percent) {
  EnumSet<Enum> set;
  for (uint32_t i = 1; i <= static_cast<uint32_t>(last); ++i) {
    if (Chance(percent)) set = set.With(static_cast<Enum>(i));
  }
  return set;
}

template <typename Enum>
EnumSet<Enum> RandomPolicy::SomeAtLeastOne(Enum last, uint32_t percent) {
  return Some(last, percent).With(Any(last));
}

template <typename Enum>
Enum RandomPolicy::MemberOf(EnumSet<Enum> set) {
  return OneOf(set.Values());
}

std::vector<std::string> RandomPolicy::Participants(bool group) {
  std::vector<std::string> list;
  for (const std::string& code : kCodes) {
    if (Chance(45)) list.push_back(code);
  }
  if (group && Chance(30)) list.push_back("@region");
  if (list.empty()) list.push_back(OneOf(kCodes));
  return list;
}

std::vector<std::string> RandomPolicy::Organisations(uint32_t percent) {
  if (!Chance(percent)) return {};
  std::vector<std::string> list = {OneOf(kOrganisations)};
  if (Chance(50)) list.push_back(OneOf(kOrganisations));
  return list;
}

// Each condition is named in `percent` of the rules.
When RandomPolicy::Conditions(uint32_t percent) {
  When when;
  if (Chance(percent)) {
    when.consent = SomeAtLeastOne(ConsentState::kWithdrawn, 40);
  }
  if (Chance(percent)) when.age = SomeAtLeastOne(AgeClass::kAgeDisputed, 40);
  if (Chance(percent)) {
    when.risk_any_of = SomeAtLeastOne(RiskMarker::kTraffickerAtLarge, 30);
  }
  if (Chance(percent)) {
    when.risk_none_of = SomeAtLeastOne(RiskMarker::kTraffickerAtLarge, 30)
                            .Minus(when.risk_any_of);
  }
  if (Chance(percent)) {
    when.origin = SomeAtLeastOne(CountryRelation::kOther, 50);
  }
  if (Chance(percent)) {
    when.exploitation = SomeAtLeastOne(CountryRelation::kOther, 50);
  }
  if (Chance(percent)) when.stage = SomeAtLeastOne(DossierStage::kClosed, 40);
  if (Chance(percent)) {
    when.record_age = SomeAtLeastOne(RecordAge::kOlder, 50);
  }
  return when;
}

// Each duty is named in `percent` of the rules.
Duties RandomPolicy::AnyDuties(uint32_t percent) {
  Duties duties;
  if (Chance(percent * 2)) duties.approvals = 1 + Below(2);
  if (Chance(percent)) duties.max_per_hour = 1 + Below(3);
  if (Chance(percent)) duties.max_per_day = 1 + Below(6);
  if (Chance(percent)) duties.max_per_month = 2 + Below(20);
  if (Chance(percent)) duties.max_per_officer_per_day = 1 + Below(3);
  if (Chance(percent)) duties.k_threshold = 11 + Below(5);
  if (Chance(percent)) duties.yearly_budget = 10 + Below(90);
  if (Chance(percent)) {
    duties.count_method = static_cast<CountMethod>(1 + Below(2));
  }
  // No draws of their own, so that the cases of a seed stay what they are.
  if (duties.yearly_budget != 0) {
    duties.aggregation = static_cast<Aggregation>(duties.yearly_budget % 3);
    duties.linked_tables = 1 + duties.yearly_budget % 5;
    duties.epsilon_thousandths = 1 + duties.yearly_budget % 7;
    duties.epsilon_asker_thousandths = duties.yearly_budget - 1;
    duties.epsilon_all_thousandths = duties.yearly_budget + 1;
    duties.delta_exponent = 6 + duties.yearly_budget % 7;
    duties.delta_budget_exponent = 10 + duties.yearly_budget % 2;
  }
  if (Chance(percent)) duties.retention_days = 1 + Below(90);
  duties.no_onward_transfer = Chance(percent);
  if (Chance(percent)) duties.notify = Some(NoticeTarget::kAuditorAtAsker, 30);
  for (size_t i = 1; i < duties.redact.size(); ++i) {
    if (Chance(percent / 4)) {
      duties.redact[i] = static_cast<Redaction>(1 + Below(5));
    }
  }
  return duties;
}

// Columns of which it is by some and may fix another.
TableShape RandomPolicy::AnyTable() {
  TableShape table;
  for (const std::string& column : kColumns) {
    if (Chance(35)) table.by.push_back(column);
  }
  if (Chance(15)) table.where[kFixedColumn] = "ForcedLabour";
  if (Chance(5)) table.where[kFixedColumn] = "Other";
  return table;
}

// "@region": some joined lately, some leave soon.
std::vector<ParticipantGroup> RandomPolicy::Groups() {
  ParticipantGroup region{"region", {}};
  for (const std::string& code : kCodes) {
    if (!Chance(75)) continue;
    Membership member{code};
    if (Chance(20)) {
      member.from = kNow + absl::Hours(24) * (int64_t{Below(5)} - 3);
    }
    if (Chance(20)) {
      member.until = kNow + absl::Hours(24) * (int64_t{Below(5)} - 1);
    }
    region.members.push_back(std::move(member));
  }
  return {region};
}

Grant RandomPolicy::NextGrant(uint32_t number) {
  Grant grant;
  grant.id = absl::StrCat("g", number);
  grant.holder = Participants(true);
  if (Chance(80)) grant.holder.push_back("NG");
  grant.asker = Participants(true);
  grant.role = SomeAtLeastOne(Role::kSurvivorRepresentative, 25);
  grant.organisation = Organisations(20);
  grant.operation =
      SomeAtLeastOne(Operation::kAggregateCount, 30)
          .With(OneOf<Operation>(
              {Operation::kCaseQuery, Operation::kReferralDeliver,
               Operation::kReferralCreate, Operation::kIdentityRelease}));
  grant.purpose = SomeAtLeastOne(Purpose::kOversight, 30);
  grant.basis = SomeAtLeastOne(LegalBasis::kPublicTask, 30);
  grant.when = Conditions(15);
  grant.release =
      SomeAtLeastOne(FieldGroup::kPerpetrator, 35).Intersect(kShareableGroups);
  grant.duties = AnyDuties(8);
  grant.break_glass = Chance(10);
  for (uint32_t left = 1 + Below(3); left > 0; --left) {
    grant.tables.push_back({Chance(50) ? "Q1/1" : "", AnyTable()});
  }
  if (Chance(10))
    grant.valid_until = kNow + absl::Hours(Below(9)) - absl::Hours(2);
  return grant;
}

Agreement RandomPolicy::NextAgreement(uint32_t number) {
  Agreement agreement;
  agreement.id = absl::StrCat("a", number);
  agreement.revision = 1;
  agreement.digest = std::string(32, static_cast<char>('a' + number));
  agreement.party = Participants(false);
  if (Chance(97)) agreement.party = kCodes;
  agreement.valid_from = kNow - absl::Hours(24 * 30);
  agreement.valid_until = kNow + absl::Hours(24 * 30);
  if (Chance(3)) agreement.valid_until = kNow;
  agreement.groups = Groups();
  const uint32_t count = 1 + Below(5);
  for (uint32_t i = 0; i < count; ++i) {
    agreement.grants.push_back(NextGrant(i));
  }
  agreement.duties = AnyDuties(3);
  return agreement;
}

NationalRules RandomPolicy::NextNational() {
  NationalRules rules;
  rules.node = "NG";
  rules.revision = 1;
  rules.digest = std::string(32, 'n');
  rules.groups = Groups();
  const uint32_t denies = Below(6);
  for (uint32_t i = 0; i < denies; ++i) {
    Deny deny;
    deny.id = absl::StrCat("d", i);
    if (Chance(40)) deny.asker = Participants(true);
    if (Chance(20)) deny.role = SomeAtLeastOne(Role::kAuditor, 30);
    deny.organisation = Organisations(15);
    if (Chance(40))
      deny.operation = SomeAtLeastOne(Operation::kPersonMatch, 40);
    if (Chance(20)) deny.purpose = SomeAtLeastOne(Purpose::kOversight, 40);
    deny.when = Conditions(20);
    if (Chance(50)) {
      deny.withhold = SomeAtLeastOne(FieldGroup::kMigration, 40);
    }
    deny.break_glass_may_override = Chance(30);
    rules.denies.push_back(std::move(deny));
  }
  const uint32_t requires_ = Below(4);
  for (uint32_t i = 0; i < requires_; ++i) {
    Require require;
    require.id = absl::StrCat("r", i);
    if (Chance(30)) require.asker = Participants(true);
    if (Chance(40)) {
      require.operation = SomeAtLeastOne(Operation::kPersonMatch, 40);
    }
    require.when = Conditions(15);
    require.duties = AnyDuties(15);
    rules.requires_.push_back(std::move(require));
  }
  return rules;
}

PolicySet RandomPolicy::NextSet() {
  PolicySet set;
  const uint32_t agreements = 1 + Below(3);
  for (uint32_t i = 0; i < agreements; ++i) {
    set.agreements.push_back(NextAgreement(i));
  }
  if (Chance(20)) {  // the next revision of the first
    Agreement next = NextAgreement(7);
    next.id = set.agreements[0].id;
    next.revision = 2;
    set.agreements.push_back(std::move(next));
  }
  if (Chance(80)) set.national = NextNational();
  return set;
}

RequestFacts RandomPolicy::AnyRequest() {
  const ParticipantCode self = Code("NG");
  const ParticipantCode peer = Code(kCodes[1 + Below(3)]);
  const bool holds = Chance(80);
  RequestFacts request{kNow, self, peer, holds ? self : peer,
                       holds ? peer : self};
  request.role = Any(Role::kSurvivorRepresentative);
  request.organisation = Chance(80) ? OneOf(kOrganisations) : "";
  request.operation = Any(Operation::kReferralEvent);
  request.purpose = Any(Purpose::kOversight);
  request.basis = Any(LegalBasis::kPublicTask);
  request.wanted =
      SomeAtLeastOne(FieldGroup::kPerpetrator, 15).Intersect(kShareableGroups);
  if (Chance(60)) request.table = AnyTable();
  if (Chance(10)) {
    request.member_on = kNow + absl::Hours(24) * (int64_t{Below(7)} - 3);
  }
  return request;
}

void RandomPolicy::BringClose(const CompiledPolicy& policy,
                              const Agreement& agreement, const Grant& grant,
                              RandomCase& out) {
  RequestFacts& request = out.request;
  request.agreement_id = agreement.id;
  request.agreement_digest = agreement.digest;
  request.role = MemberOf(grant.role);
  request.purpose = MemberOf(grant.purpose);
  request.basis = MemberOf(grant.basis);
  request.operation = MemberOf(grant.operation);
  if (!grant.organisation.empty()) {
    request.organisation = OneOf(grant.organisation);
  }
  if (!grant.tables.empty() && Chance(85)) {
    request.table = OneOf(grant.tables).table;
  }
  request.wanted = FieldGroups{MemberOf(grant.release)}.Union(
      grant.release.Intersect(Some(FieldGroup::kPerpetrator, 40)));
  if (Chance(20)) request.wanted = request.wanted.With(FieldGroup::kStatus);
  for (const bool holds : {false, true}) {
    for (size_t i = 1; i < kCodes.size(); ++i) {
      RequestFacts other = request;
      other.peer = Code(kCodes[i]);
      other.holder = holds ? request.self : other.peer;
      other.asker = holds ? other.peer : request.self;
      if (Fits(Dimension::kHolder, agreement, grant, other) &&
          Fits(Dimension::kAsker, agreement, grant, other)) {
        request = other;
      }
    }
  }
  Satisfy(grant.when, out.record);
  out.state = AnyState(policy);
}

// A record with everything known, mostly without danger.
RecordFacts RandomPolicy::AnyRecord() {
  RecordFacts record;
  record.present = Chance(90);
  for (size_t i = 1; i < record.consent.size(); ++i) {
    record.consent[i] =
        Chance(70) ? ConsentState::kGiven : Any(ConsentState::kWithdrawn);
  }
  record.danger = Chance(92) ? BuiltInDanger::kNone
                             : static_cast<BuiltInDanger>(1 + Below(4));
  record.onward =
      Chance(95) ? OnwardBar::kNone : static_cast<OnwardBar>(1 + Below(2));
  record.age = Any(AgeClass::kAgeDisputed);
  record.risks_known = true;
  record.risks = Some(RiskMarker::kTraffickerAtLarge, 25);
  record.origin = SomeAtLeastOne(CountryRelation::kOther, 15);
  record.exploitation = SomeAtLeastOne(CountryRelation::kOther, 15);
  record.stage = Any(DossierStage::kClosed);
  record.record_age = Any(RecordAge::kOlder);
  return record;
}

void RandomPolicy::Satisfy(const When& when, RecordFacts& record) {
  if (!when.consent.empty()) {
    const ConsentState state = MemberOf(when.consent);
    for (size_t i = 1; i < record.consent.size(); ++i) {
      if (Chance(90)) record.consent[i] = state;
    }
  }
  if (!when.age.empty()) record.age = MemberOf(when.age);
  if (!when.risk_any_of.empty()) {
    record.risks = record.risks.With(MemberOf(when.risk_any_of));
  }
  record.risks = record.risks.Minus(when.risk_none_of);
  if (!when.origin.empty()) record.origin = {MemberOf(when.origin)};
  if (!when.exploitation.empty()) {
    record.exploitation = {MemberOf(when.exploitation)};
  }
  if (!when.stage.empty()) record.stage = MemberOf(when.stage);
  if (!when.record_age.empty()) record.record_age = MemberOf(when.record_age);
}

StateFacts RandomPolicy::AnyState(const CompiledPolicy& policy) {
  StateFacts state;
  for (RuleRef rule = 0; rule < policy.rules().size(); ++rule) {
    for (const LimitKind kind : kLimitKinds) {
      if (Chance(60)) continue;
      const uint32_t used = Chance(75) ? 0 : Below(8);
      if (used != 0) state.used.push_back({rule, kind, used});
    }
  }
  state.cells_used_this_year = Chance(90) ? Below(8) : Below(100);
  state.new_cells = Chance(60) ? 0 : Below(5);
  state.linked_tables = state.new_cells % 4;
  state.epsilon_spent = state.cells_used_this_year;
  state.epsilon_spent_by_all = state.cells_used_this_year + 1;
  state.epsilon_new = state.new_cells;
  state.epsilon_new_for_all = state.new_cells % 2;
  state.delta_spent = state.cells_used_this_year;
  state.delta_spent_by_all = state.cells_used_this_year + 1;
  state.delta_new = state.new_cells;
  state.delta_new_for_all = state.new_cells % 2;
  state.approvals = Chance(50) ? 2 : Below(2);
  state.approvals_at_home = Chance(50) ? 2 : Below(2);
  state.emergency = Chance(25);
  return state;
}

// Makes one fact of the request another one, or unknown.
void RandomPolicy::SpoilRequest(RequestFacts& request) {
  const RequestFacts other = AnyRequest();
  switch (Below(10)) {
    case 8:
      request.table = other.table;
      break;
    case 0:
      request.role = Chance(70) ? other.role : Role::kUnset;
      break;
    case 1:
      request.purpose = Chance(70) ? other.purpose : Purpose::kUnset;
      break;
    case 2:
      request.basis = Chance(70) ? other.basis : LegalBasis::kUnset;
      break;
    case 3:
      request.operation = other.operation;
      break;
    case 4:
      request.organisation = other.organisation;
      break;
    case 5:
      request.wanted = Chance(80) ? other.wanted : FieldGroups();
      break;
    case 6:
      request.now += absl::Hours(24) * (int64_t{Below(80)} - 40);
      break;
    case 7:
      request.agreement_digest = std::string(32, 'x');
      break;
    default:
      if (Chance(30)) request.peer = Code("GH");
      break;
  }
}

// The same for one fact of the record.
void RandomPolicy::SpoilRecord(RecordFacts& record) {
  const RecordFacts other = AnyRecord();
  const bool known = Chance(50);
  switch (Below(9)) {
    case 0:
      record.consent.fill(known ? other.consent[1] : ConsentState::kUnset);
      break;
    case 1:
      record.age = known ? other.age : AgeClass::kUnset;
      break;
    case 2:
      record.risks_known = known;
      record.risks = known ? other.risks : EnumSet<RiskMarker>();
      break;
    case 3:
      record.origin = known ? other.origin : EnumSet<CountryRelation>();
      break;
    case 4:
      record.exploitation =
          known ? other.exploitation : EnumSet<CountryRelation>();
      break;
    case 5:
      record.stage = known ? other.stage : DossierStage::kUnset;
      break;
    case 6:
      record.record_age = known ? other.record_age : RecordAge::kUnset;
      break;
    case 7:
      record.danger = other.danger;
      break;
    default:
      record = other;
      break;
  }
}

RandomCase RandomPolicy::NextCase(const CompiledPolicy& policy) {
  RandomCase out{AnyRequest(), AnyRecord(), {}};
  const Agreement& agreement = OneOf(policy.set().agreements);
  out.request.agreement_id = agreement.id;
  out.request.agreement_digest = agreement.digest;
  out.state = AnyState(policy);
  if (Chance(95)) {
    BringClose(policy, agreement, OneOf(agreement.grants), out);
  }
  while (Chance(20)) SpoilRequest(out.request);
  while (Chance(30)) SpoilRecord(out.record);
  return out;
}

}  // namespace comity
