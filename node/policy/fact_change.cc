#include "node/policy/fact_change.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/policy/condition_notes.h"
#include "node/policy/explanation.h"
#include "node/policy/judge.h"

namespace comity {
namespace {

// A table of each scope that a grant of counts names.
std::vector<TableShape> NamedTables(const CompiledPolicy& policy) {
  constexpr size_t kMostColumns = 3;
  std::vector<TableShape> tables;
  for (const RuleInfo& rule : policy.rules()) {
    if (rule.grant == nullptr) continue;
    for (const TableScope& scope : rule.grant->tables) {
      tables.push_back(scope.table);
      if (scope.table.by.size() > kMostColumns) {
        tables.back().by.resize(kMostColumns);
      }
    }
  }
  return tables;
}

// Collects the values that facts could have instead of the given ones.
class Candidates {
 public:
  Candidates(const CompiledPolicy& policy, const RequestFacts& request,
             const RecordFacts& record, const StateFacts& state)
      : policy_(policy), request_(request), record_(record), state_(state) {}

  std::vector<FactChange> Collect() {
    AddWanted();
    AddEnum(ChangedFact::kRole, request_.role, Role::kSurvivorRepresentative);
    AddEnum(ChangedFact::kBasis, request_.basis, LegalBasis::kPublicTask);
    AddEnum(ChangedFact::kPurpose, request_.purpose, Purpose::kOversight);
    AddOrganisations();
    AddTables();
    AddAgreements();
    AddTimes();
    if (!state_.emergency) {
      Add(ChangedFact::kEmergency, 1, "declared");
    }
    if (LooksAtRecord(request_, record_)) AddRecord();
    return std::move(changes_);
  }

 private:
  void Add(ChangedFact fact, uint32_t number, std::string value) {
    changes_.push_back({fact, number, "", absl::Time(), std::move(value)});
  }

  template <typename Enum>
  void AddEnum(ChangedFact fact, Enum now, Enum last) {
    for (uint32_t i = 1; i <= static_cast<uint32_t>(last); ++i) {
      const auto value = static_cast<Enum>(i);
      if (value != now) Add(fact, i, std::string(Name(value)));
    }
  }

  // Every set of the enum's values, the small ones first.
  template <typename Enum>
  void AddSets(ChangedFact fact, EnumSet<Enum> now, Enum last, bool empty_too) {
    const uint32_t end = 2U << static_cast<uint32_t>(last);
    for (int size = empty_too ? 0 : 1; size <= static_cast<int>(last); ++size) {
      for (uint32_t bits = 0; bits < end; bits += 2) {
        const auto set = EnumSet<Enum>::FromBits(bits);
        if (__builtin_popcount(bits) != size || set == now) continue;
        Add(fact, bits, bits == 0 ? "none" : absl::StrJoin(NamesOf(set), ", "));
      }
    }
  }

  void AddWantedSet(FieldGroups groups) {
    if (groups.empty() || groups == request_.wanted) return;
    for (const FactChange& known : changes_) {
      if (known.number == groups.bits()) return;
    }
    Add(ChangedFact::kWanted, groups.bits(),
        absl::StrJoin(NamesOf(groups), ", "));
  }

  // Less of what is wanted; else what a grant gives.
  void AddWanted() {
    const FieldGroups wanted = request_.wanted;
    for (const FieldGroup group : wanted.Values()) {
      AddWantedSet(wanted.Minus({group}));
    }
    for (const FieldGroup group : wanted.Values()) AddWantedSet({group});
    if (wanted.empty()) return;
    const auto* agreement = Cited();
    if (agreement == nullptr) return;
    for (const Grant& grant : agreement->grants) {
      const FieldGroups both = grant.release.Intersect(wanted);
      AddWantedSet(both.empty() ? grant.release : both);
    }
  }

  void AddOrganisation(const std::vector<std::string>& list) {
    for (const std::string& name : list) {
      const bool known =
          std::any_of(changes_.begin(), changes_.end(), [&](const auto& c) {
            return c.fact == ChangedFact::kOrganisation && c.value == name;
          });
      if (!known && name != request_.organisation) {
        Add(ChangedFact::kOrganisation, 0, name);
      }
    }
  }

  void AddOrganisations() {
    for (const RuleInfo& rule : policy_.rules()) {
      if (rule.grant != nullptr) AddOrganisation(rule.grant->organisation);
      if (rule.deny != nullptr) AddOrganisation(rule.deny->organisation);
    }
  }

  void AddTables() {
    if (request_.operation != Operation::kAggregateCount) return;
    const std::vector<TableShape> tables = NamedTables(policy_);
    for (size_t i = 0; i < tables.size(); ++i) {
      if (tables[i] == request_.table) continue;
      Add(ChangedFact::kTable, static_cast<uint32_t>(i), tables[i].Words());
    }
  }

  void AddAgreements() {
    for (const Agreement& agreement : policy_.set().agreements) {
      if (agreement.digest == request_.agreement_digest) continue;
      changes_.push_back({ChangedFact::kAgreement, 0, agreement.digest,
                          absl::Time(),
                          absl::StrCat(agreement.id, "@", agreement.revision)});
    }
  }

  void AddTime(absl::Time time) {
    if (time == request_.now || time == absl::InfinitePast() ||
        time == absl::InfiniteFuture()) {
      return;
    }
    changes_.push_back({ChangedFact::kTime, 0, "", time, UtcText(time)});
  }

  void AddTimes(const std::vector<ParticipantGroup>& groups) {
    for (const ParticipantGroup& group : groups) {
      for (const Membership& member : group.members) {
        AddTime(member.from);
        if (member.until != absl::InfiniteFuture()) {
          AddTime(member.until - absl::Seconds(1));
        }
      }
    }
  }

  // The times around which rules change, nearest first.
  void AddTimes() {
    const size_t first = changes_.size();
    const absl::Time now = request_.now;
    for (const LimitKind kind : kLimitKinds) AddTime(WindowEnd(kind, now));
    if (const auto* agreement = Cited(); agreement != nullptr) {
      AddTime(agreement->valid_from);
      AddTime(agreement->valid_until - absl::Seconds(1));
      for (const Grant& grant : agreement->grants) {
        if (!grant.valid_until.has_value()) continue;
        AddTime(*grant.valid_until - absl::Seconds(1));
      }
      AddTimes(agreement->groups);
    }
    if (policy_.set().national.has_value()) {
      AddTimes(policy_.set().national->groups);
    }
    std::stable_sort(changes_.begin() + static_cast<std::ptrdiff_t>(first),
                     changes_.end(), [now](const auto& a, const auto& b) {
                       return absl::AbsDuration(a.time - now) <
                              absl::AbsDuration(b.time - now);
                     });
  }

  void AddRecord() {
    for (const ConsentState state :
         {ConsentState::kGiven, ConsentState::kGivenByGuardian,
          ConsentState::kNotAsked, ConsentState::kRefused,
          ConsentState::kWithdrawn}) {
      Add(ChangedFact::kConsent, static_cast<uint32_t>(state),
          std::string(Name(state)));
    }
    if (record_.danger == BuiltInDanger::kUnscreened) {
      Add(ChangedFact::kScreening, 0, "done, and nothing found");
    }
    AddEnum(ChangedFact::kStage, record_.stage, DossierStage::kClosed);
    AddEnum(ChangedFact::kRecordAge, record_.record_age, RecordAge::kOlder);
    AddSets(ChangedFact::kRisks, record_.risks, RiskMarker::kTraffickerAtLarge,
            true);
    if (!record_.risks_known) Add(ChangedFact::kRisks, 0, "none");
    AddEnum(ChangedFact::kAge, record_.age, AgeClass::kAgeDisputed);
    AddSets(ChangedFact::kOrigin, record_.origin, CountryRelation::kOther,
            false);
    AddSets(ChangedFact::kExploitation, record_.exploitation,
            CountryRelation::kOther, false);
  }

  const Agreement* Cited() const {
    const auto* found =
        policy_.Find(request_.agreement_id, request_.agreement_digest);
    return found == nullptr ? nullptr : found->agreement;
  }

  const CompiledPolicy& policy_;
  const RequestFacts& request_;
  const RecordFacts& record_;
  const StateFacts& state_;
  std::vector<FactChange> changes_;
};

void MoveTo(absl::Time time, absl::Time before, StateFacts& state) {
  std::vector<LimitUse> left;
  for (const LimitUse& use : state.used) {
    if (time < WindowEnd(use.kind, before)) left.push_back(use);
  }
  state.used = std::move(left);
  const absl::TimeZone utc = absl::UTCTimeZone();
  if (absl::ToCivilYear(time, utc) > absl::ToCivilYear(before, utc)) {
    state.cells_used_this_year = 0;
  }
}

void CiteAgreement(const std::string& digest, const CompiledPolicy& policy,
                   RequestFacts& request) {
  for (const Agreement& agreement : policy.set().agreements) {
    if (agreement.digest == digest) request.agreement_id = agreement.id;
  }
  request.agreement_digest = digest;
}

void ApplyToRecord(const FactChange& change, FieldGroups wanted,
                   RecordFacts& record) {
  switch (change.fact) {
    case ChangedFact::kConsent:
      for (const FieldGroup group : wanted.Values()) {
        record.consent[static_cast<size_t>(group)] =
            static_cast<ConsentState>(change.number);
      }
      break;
    case ChangedFact::kScreening:
      record.danger = BuiltInDanger::kNone;
      break;
    case ChangedFact::kStage:
      record.stage = static_cast<DossierStage>(change.number);
      break;
    case ChangedFact::kRecordAge:
      record.record_age = static_cast<RecordAge>(change.number);
      break;
    case ChangedFact::kRisks:
      record.risks_known = true;
      record.risks = EnumSet<RiskMarker>::FromBits(change.number);
      break;
    case ChangedFact::kAge:
      record.age = static_cast<AgeClass>(change.number);
      break;
    case ChangedFact::kOrigin:
      record.origin = EnumSet<CountryRelation>::FromBits(change.number);
      break;
    case ChangedFact::kExploitation:
      record.exploitation = EnumSet<CountryRelation>::FromBits(change.number);
      break;
    default:
      break;
  }
}

// When the agreement, a grant of it, or somebody's membership ends.
std::set<absl::Time> EndsOf(const Agreement& agreement) {
  std::set<absl::Time> ends = {agreement.valid_until};
  for (const Grant& grant : agreement.grants) {
    if (grant.valid_until.has_value()) ends.insert(*grant.valid_until);
  }
  for (const ParticipantGroup& group : agreement.groups) {
    for (const Membership& member : group.members) ends.insert(member.until);
  }
  return ends;
}

}  // namespace

bool OperatorMayChange(ChangedFact fact) {
  return fact < ChangedFact::kConsent;
}

const char* Name(ChangedFact fact) {
  static constexpr std::array kNames = {"approvals",    "approvals_at_home",
                                        "want",         "role",
                                        "basis",        "purpose",
                                        "organisation", "table",
                                        "agreement",    "time",
                                        "emergency",    "consent",
                                        "screening",    "stage",
                                        "record_age",   "risk",
                                        "age",          "origin",
                                        "exploitation"};
  return kNames.at(static_cast<size_t>(fact));
}

void Apply(const FactChange& change, const CompiledPolicy& policy,
           RequestFacts& request, RecordFacts& record, StateFacts& state) {
  switch (change.fact) {
    case ChangedFact::kApprovals:
      state.approvals = change.number;
      break;
    case ChangedFact::kApprovalsAtHome:
      state.approvals_at_home = change.number;
      break;
    case ChangedFact::kWanted:
      request.wanted = FieldGroups::FromBits(change.number);
      break;
    case ChangedFact::kRole:
      request.role = static_cast<Role>(change.number);
      break;
    case ChangedFact::kBasis:
      request.basis = static_cast<LegalBasis>(change.number);
      break;
    case ChangedFact::kPurpose:
      request.purpose = static_cast<Purpose>(change.number);
      break;
    case ChangedFact::kOrganisation:
      request.organisation = change.value;
      break;
    case ChangedFact::kTable:
      request.table = NamedTables(policy)[change.number];
      break;
    case ChangedFact::kAgreement:
      CiteAgreement(change.digest, policy, request);
      break;
    case ChangedFact::kTime:
      MoveTo(change.time, request.now, state);
      request.now = change.time;
      break;
    case ChangedFact::kEmergency:
      state.emergency = change.number != 0;
      break;
    default:
      ApplyToRecord(change, request.wanted, record);
      break;
  }
}

std::vector<FactChange> LosingChanges(const CompiledPolicy& policy,
                                      const RequestFacts& request,
                                      const StateFacts& state) {
  std::vector<FactChange> changes;
  const auto fewer = [&](ChangedFact fact, uint32_t now) {
    if (now == 0) return;
    changes.push_back({fact, now - 1, "", absl::Time(), absl::StrCat(now - 1)});
  };
  fewer(ChangedFact::kApprovals, state.approvals);
  fewer(ChangedFact::kApprovalsAtHome, state.approvals_at_home);
  const auto* cited =
      policy.Find(request.agreement_id, request.agreement_digest);
  const std::set<absl::Time> ends =
      cited == nullptr ? std::set<absl::Time>() : EndsOf(*cited->agreement);
  for (const absl::Time end : ends) {
    if (end <= request.now || end == absl::InfiniteFuture()) continue;
    changes.push_back({ChangedFact::kTime, 0, "", end, UtcText(end)});
  }
  if (state.emergency) {
    changes.push_back({ChangedFact::kEmergency, 0, "", absl::Time(), "ended"});
  }
  return changes;
}

std::vector<FactChange> PossibleChanges(const CompiledPolicy& policy,
                                        const RequestFacts& request,
                                        const RecordFacts& record,
                                        const StateFacts& state) {
  return Candidates(policy, request, record, state).Collect();
}

}  // namespace comity
