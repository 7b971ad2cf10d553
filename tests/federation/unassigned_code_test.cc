#include "absl/strings/str_replace.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;

// Albania refers to a participant that ISO 3166 has no code for (domain.md,
// section 5): by the user-assigned code, and by one of the parties' own making.
class UnassignedCodeTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string agreement = absl::StrReplaceAll(
        ReadyPolicy("agreements/ng-ne-bilateral.textproto"),
        {{"\"NE\"", "\"AL\""}, {"\"NG\"", absl::StrCat("\"", code(), "\"")}});
    for (TestParticipant* each : {&al_, &other_}) {
      ASSERT_OK(each->Start(clock_));
      ASSERT_OK(each->Pair(each == &al_ ? other_ : al_));
      ASSERT_OK(each->ActivateTexts(
          {agreement,
           absl::StrReplaceAll(
               ReadyPolicy("local/ne.textproto"),
               {{"node: \"NE\"",
                 absl::StrCat("node: \"", each->code().text(), "\"")}})}));
    }
    // gRPC reads changed anchors once a second; a restart reads them now.
    for (TestParticipant* each : {&al_, &other_}) {
      each->Stop();
      ASSERT_OK(each->Start(clock_));
    }
  }

  std::string code() const { return GetParam(); }

  template <typename Service, typename Response, typename Method,
            typename Request>
  absl::StatusOr<Response> Call(TestParticipant& node, Method method,
                                Request request,
                                const std::string& person = "coord") {
    CommandContext& coordinator = node.As("ORG", Role::kCoordinator, person);
    if constexpr (requires { request.set_request_id(""); }) {
      request.set_request_id(coordinator.NewRequestId());
    }
    return coordinator.Call<Service, Response>(method, request);
  }

  // A person with that citizenship, who consents to be referred; the draft.
  ops::Referral Draft() {
    ops::CreateCaseRequest create;
    create.mutable_record()->set_x_local_reference("C1");
    create.mutable_record()->set_cas_status("Active");
    create.mutable_record()->add_prs_citizenship("XK");
    create.mutable_screening();
    EXPECT_OK((Call<ops::CaseService, ops::CreateCaseResponse>(
        al_, &ops::CaseService::Stub::CreateCase, create)));
    ops::RecordConsentRequest consent;
    consent.set_case_id("C1");
    auto* act = consent.mutable_consent();
    act->set_recipient(code());
    act->set_purpose("SAFE_RETURN");
    act->add_groups(v1::RECORD_GROUP_STATUS);
    act->add_groups(v1::RECORD_GROUP_DEMOGRAPHIC);
    act->set_state("GIVEN");
    act->set_language("sq");
    act->set_withdrawal_channel("SHELTER");
    EXPECT_OK((Call<ops::CaseService, ops::RecordConsentResponse>(
        al_, &ops::CaseService::Stub::RecordConsent, consent)));
    ops::CreateReferralRequest draft;
    draft.set_case_id("C1");
    draft.set_receiver(code());
    draft.set_purpose("SAFE_RETURN");
    const auto drafted =
        Call<ops::ReferralService, ops::CreateReferralResponse>(
            al_, &ops::ReferralService::Stub::CreateReferral, draft);
    EXPECT_OK(drafted);
    return drafted.ok() ? drafted->referral() : ops::Referral();
  }
  absl::Status ClearAndSend(const std::string& id) {
    ops::ClearReferralRequest clear;
    clear.set_referral_id(id);
    clear.set_risk("LOW");
    clear.set_reflection_waived(true);
    RETURN_IF_ERROR((Call<ops::ReferralStepService, ops::ClearReferralResponse>(
                         al_, &ops::ReferralStepService::Stub::ClearReferral,
                         clear, "second"))
                        .status());
    ops::SendReferralRequest send;
    send.set_referral_id(id);
    return Call<ops::ReferralService, ops::SendReferralResponse>(
               al_, &ops::ReferralService::Stub::SendReferral, send)
        .status();
  }
  absl::StatusOr<ops::GetReferralResponse> Show(TestParticipant& node,
                                                const std::string& id) {
    ops::GetReferralRequest request;
    request.set_referral_id(id);
    return Call<ops::ReferralService, ops::GetReferralResponse>(
        node, &ops::ReferralService::Stub::GetReferral, request);
  }
  bool Await(const std::function<bool()>& done) {
    const absl::Time limit = absl::Now() + absl::Seconds(10);
    while (!done()) {
      if (absl::Now() > limit) return false;
    }
    return true;
  }

  FakeClock clock_{absl::Now()};
  TestParticipant al_{"AL", clock_.Now()};
  TestParticipant other_{GetParam(), clock_.Now()};
};

TEST_P(UnassignedCodeTest, AReferralGoesThereAndIsAccepted) {
  const std::string id = Draft().referral_id();
  ASSERT_OK(ClearAndSend(id));
  ASSERT_TRUE(Await([&] { return Show(other_, id).ok(); }));
  ASSERT_OK_AND_ASSIGN(const ops::GetReferralResponse received,
                       Show(other_, id));
  EXPECT_EQ(received.referral().holder(), "AL");
  EXPECT_EQ(received.referral().receiver(), code());
  // Her citizenship has a code too.
  EXPECT_THAT(received.packet().prs_citizenship(), testing::ElementsAre("XK"));
  ops::AcceptReferralRequest accept;
  accept.set_referral_id(id);
  ASSERT_OK((Call<ops::ReferralService, ops::AcceptReferralResponse>(
      other_, &ops::ReferralService::Stub::AcceptReferral, accept)));
  EXPECT_TRUE(Await([&] {
    const auto shown = Show(al_, id);
    return shown.ok() && shown->referral().state() == "ACCEPTED";
  }));
}

TEST_P(UnassignedCodeTest, ItAsksAboutHerAndIsAnswered) {
  const ops::Referral draft = Draft();
  ASSERT_OK(ClearAndSend(draft.referral_id()));
  ASSERT_TRUE(Await([&] { return Show(other_, draft.referral_id()).ok(); }));
  ops::RequestCaseRequest question;
  question.set_holder("AL");
  question.set_pseudonym(draft.pseudonym());
  question.set_purpose("SAFE_RETURN");
  question.add_wanted(v1::RECORD_GROUP_STATUS);
  const auto answered = Call<ops::ReferralService, ops::RequestCaseResponse>(
      other_, &ops::ReferralService::Stub::RequestCase, question);
  ASSERT_OK(answered);
  ASSERT_TRUE(answered->answer().has_released())
      << answered->answer().refusal().reason();
  EXPECT_EQ(answered->answer().released().record().cas_status(), "Active");
}

INSTANTIATE_TEST_SUITE_P(All, UnassignedCodeTest,
                         testing::Values("XK", "XX-KOSOVO"),
                         [](const auto& info) {
                           return absl::StrReplaceAll(info.param, {{"-", "_"}});
                         });

}  // namespace
}  // namespace comity
