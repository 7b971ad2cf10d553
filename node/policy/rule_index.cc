#include "node/policy/rule_index.h"

#include <set>

#include "node/policy/dimensions.h"

namespace comity {

RuleIndex::RuleIndex(size_t size) : size_(size), check_((size + 63) / 64, 0) {
  for (Table<std::string>* table : {&holder_, &asker_, &party_}) {
    table->any = EmptyRow();
  }
  for (EnumTable* table : {&role_, &operation_, &purpose_, &basis_}) {
    table->fill(EmptyRow());
  }
}

RuleIndex::RuleIndex(const Agreement& agreement)
    : RuleIndex(agreement.grants.size()) {
  grants_ = true;
  for (size_t i = 0; i < size_; ++i) AddGrant(agreement, i);
}

RuleIndex::RuleIndex(const NationalRules& rules,
                     const std::vector<Deny>& denies)
    : RuleIndex(denies.size()) {
  for (size_t i = 0; i < size_; ++i) {
    const Deny& deny = denies[i];
    AddParticipants(deny.asker, rules.groups, i, asker_);
    AddEnum(deny.role, i, role_);
    AddEnum(deny.operation, i, operation_);
    AddEnum(deny.purpose, i, purpose_);
    if (!deny.organisation.empty()) Set(check_, i);
  }
  for (size_t i = 0; i < size_; ++i) {
    if (denies[i].asker.empty()) AddToAll(i, asker_);
  }
}

RuleIndex::RuleIndex(const NationalRules& rules,
                     const std::vector<Require>& requirements)
    : RuleIndex(requirements.size()) {
  for (size_t i = 0; i < size_; ++i) {
    AddParticipants(requirements[i].asker, rules.groups, i, asker_);
    AddEnum(requirements[i].operation, i, operation_);
    AddEnum(EnumSet<Role>(), i, role_);
    AddEnum(EnumSet<Purpose>(), i, purpose_);
  }
  for (size_t i = 0; i < size_; ++i) {
    if (requirements[i].asker.empty()) AddToAll(i, asker_);
  }
}

void RuleIndex::AddGrant(const Agreement& agreement, size_t rule) {
  const Grant& grant = agreement.grants[rule];
  AddParticipants(grant.holder, agreement.groups, rule, holder_);
  AddParticipants(grant.asker, agreement.groups, rule, asker_);
  AddParticipants(grant.holder, agreement.groups, rule, party_);
  AddParticipants(grant.asker, agreement.groups, rule, party_);
  // An empty list of a grant fits nothing; the loader refuses it.
  for (const Role value : grant.role.Values()) {
    Set(role_[static_cast<size_t>(value)], rule);
  }
  for (const Operation value : grant.operation.Values()) {
    Set(operation_[static_cast<size_t>(value)], rule);
  }
  for (const Purpose value : grant.purpose.Values()) {
    Set(purpose_[static_cast<size_t>(value)], rule);
  }
  for (const LegalBasis value : grant.basis.Values()) {
    Set(basis_[static_cast<size_t>(value)], rule);
  }
  if (!grant.operation.Intersect(kReferralOperations).empty()) {
    Set(operation_[static_cast<size_t>(Operation::kReferralEvent)], rule);
  }
  if (grant.valid_until.has_value() || !grant.organisation.empty() ||
      grant.operation.Contains(Operation::kAggregateCount)) {
    Set(check_, rule);
  }
}

void RuleIndex::AddParticipants(const std::vector<std::string>& list,
                                const std::vector<ParticipantGroup>& groups,
                                size_t rule, Table<std::string>& table) {
  std::set<std::string> codes;
  for (const std::string& name : list) {
    if (name.empty() || name[0] != '@') {
      codes.insert(name);
      continue;
    }
    Set(check_, rule);  // membership depends on the day
    for (const ParticipantGroup& group : groups) {
      if (name.compare(1, std::string::npos, group.id) != 0) continue;
      for (const Membership& member : group.members) {
        codes.insert(member.participant);
      }
    }
  }
  for (const std::string& code : codes) {
    Set(table.rows.try_emplace(code, EmptyRow()).first->second, rule);
  }
}

void RuleIndex::AddToAll(size_t rule, Table<std::string>& table) {
  Set(table.any, rule);
  for (auto& [code, row] : table.rows) Set(row, rule);
}

template <typename Enum>
void RuleIndex::AddEnum(EnumSet<Enum> set, size_t rule, EnumTable& table) {
  for (size_t value = 0; value < table.size(); ++value) {
    if (set.empty() || set.Contains(static_cast<Enum>(value))) {
      Set(table[value], rule);
    }
  }
}

RuleIndex::Rows RuleIndex::RowsOf(const RequestFacts& request) const {
  Rows rows;
  rows.Add(operation_[static_cast<size_t>(request.operation)]);
  if (grants_ && request.operation == Operation::kReferralEvent) {
    rows.Add(party_.Of(request.holder.text()));
    rows.Add(party_.Of(request.asker.text()));
    return rows;
  }
  rows.Add(asker_.Of(request.asker.text()));
  rows.Add(role_[static_cast<size_t>(request.role)]);
  rows.Add(purpose_[static_cast<size_t>(request.purpose)]);
  if (grants_) {
    rows.Add(holder_.Of(request.holder.text()));
    rows.Add(basis_[static_cast<size_t>(request.basis)]);
  }
  return rows;
}

}  // namespace comity
