#include "node/policy/fact_axes.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

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
// A column that no grant can name.
constexpr const char* kOtherTable = "(any other)";

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
  std::vector<TableScope> tables;
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

void AddGrant(const Grant& grant, Found& found) {
  if (grant.valid_until.has_value()) found.times.insert(*grant.valid_until);
  found.organisations.insert(grant.organisation.begin(),
                             grant.organisation.end());
  for (const TableScope& scope : grant.tables) {
    const auto& known = found.tables;
    if (std::find(known.begin(), known.end(), scope) == known.end()) {
      found.tables.push_back(scope);
    }
  }
}

void AddPolicies(const HolderPolicies& policies, Found& found) {
  for (const Agreement& agreement : policies.agreements()) {
    found.times.insert({agreement.valid_from, agreement.valid_until});
    found.participants.insert(agreement.party.begin(), agreement.party.end());
    AddGroups(agreement.groups, found);
    for (const Grant& grant : agreement.grants) AddGrant(grant, found);
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

// The scope of columns by themselves that a table of the most columns is one
// of, if no indicator names it; else that table.
TableScope StoodFor(const TableShape& shape,
                    const std::vector<TableScope>& scopes) {
  constexpr size_t kMostColumns = 3;
  TableScope alone{"", shape};
  if (shape.by.size() < kMostColumns) return alone;
  for (const TableScope& scope : scopes) {
    if (!scope.Holds(shape)) continue;
    if (!scope.name.empty()) return {"", shape};
    alone = scope;
  }
  return alone;
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
  axes.tables_ = ShapesApart(found.tables);
  axes.tables_.push_back({{kOtherTable}, {}});
  for (const TableShape& shape : axes.tables_) {
    axes.table_scopes_.push_back(StoodFor(shape, found.tables));
  }
  axes.AddParticipants(found.participants, bounds);
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
                 axes.tables_.size(),
                 2,
                 kConsents,
                 kAges,
                 kRiskSets,
                 kRelationSets,
                 kRelationSets,
                 kStages,
                 kRecordAges};
  RETURN_IF_ERROR(axes.CheckSizes());
  return axes;
}

void FactAxes::AddParticipants(const std::set<std::string>& codes,
                               const Bounds& bounds) {
  for (const std::string& code : codes) {
    auto created = ParticipantCode::Create(code);
    if (!created.ok()) continue;  // can never call
    const uint64_t bit = uint64_t{1} << (participants_.size() % 64);
    if (bounds.holder.empty() || bounds.holder == code) holders_ |= bit;
    if (bounds.asker.empty() || bounds.asker == code) askers_ |= bit;
    participants_.push_back(*std::move(created));
  }
}

absl::Status FactAxes::CheckSizes() const {
  for (int i = 0; i < kAxisCount; ++i) {
    if (sizes_[static_cast<size_t>(i)] <= 64) continue;
    return ReasonError(ErrorReason::kMessageTooLarge,
                       absl::StrCat("the files tell more than 64 values of ",
                                    Name(static_cast<Axis>(i)),
                                    " apart; analyse fewer files at a time"));
  }
  return absl::OkStatus();
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
    case Axis::kTable:
      return operation == Operation::kAggregateCount ? All(axis) : 1;
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
    case Axis::kTable:
      request.table = tables_[value];
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

}  // namespace comity
