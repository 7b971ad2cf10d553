#include <algorithm>

#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "comity/operators/v1/dossier_service.grpc.pb.h"
#include "node/audit/dossier_comparison.h"
#include "node/audit/dossier_verifier.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// She wants no follow-up reports any more, and goes on consenting to all else.
class FollowUpStopTest : public ReferralStory {
 protected:
  using Consents = ops::ConsentService;

  absl::StatusOr<ops::WithdrawFollowUpsResponse> SayNo(CommandContext& person,
                                                       const std::string& id) {
    ops::WithdrawFollowUpsRequest request;
    request.set_referral_id(id);
    request.set_channel("LAWYER");
    return As<Consents, ops::WithdrawFollowUpsResponse>(
        person, &Consents::Stub::WithdrawFollowUps, request);
  }
  // She is assisted in Nigeria, and opted in.
  std::string Assisted() {
    Open({});
    const std::string id = Refer("C1");
    AgreeOnPlan(id);
    ExpectBoth(id, "PLAN_AGREED");
    Travel(id);
    EXPECT_OK(Assist(id));
    ExpectBoth(id, "IN_ASSISTANCE");
    return id;
  }
  // Both nodes know, and wait for nothing.
  void ExpectStopped(const std::string& id, int reports) {
    for (TestParticipant* node : {&ne_, &ng_}) {
      EXPECT_TRUE(Await([&] {
        const auto shown = Show(*node, id);
        return shown.ok() && shown->progress().follow_up_stopped() &&
               shown->referral().undelivered_events() == 0;
      })) << node->code().text();
      const auto shown = Show(*node, id);
      ASSERT_OK(shown);
      EXPECT_FALSE(shown->progress().follow_up());
      EXPECT_EQ(shown->progress().follow_ups_size(), reports);
      EXPECT_EQ(shown->referral().state(), "IN_ASSISTANCE");
      EXPECT_THAT(shown->referral().clocks(), IsEmpty());
      EXPECT_THAT(shown->referral().next_steps(), Not(Contains("follow-up")));
      // Of nothing else consent is gone.
      EXPECT_FALSE(shown->has_withdrawal());
      EXPECT_FALSE(shown->referral().erased());
    }
  }
  // Nigeria was told her status, and is to be told another one.
  void CorrectStatus() {
    using Cases = ops::CaseService;
    ops::GetCaseRequest get;
    get.set_case_id("C1");
    const auto shown =
        As<Cases, ops::GetCaseResponse>(Drafter(), &Cases::Stub::GetCase, get);
    ASSERT_OK(shown);
    ops::CorrectCaseRequest correct;
    correct.set_case_id("C1");
    correct.set_version(shown->case_().version());
    correct.mutable_record()->set_cas_status("FollowUp");
    const auto corrected = As<Cases, ops::CorrectCaseResponse>(
        Drafter(), &Cases::Stub::CorrectCase, correct);
    ASSERT_OK(corrected);
    ASSERT_EQ(corrected->outcomes_size(), 1);
    ASSERT_EQ(corrected->outcomes(0).told_size(), 1);
  }
  absl::StatusOr<DossierFile> Export(TestParticipant& node,
                                     const std::string& id) {
    ops::ExportDossierRequest request;
    request.set_referral_id(id);
    ASSIGN_OR_RETURN(const auto response,
                     (As<ops::DossierService, ops::ExportDossierResponse>(
                         Coordinator(node, "coord"),
                         &ops::DossierService::Stub::ExportDossier, request)));
    return ParseDossierFile(response.file());
  }
};

TEST_F(FollowUpStopTest, Law5SheSaysNoToReportsAloneAndAllElseGoesOn) {
  const std::string id = Assisted();
  ASSERT_OK(FollowUp(id));
  ExpectBoth(id, "IN_ASSISTANCE");
  EXPECT_EQ(Show(ng_, id)->referral().clocks_size(), 1);
  const auto said = SayNo(Holder(), id);
  ASSERT_OK(said);
  EXPECT_EQ(said->reports(), 1u);
  EXPECT_EQ(said->taken_back(), 0u);
  ExpectStopped(id, 1);
  // Nigeria's people are told, and a report is refused with its reason.
  const auto inbox = Inbox(Receiver());
  EXPECT_TRUE(std::any_of(
      inbox.notices().begin(), inbox.notices().end(),
      [](const auto& each) { return each.kind() == "FOLLOW_UP_STOPPED"; }));
  const absl::Status refused = FollowUp(id);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("wants no follow-up reports any more"));
  EXPECT_THAT(SayNo(Receiver(), id),
              FailsWith(ErrorReason::kReferralStateConflict));
  ASSERT_OK(Close(id));
  ExpectBoth(id, "CLOSED");
}

TEST_F(FollowUpStopTest, Law5AReportThatCrossesHasNoEffectOnEitherSide) {
  const std::string id = Assisted();
  ne_.Stop();
  ASSERT_OK(FollowUp(id));
  ng_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  ASSERT_OK(SayNo(Holder(), id));
  ASSERT_OK(ng_.Start(clock_));
  ExpectStopped(id, 0);
  for (TestParticipant* node : {&ne_, &ng_}) {
    EXPECT_THAT(KindsAt(*node, id), Contains("-NG FOLLOW_UP"));
    EXPECT_THAT(KindsAt(*node, id), Contains("NE FOLLOW_UP_STOPPED"));
    const auto shown = Show(*node, id);
    for (const auto& entry : shown->history()) {
      if (entry.kind() != "FOLLOW_UP") continue;
      EXPECT_EQ(entry.summary(), "she had said no to reports");
    }
  }
  ASSERT_OK(Close(id));
  ExpectBoth(id, "CLOSED");
}

TEST_F(FollowUpStopTest, Law5AReportThatWaitsIsTakenBackWhereSheSaysNo) {
  const std::string id = Assisted();
  ne_.Stop();
  ASSERT_OK(FollowUp(id));
  const auto said = SayNo(Receiver(), id);
  ASSERT_OK(said);
  EXPECT_EQ(said->taken_back(), 1u);
  ASSERT_OK(ne_.Start(clock_));
  ExpectStopped(id, 0);
  EXPECT_THAT(KindsAt(ne_, id), Contains("NG FOLLOW_UP_STOPPED"));
  for (const std::string& kind : KindsAt(ne_, id)) {
    EXPECT_THAT(kind, Not(testing::EndsWith("FOLLOW_UP")));
  }
}

// The withdrawal takes back the correction that waits, and her no behind it.
TEST_F(FollowUpStopTest, Law5AWithdrawalOfAGroupDoesNotBringTheReportsBack) {
  Open({});
  const std::string id = Refer("C1");
  AgreeOnPlan(id);
  ExpectBoth(id, "PLAN_AGREED");
  ng_.Stop();
  CorrectStatus();
  ASSERT_OK(SayNo(Holder(), id));
  ops::WithdrawConsentRequest withdraw;
  withdraw.set_case_id("C1");
  withdraw.add_groups(v1::RECORD_GROUP_STATUS);
  withdraw.set_channel("LAWYER");
  ASSERT_OK((As<Consents, ops::WithdrawConsentResponse>(
      Drafter(), &Consents::Stub::WithdrawConsent, withdraw)));
  ASSERT_OK(ng_.Start(clock_));
  for (TestParticipant* node : {&ng_, &ne_}) {
    EXPECT_TRUE(Await([&] {
      const auto shown = Show(*node, id);
      return shown.ok() && shown->has_withdrawal() &&
             shown->progress().follow_up_stopped() &&
             shown->referral().undelivered_events() == 0;
    })) << node->code().text();
  }
  EXPECT_THAT(KindsAt(ng_, id), Contains("NE CONSENT_WITHDRAWN"));
  EXPECT_THAT(KindsAt(ng_, id), Contains("NE FOLLOW_UP_STOPPED"));
  EXPECT_THAT(KindsAt(ng_, id), Not(Contains("NE CORRECTED")));
}

TEST_F(FollowUpStopTest, AReportThatSheWantsNoneIsHerNoAndNoReport) {
  const std::string id = Assisted();
  ops::ReportFollowUpRequest request;
  request.mutable_report()->set_status(
      federation::v1::FOLLOW_UP_STATUS_STOPPED);
  EXPECT_THAT(Take<ops::ReportFollowUpResponse>(
                  Receiver(), id, &Steps::Stub::ReportFollowUp, request),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(FollowUpStopTest, BothDossiersProveIt) {
  const std::string id = Assisted();
  ASSERT_OK(SayNo(Receiver(), id));
  ExpectStopped(id, 0);
  ASSERT_OK_AND_ASSIGN(const DossierFile ours, Export(ne_, id));
  ASSERT_OK_AND_ASSIGN(const DossierFile theirs, Export(ng_, id));
  for (const DossierFile* file : {&ours, &theirs}) {
    const DossierVerdict verdict = VerifyDossier(
        *file,
        {{ne_.code(), ne_.card().log_key}, {ng_.code(), ng_.card().log_key}});
    EXPECT_TRUE(verdict.Holds());
    EXPECT_TRUE(verdict.status.follow_up_stopped);
  }
  const auto differences = CompareDossiers(ours, theirs);
  ASSERT_OK(differences);
  EXPECT_THAT(*differences, IsEmpty());
}

}  // namespace
}  // namespace comity
