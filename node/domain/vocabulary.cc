#include "node/domain/vocabulary.h"

#include <array>

#include "node/domain/enum_names.h"

namespace comity {
namespace {

// One array of names per enum, indexed by value.
constexpr std::array kOperations = {"UNSET",
                                    "CASE_QUERY",
                                    "REFERRAL_CREATE",
                                    "REFERRAL_DELIVER",
                                    "REFERRAL_ACCEPT",
                                    "IDENTITY_RELEASE",
                                    "PERSON_MATCH",
                                    "AGGREGATE_COUNT",
                                    "CONSENT_WITHDRAWAL",
                                    "SUBJECT_ACCESS",
                                    "LOG_WITNESS",
                                    "REFERRAL_EVENT"};
constexpr std::array kRoles = {"UNSET",        "CASE_WORKER",
                               "COORDINATOR",  "COMMISSION",
                               "ADMIN",        "AUDITOR",
                               "STATISTICIAN", "DATA_PROTECTION_OFFICER",
                               "GUARDIAN",     "SURVIVOR_REPRESENTATIVE"};
constexpr std::array kPurposes = {
    "UNSET",          "PROTECTION",          "SAFE_RETURN",
    "FAMILY_TRACING", "PROSECUTION_SUPPORT", "STATISTICS",
    "OVERSIGHT"};
constexpr std::array kBases = {
    "UNSET",       "CONSENT",     "GUARDIAN_CONSENT", "VITAL_INTEREST",
    "TREATY_DUTY", "COURT_ORDER", "PUBLIC_TASK"};
constexpr std::array kConsents = {
    "UNSET", "NOT_ASKED", "GIVEN", "GIVEN_BY_GUARDIAN", "REFUSED", "WITHDRAWN"};
constexpr std::array kAges = {"UNSET", "CHILD", "ADULT", "AGE_DISPUTED"};
constexpr std::array kStages = {
    "UNSET",   "NONE",      "DRAFTED",     "SENT",     "ACCEPTED",
    "PLANNED", "RETURNING", "HANDED_OVER", "ASSISTED", "CLOSED"};
constexpr std::array kRisks = {"UNSET", "FAMILY", "TRAFFICKER_AT_LARGE"};
constexpr std::array kRecordAges = {"UNSET", "UP_TO_30_DAYS", "UP_TO_1_YEAR",
                                    "UP_TO_5_YEARS", "OLDER"};
constexpr std::array kNoticeTargets = {"UNSET",
                                       "CASE_OWNER",
                                       "COORDINATOR_AT_HOLDER",
                                       "COORDINATOR_AT_ASKER",
                                       "DPO_AT_HOLDER",
                                       "DPO_AT_ASKER",
                                       "AUDITOR_AT_HOLDER",
                                       "AUDITOR_AT_ASKER"};
constexpr std::array kRelations = {"UNSET", "SAME_AS_ASKER", "SAME_AS_HOLDER",
                                   "OTHER"};
constexpr std::array kGroups = {
    "UNSET",           "CASE_REF",  "STATUS",        "DEMOGRAPHIC",
    "EXPLOITATION",    "NEEDS",     "CONTACT_POINT", "IDENTITY",
    "BIOMETRIC_TOKEN", "LOCATION",  "MEDICAL",       "TESTIMONY",
    "FAMILY_LINKS",    "MIGRATION", "NARRATIVE",     "PERPETRATOR",
    "NATIONAL"};
constexpr std::array kLocalOperations = {
    "UNSET",          "CASE_IMPORT",       "CASE_CREATE",      "CASE_READ",
    "CASE_FIND",      "DANGER_SCREEN",     "CONSENT_RECORD",   "REFERRAL_DRAFT",
    "REFERRAL_SEND",  "REFERRAL_DECIDE",   "REFERRAL_READ",    "CASE_QUERY_ASK",
    "TABLE_PUBLISH",  "TABLE_ASK",         "TABLE_TABULATE",   "AUDIT_READ",
    "POLICY_READ",    "POLICY_ACTIVATE",   "PARTNER_MANAGE",   "STATUS_READ",
    "APPROVE",        "EMERGENCY_DECLARE", "EMERGENCY_REVIEW", "REFERRAL_STEP",
    "REFERRAL_CLEAR", "CONSENT_WITHDRAW",  "CASE_HOLD",        "SUBJECT_REPORT",
    "CASE_EDIT",      "CASE_ASSIGN",       "SUBJECT_ERASE",    "RETENTION_RUN"};
constexpr std::array kMeasures = {"UNSET",
                                  "PERSONS",
                                  "REFERRALS",
                                  "MEDIAN_ACCEPTANCE_DAYS",
                                  "P90_ACCEPTANCE_DAYS",
                                  "MEDIAN_HANDOVER_DAYS",
                                  "P90_HANDOVER_DAYS",
                                  "MEDIAN_ASSISTANCE_DAYS",
                                  "P90_ASSISTANCE_DAYS",
                                  "REFERRALS_RECEIVED"};
constexpr std::array kScopes = {"UNSET", "OWN", "ORGANISATION", "ALL"};

}  // namespace

absl::string_view Name(Operation value) { return NameIn(kOperations, value); }
absl::string_view Name(Role value) { return NameIn(kRoles, value); }
absl::string_view Name(Purpose value) { return NameIn(kPurposes, value); }
absl::string_view Name(LegalBasis value) { return NameIn(kBases, value); }
absl::string_view Name(ConsentState value) { return NameIn(kConsents, value); }
absl::string_view Name(AgeClass value) { return NameIn(kAges, value); }
absl::string_view Name(DossierStage value) { return NameIn(kStages, value); }
absl::string_view Name(RiskMarker value) { return NameIn(kRisks, value); }
absl::string_view Name(RecordAge value) { return NameIn(kRecordAges, value); }
absl::string_view Name(NoticeTarget value) {
  return NameIn(kNoticeTargets, value);
}
absl::string_view Name(CountryRelation value) {
  return NameIn(kRelations, value);
}
absl::string_view Name(FieldGroup value) { return NameIn(kGroups, value); }
absl::string_view Name(LocalOperation value) {
  return NameIn(kLocalOperations, value);
}
absl::string_view Name(CaseScope value) { return NameIn(kScopes, value); }
absl::string_view Name(Measure value) { return NameIn(kMeasures, value); }

template <>
Operation FromName(absl::string_view name) {
  return FromNameIn<Operation>(kOperations, name);
}
template <>
Role FromName(absl::string_view name) {
  return FromNameIn<Role>(kRoles, name);
}
template <>
Purpose FromName(absl::string_view name) {
  return FromNameIn<Purpose>(kPurposes, name);
}
template <>
LegalBasis FromName(absl::string_view name) {
  return FromNameIn<LegalBasis>(kBases, name);
}
template <>
ConsentState FromName(absl::string_view name) {
  return FromNameIn<ConsentState>(kConsents, name);
}
template <>
AgeClass FromName(absl::string_view name) {
  return FromNameIn<AgeClass>(kAges, name);
}
template <>
DossierStage FromName(absl::string_view name) {
  return FromNameIn<DossierStage>(kStages, name);
}
template <>
RiskMarker FromName(absl::string_view name) {
  return FromNameIn<RiskMarker>(kRisks, name);
}
template <>
RecordAge FromName(absl::string_view name) {
  return FromNameIn<RecordAge>(kRecordAges, name);
}
template <>
NoticeTarget FromName(absl::string_view name) {
  return FromNameIn<NoticeTarget>(kNoticeTargets, name);
}
template <>
CountryRelation FromName(absl::string_view name) {
  return FromNameIn<CountryRelation>(kRelations, name);
}
template <>
FieldGroup FromName(absl::string_view name) {
  return FromNameIn<FieldGroup>(kGroups, name);
}
template <>
LocalOperation FromName(absl::string_view name) {
  return FromNameIn<LocalOperation>(kLocalOperations, name);
}
template <>
CaseScope FromName(absl::string_view name) {
  return FromNameIn<CaseScope>(kScopes, name);
}
template <>
Measure FromName(absl::string_view name) {
  return FromNameIn<Measure>(kMeasures, name);
}

}  // namespace comity
