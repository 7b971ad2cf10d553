#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "node/base/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {

// What coordinators of "ORG" call to refer a person from one node to another,
// for tests of nodes that are no BorderTest's.

// Gives the request an id of its own if it takes one.
template <typename Service, typename Response, typename Method,
          typename Request>
absl::StatusOr<Response> CallAsCoordinator(
    TestParticipant& node, Method method, Request request,
    const std::string& person = "coord") {
  CommandContext& coordinator = node.As("ORG", Role::kCoordinator, person);
  if constexpr (requires { request.set_request_id(""); }) {
    request.set_request_id(coordinator.NewRequestId());
  }
  return coordinator.Call<Service, Response>(method, request);
}

// A screened case of this record, whose person consents that a partner is told
// these groups, and a draft of her referral there.
inline operators::v1::Referral DraftReferral(
    TestParticipant& holder, const operators::v1::CreateCaseRequest& person,
    const std::string& receiver, const std::vector<v1::RecordGroup>& groups,
    const std::string& language) {
  using Cases = operators::v1::CaseService;
  using Referrals = operators::v1::ReferralService;
  EXPECT_OK((CallAsCoordinator<Cases, operators::v1::CreateCaseResponse>(
      holder, &Cases::Stub::CreateCase, person)));
  operators::v1::RecordConsentRequest consent;
  consent.set_case_id(person.record().x_local_reference());
  auto* act = consent.mutable_consent();
  act->set_recipient(receiver);
  act->set_purpose("SAFE_RETURN");
  for (const v1::RecordGroup group : groups) act->add_groups(group);
  act->set_state("GIVEN");
  act->set_language(language);
  act->set_withdrawal_channel("SHELTER");
  EXPECT_OK((CallAsCoordinator<Cases, operators::v1::RecordConsentResponse>(
      holder, &Cases::Stub::RecordConsent, consent)));
  operators::v1::CreateReferralRequest draft;
  draft.set_case_id(consent.case_id());
  draft.set_receiver(receiver);
  draft.set_purpose("SAFE_RETURN");
  const auto drafted =
      CallAsCoordinator<Referrals, operators::v1::CreateReferralResponse>(
          holder, &Referrals::Stub::CreateReferral, draft);
  EXPECT_OK(drafted);
  return drafted.ok() ? drafted->referral() : operators::v1::Referral();
}

// A second coordinator clears the draft, and the first one sends it.
inline absl::Status ClearAndSend(TestParticipant& holder,
                                 const std::string& id) {
  using Steps = operators::v1::ReferralStepService;
  using Referrals = operators::v1::ReferralService;
  operators::v1::ClearReferralRequest clear;
  clear.set_referral_id(id);
  clear.set_risk("LOW");
  clear.set_reflection_waived(true);
  RETURN_IF_ERROR(
      (CallAsCoordinator<Steps, operators::v1::ClearReferralResponse>(
           holder, &Steps::Stub::ClearReferral, clear, "second"))
          .status());
  operators::v1::SendReferralRequest send;
  send.set_referral_id(id);
  return CallAsCoordinator<Referrals, operators::v1::SendReferralResponse>(
             holder, &Referrals::Stub::SendReferral, send)
      .status();
}

inline absl::StatusOr<operators::v1::GetReferralResponse> ReferralAt(
    TestParticipant& node, const std::string& id) {
  using Referrals = operators::v1::ReferralService;
  operators::v1::GetReferralRequest request;
  request.set_referral_id(id);
  return CallAsCoordinator<Referrals, operators::v1::GetReferralResponse>(
      node, &Referrals::Stub::GetReferral, request);
}

// Asks until `done`, for 10 seconds at most.
inline bool AwaitDone(const std::function<bool()>& done) {
  const absl::Time limit = absl::Now() + absl::Seconds(10);
  while (!done()) {
    if (absl::Now() > limit) return false;
  }
  return true;
}

}  // namespace comity
