#include "node/policy/fact_axes.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"

namespace comity {
namespace {

// The values of an axis that a vocabulary numbers, with zero for not known.
constexpr size_t kOperations = 12;
constexpr size_t kRoles = 10;
constexpr size_t kPurposes = 7;
constexpr size_t kBases = 7;
constexpr size_t kConsents = 6;
constexpr size_t kAges = 4;
constexpr size_t kRiskSets = 5;      // not known, and the subsets of two
constexpr size_t kRelationSets = 8;  // not known, and the subsets of three
constexpr size_t kStages = 10;
constexpr size_t kRecordAges = 5;
// Organisations that are in no list: not known, and any other.
constexpr const char* kOtherOrganisation = "(any other)";

// Value 0 and the protective operations, which no file can touch.
constexpr uint64_t kNotDeniable =
    1 | uint64_t{1} << static_cast<int>(Operation::kConsentWithdrawal) |
    uint64_t{1} << static_cast<int>(Operation::kSubjectAccess) |
    uint64_t{1} << static_cast<int>(Operation::kLogWitness);

struct Found {
  std::set<absl::Time> times;
  std::set<absl::Time> member_days;
  std::set<std::string> participants;
  std::set<std::string> organisations;
};

void AddGroups(const std::vector<ParticipantGroup>& groups, Found& found) {
  for (const ParticipantGroup& group : groups) {
    for (const Membership& member : group.members) {
      for (const absl::Time at : {member.from, member.until}) {
        if (at == absl::InfinitePast() || at == absl::InfiniteFuture()) {
          continue;
        }
        found.times.insert(at);
        found.member_days.insert(at);
      }
    }
  }
}

void AddPolicies(const HolderPolicies& policies, Found& found) {
  for (const Agreement& agreement : policies.agreements()) {
    found.times.insert({agreement.valid_from, agreement.valid_until});
    found.participants.insert(agreement.party.begin(), agreement.party.end());
    AddGroups(agreement.groups, found);
    for (const Grant& grant : agreement.grants) {
      if (grant.valid_until.has_value()) found.times.insert(*grant.valid_until);
      found.organisations.insert(grant.organisation.begin(),
                                 grant.organisation.end());
    }
  }
  for (const std::string& node : policies.Nodes()) {
    const NationalRules& national = *policies.National(node);
    found.participants.insert(node);
    AddGroups(national.groups, found);
    for (const Deny& deny : national.denies) {
      found.organisations.insert(deny.organisation.begin(),
                                 deny.organisation.end());
    }
  }
}

// An instant before the first, then each; from `since` on.
std::vector<absl::Time> Instants(const std::set<absl::Time>& breaks,
                                 absl::Time since) {
  std::vector<absl::Time> instants;
  if (since != absl::InfinitePast()) {
    instants.push_back(since);
  } else {
    instants.push_back((breaks.empty() ? absl::UnixEpoch() : *breaks.begin()) -
                       absl::Seconds(1));
  }
  for (const absl::Time at : breaks) {
    if (at > instants.front()) instants.push_back(at);
  }
  return instants;
}

std::string RelationNames(uint32_t bits) {
  return absl::StrJoin(EnumSet<CountryRelation>::FromBits(bits).Values(), "+",
                       [](std::string* out, CountryRelation value) {
                         absl::StrAppend(out, Name(value));
                       });
}

std::string RiskNames(size_t value) {
  if (value == 1) return "none";
  return absl::StrJoin(
      EnumSet<RiskMarker>::FromBits(static_cast<uint32_t>(value - 1) << 1)
          .Values(),
      "+", [](std::string* out, RiskMarker risk) {
        absl::StrAppend(out, Name(risk));
      });
}

template <typename Enum>
std::string EnumName(size_t value) {
  return value == 0 ? "not known" : std::string(Name(static_cast<Enum>(value)));
}

// Runs of neighbouring instants: "from 2026-11-21 until 2026-12-21".
std::string Periods(const FactAxes& axes, Axis axis, uint64_t values,
                    size_t first) {
  std::vector<std::string> periods;
  const size_t size = axes.size(axis);
  const auto has = [&](size_t i) { return i < size && (values >> i & 1) != 0; };
  for (size_t i = first; i < size; ++i) {
    if (!has(i) || (i > first && has(i - 1))) continue;
    size_t end = i;
    while (has(end)) ++end;
    std::string period;
    if (i > first) {
      absl::StrAppend(&period, "from ", axes.ValueName(axis, i));
    }
    if (end < size) {
      absl::StrAppend(&period, period.empty() ? "" : " ", "until ",
                      axes.ValueName(axis, end));
    }
    periods.push_back(period);
  }
  return absl::StrJoin(periods, " and ");
}

void PutRecord(Axis axis, size_t value, RecordFacts& record) {
  const auto relations =
      EnumSet<CountryRelation>::FromBits(static_cast<uint32_t>(value) << 1);
  switch (axis) {
    case Axis::kConsent:
      record.consent.fill(static_cast<ConsentState>(value));
      return;
    case Axis::kAge:
      record.age = static_cast<AgeClass>(value);
      return;
    case Axis::kRisk:
      record.risks_known = value != 0;
      record.risks = EnumSet<RiskMarker>::FromBits(
          value == 0 ? 0 : static_cast<uint32_t>(value - 1) << 1);
      return;
    case Axis::kOrigin:
      record.origin = relations;
      return;
    case Axis::kExploitation:
      record.exploitation = relations;
      return;
    case Axis::kStage:
      record.stage = static_cast<DossierStage>(value);
      return;
    case Axis::kRecordAge:
      record.record_age = static_cast<RecordAge>(value);
      return;
    default:
      return;
  }
}

}  // namespace

const char* Name(Axis axis) {
  static constexpr const char* kNames[kAxisCount] = {
      "operation",    "time",      "day of membership",
      "holder",       "asker",     "role",
      "organisation", "purpose",   "basis",
      "field",        "emergency", "consent",
      "age",          "risk",      "origin",
      "exploitation", "stage",     "record age"};
  return kNames[static_cast<size_t>(axis)];
}

absl::StatusOr<FactAxes> FactAxes::Create(
    const std::vector<const HolderPolicies*>& policies, const Bounds& bounds) {
  Found found;
  for (const HolderPolicies* each : policies) AddPolicies(*each, found);
  FactAxes axes;
  axes.times_ = Instants(found.times, bounds.since);
  if (bounds.one_instant) axes.times_.resize(1);
  axes.member_days_ = {absl::InfinitePast()};
  if (!found.member_days.empty()) {
    const auto days = Instants(found.member_days, absl::InfinitePast());
    axes.member_days_.insert(axes.member_days_.end(), days.begin(), days.end());
  }
  axes.organisations_ = {"", kOtherOrganisation};
  axes.organisations_.insert(axes.organisations_.end(),
                             found.organisations.begin(),
                             found.organisations.end());
  for (const std::string& code : found.participants) {
    auto created = ParticipantCode::Create(code);
    if (!created.ok()) continue;  // can never call
    const uint64_t bit = uint64_t{1} << (axes.participants_.size() % 64);
    if (bounds.holder.empty() || bounds.holder == code) axes.holders_ |= bit;
    if (bounds.asker.empty() || bounds.asker == code) axes.askers_ |= bit;
    axes.participants_.push_back(*std::move(created));
  }
  const size_t parties = axes.participants_.size();
  axes.sizes_ = {kOperations,
                 axes.times_.size(),
                 axes.member_days_.size(),
                 parties,
                 parties,
                 kRoles,
                 axes.organisations_.size(),
                 kPurposes,
                 kBases,
                 static_cast<size_t>(kFieldGroupCount - 1),
                 2,
                 kConsents,
                 kAges,
                 kRiskSets,
                 kRelationSets,
                 kRelationSets,
                 kStages,
                 kRecordAges};
  for (int i = 0; i < kAxisCount; ++i) {
    if (axes.sizes_[static_cast<size_t>(i)] <= 64) continue;
    return ReasonError(ErrorReason::kMessageTooLarge,
                       absl::StrCat("the files tell more than 64 values of ",
                                    Name(static_cast<Axis>(i)),
                                    " apart; analyse fewer files at a time"));
  }
  return axes;
}

uint64_t FactAxes::All(Axis axis) const {
  const size_t n = size(axis);
  return n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1;
}

uint64_t FactAxes::Walked(Axis axis, Operation operation) const {
  switch (axis) {
    case Axis::kOperation:
      return All(axis) & ~kNotDeniable;
    case Axis::kRole:
    case Axis::kPurpose:
    case Axis::kBasis:
      return All(axis) & ~uint64_t{1};
    case Axis::kHolder:
      return holders_;
    case Axis::kAsker:
      return askers_;
    case Axis::kGroup:  // an event holds no field
      return operation == Operation::kReferralEvent ? 1 : All(axis);
    case Axis::kMemberOn:
      return operation == Operation::kAggregateCount && size(axis) > 1
                 ? All(axis) & ~uint64_t{1}
                 : uint64_t{1};
    default:
      return All(axis);
  }
}

FactPoint FactAxes::Start() const {
  const ParticipantCode& first = participants_.front();
  FactPoint point{RequestFacts{times_.front(), first, first, first, first}};
  point.record.present = true;
  point.record.danger = BuiltInDanger::kNone;
  return point;
}

void FactAxes::Put(Axis axis, size_t value, FactPoint& point) const {
  RequestFacts& request = point.request;
  switch (axis) {
    case Axis::kOperation:
      request.operation = static_cast<Operation>(value);
      return;
    case Axis::kTime:
      request.now = times_[value];
      return;
    case Axis::kMemberOn:
      request.member_on = member_days_[value];
      return;
    case Axis::kHolder:
      request.holder = request.self = participants_[value];
      return;
    case Axis::kAsker:
      request.asker = request.peer = participants_[value];
      return;
    case Axis::kRole:
      request.role = static_cast<Role>(value);
      return;
    case Axis::kOrganisation:
      request.organisation = organisations_[value];
      return;
    case Axis::kPurpose:
      request.purpose = static_cast<Purpose>(value);
      return;
    case Axis::kBasis:
      request.basis = static_cast<LegalBasis>(value);
      return;
    case Axis::kGroup:
      request.wanted = value == 0 ? FieldGroups()
                                  : FieldGroups{static_cast<FieldGroup>(value)};
      return;
    case Axis::kEmergency:
      point.state.emergency = value == 1;
      return;
    default:
      PutRecord(axis, value, point.record);
      return;
  }
}

absl::Time FactAxes::Instant(Axis axis, size_t i) const {
  return axis == Axis::kTime ? times_[i] : member_days_[i];
}

std::string FactAxes::ValueName(Axis axis, size_t value) const {
  switch (axis) {
    case Axis::kOperation:
      return EnumName<Operation>(value);
    case Axis::kTime:
    case Axis::kMemberOn:
      return absl::FormatTime("%Y-%m-%d", Instant(axis, value),
                              absl::UTCTimeZone());
    case Axis::kHolder:
    case Axis::kAsker:
      return participants_[value].text();
    case Axis::kRole:
      return EnumName<Role>(value);
    case Axis::kOrganisation:
      return value == 0 ? "not known" : organisations_[value];
    case Axis::kPurpose:
      return EnumName<Purpose>(value);
    case Axis::kBasis:
      return EnumName<LegalBasis>(value);
    case Axis::kGroup:
      return value == 0 ? "no field" : EnumName<FieldGroup>(value);
    case Axis::kEmergency:
      return value == 1 ? "declared" : "not declared";
    case Axis::kConsent:
      return EnumName<ConsentState>(value);
    case Axis::kAge:
      return EnumName<AgeClass>(value);
    case Axis::kRisk:
      return value == 0 ? "not known" : RiskNames(value);
    case Axis::kOrigin:
    case Axis::kExploitation:
      return value == 0 ? "not known"
                        : RelationNames(static_cast<uint32_t>(value) << 1);
    case Axis::kStage:
      return EnumName<DossierStage>(value);
    case Axis::kRecordAge:
      return EnumName<RecordAge>(value);
  }
  return "";
}

std::string Words(const FactAxes& axes, Axis axis, uint64_t values) {
  if (axis == Axis::kTime) return Periods(axes, axis, values, 0);
  if (axis == Axis::kMemberOn) {
    return values == 1 ? "" : Periods(axes, axis, values, 1);
  }
  // Two or three parties are better named.
  const bool party = axis == Axis::kHolder || axis == Axis::kAsker;
  const uint64_t all =
      party ? axes.All(axis) : axes.Walked(axis, Operation::kUnset);
  if (values == all && !(party && axes.size(axis) <= 3)) return "";
  std::vector<std::string> names;
  for (size_t i = 0; i < axes.size(axis); ++i) {
    if ((values >> i & 1) != 0) names.push_back(axes.ValueName(axis, i));
  }
  const bool all_of_them = party || axis == Axis::kGroup;
  return absl::StrJoin(names, all_of_them ? ", " : " or ");
}

}  // namespace comity
