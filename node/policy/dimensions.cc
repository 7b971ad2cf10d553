#include "node/policy/dimensions.h"

#include <algorithm>

namespace comity {
namespace {

bool Contains(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <typename Enum>
bool EmptyOrContains(EnumSet<Enum> set, Enum value) {
  return set.empty() || set.Contains(value);
}

// An organisation that is not known fits no list.
bool FitsOrganisation(const std::vector<std::string>& list,
                      const std::string& organisation) {
  return list.empty() || Contains(list, organisation);
}

// Events without fields follow any referral grant of the pair, in either
// direction (design.md section 1).
bool FitsEvent(Dimension dimension, const Agreement& agreement,
               const Grant& grant, const RequestFacts& request) {
  const absl::Time at = request.MembershipTime();
  const auto lists = [&](const std::vector<std::string>& list,
                         const ParticipantCode& code) {
    return Lists(list, agreement.groups, code, at);
  };
  switch (dimension) {
    case Dimension::kHolder:
    case Dimension::kAsker:
      return (lists(grant.holder, request.holder) &&
              lists(grant.asker, request.asker)) ||
             (lists(grant.holder, request.asker) &&
              lists(grant.asker, request.holder));
    case Dimension::kOperation:
      return !grant.operation.Intersect(kReferralOperations).empty();
    default:
      return true;
  }
}

}  // namespace

const char* FieldPath(Dimension dimension) {
  switch (dimension) {
    case Dimension::kValidity:
      return "valid_until";
    case Dimension::kHolder:
      return "holder";
    case Dimension::kAsker:
      return "asker";
    case Dimension::kRole:
      return "role";
    case Dimension::kOrganisation:
      return "organisation";
    case Dimension::kOperation:
      return "operation";
    case Dimension::kPurpose:
      return "purpose";
    case Dimension::kBasis:
      return "basis";
    case Dimension::kRelease:
      return "release";
    case Dimension::kTable:
      return "indicator";
  }
  return "";
}

bool Lists(const std::vector<std::string>& list,
           const std::vector<ParticipantGroup>& groups,
           const ParticipantCode& participant, absl::Time at) {
  for (const std::string& name : list) {
    if (name == participant.text()) return true;
    if (name.empty() || name[0] != '@') continue;
    for (const ParticipantGroup& group : groups) {
      if (name.compare(1, std::string::npos, group.id) == 0 &&
          group.Has(participant.text(), at)) {
        return true;
      }
    }
  }
  return false;
}

bool Fits(Dimension dimension, const Agreement& agreement, const Grant& grant,
          const RequestFacts& request) {
  if (request.operation == Operation::kReferralEvent) {
    return FitsEvent(dimension, agreement, grant, request);
  }
  const absl::Time at = request.MembershipTime();
  switch (dimension) {
    case Dimension::kValidity:
      return !grant.valid_until.has_value() || request.now < *grant.valid_until;
    case Dimension::kHolder:
      return Lists(grant.holder, agreement.groups, request.holder, at);
    case Dimension::kAsker:
      return Lists(grant.asker, agreement.groups, request.asker, at);
    case Dimension::kRole:
      return grant.role.Contains(request.role);
    case Dimension::kOrganisation:
      return FitsOrganisation(grant.organisation, request.organisation);
    case Dimension::kOperation:
      return grant.operation.Contains(request.operation);
    case Dimension::kPurpose:
      return grant.purpose.Contains(request.purpose);
    case Dimension::kBasis:
      return grant.basis.Contains(request.basis);
    case Dimension::kRelease:
      return request.wanted.empty() ||
             !grant.release.Intersect(request.wanted).empty();
    case Dimension::kTable:
      return request.operation != Operation::kAggregateCount ||
             std::any_of(grant.tables.begin(), grant.tables.end(),
                         [&request](const TableScope& scope) {
                           return scope.Holds(request.table);
                         });
  }
  return false;
}

bool Fits(Dimension dimension, const NationalRules& rules, const Deny& deny,
          const RequestFacts& request) {
  switch (dimension) {
    case Dimension::kAsker:
      return deny.asker.empty() ||
             Lists(deny.asker, rules.groups, request.asker,
                   request.MembershipTime());
    case Dimension::kRole:
      return EmptyOrContains(deny.role, request.role);
    case Dimension::kOrganisation:
      // Not known falls on the protective side.
      return request.organisation.empty() ||
             FitsOrganisation(deny.organisation, request.organisation);
    case Dimension::kOperation:
      return EmptyOrContains(deny.operation, request.operation);
    case Dimension::kPurpose:
      return EmptyOrContains(deny.purpose, request.purpose);
    default:
      return true;
  }
}

bool Fits(Dimension dimension, const NationalRules& rules,
          const Require& require, const RequestFacts& request) {
  switch (dimension) {
    case Dimension::kAsker:
      return require.asker.empty() ||
             Lists(require.asker, rules.groups, request.asker,
                   request.MembershipTime());
    case Dimension::kOperation:
      return EmptyOrContains(require.operation, request.operation);
    default:
      return true;
  }
}

bool TellsFields(Operation operation) {
  return AsksForFields(operation) || operation == Operation::kPersonMatch;
}

bool AsksForFields(Operation operation) {
  return operation == Operation::kCaseQuery ||
         operation == Operation::kIdentityRelease ||
         operation == Operation::kReferralCreate ||
         operation == Operation::kReferralDeliver;
}

bool IsProtective(Operation operation) {
  return operation == Operation::kConsentWithdrawal ||
         operation == Operation::kSubjectAccess ||
         operation == Operation::kLogWitness;
}

}  // namespace comity
