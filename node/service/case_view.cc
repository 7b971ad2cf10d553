#include "node/service/case_view.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/consent_view.h"
#include "node/wire/case_record.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

}  // namespace

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

absl::StatusOr<pb::Case> CaseViewOf(const StoredCase& stored) {
  pb::Case view;
  view.set_case_id(stored.facts.case_id.ToString());
  ASSIGN_OR_RETURN(*view.mutable_record(), ParseRecord(stored.body));
  if (stored.facts.screening.has_value()) {
    *view.mutable_screening() = ScreeningView(*stored.facts.screening);
  }
  for (const Consent& consent : stored.facts.consents) {
    *view.add_consents() = ConsentViewOf(consent);
  }
  view.set_owner(stored.facts.owner);
  view.set_version(stored.facts.version);
  if (stored.facts.delegation.has_value()) {
    view.set_delegate(stored.facts.delegation->to);
    *view.mutable_delegated_until() =
        ToProtoTime(stored.facts.delegation->until);
  }
  for (const MergedCase& each : stored.facts.merged) {
    pb::MergedCase& merged = *view.add_merged();
    merged.set_case_id(each.case_id.ToString());
    merged.set_local_reference(each.reference);
    *merged.mutable_merged_at() = ToProtoTime(each.merged_at);
    merged.set_merged_by(each.merged_by);
  }
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
