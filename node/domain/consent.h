#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/participant.h"
#include "node/domain/vocabulary.h"

namespace comity {

// Where a person was told that she can withdraw, and where she did. Values are
// stored: never change them.
enum class WithdrawalChannel : uint8_t {
  kUnset = 0,
  kShelter = 1,
  kCaseWorker = 2,
  kHelpline = 3,
  kLawyer = 4,
  kGuardian = 5,
  kOffice = 6,
};

// "CASE_WORKER"; "UNSET" for zero.
absl::string_view Name(WithdrawalChannel value);
template <>
WithdrawalChannel FromName(absl::string_view name);

// Groups of one act that were withdrawn at one moment. No reason is asked.
struct GroupsWithdrawn {
  Uuid id;  // of the request, or of the partner's event that told it
  absl::Time at;
  FieldGroups groups;
  WithdrawalChannel channel = WithdrawalChannel::kUnset;
  std::string recorded_by;  // operator name, or the partner's code

  friend bool operator==(const GroupsWithdrawn&,
                         const GroupsWithdrawn&) = default;
};

// One act of consent by a person or her guardian: what may be told to whom,
// for what, until when, and where it can be taken back. A refusal is an act
// too. Immutable value; a withdrawal is added in a new version of the same act.
struct Consent {
  Uuid id;
  Uuid case_id;
  ParticipantCode recipient;
  std::string recipient_organisation;  // empty: the whole recipient state
  Purpose purpose = Purpose::kUnset;
  FieldGroups groups;
  ConsentState state = ConsentState::kUnset;  // given, by guardian, refused
  std::string language;  // ISO 639 code of the text that was shown
  bool interpreter = false;
  std::string guardian;  // who consented for her; empty: she did herself
  WithdrawalChannel channel = WithdrawalChannel::kUnset;  // unset: not told
  absl::Time given_at;
  absl::Time expires_at;
  std::string recorded_by;  // operator name
  // 32 random bytes that salt the digest by which the own log holds the act;
  // empty for acts that were recorded before it did.
  std::string salt;
  std::vector<GroupsWithdrawn> withdrawals;

  // When `group` was first withdrawn; nullopt: it was not.
  std::optional<absl::Time> WithdrawnAt(FieldGroup group) const;
  FieldGroups Withdrawn() const;
  // The groups that this act alone allows to tell at `now`.
  FieldGroups LiveGroups(absl::Time now) const;
};

}  // namespace comity
