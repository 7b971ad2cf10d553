#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "node/wire/proto_time.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Consents = ops::ConsentService;
using testing::Contains;
using testing::Not;

// She withdraws in the middle of a referral that has gone some way.
class WithdrawalStoryTest : public ReferralStory {
 protected:
  absl::Status Withdraw(const std::vector<v1::RecordGroup>& groups) {
    ops::WithdrawConsentRequest request;
    request.set_case_id("C1");
    request.set_channel("CASE_WORKER");
    for (const auto group : groups) request.add_groups(group);
    return As<Consents, ops::WithdrawConsentResponse>(
               Holder(), &Consents::Stub::WithdrawConsent, request)
        .status();
  }
  std::vector<std::string> Answers(const std::string& id) {
    std::vector<std::string> answers;
    const auto shown = Show(ne_, id);
    if (!shown.ok()) return answers;
    for (const auto& each : shown->withdrawal().copies()) {
      answers.push_back(each.copies() + " " + each.outcome() + " " +
                        each.ground());
    }
    return answers;
  }
  absl::Time KeptUntil(const std::string& id) {
    const auto shown = Show(ne_, id);
    for (const auto& each : shown->withdrawal().copies()) {
      if (each.outcome() == "KEPT") return *FromProtoTime(each.kept_until());
    }
    return absl::InfinitePast();
  }
  bool Answered(const std::string& id, const std::string& answer) {
    return Await([&] {
      ng_.Tick();
      const auto answers = Answers(id);
      return std::count(answers.begin(), answers.end(), answer) == 1;
    });
  }
  absl::StatusOr<ops::GetCaseResponse> OwnCase() {
    ops::GetCaseRequest request;
    request.set_case_id("NG-1");
    return As<ops::CaseService, ops::GetCaseResponse>(
        Receiver(), &ops::CaseService::Stub::GetCase, request);
  }
};

TEST_F(WithdrawalStoryTest, WhoIsAssistedThereIsNotLeftWithoutHelp) {
  Open({});
  const std::string id = Refer("C1");
  AgreeOnPlan(id);
  ExpectBoth(id, "PLAN_AGREED");
  Travel(id);
  ops::CreateCaseRequest create;
  create.set_referral_id(id);
  create.mutable_record()->set_x_local_reference("NG-1");
  ASSERT_OK((As<ops::CaseService, ops::CreateCaseResponse>(
      Receiver(), &ops::CaseService::Stub::CreateCase, create)));
  ASSERT_OK(Withdraw({}));
  ASSERT_TRUE(Answered(id, "CASE KEPT ASSISTANCE"));
  EXPECT_THAT(Answers(id), Contains("DOSSIER ERASED "));
  EXPECT_TRUE(Show(ng_, id)->referral().erased());
  // The people who assist her still see her case, for 90 days; that a case is
  // erased when its hold ends is WithdrawalTest's.
  EXPECT_OK(OwnCase());
  const absl::Time until = KeptUntil(id);
  EXPECT_GT(until, clock_.Now() + absl::Hours(24 * 90 - 1));
  EXPECT_LE(until, clock_.Now() + absl::Hours(24 * 90));
}

TEST_F(WithdrawalStoryTest, AnAnswerThatWaitsWithAWithdrawnGroupIsTakenBack) {
  Open({});
  const std::string id = Refer("C1");
  ASSERT_OK(Ask(id, {v1::RECORD_GROUP_NEEDS}));
  ExpectBoth(id, "NEEDS_INFO");
  ng_.Stop();
  ASSERT_OK(Answer(Holder(), id));
  EXPECT_EQ(StateAt(ne_, id), "RECEIVED");
  ASSERT_OK(Withdraw({v1::RECORD_GROUP_NEEDS}));
  // It is as if nobody had answered yet.
  EXPECT_EQ(StateAt(ne_, id), "NEEDS_INFO");
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Await([&] { return !Answers(id).empty(); }));
  ExpectBoth(id, "NEEDS_INFO");
  EXPECT_THAT(KindsAt(ng_, id), Not(Contains("NE INFO_ANSWERED")));
  // The dossier goes on: what is left is told.
  ASSERT_OK(Answer(Holder(), id));
  ExpectBoth(id, "RECEIVED");
}

TEST_F(WithdrawalStoryTest, AWholeWithdrawalLeavesNothingElseToDeliver) {
  Open({});
  const std::string id = Refer("C1");
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  ng_.Stop();
  ASSERT_OK(Propose(Holder(), id));
  ASSERT_OK(Withdraw({}));
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Await([&] { return !Answers(id).empty(); }));
  ExpectBoth(id, "WITHDRAWN");
  EXPECT_THAT(KindsAt(ng_, id), Not(Contains("NE PLAN_PROPOSED")));
  EXPECT_THAT(KindsAt(ng_, id), Contains("NE CONSENT_WITHDRAWN"));
}

TEST_F(WithdrawalStoryTest, Law5WhoRefusesWhatSheConsentedToTakesItBack) {
  Open({});
  const std::string id = Refer("C1");
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  ops::RecordConsentRequest refusal;
  refusal.set_case_id("C1");
  auto* act = refusal.mutable_consent();
  act->set_recipient("NG");
  act->set_purpose("SAFE_RETURN");
  act->add_groups(v1::RECORD_GROUP_STATUS);
  act->add_groups(v1::RECORD_GROUP_NEEDS);
  act->set_state("REFUSED");
  act->set_language("ha");
  act->set_withdrawal_channel("SHELTER");
  const auto recorded = As<ops::CaseService, ops::RecordConsentResponse>(
      Holder(), &ops::CaseService::Stub::RecordConsent, refusal);
  ASSERT_OK(recorded);
  EXPECT_THAT(recorded->notified_referral_ids(), Contains(id));
  ASSERT_TRUE(Await([&] { return !Answers(id).empty(); }));
  ExpectBoth(id, "WITHDRAWN");
  EXPECT_TRUE(Show(ng_, id)->referral().erased());
}

}  // namespace
}  // namespace comity
