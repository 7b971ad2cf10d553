#include "absl/strings/str_replace.h"
#include "tests/support/referral_calls.h"
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

  // A person with that citizenship, who consents to be referred; the draft.
  ops::Referral Draft() {
    ops::CreateCaseRequest person;
    person.mutable_record()->set_x_local_reference("C1");
    person.mutable_record()->set_cas_status("Active");
    person.mutable_record()->add_prs_citizenship("XK");
    person.mutable_screening();
    return DraftReferral(
        al_, person, code(),
        {v1::RECORD_GROUP_STATUS, v1::RECORD_GROUP_DEMOGRAPHIC}, "sq");
  }

  FakeClock clock_{absl::Now()};
  TestParticipant al_{"AL", clock_.Now()};
  TestParticipant other_{GetParam(), clock_.Now()};
};

TEST_P(UnassignedCodeTest, AReferralGoesThereAndIsAccepted) {
  const std::string id = Draft().referral_id();
  ASSERT_OK(ClearAndSend(al_, id));
  ASSERT_TRUE(AwaitDone([&] { return ReferralAt(other_, id).ok(); }));
  ASSERT_OK_AND_ASSIGN(const ops::GetReferralResponse received,
                       ReferralAt(other_, id));
  EXPECT_EQ(received.referral().holder(), "AL");
  EXPECT_EQ(received.referral().receiver(), code());
  // Her citizenship has a code too.
  EXPECT_THAT(received.packet().prs_citizenship(), testing::ElementsAre("XK"));
  ops::AcceptReferralRequest accept;
  accept.set_referral_id(id);
  ASSERT_OK(
      (CallAsCoordinator<ops::ReferralService, ops::AcceptReferralResponse>(
          other_, &ops::ReferralService::Stub::AcceptReferral, accept)));
  EXPECT_TRUE(AwaitDone([&] {
    const auto shown = ReferralAt(al_, id);
    return shown.ok() && shown->referral().state() == "ACCEPTED";
  }));
}

TEST_P(UnassignedCodeTest, ItAsksAboutHerAndIsAnswered) {
  const ops::Referral draft = Draft();
  ASSERT_OK(ClearAndSend(al_, draft.referral_id()));
  ASSERT_TRUE(
      AwaitDone([&] { return ReferralAt(other_, draft.referral_id()).ok(); }));
  ops::RequestCaseRequest question;
  question.set_holder("AL");
  question.set_pseudonym(draft.pseudonym());
  question.set_purpose("SAFE_RETURN");
  question.add_wanted(v1::RECORD_GROUP_STATUS);
  const auto answered =
      CallAsCoordinator<ops::ReferralService, ops::RequestCaseResponse>(
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
