#include "comity/operators/v1/table_service.grpc.pb.h"
#include "tests/support/border.h"
#include "tests/support/published_cases.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using testing::Contains;
using testing::Not;

// Niger left the community on 2025-01-29, Nigeria did not: the region's figures
// across that date, by real nodes of all three.
class MembershipDateTest : public BorderTest {
 protected:
  void SetUp() override {
    Open({});
    const std::string counts =
        ReadyPolicy("agreements/ecowas-counts.textproto");
    ASSERT_OK(ecowas_.Start(clock_));
    ASSERT_OK(
        ecowas_.ActivateTexts({counts, ReadyPolicy("local/ecowas.textproto")}));
    for (TestParticipant* state : {&ne_, &ng_}) {
      ASSERT_OK(state->Pair(ecowas_));
      ASSERT_OK(ecowas_.Pair(*state));
      ASSERT_OK(state->ActivateTexts({counts}));
    }
    for (TestParticipant* each : {&ne_, &ng_, &ecowas_}) {
      each->Stop();
      ASSERT_OK(each->Start(clock_));
    }
    for (TestParticipant* state : {&ne_, &ng_}) {
      PublishPeriod(*state, "2024");
      PublishPeriod(*state, "2025");
    }
  }

  ops::RequestTableResponse Ask(const std::vector<std::string>& members,
                                const std::string& year) {
    CommandContext& person =
        ecowas_.As("COMMISSION", Role::kCommission, "analyst");
    ops::RequestTableRequest request;
    request.set_request_id(person.NewRequestId());
    for (const std::string& member : members) request.add_members(member);
    request.set_period(year);
    request.add_dimensions("sex");
    const auto response =
        person.Call<ops::TableService, ops::RequestTableResponse>(
            &ops::TableService::Stub::RequestTable, request);
    EXPECT_OK(response);
    return response.ok() ? *response : ops::RequestTableResponse();
  }
  // "NE answered", "GH PARTNER_UNKNOWN".
  static std::vector<std::string> Outcomes(
      const ops::RequestTableResponse& response) {
    std::vector<std::string> outcomes;
    for (const ops::MemberOutcome& member : response.members()) {
      outcomes.push_back(member.participant() + " " +
                         (member.has_table() ? "answered" : member.reason()));
    }
    return outcomes;
  }
  // A question of the commission's own making, past what its node asks.
  std::string AnswerToHandmade(const std::string& year) {
    HandmadePartner commission(ecowas_, ne_, clock_, "handmade-" + year);
    fed::TableQuestion question;
    question.set_agreement_id("ecowas-counts");
    question.set_agreement_digest(
        ReadyPolicyDigest("agreements/ecowas-counts.textproto"));
    question.set_purpose("STATISTICS");
    question.set_basis("PUBLIC_TASK");
    question.set_role("COMMISSION");
    question.set_period(year);
    question.add_dimensions("sex");
    SystemRandom random;
    const auto received = commission.peer().AskTable(
        commission.Send(MessageKind::kTableQuestion, NewUuid(random),
                        "comity.federation.v1.TableQuestion",
                        question.SerializeAsString()),
        absl::Seconds(5));
    EXPECT_OK(received);
    fed::TableAnswer answer;
    if (!received.ok() || !answer.ParseFromString(received->payload)) {
      return "no answer";
    }
    return answer.has_table() ? "answered" : answer.refusal().reason();
  }

  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
};

TEST_F(MembershipDateTest, AYearHasWhoWasAMemberAtItsEnd) {
  const auto earlier = Outcomes(Ask({"@ecowas"}, "2024"));
  EXPECT_EQ(earlier.size(), 15u);
  EXPECT_THAT(earlier, Contains("NE answered"));
  EXPECT_THAT(earlier, Contains("NG answered"));
  const auto later = Outcomes(Ask({"@ecowas"}, "2025"));
  EXPECT_EQ(later.size(), 12u);
  EXPECT_THAT(later, Contains("NG answered"));
  EXPECT_THAT(later, Not(Contains(testing::HasSubstr("NE "))));
  // Named outright, it is not asked: the commission has no grant for that year.
  EXPECT_THAT(Outcomes(Ask({"NE"}, "2025")),
              testing::ElementsAre("NE AGREEMENT_NOT_IN_FORCE"));
}

// Whatever the commission's node does.
TEST_F(MembershipDateTest, TheMemberThatLeftRefusesLaterYearsItself) {
  ecowas_.Stop();
  EXPECT_EQ(AnswerToHandmade("2025"), "NO_GRANT");
}

TEST_F(MembershipDateTest, TheMemberThatLeftStillAnswersForEarlierYears) {
  ecowas_.Stop();
  EXPECT_EQ(AnswerToHandmade("2024"), "answered");
}

// What the two agreed between them goes on.
TEST_F(MembershipDateTest, AReferralBetweenTheTwoGoesOnUnderTheirAgreement) {
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ASSERT_OK(Send("coord", draft));
  ASSERT_TRUE(Await([&] { return Show(ng_, draft.referral_id()).ok(); }));
  ops::AcceptReferralRequest accept;
  accept.set_referral_id(draft.referral_id());
  ASSERT_OK((As<ops::ReferralService, ops::AcceptReferralResponse>(
      Coordinator(ng_, "coord"), &ops::ReferralService::Stub::AcceptReferral,
      accept)));
  EXPECT_TRUE(Await([&] {
    const auto shown = Show(ne_, draft.referral_id());
    return shown.ok() && shown->referral().state() == "ACCEPTED";
  }));
}

}  // namespace
}  // namespace comity
