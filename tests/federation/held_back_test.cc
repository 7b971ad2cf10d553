#include <thread>

#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Consents = ops::ConsentService;
using testing::Contains;
using testing::Not;

// Danger flags that come while something waits for the side that they exclude.
class HeldBackTest : public ReferralStory {
 protected:
  static constexpr auto kNeeds = v1::RECORD_GROUP_NEEDS;

  absl::Status Flag(CommandContext& person, const std::string& case_id,
                    const std::string& excluded) {
    ops::RecordScreeningRequest request;
    request.set_case_id(case_id);
    request.mutable_screening()->add_never_share_with(excluded);
    return As<ops::CaseService, ops::RecordScreeningResponse>(
               person, &ops::CaseService::Stub::RecordScreening, request)
        .status();
  }
  absl::Status WithdrawNeeds() {
    ops::WithdrawConsentRequest request;
    request.set_case_id("C1");
    request.set_channel("CASE_WORKER");
    request.add_groups(kNeeds);
    return As<Consents, ops::WithdrawConsentResponse>(
               Holder(), &Consents::Stub::WithdrawConsent, request)
        .status();
  }
  absl::Status MakeOwnCase(const std::string& id, const std::string& reference,
                           const std::string& excluded = "TG") {
    ops::CreateCaseRequest create;
    create.set_referral_id(id);
    create.mutable_record()->set_x_local_reference(reference);
    create.mutable_screening()->add_never_share_with(excluded);
    return As<ops::CaseService, ops::CreateCaseResponse>(
               Receiver(), &ops::CaseService::Stub::CreateCase, create)
        .status();
  }
  absl::StatusOr<ops::GetCaseResponse> OwnCase(const std::string& reference) {
    ops::GetCaseRequest request;
    request.set_case_id(reference);
    return As<ops::CaseService, ops::GetCaseResponse>(
        Receiver(), &ops::CaseService::Stub::GetCase, request);
  }
  std::string Accepted(const std::string& reference) {
    const std::string id = Refer(reference);
    EXPECT_OK(Accept(id));
    ExpectBoth(id, "ACCEPTED");
    return id;
  }
  bool Answered(const std::string& id) {
    return Await([&] {
      const auto shown = Show(ne_, id);
      return shown.ok() && shown->withdrawal().copies_size() > 0;
    });
  }
  // What leaves Nigeria's node for Niger's left: another referral's answer did.
  void ExpectOthersPass(const std::string& reference) { Accepted(reference); }
};

TEST_F(HeldBackTest, Law5AWithdrawalReachesAnExcludedSideAheadOfWhatIsHeld) {
  Open({});
  const std::string id = Accepted("C1");
  ng_.Stop();
  ASSERT_OK(Propose(Holder(), id));
  ASSERT_OK(Flag(Holder(), "C1", "NG"));
  ASSERT_OK(WithdrawNeeds());
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Answered(id));
  EXPECT_THAT(KindsAt(ng_, id), Contains("NE CONSENT_WITHDRAWN"));
  EXPECT_THAT(KindsAt(ng_, id), Not(Contains("NE PLAN_PROPOSED")));
}

TEST_F(HeldBackTest, Law5AFlagBehindAWithdrawalDoesNotHoldItUp) {
  Open({});
  const std::string id = Accepted("C1");
  ng_.Stop();
  ASSERT_OK(Propose(Holder(), id));
  ASSERT_OK(WithdrawNeeds());
  ASSERT_OK(Flag(Holder(), "C1", "NG"));
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Answered(id));
  EXPECT_THAT(KindsAt(ng_, id), Contains("NE CONSENT_WITHDRAWN"));
  EXPECT_THAT(KindsAt(ng_, id), Not(Contains("NE PLAN_PROPOSED")));
}

TEST_F(HeldBackTest, Law3TheReceiversFlagHoldsBackWhatWaitsThere) {
  Open({});
  const std::string id = Accepted("C1");
  ASSERT_OK(MakeOwnCase(id, "NG-1"));
  ne_.Stop();
  ASSERT_OK(Propose(Receiver(), id));
  ASSERT_OK(Flag(Receiver(), "NG-1", "NE"));
  ASSERT_OK(ne_.Start(clock_));
  ExpectOthersPass("C2");
  EXPECT_THAT(KindsAt(ne_, id), Not(Contains("NG PLAN_PROPOSED")));
  // It follows when nothing excludes Niger any more.
  ASSERT_OK(Flag(Receiver(), "NG-1", "TG"));
  EXPECT_TRUE(Await([&] {
    const auto kinds = KindsAt(ne_, id);
    return std::count(kinds.begin(), kinds.end(), "NG PLAN_PROPOSED") == 1;
  }));
}

TEST_F(HeldBackTest, Law3TheReceiverAsksNothingOfASideThatItsFlagExcludes) {
  Open({});
  const std::string id = Accepted("C1");
  ASSERT_OK(MakeOwnCase(id, "NG-1"));
  ops::RequestCaseRequest question;
  question.set_holder("NE");
  question.set_referral_id(id);
  question.set_purpose("SAFE_RETURN");
  question.add_wanted(v1::RECORD_GROUP_STATUS);
  ASSERT_OK(BorderTest::Ask("coord", question));
  ASSERT_OK(Flag(Receiver(), "NG-1", "NE"));
  // Nobody there answered: the question did not leave.
  EXPECT_THAT(BorderTest::Ask("coord", question),
              FailsWith(ErrorReason::kNotAvailable));
}

TEST_F(HeldBackTest, Law3NoStepIsNextThatAFlagBars) {
  Open({});
  const std::string id = Accepted("C1");
  ASSERT_OK(MakeOwnCase(id, "NG-1"));
  const auto next_at = [&](TestParticipant& node) {
    const auto shown = Show(node, id);
    EXPECT_OK(shown);
    return shown.ok() ? shown->referral().next_steps_size() : -1;
  };
  EXPECT_GT(next_at(ne_), 0);
  ASSERT_OK(Flag(Holder(), "C1", "NG"));
  EXPECT_EQ(next_at(ne_), 0);
  EXPECT_GT(next_at(ng_), 0);
  ASSERT_OK(Flag(Receiver(), "NG-1", "NE"));
  EXPECT_EQ(next_at(ng_), 0);
  ASSERT_OK(Flag(Receiver(), "NG-1", "TG"));
  EXPECT_GT(next_at(ng_), 0);
}

TEST_F(HeldBackTest, Law3APseudonymOrAnotherReferralIsNoWayAroundTheFlag) {
  Open({});
  const std::string id = Accepted("C1");
  const auto sent = Show(ng_, id);
  ASSERT_OK(sent);
  ASSERT_OK(MakeOwnCase(id, "NG-1"));
  ops::RequestCaseRequest question;
  question.set_holder("NE");
  question.set_pseudonym(sent->referral().pseudonym());
  question.set_purpose("SAFE_RETURN");
  question.add_wanted(v1::RECORD_GROUP_STATUS);
  ASSERT_OK(BorderTest::Ask("coord", question));
  ASSERT_OK(Flag(Receiver(), "NG-1", "NE"));
  EXPECT_THAT(BorderTest::Ask("coord", question),
              FailsWith(ErrorReason::kNotAvailable));
  // Nobody's referral beside hers takes the question out either.
  question.set_referral_id(Accepted("C2"));
  EXPECT_THAT(BorderTest::Ask("coord", question),
              FailsWith(ErrorReason::kNotAvailable));
}

TEST_F(HeldBackTest, Law3ACaseThatIsMadeWithAFlagHoldsBackWhatWaits) {
  Open({});
  const std::string id = Accepted("C1");
  ne_.Stop();
  ASSERT_OK(Propose(Receiver(), id));
  ASSERT_OK(MakeOwnCase(id, "NG-1", "NE"));
  ASSERT_OK(ne_.Start(clock_));
  ExpectOthersPass("C2");
  EXPECT_THAT(KindsAt(ne_, id), Not(Contains("NG PLAN_PROPOSED")));
}

TEST_F(HeldBackTest, Law5AnAnswerReachesAnExcludedHolderWithoutWhatIsHeld) {
  Open({});
  const std::string id = Accepted("C1");
  ASSERT_OK(MakeOwnCase(id, "NG-1"));
  ne_.Stop();
  ASSERT_OK(Propose(Receiver(), id));
  ASSERT_OK(Flag(Receiver(), "NG-1", "NE"));
  ASSERT_OK(ne_.Start(clock_));
  ASSERT_OK(WithdrawNeeds());
  ASSERT_TRUE(Answered(id));
  EXPECT_THAT(KindsAt(ne_, id), Not(Contains("NG PLAN_PROPOSED")));
}

// A withdrawal may come while a case is being made of the packet: whichever is
// first, nothing of it is left.
TEST_F(HeldBackTest, Law5NoCaseIsMadeOfWhatIsWithdrawnMeanwhile) {
  Open({});
  CommandContext& second = Coordinator(ng_, "second");
  for (int round = 0; round < 8; ++round) {
    const std::string number = std::to_string(round);
    const std::string id = Accepted("C" + number);
    ops::WithdrawReferralRequest request;
    request.set_referral_id(id);
    request.set_channel("LAWYER");
    absl::Status withdrawn;
    std::thread withdrawing([&] {
      withdrawn = As<Consents, ops::WithdrawReferralResponse>(
                      second, &Consents::Stub::WithdrawReferral, request)
                      .status();
    });
    // Made in time, or refused.
    MakeOwnCase(id, "NG-" + number).IgnoreError();
    withdrawing.join();
    ASSERT_OK(withdrawn);
    EXPECT_THAT(OwnCase("NG-" + number), FailsWith(ErrorReason::kNotFound));
  }
}

}  // namespace
}  // namespace comity
