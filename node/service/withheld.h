#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/operators/v1/referral_service.pb.h"
#include "node/delivery/dossier.h"
#include "node/policy/permit.h"
#include "node/service/node_context.h"

namespace comity {

// What an event was to tell and did not tell when it left.

// Why. The names are stored and shown: never change them.
enum class WithheldReason : uint8_t {
  kUnset = 0,
  kWithdrawal = 1,  // consent was withdrawn meanwhile
  kAgreement = 2,   // its agreement is not in force any more
  kConsent = 3,     // consent ran out
  kRules = 4,       // the agreement's or the own rules say otherwise now
};

// "CONSENT"; "UNSET" for zero.
absl::string_view Name(WithheldReason reason);

// The own log's line about it: "WITHHELD <event id> CONSENT of NEEDS,STATUS".
std::string DescribeWithheld(const Uuid& event_id, WithheldReason reason,
                             FieldGroups groups);

// At the holder: notes for its people what was withheld from one event of a
// dossier, and reads what was of all, oldest first.
absl::Status NoteWithheld(const Uuid& referral_id, const Uuid& event_id,
                          WithheldReason reason, FieldGroups groups,
                          CommitScope& scope);
absl::StatusOr<std::vector<operators::v1::WithheldGroups>> WithheldFrom(
    const StateReader& store, const Uuid& referral_id);

// At the receiver: the groups that events claim to tell and do not open.
absl::StatusOr<std::vector<operators::v1::WithheldGroups>> MissingIn(
    const ReferralReader& store, const Permit& permit, const Dossier& dossier);

}  // namespace comity
