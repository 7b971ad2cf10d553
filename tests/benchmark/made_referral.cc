#include "tests/benchmark/made_referral.h"

#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "tests/benchmark/report.h"

namespace comity {
namespace {

namespace ops = operators::v1;

template <typename Service, typename Response, typename Method,
          typename Request>
Response Do(CommandContext& person, Method method, Request request,
            absl::string_view what) {
  request.set_request_id(person.NewRequestId());
  auto response = person.Call<Service, Response>(method, request);
  Must(response.status(), what);
  return *std::move(response);
}

}  // namespace

ops::Referral MadeReferral(CommandContext& coordinator, CommandContext& clearer,
                           const std::string& reference,
                           const std::string& receiver) {
  ops::CreateCaseRequest create;
  create.mutable_record()->set_x_local_reference(reference);
  create.mutable_record()->set_cas_status("Active");
  create.mutable_screening()->set_never_contact(false);
  Do<ops::CaseService, ops::CreateCaseResponse>(
      coordinator, &ops::CaseService::Stub::CreateCase, create, "a case");
  ops::RecordConsentRequest consent;
  consent.set_case_id(reference);
  auto* act = consent.mutable_consent();
  act->set_recipient(receiver);
  act->set_purpose("SAFE_RETURN");
  act->add_groups(v1::RECORD_GROUP_STATUS);
  act->add_groups(v1::RECORD_GROUP_NEEDS);
  act->set_state("GIVEN");
  act->set_language("ha");
  act->set_withdrawal_channel("SHELTER");
  Do<ops::CaseService, ops::RecordConsentResponse>(
      coordinator, &ops::CaseService::Stub::RecordConsent, consent,
      "a consent");
  ops::CreateReferralRequest draft;
  draft.set_case_id(reference);
  draft.set_receiver(receiver);
  draft.set_purpose("SAFE_RETURN");
  const auto drafted = Do<ops::ReferralService, ops::CreateReferralResponse>(
      coordinator, &ops::ReferralService::Stub::CreateReferral, draft,
      "a draft");
  ops::ClearReferralRequest clear;
  clear.set_referral_id(drafted.referral().referral_id());
  clear.set_risk("LOW");
  clear.set_reflection_waived(true);
  Do<ops::ReferralStepService, ops::ClearReferralResponse>(
      clearer, &ops::ReferralStepService::Stub::ClearReferral, clear,
      "a clearance");
  return drafted.referral();
}

}  // namespace comity
