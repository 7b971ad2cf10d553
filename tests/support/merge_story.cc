#include "tests/support/merge_story.h"

namespace comity {

namespace ops = operators::v1;

void MergeStory::Make(const std::string& reference, const Fill& fill) {
  ops::CreateCaseRequest create;
  create.mutable_record()->set_x_local_reference(reference);
  create.mutable_screening()->set_never_contact(false);
  fill(*create.mutable_record());
  ASSERT_OK((As<Cases, ops::CreateCaseResponse>(
      Drafter(), &Cases::Stub::CreateCase, create)));
}

absl::StatusOr<ops::Case> MergeStory::See(CommandContext& person,
                                          const std::string& name) {
  ops::GetCaseRequest request;
  request.set_case_id(name);
  ASSIGN_OR_RETURN(const auto shown,
                   (As<Cases, ops::GetCaseResponse>(
                       person, &Cases::Stub::GetCase, request)));
  return shown.case_();
}

void MergeStory::Edit(const std::string& reference, const Fill& fill) {
  const auto shown = See(reference);
  ASSERT_OK(shown);
  ops::UpdateCaseRequest request;
  request.set_case_id(reference);
  request.set_version(shown->version());
  fill(*request.mutable_record());
  ASSERT_OK((As<Cases, ops::UpdateCaseResponse>(
      Drafter(), &Cases::Stub::UpdateCase, request)));
}

absl::Status MergeStory::Screen(const std::string& reference,
                                const std::string& excluded) {
  ops::RecordScreeningRequest request;
  request.set_case_id(reference);
  request.mutable_screening()->add_never_share_with(excluded);
  return As<Cases, ops::RecordScreeningResponse>(
             Drafter(), &Cases::Stub::RecordScreening, request)
      .status();
}

absl::Status MergeStory::RecordConsent(const std::string& reference,
                                       const std::string& state,
                                       v1::RecordGroup group) {
  ops::RecordConsentRequest request;
  request.set_case_id(reference);
  auto* act = request.mutable_consent();
  act->set_recipient("NG");
  act->set_purpose("SAFE_RETURN");
  act->add_groups(group);
  act->set_state(state);
  act->set_language("ha");
  act->set_withdrawal_channel("SHELTER");
  return As<Cases, ops::RecordConsentResponse>(
             Drafter(), &Cases::Stub::RecordConsent, request)
      .status();
}

absl::Status MergeStory::WithdrawConsent(const std::string& reference) {
  ops::WithdrawConsentRequest request;
  request.set_case_id(reference);
  request.set_channel("CASE_WORKER");
  return As<ops::ConsentService, ops::WithdrawConsentResponse>(
             Holder(), &ops::ConsentService::Stub::WithdrawConsent, request)
      .status();
}

ops::MergeCasesRequest MergeStory::MergeOf(const Choices& choices) {
  auto request = RequestOf<ops::MergeCasesRequest>(choices);
  const auto kept = See("C1");
  const auto other = See("C2");
  EXPECT_OK(kept);
  EXPECT_OK(other);
  if (kept.ok()) request.set_version(kept->version());
  if (other.ok()) request.set_other_version(other->version());
  return request;
}

std::string MergeStory::StatusAtReceiver(const std::string& id) {
  const auto shown = Show(ng_, id);
  return shown.ok() ? shown->packet().cas_status() : "";
}

std::string MergeStory::AskBy(const std::string& referral_id) {
  const auto shown = Show(ng_, referral_id);
  EXPECT_OK(shown);
  if (!shown.ok()) return "";
  return OutcomeOf(
      BorderTest::Ask("officer", StatusQuestion(shown->referral())));
}

}  // namespace comity
