#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace comity {

// Why an operation failed: the closed list that programs may branch on. Each
// reason has one status code (error_reason.cc) and one wire name in
// UPPER_SNAKE; proto/README.md documents each for implementers.
enum class ErrorReason {
  kUnspecified,
  // The request itself.
  kFieldMissing,
  kFieldInvalid,
  kMessageTooLarge,
  kDeadlineMissing,
  kRequestIdReused,
  kQuestionExpired,
  // Who calls.
  kCertificateUnknown,
  kCertificateExpired,
  kCertificateRevoked,
  kRoleNotAdmitted,
  kPartnerUnknown,
  kPartnerSuspended,
  kPartnerCollects,
  // Evidence.
  kEvidenceMissing,
  kEvidenceInvalid,
  kWrongAudience,
  kConsistencyUnproved,
  kLogForked,
  // Policy; shared refusals say which, private ones are all kNotAvailable.
  kAgreementNotInForce,
  kNoGrant,
  kLimitReached,
  kApprovalsMissing,
  kNotAvailable,
  kPolicyInvalid,
  kLocalAccessDenied,
  kRefusedAtHome,  // by the own rules, flags or consents; for the own people
  // State.
  kNotFound,
  kAlreadyExists,
  kReferralStateConflict,
  kVersionConflict,
  kEventTooEarly,
  kScreeningMissing,
  kConsentMissing,
  kClearanceMissing,
  kPeriodNotPublished,
  kNotCollected,
  kPrivacyBudgetSpent,
  kImportRejected,
  // The machinery.
  kPeerUnreachable,
  kDeadlineExceeded,
  kOverloaded,
  kStoreUnavailable,
  kLogUnwritable,
  kIntegrityFailure,
  kInternal,
};

// Returns the wire name, such as "FIELD_MISSING".
absl::string_view ReasonName(ErrorReason reason);

// Returns kUnspecified when `name` is no reason of this list.
ErrorReason ReasonFromName(absl::string_view name);

// Makes a status that carries `reason`. `message` says what failed and what to
// do, and holds no personal data.
absl::Status ReasonError(ErrorReason reason, absl::string_view message);

// Returns the reason that `status` carries, kUnspecified if none.
ErrorReason ReasonOf(const absl::Status& status);

}  // namespace comity
