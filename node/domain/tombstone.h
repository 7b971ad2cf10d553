#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/vocabulary.h"

namespace comity {

// Why an own case was erased. Values are stored: never change them.
enum class ErasureGround : uint8_t {
  kUnset = 0,
  kSubjectRequest = 1,
  kConsentWithdrawn = 2,
  kRecordedInError = 3,
  kUnlawful = 4,
  kCourtOrder = 5,
  kRetentionEnded = 6,  // set by the node: a local period
};

// "SUBJECT_REQUEST"; "UNSET" for zero.
absl::string_view Name(ErasureGround value);
template <>
ErasureGround FromName(absl::string_view name);

// What is left of an own case that was erased: nothing about the person.
struct Tombstone {
  Uuid case_id;
  std::string organisation;  // of the case, so that scopes still hold
  absl::Time erased_at;
  Role role = Role::kUnset;  // who had it erased; kUnset: the node itself
  ErasureGround ground = ErasureGround::kUnset;

  friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

// "the case was erased on 2026-11-30 by DATA_PROTECTION_OFFICER, ground
// SUBJECT_REQUEST".
std::string ErasedText(const Tombstone& left);

}  // namespace comity
