#include "node/base/error_reason.h"

#include <array>
#include <string>

#include "absl/strings/cord.h"

namespace comity {
namespace {

constexpr const char* kPayloadUrl = "comity/error-reason";

struct ReasonRow {
  ErrorReason reason;
  absl::StatusCode code;
  const char* name;
};

using enum absl::StatusCode;
constexpr std::array kReasons = {
    ReasonRow{ErrorReason::kUnspecified, kUnknown, "UNSPECIFIED"},
    ReasonRow{ErrorReason::kFieldMissing, kInvalidArgument, "FIELD_MISSING"},
    ReasonRow{ErrorReason::kFieldInvalid, kInvalidArgument, "FIELD_INVALID"},
    ReasonRow{ErrorReason::kMessageTooLarge, kInvalidArgument,
              "MESSAGE_TOO_LARGE"},
    ReasonRow{ErrorReason::kDeadlineMissing, kInvalidArgument,
              "DEADLINE_MISSING"},
    ReasonRow{ErrorReason::kRequestIdReused, kAlreadyExists,
              "REQUEST_ID_REUSED"},
    ReasonRow{ErrorReason::kQuestionExpired, kFailedPrecondition,
              "QUESTION_EXPIRED"},
    ReasonRow{ErrorReason::kCertificateUnknown, kUnauthenticated,
              "CERTIFICATE_UNKNOWN"},
    ReasonRow{ErrorReason::kCertificateExpired, kUnauthenticated,
              "CERTIFICATE_EXPIRED"},
    ReasonRow{ErrorReason::kCertificateRevoked, kUnauthenticated,
              "CERTIFICATE_REVOKED"},
    ReasonRow{ErrorReason::kRoleNotAdmitted, kPermissionDenied,
              "ROLE_NOT_ADMITTED"},
    ReasonRow{ErrorReason::kPartnerUnknown, kNotFound, "PARTNER_UNKNOWN"},
    ReasonRow{ErrorReason::kPartnerSuspended, kUnauthenticated,
              "PARTNER_SUSPENDED"},
    ReasonRow{ErrorReason::kPartnerCollects, kFailedPrecondition,
              "PARTNER_COLLECTS"},
    ReasonRow{ErrorReason::kEvidenceMissing, kInvalidArgument,
              "EVIDENCE_MISSING"},
    ReasonRow{ErrorReason::kEvidenceInvalid, kInvalidArgument,
              "EVIDENCE_INVALID"},
    ReasonRow{ErrorReason::kWrongAudience, kInvalidArgument, "WRONG_AUDIENCE"},
    ReasonRow{ErrorReason::kConsistencyUnproved, kFailedPrecondition,
              "CONSISTENCY_UNPROVED"},
    ReasonRow{ErrorReason::kLogForked, kDataLoss, "LOG_FORKED"},
    ReasonRow{ErrorReason::kAgreementNotInForce, kFailedPrecondition,
              "AGREEMENT_NOT_IN_FORCE"},
    ReasonRow{ErrorReason::kNoGrant, kPermissionDenied, "NO_GRANT"},
    ReasonRow{ErrorReason::kLimitReached, kResourceExhausted, "LIMIT_REACHED"},
    ReasonRow{ErrorReason::kApprovalsMissing, kFailedPrecondition,
              "APPROVALS_MISSING"},
    ReasonRow{ErrorReason::kNotAvailable, kNotFound, "NOT_AVAILABLE"},
    ReasonRow{ErrorReason::kPolicyInvalid, kInvalidArgument, "POLICY_INVALID"},
    ReasonRow{ErrorReason::kLocalAccessDenied, kPermissionDenied,
              "LOCAL_ACCESS_DENIED"},
    ReasonRow{ErrorReason::kRefusedAtHome, kPermissionDenied,
              "REFUSED_AT_HOME"},
    ReasonRow{ErrorReason::kNotFound, kNotFound, "NOT_FOUND"},
    ReasonRow{ErrorReason::kAlreadyExists, kAlreadyExists, "ALREADY_EXISTS"},
    ReasonRow{ErrorReason::kReferralStateConflict, kFailedPrecondition,
              "REFERRAL_STATE_CONFLICT"},
    ReasonRow{ErrorReason::kVersionConflict, kAborted, "VERSION_CONFLICT"},
    ReasonRow{ErrorReason::kEventTooEarly, kAborted, "EVENT_TOO_EARLY"},
    ReasonRow{ErrorReason::kScreeningMissing, kFailedPrecondition,
              "SCREENING_MISSING"},
    ReasonRow{ErrorReason::kConsentMissing, kFailedPrecondition,
              "CONSENT_MISSING"},
    ReasonRow{ErrorReason::kClearanceMissing, kFailedPrecondition,
              "CLEARANCE_MISSING"},
    ReasonRow{ErrorReason::kPeriodNotPublished, kFailedPrecondition,
              "PERIOD_NOT_PUBLISHED"},
    ReasonRow{ErrorReason::kNotCollected, kFailedPrecondition, "NOT_COLLECTED"},
    ReasonRow{ErrorReason::kPrivacyBudgetSpent, kResourceExhausted,
              "PRIVACY_BUDGET_SPENT"},
    ReasonRow{ErrorReason::kImportRejected, kInvalidArgument,
              "IMPORT_REJECTED"},
    ReasonRow{ErrorReason::kPeerUnreachable, kUnavailable, "PEER_UNREACHABLE"},
    ReasonRow{ErrorReason::kDeadlineExceeded, kDeadlineExceeded,
              "DEADLINE_EXCEEDED"},
    ReasonRow{ErrorReason::kOverloaded, kResourceExhausted, "OVERLOADED"},
    ReasonRow{ErrorReason::kStoreUnavailable, kUnavailable,
              "STORE_UNAVAILABLE"},
    ReasonRow{ErrorReason::kLogUnwritable, kUnavailable, "LOG_UNWRITABLE"},
    ReasonRow{ErrorReason::kIntegrityFailure, kDataLoss, "INTEGRITY_FAILURE"},
    ReasonRow{ErrorReason::kInternal, kInternal, "INTERNAL"},
};

}  // namespace

absl::string_view ReasonName(ErrorReason reason) {
  return kReasons.at(static_cast<size_t>(reason)).name;
}

ErrorReason ReasonFromName(absl::string_view name) {
  for (const ReasonRow& row : kReasons) {
    if (name == row.name) return row.reason;
  }
  return ErrorReason::kUnspecified;
}

absl::Status ReasonError(ErrorReason reason, absl::string_view message) {
  const ReasonRow& row = kReasons.at(static_cast<size_t>(reason));
  absl::Status status(row.code, message);
  status.SetPayload(kPayloadUrl, absl::Cord(row.name));
  return status;
}

ErrorReason ReasonOf(const absl::Status& status) {
  auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return ErrorReason::kUnspecified;
  return ReasonFromName(std::string(*payload));
}

}  // namespace comity
