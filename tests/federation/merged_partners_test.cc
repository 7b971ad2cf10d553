#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "tests/support/merge_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::ElementsAre;
using testing::IsEmpty;

// What a merge at home means for a partner that knows her, maybe by two names.
class MergedPartnersTest : public MergeStory {
 protected:
  void SetUp() override { Open({}); }

  std::string NameOf(const std::string& referral_id) {
    const auto shown = Show(ne_, referral_id);
    EXPECT_OK(shown);
    return shown->referral().pseudonym();
  }
  // What Niger tells Nigeria of her under a referral: who did what.
  std::vector<std::string> AccountUnder(const std::string& referral_id) {
    ops::RequestSubjectAccountRequest request;
    request.set_referral_id(referral_id);
    const auto answer =
        As<ops::SubjectService, ops::RequestSubjectAccountResponse>(
            ng_.As("ORG", Role::kDataProtectionOfficer, "dpo"),
            &ops::SubjectService::Stub::RequestSubjectAccount, request);
    EXPECT_OK(answer);
    std::vector<std::string> lines;
    if (!answer.ok()) return lines;
    for (const auto& line : answer->account().lines()) {
      lines.push_back(line.participant() + " " + line.operation());
    }
    return lines;
  }
  static int64_t Count(const std::vector<std::string>& lines,
                       const std::string& line) {
    return std::count(lines.begin(), lines.end(), line);
  }
};

TEST_F(MergedPartnersTest, EveryNameOfHersStillAnswers) {
  const std::string first = Refer("C1");
  const std::string second = Refer("C2");
  ASSERT_NE(NameOf(first), NameOf(second));
  const std::string name = NameOf(second);
  const auto merged = Merge();
  ASSERT_OK(merged);
  EXPECT_THAT(merged->moved_referral_ids(), ElementsAre(second));
  EXPECT_EQ(NameOf(second), name);
  EXPECT_EQ(AskBy(first), "RELEASED");
  EXPECT_EQ(AskBy(second), "RELEASED");
  // The referral goes on where it was.
  EXPECT_OK(Accept(second));
  ExpectBoth(second, "ACCEPTED");
}

TEST_F(MergedPartnersTest, Law3AFlagOfTheOtherBarsAtOnce) {
  const std::string first = Refer("C1");
  MakePerson("C2");
  ASSERT_EQ(AskBy(first), "RELEASED");
  ASSERT_OK(Screen("C2", "NG"));
  ASSERT_OK(Merge());
  EXPECT_EQ(AskBy(first), "NOT_AVAILABLE");
}

TEST_F(MergedPartnersTest, Law3APacketThatWaitsIsHeldBackByTheFlagsOfBoth) {
  MakePerson("C1");
  MakePerson("C2");
  ng_.Stop();
  const auto id = Draft("C2");
  ASSERT_OK(id);
  ASSERT_OK(Clear(Holder(), *id));
  ASSERT_OK(SendBy(Drafter(), *id));
  ASSERT_OK(Screen("C1", "NG"));
  ASSERT_OK(Merge());
  ASSERT_OK(ng_.Start(clock_));
  // What was queued after it arrives; it does not.
  Refer("C3");
  EXPECT_THAT(Show(ng_, *id), FailsWith(ErrorReason::kNotFound));
}

// Each dossier hears of what is different from what it was told.
TEST_F(MergedPartnersTest, WhatIsDifferentIsToldAnewToWhoWasToldOtherwise) {
  const std::string first = Refer("C1");
  const std::string second = Refer("C2");
  Edit("C2", [](record::v1::CaseRecord& record) {
    record.set_cas_status("FollowUp");
  });
  const auto merged = Merge({{"cas_Status", "other"}});
  ASSERT_OK(merged);
  ASSERT_EQ(merged->outcomes_size(), 1);
  EXPECT_EQ(merged->outcomes(0).referral_id(), first);
  EXPECT_THAT(merged->outcomes(0).told(), ElementsAre(v1::RECORD_GROUP_STATUS));
  EXPECT_THAT(merged->outcomes(0).refused(), IsEmpty());
  ASSERT_TRUE(Await([&] { return StatusAtReceiver(first) == "FollowUp"; }));
  EXPECT_EQ(StatusAtReceiver(second), "Active");
}

TEST_F(MergedPartnersTest, TheOthersPartnerIsToldWhatTheCaseThatStaysSays) {
  Make("C1", [](record::v1::CaseRecord& record) {
    record.set_cas_status("FollowUp");
  });
  const std::string second = Refer("C2");
  const auto merged = Merge({{"cas_Status", "keep"}});
  ASSERT_OK(merged);
  ASSERT_EQ(merged->outcomes_size(), 1);
  EXPECT_EQ(merged->outcomes(0).referral_id(), second);
  EXPECT_TRUE(Await([&] { return StatusAtReceiver(second) == "FollowUp"; }));
}

TEST_F(MergedPartnersTest, Law5AWithdrawalReachesThePartnerOfTheOther) {
  MakePerson("C1");
  const std::string second = Refer("C2");
  ASSERT_OK(Merge());
  ASSERT_OK(WithdrawConsent("C1"));
  ExpectBoth(second, "WITHDRAWN");
  EXPECT_TRUE(Show(ng_, second)->referral().erased());
}

// She refused in one record and consented in the other: the no stands, and
// reaches who was told under the yes.
TEST_F(MergedPartnersTest, Law5WhatOneRecordSaysNoToIsTakenBack) {
  Make("C1",
       [](record::v1::CaseRecord& record) { record.set_cas_status("Active"); });
  ASSERT_OK(RecordConsent("C1", "REFUSED"));
  clock_.Advance(absl::Minutes(1));
  const std::string second = Refer("C2");
  ASSERT_EQ(StatusAtReceiver(second), "Active");
  const auto merged = Merge();
  ASSERT_OK(merged);
  EXPECT_EQ(merged->withdrawn_consent_ids_size(), 1);
  EXPECT_THAT(merged->withdrawn_referral_ids(), ElementsAre(second));
  EXPECT_TRUE(Await([&] { return StatusAtReceiver(second).empty(); }));
  EXPECT_EQ(AskBy(second), "NOT_AVAILABLE");
  // What she says now counts.
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK(RecordConsent("C1", "GIVEN"));
  EXPECT_EQ(AskBy(second), "RELEASED");
}

TEST_F(MergedPartnersTest, ADraftOfEitherIsClearedAgain) {
  MakePerson("C1");
  MakePerson("C2");
  const auto id = Draft("C2");
  ASSERT_OK(id);
  ASSERT_OK(Clear(Holder(), *id));
  const auto merged = Merge();
  ASSERT_OK(merged);
  EXPECT_THAT(merged->uncleared_referral_ids(), ElementsAre(*id));
  EXPECT_THAT(SendBy(Drafter(), *id),
              FailsWith(ErrorReason::kClearanceMissing));
  ASSERT_OK(Clear(Holder(), *id));
  ASSERT_OK(SendBy(Drafter(), *id));
  ExpectBoth(*id, "RECEIVED");
}

// Nigeria asks what Niger did with her, by either name; neither account holds
// what passed under the other, nor what was done with the other record before.
TEST_F(MergedPartnersTest, NoAccountStatesThatTwoNamesAreOnePerson) {
  const std::string first = Refer("C1");
  const std::string second = Refer("C2");
  ASSERT_EQ(AskBy(first), "RELEASED");
  const std::vector<std::string> before = AccountUnder(first);
  ASSERT_EQ(Count(before, "NG CASE_QUERY"), 1);
  ASSERT_GT(Count(before, "NG SENT"), 0);
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK(Merge());
  clock_.Advance(absl::Minutes(1));
  ASSERT_EQ(AskBy(second), "RELEASED");
  for (const std::string& id : {first, second}) {
    SCOPED_TRACE(id == first ? "first" : "second");
    const std::vector<std::string> lines = AccountUnder(id);
    EXPECT_EQ(Count(lines, "NG CASE_QUERY"), 1);
    EXPECT_EQ(Count(lines, "NG SENT"), Count(before, "NG SENT"));
    EXPECT_EQ(Count(lines, " CASE_CREATE"), 1);
  }
}

// Her name was told in answer to a question by one name, before the merge; the
// dossier of the other, though it is newer, is not told it.
TEST_F(MergedPartnersTest, WhatWasAnsweredByOneNameIsCorrectedUnderItAlone) {
  const std::string first = Refer("C1");
  clock_.Advance(absl::Minutes(1));
  const std::string second = Refer("C2");
  ASSERT_OK(RecordConsent("C1", "GIVEN", v1::RECORD_GROUP_IDENTITY));
  for (const std::string& id : {first, second}) {
    ASSERT_OK(Accept(id));
    ExpectBoth(id, "ACCEPTED");
  }
  Edit("C1", [](record::v1::CaseRecord& record) {
    record.set_prs_second_name("Bello");
  });
  ops::RequestCaseRequest question;
  question.set_holder("NE");
  question.set_referral_id(first);
  question.set_purpose("SAFE_RETURN");
  question.add_wanted(v1::RECORD_GROUP_IDENTITY);
  ASSERT_EQ(OutcomeOf(BorderTest::Ask("officer", question)), "RELEASED");
  ASSERT_OK(Merge());
  ops::CorrectCaseRequest correct;
  correct.set_case_id("C1");
  correct.set_version(See("C1")->version());
  correct.mutable_record()->set_prs_second_name("Belo");
  const auto corrected = As<Cases, ops::CorrectCaseResponse>(
      Drafter(), &Cases::Stub::CorrectCase, correct);
  ASSERT_OK(corrected);
  ASSERT_EQ(corrected->outcomes_size(), 1);
  EXPECT_EQ(corrected->outcomes(0).referral_id(), first);
  EXPECT_THAT(corrected->outcomes(0).told(),
              ElementsAre(v1::RECORD_GROUP_IDENTITY));
}

TEST_F(MergedPartnersTest, Law5ErasingHerReachesThePartnersOfBoth) {
  const std::string first = Refer("C1");
  const std::string second = Refer("C2");
  ASSERT_OK(Merge());
  ops::EraseSubjectRequest erase;
  erase.set_case_id("C1");
  erase.set_ground("SUBJECT_REQUEST");
  erase.set_confirm(true);
  ASSERT_OK((As<ops::SubjectService, ops::EraseSubjectResponse>(
      ne_.As("ORG", Role::kDataProtectionOfficer, "dpo"),
      &ops::SubjectService::Stub::EraseSubject, erase)));
  EXPECT_TRUE(Await([&] {
    return Show(ng_, first)->referral().erased() &&
           Show(ng_, second)->referral().erased();
  }));
}

}  // namespace
}  // namespace comity
