#include "node/service/case_view.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/case_record.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
constexpr absl::Duration kLongestConsent = absl::Hours(24 * 180);
constexpr absl::Duration kUsualConsent = absl::Hours(24 * 90);

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

pb::Screening ScreeningView(const DangerScreening& screening) {
  pb::Screening view;
  *view.mutable_screened_at() = ToProtoTime(screening.screened_at);
  view.set_screened_by(screening.screened_by);
  view.set_never_contact(screening.never_contact);
  for (const ParticipantCode& code : screening.never_share_with) {
    view.add_never_share_with(code.text());
  }
  view.set_official_involvement(screening.official_involvement);
  return view;
}

pb::ConsentRecord ConsentView(const Consent& consent) {
  pb::ConsentRecord view;
  view.set_consent_id(consent.id.ToString());
  view.set_recipient(consent.recipient.text());
  view.set_recipient_organisation(consent.recipient_organisation);
  view.set_purpose(std::string(Name(consent.purpose)));
  for (int group = 1; group <= 16; ++group) {
    if (consent.groups.Contains(static_cast<FieldGroup>(group))) {
      view.add_groups(static_cast<v1::RecordGroup>(group));
    }
  }
  view.set_state(std::string(Name(consent.state)));
  view.set_language(consent.language);
  view.set_interpreter(consent.interpreter);
  *view.mutable_given_at() = ToProtoTime(consent.given_at);
  *view.mutable_expires_at() = ToProtoTime(consent.expires_at);
  if (consent.withdrawn_at.has_value()) {
    *view.mutable_withdrawn_at() = ToProtoTime(*consent.withdrawn_at);
  }
  return view;
}

}  // namespace

absl::StatusOr<pb::Case> CaseViewOf(const StoredCase& stored) {
  pb::Case view;
  view.set_case_id(stored.facts.case_id.ToString());
  ASSIGN_OR_RETURN(*view.mutable_record(), ParseRecord(stored.body));
  if (stored.facts.screening.has_value()) {
    *view.mutable_screening() = ScreeningView(*stored.facts.screening);
  }
  for (const Consent& consent : stored.facts.consents) {
    *view.add_consents() = ConsentView(consent);
  }
  view.set_owner(stored.facts.owner);
  view.set_version(stored.facts.version);
  return view;
}

absl::StatusOr<DangerScreening> ParseScreening(const pb::Screening& screening,
                                               absl::string_view screened_by,
                                               absl::Time now) {
  DangerScreening parsed;
  parsed.screened_at = now;
  if (screening.has_screened_at()) {
    ASSIGN_OR_RETURN(parsed.screened_at,
                     FromProtoTime(screening.screened_at()));
    if (parsed.screened_at > now) {
      return Invalid("a screening cannot lie in the future");
    }
  }
  parsed.screened_by = std::string(screened_by);
  parsed.never_contact = screening.never_contact();
  for (const std::string& code : screening.never_share_with()) {
    ASSIGN_OR_RETURN(ParticipantCode participant,
                     ParticipantCode::Create(code));
    parsed.never_share_with.push_back(std::move(participant));
  }
  parsed.official_involvement = screening.official_involvement();
  return parsed;
}

absl::StatusOr<Consent> ParseConsent(const pb::ConsentRecord& consent,
                                     const Uuid& consent_id,
                                     const Uuid& case_id,
                                     absl::string_view recorded_by,
                                     absl::Time now) {
  ASSIGN_OR_RETURN(ParticipantCode recipient,
                   ParticipantCode::Create(consent.recipient()));
  Consent parsed{consent_id, case_id, std::move(recipient)};
  parsed.recipient_organisation = consent.recipient_organisation();
  parsed.purpose = FromName<Purpose>(consent.purpose());
  parsed.state = FromName<ConsentState>(consent.state());
  if (parsed.purpose == Purpose::kUnset) {
    return Invalid(
        "the purpose is one of PROTECTION, SAFE_RETURN, "
        "FAMILY_TRACING, PROSECUTION_SUPPORT");
  }
  if (parsed.state != ConsentState::kGiven &&
      parsed.state != ConsentState::kGivenByGuardian &&
      parsed.state != ConsentState::kRefused) {
    return Invalid("the state is GIVEN, GIVEN_BY_GUARDIAN or REFUSED");
  }
  parsed.groups = ParseGroups(consent.groups()).Intersect(kShareableGroups);
  if (parsed.groups.empty()) {
    return Invalid("consent names at least one group that can be shared");
  }
  parsed.language = consent.language();
  parsed.interpreter = consent.interpreter();
  parsed.given_at = now;
  parsed.expires_at = now + kUsualConsent;
  if (consent.has_expires_at()) {
    ASSIGN_OR_RETURN(parsed.expires_at, FromProtoTime(consent.expires_at()));
  }
  if (parsed.expires_at <= now || parsed.expires_at > now + kLongestConsent) {
    return Invalid("consent ends after now and within 180 days");
  }
  parsed.recorded_by = std::string(recorded_by);
  return parsed;
}

FieldGroups ParseGroups(const google::protobuf::RepeatedField<int>& groups) {
  FieldGroups parsed;
  for (const int group : groups) {
    if (group >= 1 && group <= 16) {
      parsed = parsed.With(static_cast<FieldGroup>(group));
    }
  }
  return parsed;
}

void AddGroups(FieldGroups groups, google::protobuf::RepeatedField<int>* out) {
  for (int group = 1; group <= 16; ++group) {
    if (groups.Contains(static_cast<FieldGroup>(group))) out->Add(group);
  }
}

}  // namespace comity
