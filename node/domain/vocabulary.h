#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "node/domain/enum_set.h"

namespace comity {

// The closed vocabularies that policy files, certificates and requests share.
// Values are stable: they equal the numbers in proto/comity/policy/v1 (a test
// holds the two together), and zero is never a valid value.

// What a caller does across a border.
enum class Operation : uint8_t {
  kUnset = 0,
  kCaseQuery = 1,        // named field groups of one case, no identity
  kReferralCreate = 2,   // pre-flight at home when a referral is drafted
  kReferralDeliver = 3,  // push of a referral's packet
  kReferralAccept = 4,
  kIdentityRelease = 5,  // a case query whose wanted groups include identity
  kPersonMatch = 6,
  kAggregateCount = 7,
  kConsentWithdrawal = 8,  // protective: no file can deny it
  kSubjectAccess = 9,      // protective
  kLogWitness = 10,        // protective
  kReferralEvent = 11,     // an event without record fields
};

// Whose hand is on the keyboard (domain.md section 11).
enum class Role : uint8_t {
  kUnset = 0,
  kCaseWorker = 1,
  kCoordinator = 2,
  kCommission = 3,  // regional analyst: counts only, never a person
  kAdmin = 4,
  kAuditor = 5,
  kStatistician = 6,
  kDataProtectionOfficer = 7,
  kGuardian = 8,
  kSurvivorRepresentative = 9,
};

enum class Purpose : uint8_t {
  kUnset = 0,
  kProtection = 1,
  kSafeReturn = 2,
  kFamilyTracing = 3,
  kProsecutionSupport = 4,
  kStatistics = 5,
  kOversight = 6,
};

enum class LegalBasis : uint8_t {
  kUnset = 0,
  kConsent = 1,
  kGuardianConsent = 2,
  kVitalInterest = 3,
  kTreatyDuty = 4,
  kCourtOrder = 5,
  kPublicTask = 6,
};

// State of consent for one field group, purpose and recipient.
enum class ConsentState : uint8_t {
  kUnset = 0,
  kNotAsked = 1,
  kGiven = 2,
  kGivenByGuardian = 3,
  kRefused = 4,
  kWithdrawn = 5,
};

enum class AgeClass : uint8_t {
  kUnset = 0,
  kChild = 1,
  kAdult = 2,
  kAgeDisputed = 3,
};

// What policies see of a dossier (design.md section 3).
enum class DossierStage : uint8_t {
  kUnset = 0,
  kNone = 1,
  kDrafted = 2,
  kSent = 3,
  kAccepted = 4,
  kPlanned = 5,
  kReturning = 6,
  kHandedOver = 7,
  kAssisted = 8,
  kClosed = 9,
};

// Risks that policy files may name, beside the built-in danger flags of
// domain/danger.h, which no file can name.
enum class RiskMarker : uint8_t {
  kUnset = 0,
  kFamily = 1,
  kTraffickerAtLarge = 2,
};

// How long ago the case was recorded.
enum class RecordAge : uint8_t {
  kUnset = 0,
  kUpTo30Days = 1,
  kUpTo1Year = 2,   // 365 days
  kUpTo5Years = 3,  // 1825 days
  kOlder = 4,
};

// Whom a notify duty tells, on which side.
enum class NoticeTarget : uint8_t {
  kUnset = 0,
  kCaseOwner = 1,
  kCoordinatorAtHolder = 2,
  kCoordinatorAtAsker = 3,
  kDpoAtHolder = 4,  // data protection officer
  kDpoAtAsker = 5,
  kAuditorAtHolder = 6,
  kAuditorAtAsker = 7,
};

// How a country of the record relates to the two parties of a request.
enum class CountryRelation : uint8_t {
  kUnset = 0,
  kSameAsAsker = 1,
  kSameAsHolder = 2,
  kOther = 3,
};

// Every record field belongs to one group; policies grant and withhold groups.
enum class FieldGroup : uint8_t {
  kUnset = 0,
  kCaseRef = 1,
  kStatus = 2,
  kDemographic = 3,
  kExploitation = 4,
  kNeeds = 5,
  kContactPoint = 6,
  kIdentity = 7,
  kBiometricToken = 8,
  kLocation = 9,
  kMedical = 10,
  kTestimony = 11,
  kFamilyLinks = 12,
  kMigration = 13,
  kNarrative = 14,    // free text: held back unless a policy names it
  kPerpetrator = 15,  // case evidence: travels by mutual legal assistance
  kNational = 16,     // never leaves; no policy file can name it
};

// What people of a node may do at home; local access grants each.
enum class LocalOperation : uint8_t {
  kUnset = 0,
  kCaseImport = 1,
  kCaseCreate = 2,
  kCaseRead = 3,
  kCaseFind = 4,
  kDangerScreen = 5,
  kConsentRecord = 6,
  kReferralDraft = 7,
  kReferralSend = 8,
  kReferralDecide = 9,
  kReferralRead = 10,
  kCaseQueryAsk = 11,
  kTablePublish = 12,
  kTableAsk = 13,
  kTableTabulate = 14,
  kAuditRead = 15,
  kPolicyRead = 16,
  kPolicyActivate = 17,
  kPartnerManage = 18,
  kStatusRead = 19,
  kApprove = 20,           // approve what another person asked for
  kEmergencyDeclare = 21,  // declare, confirm or end an emergency
  kEmergencyReview = 22,   // review what was told in an emergency
  kReferralStep = 23,      // any later step of a referral, as the role allows
  kReferralClear = 24,     // clear the risk of what another person drafted
  kConsentWithdraw = 25,   // record that a person withdraws, answer for erasure
  kCaseHold = 26,          // keep a case on a legal ground
  kSubjectReport = 27,     // account to a person for her data
  kCaseEdit = 28,          // change fields of a case
  kCaseAssign = 29,        // give a case to another person, or delegate it
  kSubjectErase = 30,      // erase all that the node holds about a person
  kRetentionRun = 31,      // see and erase what is due
};

// What a table tells of each of its cells (domain/measure.h).
enum class Measure : uint8_t {
  kUnset = 0,
  kPersons = 1,
  kReferrals = 2,
  kMedianAcceptanceDays = 3,
  kP90AcceptanceDays = 4,
  kMedianHandoverDays = 5,
  kP90HandoverDays = 6,
  kMedianAssistanceDays = 7,
  kP90AssistanceDays = 8,
  kReferralsReceived = 9,  // the receiver's own count
};

// Whose cases a local grant reaches.
enum class CaseScope : uint8_t {
  kUnset = 0,
  kOwn = 1,           // cases whose owner is the caller
  kOrganisation = 2,  // cases of the caller's organisation
  kAll = 3,
};

// Wire and file names, "CASE_QUERY"; "UNSET" for zero. FromName returns kUnset
// for a name that is not in the list.
absl::string_view Name(Operation value);
absl::string_view Name(Role value);
absl::string_view Name(Purpose value);
absl::string_view Name(LegalBasis value);
absl::string_view Name(ConsentState value);
absl::string_view Name(AgeClass value);
absl::string_view Name(DossierStage value);
absl::string_view Name(RiskMarker value);
absl::string_view Name(RecordAge value);
absl::string_view Name(NoticeTarget value);
absl::string_view Name(CountryRelation value);
absl::string_view Name(FieldGroup value);
absl::string_view Name(LocalOperation value);
absl::string_view Name(CaseScope value);
absl::string_view Name(Measure value);
template <typename Enum>
Enum FromName(absl::string_view name);

using FieldGroups = EnumSet<FieldGroup>;
inline constexpr int kFieldGroupCount = 17;  // with kUnset and kNational

// All groups that a policy file can name (all but kNational).
inline constexpr FieldGroups kShareableGroups =
    FieldGroups::FromBits(0x1FFFEU & ~(1U << 16));

}  // namespace comity
