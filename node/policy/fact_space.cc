#include "node/policy/fact_space.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/conditions.h"
#include "node/policy/dimensions.h"

namespace comity {
namespace {

using Rules = std::vector<const SpaceRule*>;

FieldGroup WantedOf(const RequestFacts& request) {
  const auto wanted = request.wanted.Values();
  return wanted.empty() ? FieldGroup::kUnset : wanted.front();
}

// How one record condition of a rule stands: a grant needs it to be true, a
// denial or requirement is stopped only by false.
bool Holds(Axis axis, const When& when, const FactPoint& point, bool grant) {
  // Without a field it is not known whose consent it would be about.
  if (axis == Axis::kConsent && point.request.wanted.empty()) {
    return when.consent.empty() || !grant;
  }
  const auto mode = grant ? RelationMode::kAll : RelationMode::kAny;
  const Truth truth =
      axis == Axis::kConsent
          ? JudgeConsent(when, WantedOf(point.request), point.record)
          : JudgeCondition(static_cast<Condition>(static_cast<int>(axis) -
                                                  static_cast<int>(Axis::kAge)),
                           when, point.record, mode);
  return grant ? truth == Truth::kTrue : truth != Truth::kFalse;
}

// Whether conditions on a record that is there are judged (judge.cc).
bool LooksAtRecord(Operation operation) {
  return operation != Operation::kAggregateCount &&
         operation != Operation::kReferralEvent;
}

bool IsParty(const Agreement& agreement, const ParticipantCode& code) {
  return std::find(agreement.party.begin(), agreement.party.end(),
                   code.text()) != agreement.party.end();
}

// Whether a grant can still give something after the axes up to `axis`.
bool GrantStays(Axis axis, const SpaceRule& rule, const FactPoint& point) {
  const RequestFacts& request = point.request;
  const Agreement& body = *rule.agreement;
  const Grant& grant = *rule.grant;
  const bool event = request.operation == Operation::kReferralEvent;
  const bool tells = LooksAtRecord(request.operation);
  switch (axis) {
    case Axis::kOperation:
      return Fits(Dimension::kOperation, body, grant, request);
    case Axis::kTime:
      return request.now >= body.valid_from &&
             (event || request.now < body.valid_until) &&
             Fits(Dimension::kValidity, body, grant, request);
    case Axis::kHolder:
      // An event follows a grant in either direction: judged with the asker.
      return IsParty(body, request.holder) &&
             (event || Fits(Dimension::kHolder, body, grant, request));
    case Axis::kAsker:
      return IsParty(body, request.asker) &&
             Fits(Dimension::kAsker, body, grant, request);
    case Axis::kRole:
      return Fits(Dimension::kRole, body, grant, request);
    case Axis::kOrganisation:
      return Fits(Dimension::kOrganisation, body, grant, request);
    case Axis::kPurpose:
      return Fits(Dimension::kPurpose, body, grant, request);
    case Axis::kBasis:
      return Fits(Dimension::kBasis, body, grant, request);
    case Axis::kGroup:
      return Fits(Dimension::kRelease, body, grant, request) &&
             !(AsksForFields(request.operation) && request.wanted.empty());
    case Axis::kTable:
      return Fits(Dimension::kTable, body, grant, request);
    case Axis::kMemberOn:
      return true;
    case Axis::kEmergency:
      return !tells || !grant.break_glass || point.state.emergency;
    default:
      return !tells || Holds(axis, grant.when, point, /*grant=*/true);
  }
}

bool DenyStays(Axis axis, const SpaceRule& rule, const FactPoint& point) {
  const RequestFacts& request = point.request;
  const NationalRules& body = *rule.national;
  const Deny& deny = *rule.deny;
  switch (axis) {
    case Axis::kOperation:
      return LooksAtRecord(request.operation) &&
             Fits(Dimension::kOperation, body, deny, request);
    case Axis::kHolder:
      return body.node == request.holder.text();
    case Axis::kAsker:
      return Fits(Dimension::kAsker, body, deny, request);
    case Axis::kRole:
      return Fits(Dimension::kRole, body, deny, request);
    case Axis::kOrganisation:
      return Fits(Dimension::kOrganisation, body, deny, request);
    case Axis::kPurpose:
      return Fits(Dimension::kPurpose, body, deny, request);
    case Axis::kGroup:
      return deny.withhold.empty() ||
             !deny.withhold.Intersect(request.wanted).empty();
    case Axis::kTime:
    case Axis::kMemberOn:
    case Axis::kBasis:
    case Axis::kTable:
    // One that steps back in an emergency still makes of it a case to review.
    case Axis::kEmergency:
      return true;
    default:
      return Holds(axis, deny.when, point, /*grant=*/false);
  }
}

bool RequireStays(Axis axis, const SpaceRule& rule, const FactPoint& point) {
  const RequestFacts& request = point.request;
  const NationalRules& body = *rule.national;
  const bool counts = request.operation == Operation::kAggregateCount;
  switch (axis) {
    case Axis::kOperation:
      return (counts || LooksAtRecord(request.operation)) &&
             Fits(Dimension::kOperation, body, *rule.require, request);
    case Axis::kHolder:
      return body.node == request.holder.text();
    case Axis::kAsker:
      return Fits(Dimension::kAsker, body, *rule.require, request);
    default:
      // Of counts nothing is known of any record.
      return counts || axis < Axis::kConsent ||
             Holds(axis, rule.require->when, point, /*grant=*/false);
  }
}

bool Stays(Axis axis, const SpaceRule& rule, const FactPoint& point) {
  return rule.grant != nullptr  ? GrantStays(axis, rule, point)
         : rule.deny != nullptr ? DenyStays(axis, rule, point)
                                : RequireStays(axis, rule, point);
}

// How a rule makes one group coarser: two groups of one release may differ.
void AddRedaction(const SpaceRule& rule, size_t group, std::string& signature) {
  const auto add = [&](const Duties& duties) {
    signature += static_cast<char>(duties.redact[group]);
  };
  if (rule.grant != nullptr) {
    add(rule.grant->duties);
    add(rule.agreement->duties);
  } else if (rule.require != nullptr) {
    add(rule.require->duties);
  }
}

// One way through the space, axis by axis.
class Walker {
 public:
  Walker(const FactAxes& axes,
         const std::vector<const ParticipantGroup*>& groups,
         const std::vector<std::string>& nationals,
         const std::function<void(const FactCell&)>& visit, size_t max_cells)
      : axes_(axes),
        groups_(groups),
        nationals_(nationals),
        visit_(visit),
        max_cells_(max_cells),
        point_(axes.Start()) {}

  absl::Status Descend(int depth, const Rules& rules);
  size_t cells() const { return cells_; }

 private:
  // The values of an axis by what the rules make of them.
  std::vector<std::pair<std::string, uint64_t>> Classes(Axis axis,
                                                        const Rules& rules);
  void AddContext(Axis axis, size_t value, const Rules& rules,
                  std::string& signature) const;
  void AddMembers(absl::Time at, std::string& signature) const;
  bool PlacePair();
  absl::Status TooMany() const;

  const FactAxes& axes_;
  const std::vector<const ParticipantGroup*>& groups_;
  const std::vector<std::string>& nationals_;
  const std::function<void(const FactCell&)>& visit_;
  const size_t max_cells_;
  size_t cells_ = 0;
  std::array<size_t, kAxisCount> most_classes_{};
  FactPoint point_;
  FactBox box_;
};

// Who belongs to the dated groups at `at`.
void Walker::AddMembers(absl::Time at, std::string& signature) const {
  for (const ParticipantGroup* group : groups_) {
    for (const ParticipantCode& code : axes_.participants()) {
      signature += group->Has(code.text(), at) ? '1' : '0';
    }
  }
}

// What the engine asks of an operation by itself.
void AddOperation(Operation operation, std::string& signature) {
  for (const bool each : {LooksAtRecord(operation), AsksForFields(operation),
                          operation == Operation::kAggregateCount,
                          operation == Operation::kReferralEvent}) {
    signature += each ? '1' : '0';
  }
}

// What lets two values differ beside the rules that list them.
void Walker::AddContext(Axis axis, size_t value, const Rules& rules,
                        std::string& signature) const {
  const RequestFacts& request = point_.request;
  switch (axis) {
    case Axis::kOperation:
      AddOperation(request.operation, signature);
      return;
    case Axis::kTime:
      AddMembers(request.now, signature);
      return;
    case Axis::kMemberOn:
      AddMembers(request.MembershipTime(), signature);
      return;
    case Axis::kHolder:
      signature += nationals_[value];
      if (request.operation == Operation::kReferralEvent) {
        signature += static_cast<char>(value);
      }
      return;
    case Axis::kGroup:
      signature += value == 0 ? '0' : '1';
      for (const SpaceRule* rule : rules) AddRedaction(*rule, value, signature);
      return;
    case Axis::kEmergency:
      if (std::any_of(rules.begin(), rules.end(), [](const SpaceRule* rule) {
            return rule->deny && rule->deny->break_glass_may_override;
          })) {
        signature += point_.state.emergency ? '1' : '0';
      }
      return;
    default:
      return;
  }
}

std::vector<std::pair<std::string, uint64_t>> Walker::Classes(
    Axis axis, const Rules& rules) {
  std::vector<std::pair<std::string, uint64_t>> classes;
  const uint64_t walked = axes_.Walked(axis, point_.request.operation);
  std::string signature;
  for (size_t value = 0; value < axes_.size(axis); ++value) {
    if ((walked >> value & 1) == 0) continue;
    axes_.Put(axis, value, point_);
    signature.clear();
    for (const SpaceRule* rule : rules) {
      signature += Stays(axis, *rule, point_) ? '1' : '0';
    }
    AddContext(axis, value, rules, signature);
    const auto found =
        std::find_if(classes.begin(), classes.end(),
                     [&](const auto& each) { return each.first == signature; });
    const uint64_t bit = uint64_t{1} << value;
    if (found == classes.end()) {
      classes.emplace_back(signature, bit);
    } else {
      found->second |= bit;
    }
  }
  return classes;
}

// Puts two different participants of the classes into the request; false if
// both classes are the same one participant.
bool Walker::PlacePair() {
  for (size_t h = 0; h < axes_.participants().size(); ++h) {
    if ((box_[Axis::kHolder] >> h & 1) == 0) continue;
    for (size_t a = 0; a < axes_.participants().size(); ++a) {
      if (a == h || (box_[Axis::kAsker] >> a & 1) == 0) continue;
      axes_.Put(Axis::kHolder, h, point_);
      axes_.Put(Axis::kAsker, a, point_);
      return true;
    }
  }
  return false;
}

absl::Status Walker::TooMany() const {
  const auto* const first = most_classes_.begin();
  const auto* const most = std::max_element(first, most_classes_.end());
  const auto axis = static_cast<Axis>(most - first);
  return ReasonError(
      ErrorReason::kMessageTooLarge,
      absl::StrCat("more than ", max_cells_,
                   " classes of requests; most are told apart by ", Name(axis),
                   " (", *most,
                   " classes at one place); analyse fewer files at a time"));
}

absl::Status Walker::Descend(int depth, const Rules& rules) {
  if (depth == kAxisCount) {
    if (++cells_ > max_cells_) return TooMany();
    visit_(FactCell{box_, point_, rules});
    return absl::OkStatus();
  }
  const auto axis = static_cast<Axis>(depth);
  const auto classes = Classes(axis, rules);
  size_t& most = most_classes_[static_cast<size_t>(depth)];
  most = std::max(most, classes.size());
  Rules staying;
  for (const auto& [signature, values] : classes) {
    staying.clear();
    bool grants = false;
    for (size_t i = 0; i < rules.size(); ++i) {
      if (signature[i] != '1') continue;
      staying.push_back(rules[i]);
      grants |= rules[i]->grant != nullptr;
    }
    if (!grants) continue;
    box_[axis] = values;
    axes_.Put(axis, static_cast<size_t>(__builtin_ctzll(values)), point_);
    if (axis == Axis::kAsker && !PlacePair()) continue;
    RETURN_IF_ERROR(Descend(depth + 1, staying));
  }
  return absl::OkStatus();
}

void AddDatedGroups(const std::vector<ParticipantGroup>& groups,
                    std::vector<const ParticipantGroup*>& dated) {
  for (const ParticipantGroup& group : groups) {
    const auto always = [](const Membership& member) {
      return member.from == absl::InfinitePast() &&
             member.until == absl::InfiniteFuture();
    };
    const auto& members = group.members;
    if (std::all_of(members.begin(), members.end(), always)) continue;
    dated.push_back(&group);
  }
}

}  // namespace

std::string SpaceRule::id() const {
  return grant != nullptr  ? absl::StrCat(agreement->id, "/", grant->id)
         : deny != nullptr ? absl::StrCat("national/", deny->id)
                           : absl::StrCat("national/", require->id);
}

FactSpace::FactSpace(const FactAxes& axes,
                     const std::vector<const HolderPolicies*>& policies,
                     const std::string& agreement_id)
    : axes_(axes), nationals_(axes.participants().size()) {
  for (size_t side = 0; side < policies.size(); ++side) {
    for (const Agreement* body : policies[side]->Revisions(agreement_id)) {
      AddDatedGroups(body->groups, groups_);
      for (const Grant& grant : body->grants) {
        rules_.push_back({side, body, nullptr, &grant});
      }
    }
    for (size_t i = 0; i < nationals_.size(); ++i) {
      const NationalRules* national =
          policies[side]->National(axes.participants()[i].text());
      if (national == nullptr) continue;
      nationals_[i] = absl::StrCat(nationals_[i], side, ":", i, ";");
      AddNational(side, *national);
    }
  }
}

void FactSpace::AddNational(size_t side, const NationalRules& national) {
  AddDatedGroups(national.groups, groups_);
  for (const Deny& deny : national.denies) {
    rules_.push_back({side, nullptr, &national, nullptr, &deny});
  }
  for (const Require& require : national.requires_) {
    rules_.push_back({side, nullptr, &national, nullptr, nullptr, &require});
  }
}

absl::StatusOr<size_t> FactSpace::Walk(
    const std::function<void(const FactCell&)>& visit, size_t max_cells) const {
  if (axes_.participants().empty()) return size_t{0};
  Rules rules;
  for (const SpaceRule& rule : rules_) rules.push_back(&rule);
  Walker walker(axes_, groups_, nationals_, visit, max_cells);
  RETURN_IF_ERROR(walker.Descend(0, rules));
  return walker.cells();
}

}  // namespace comity
