#include "comity/federation/v1/referral.pb.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

constexpr char kCanary[] = "Canaryname";

// Niger sends a referral; Nigeria is written by hand, and may repeat itself.
class ReferralDeliveryTest : public testing::Test {
 protected:
  void SetUp() override {
    for (TestParticipant* each : {&ne_, &ng_}) {
      const TestParticipant& other = each == &ne_ ? ng_ : ne_;
      ASSERT_OK(each->Start(clock_));
      ASSERT_OK(each->Pair(other));
    }
    ASSERT_OK(ne_.Activate({"agreements/ng-ne-bilateral.textproto",
                            "national/ne.textproto", "local/ne.textproto"}));
    ASSERT_OK(ng_.Activate({"agreements/ng-ne-bilateral.textproto",
                            "national/ng.textproto", "local/ng.textproto"}));
    ng_.Stop();
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
  }

  template <typename Response, typename Service, typename Method,
            typename Request>
  absl::StatusOr<Response> Call(TestParticipant& node, Method method,
                                Request request,
                                const std::string& person = "coord") {
    CommandContext& coord = node.As("ORG", Role::kCoordinator, person);
    request.set_request_id(coord.NewRequestId());
    return coord.Call<Service, Response>(method, request);
  }

  // Creates, consents, drafts and sends; returns the referral's id.
  std::string SendReferral() {
    ops::CreateCaseRequest create;
    create.mutable_record()->set_x_local_reference("C1");
    create.mutable_record()->set_prs_first_name(kCanary);
    create.mutable_record()->set_prs_birthdate("2001-02-03");
    create.mutable_record()->set_prs_mobile_phone("+00012345678");
    create.mutable_record()->set_cas_status("Active");
    create.mutable_screening()->set_never_contact(false);
    create.mutable_screening()->add_never_share_with("TG");
    EXPECT_OK((Call<ops::CreateCaseResponse, ops::CaseService>(
        ne_, &ops::CaseService::Stub::CreateCase, create)));
    ops::RecordConsentRequest consent;
    consent.set_case_id("C1");
    auto* act = consent.mutable_consent();
    act->set_recipient("NG");
    act->set_purpose("SAFE_RETURN");
    act->add_groups(v1::RECORD_GROUP_STATUS);
    act->set_state("GIVEN");
    act->set_language("ha");
    act->set_withdrawal_channel("SHELTER");
    EXPECT_OK((Call<ops::RecordConsentResponse, ops::CaseService>(
        ne_, &ops::CaseService::Stub::RecordConsent, consent)));
    ops::CreateReferralRequest draft;
    draft.set_case_id("C1");
    draft.set_receiver("NG");
    draft.set_purpose("SAFE_RETURN");
    const auto drafted =
        Call<ops::CreateReferralResponse, ops::ReferralService>(
            ne_, &ops::ReferralService::Stub::CreateReferral, draft);
    EXPECT_OK(drafted);
    ops::ClearReferralRequest clear;
    clear.set_referral_id(drafted->referral().referral_id());
    clear.set_risk("LOW");
    clear.set_reflection_waived(true);
    EXPECT_OK((Call<ops::ClearReferralResponse, ops::ReferralStepService>(
        ne_, &ops::ReferralStepService::Stub::ClearReferral, clear, "second")));
    ops::SendReferralRequest send;
    send.set_referral_id(drafted->referral().referral_id());
    EXPECT_OK((Call<ops::SendReferralResponse, ops::ReferralService>(
        ne_, &ops::ReferralService::Stub::SendReferral, send)));
    return send.referral_id();
  }

  absl::StatusOr<ops::GetReferralResponse> Show(TestParticipant& node,
                                                const std::string& id) {
    ops::GetReferralRequest request;
    request.set_referral_id(id);
    CommandContext& coord = node.As("ORG", Role::kCoordinator, "coord");
    return coord.Call<ops::ReferralService, ops::GetReferralResponse>(
        &ops::ReferralService::Stub::GetReferral, request);
  }

  // Asks until `done`, for 10 seconds at most.
  bool Await(const std::function<bool()>& done) {
    const absl::Time limit = absl::Now() + absl::Seconds(10);
    while (!done()) {
      if (absl::Now() > limit) return false;
    }
    return true;
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
};

// Laws 6 and 7: the receiver is away, both sides restart, nothing is lost and
// nothing doubled.
TEST_F(ReferralDeliveryTest, Law6AReferralOutlivesRestartsOfBothSides) {
  const std::string id = SendReferral();
  EXPECT_EQ(Show(ne_, id)->referral().undelivered_events(), 1u);
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Await([&] { return Show(ng_, id).ok(); }));
  ASSERT_TRUE(Await(
      [&] { return Show(ne_, id)->referral().undelivered_events() == 0; }));
  ops::AcceptReferralRequest accept;
  accept.set_referral_id(id);
  EXPECT_OK((Call<ops::AcceptReferralResponse, ops::ReferralService>(
      ng_, &ops::ReferralService::Stub::AcceptReferral, accept)));
  EXPECT_THAT((Call<ops::AcceptReferralResponse, ops::ReferralService>(
                  ng_, &ops::ReferralService::Stub::AcceptReferral, accept)),
              FailsWith(ErrorReason::kReferralStateConflict));
  ASSERT_TRUE(
      Await([&] { return Show(ne_, id)->referral().state() == "ACCEPTED"; }));
  EXPECT_EQ(Show(ne_, id)->history_size(), 2);
  EXPECT_EQ(Show(ng_, id)->history_size(), 2);
}

// Law 4: what arrives before acceptance has no identity in it.
TEST_F(ReferralDeliveryTest, Law4ThePacketHasNoIdentity) {
  const std::string id = SendReferral();
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Await([&] { return Show(ng_, id).ok(); }));
  const auto shown = Show(ng_, id);
  EXPECT_EQ(shown->packet().cas_status(), "Active");
  for (const char* canary : {kCanary, "2001-02-03", "+00012345678", "C1"}) {
    EXPECT_EQ(shown->SerializeAsString().find(canary), std::string::npos)
        << canary;
  }
}

}  // namespace
}  // namespace comity
