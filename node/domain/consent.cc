#include "node/domain/consent.h"

#include <array>

#include "node/domain/enum_names.h"

namespace comity {
namespace {

constexpr std::array kChannels = {"UNSET",    "SHELTER", "CASE_WORKER",
                                  "HELPLINE", "LAWYER",  "GUARDIAN",
                                  "OFFICE"};

}  // namespace

absl::string_view Name(WithdrawalChannel value) {
  return NameIn(kChannels, value);
}

template <>
WithdrawalChannel FromName(absl::string_view name) {
  return FromNameIn<WithdrawalChannel>(kChannels, name);
}

std::optional<absl::Time> Consent::WithdrawnAt(FieldGroup group) const {
  for (const GroupsWithdrawn& each : withdrawals) {
    if (each.groups.Contains(group)) return each.at;
  }
  return std::nullopt;
}

FieldGroups Consent::Withdrawn() const {
  FieldGroups withdrawn;
  for (const GroupsWithdrawn& each : withdrawals) {
    withdrawn = withdrawn.Union(each.groups);
  }
  return withdrawn;
}

FieldGroups Consent::LiveGroups(absl::Time now) const {
  const bool given =
      state == ConsentState::kGiven || state == ConsentState::kGivenByGuardian;
  return given && now < expires_at ? groups.Minus(Withdrawn()) : FieldGroups();
}

}  // namespace comity
