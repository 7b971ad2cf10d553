#include "absl/strings/str_join.h"
#include "comity/federation/v1/subject.pb.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/wire/enum_code.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using Subjects = ops::SubjectService;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// "ASKED_BY_OTHER NG CASE_QUERY STATUS", with " refused" where it was.
std::string Told(const fed::SubjectLine& line) {
  std::vector<std::string> words = {
      EnumCode(*fed::SubjectAct_descriptor(), line.act())};
  if (!line.participant().empty()) words.push_back(line.participant());
  words.push_back(line.operation());
  for (const int group : line.groups()) {
    words.emplace_back(Name(static_cast<FieldGroup>(group)));
  }
  for (const fed::ErasedCopies& each : line.copies()) {
    words.push_back(EnumCode(*fed::CopyClass_descriptor(), each.copies()));
    words.push_back(
        EnumCode(*fed::ErasureOutcome_descriptor(), each.outcome()));
  }
  if (line.refused()) words.emplace_back("refused");
  return absl::StrJoin(words, " ");
}

template <typename Lines>
std::vector<std::string> AllTold(const Lines& lines) {
  std::vector<std::string> told;
  for (const fed::SubjectLine& line : lines) told.push_back(Told(line));
  return told;
}

// Niger refers to Nigeria, and the person asks who learnt what.
class SubjectReportTest : public BorderTest {
 protected:
  static constexpr auto kStatus = v1::RECORD_GROUP_STATUS;
  static constexpr auto kNeeds = v1::RECORD_GROUP_NEEDS;

  void SetUp() override { Open({}); }

  CommandContext& Dpo(TestParticipant& node) {
    return node.As("ORG", Role::kDataProtectionOfficer, "dpo");
  }
  // Sent, received and accepted.
  ops::Referral Refer() {
    const ops::Referral draft = MakeCase("C1", {kStatus, kNeeds});
    EXPECT_OK(Send("coord", draft));
    EXPECT_TRUE(Await([&] { return Show(ng_, draft.referral_id()).ok(); }));
    ops::AcceptReferralRequest accept;
    accept.set_referral_id(draft.referral_id());
    EXPECT_OK((As<ops::ReferralService, ops::AcceptReferralResponse>(
        Coordinator(ng_, "receiver"),
        &ops::ReferralService::Stub::AcceptReferral, accept)));
    EXPECT_TRUE(Await([&] {
      const auto shown = Show(ne_, draft.referral_id());
      return shown.ok() && shown->referral().state() == "ACCEPTED" &&
             shown->referral().undelivered_events() == 0;
    }));
    return draft;
  }
  void MakeCaseAtNigeria(const ops::Referral& referral, bool flagged = false) {
    ops::CreateCaseRequest create;
    create.set_referral_id(referral.referral_id());
    create.mutable_record()->set_x_local_reference("NG-1");
    create.mutable_screening()->add_never_share_with(flagged ? "NE" : "ML");
    ASSERT_OK((As<ops::CaseService, ops::CreateCaseResponse>(
        Coordinator(ng_, "receiver"), &ops::CaseService::Stub::CreateCase,
        create)));
  }
  void ExcludeNigeria() {
    ops::RecordScreeningRequest request;
    request.set_case_id("C1");
    request.mutable_screening()->add_never_share_with("NG");
    ASSERT_OK((As<ops::CaseService, ops::RecordScreeningResponse>(
        Coordinator(ne_, "coord"), &ops::CaseService::Stub::RecordScreening,
        request)));
  }
  absl::StatusOr<ops::GetSubjectReportResponse> Report(
      CommandContext& person, const ops::GetSubjectReportRequest& request) {
    return As<Subjects, ops::GetSubjectReportResponse>(
        person, &Subjects::Stub::GetSubjectReport, request);
  }
  absl::StatusOr<ops::GetSubjectReportResponse> Report(
      CommandContext& person, const std::string& name = "C1") {
    ops::GetSubjectReportRequest request;
    request.set_case_id(name);
    return Report(person, request);
  }
  absl::StatusOr<ops::RequestSubjectAccountResponse> AskNigeria(
      const ops::Referral& referral) {
    ops::RequestSubjectAccountRequest request;
    request.set_referral_id(referral.referral_id());
    return As<Subjects, ops::RequestSubjectAccountResponse>(
        Dpo(ne_), &Subjects::Stub::RequestSubjectAccount, request);
  }
  // The one referral is in `state`, no clock of it runs and every event has its
  // receipt. A list of codes is no line of a report, however often it is read.
  bool NothingIsOwed(const std::string& state) {
    const auto list = As<ops::ReferralService, ops::ListReferralsResponse>(
        Coordinator(ne_, "coord"), &ops::ReferralService::Stub::ListReferrals,
        ops::ListReferralsRequest());
    EXPECT_OK(list);
    return list->referrals_size() == 1 && list->referrals(0).state() == state &&
           list->referrals(0).clocks().empty() &&
           list->referrals(0).undelivered_events() == 0;
  }
  uint64_t SizeOfLog(TestParticipant& node, const std::string& log) {
    const auto verified = As<ops::AdminService, ops::VerifyLogsResponse>(
        node.As("ORG", Role::kAuditor, "auditor"),
        &ops::AdminService::Stub::VerifyLogs, ops::VerifyLogsRequest());
    EXPECT_OK(verified);
    for (const auto& each : verified->logs()) {
      EXPECT_TRUE(each.ok()) << each.log();
      if (each.log() == log) return each.size();
    }
    return 0;
  }
};

TEST_F(SubjectReportTest, ItTellsWhoAskedAndReceivedWhat) {
  const ops::Referral referral = Refer();
  EXPECT_EQ(OutcomeOf(AskStatus("officer", referral)), "RELEASED");
  const auto report = Report(Dpo(ne_));
  ASSERT_OK(report);
  const std::vector<std::string> told = AllTold(report->lines());
  EXPECT_THAT(told, Contains("AT_HOME CASE_CREATE"));
  EXPECT_THAT(told, Contains("AT_HOME CONSENT_RECORD"));
  EXPECT_THAT(told, Contains("AT_HOME NG REFERRAL_CLEAR"));
  EXPECT_THAT(told, Contains("TOLD_TO_OTHER NG SENT STATUS NEEDS"));
  EXPECT_THAT(told, Contains("RECEIPT_OF_OTHER NG SENT STATUS NEEDS"));
  EXPECT_THAT(told, Contains("TOLD_BY_OTHER NG ACCEPTED"));
  EXPECT_THAT(told, Contains("ASKED_BY_OTHER NG CASE_QUERY STATUS"));
  EXPECT_EQ(report->participant(), "NE");
  ASSERT_EQ(report->referrals_size(), 1);
  EXPECT_EQ(report->referrals(0).participant(), "NG");
  EXPECT_FALSE(report->referrals(0).excluded());
}

TEST_F(SubjectReportTest, ItTellsByWhichRightAndWhenButNamesNoOfficer) {
  const ops::Referral referral = Refer();
  EXPECT_EQ(OutcomeOf(AskStatus("officer", referral)), "RELEASED");
  const auto report = Report(Dpo(ne_));
  ASSERT_OK(report);
  for (const fed::SubjectLine& line : report->lines()) {
    if (line.act() == fed::SUBJECT_ACT_ASKED_BY_OTHER) {
      EXPECT_EQ(line.organisation(), "ORG");
      EXPECT_EQ(line.role(), "COORDINATOR");
      EXPECT_EQ(line.purpose(), "SAFE_RETURN");
      EXPECT_EQ(line.basis(), "CONSENT");
      EXPECT_EQ(line.agreement_id(), "ng-ne-bilateral");
      EXPECT_THAT(line.rules(), Contains(StartsWith("ng-ne-bilateral/")));
    }
    EXPECT_EQ(line.has_delivered_at(),
              line.operation() == "SENT" || line.operation() == "ACCEPTED");
    EXPECT_TRUE(line.has_time());
  }
  const std::string all = report->DebugString();
  for (const char* person : {"coord\"", "clearer", "officer", "receiver"}) {
    EXPECT_THAT(all, Not(HasSubstr(person)));
  }
}

TEST_F(SubjectReportTest, ARefusalIsToldWithoutItsReason) {
  const ops::Referral referral = Refer();
  ops::RequestCaseRequest question = StatusQuestion(referral);
  question.clear_wanted();
  question.add_wanted(v1::RECORD_GROUP_MEDICAL);
  EXPECT_EQ(OutcomeOf(Ask("officer", question)), "NOT_AVAILABLE");
  const auto report = Report(Dpo(ne_));
  ASSERT_OK(report);
  EXPECT_THAT(AllTold(report->lines()),
              Contains("ASKED_BY_OTHER NG CASE_QUERY refused"));
  EXPECT_THAT(report->DebugString(), Not(HasSubstr("NO_CONDITION")));
  for (const fed::SubjectLine& line : report->lines()) {
    if (line.refused()) {
      EXPECT_THAT(line.rules(), IsEmpty());
    }
  }
}

TEST_F(SubjectReportTest, AWithdrawalIsToldWithWhatBecameOfCopies) {
  MakeCaseAtNigeria(Refer());
  ops::WithdrawConsentRequest withdraw;
  withdraw.set_case_id("C1");
  withdraw.set_channel("HELPLINE");
  ASSERT_OK((As<ops::ConsentService, ops::WithdrawConsentResponse>(
      Coordinator(ne_, "coord"), &ops::ConsentService::Stub::WithdrawConsent,
      withdraw)));
  ASSERT_TRUE(Await([&] { return NothingIsOwed("WITHDRAWN"); }));
  const auto report = Report(Dpo(ne_));
  ASSERT_OK(report);
  const std::vector<std::string> told = AllTold(report->lines());
  EXPECT_THAT(told, Contains("AT_HOME CONSENT_WITHDRAW"));
  EXPECT_THAT(told, Contains("RECEIPT_OF_OTHER NG CONSENT_WITHDRAWN"));
  EXPECT_THAT(told, Contains("TOLD_BY_OTHER NG ERASURE_CONFIRMED DOSSIER "
                             "ERASED CASE ERASED"));
  ASSERT_EQ(report->withdrawals_size(), 1);
  EXPECT_EQ(report->withdrawals(0).copies_size(), 2);
}

TEST_F(SubjectReportTest, WhatIsLeftOutIsGoneAndSaidToBe) {
  Refer();
  ops::GetSubjectReportRequest request;
  request.set_case_id("C1");
  request.mutable_redact()->set_partners(true);
  request.mutable_redact()->set_times(true);
  request.mutable_redact()->set_own_people(true);
  const auto report = Report(Dpo(ne_), request);
  ASSERT_OK(report);
  EXPECT_TRUE(report->left_out().partners());
  EXPECT_TRUE(report->left_out().times());
  EXPECT_TRUE(report->left_out().own_people());
  ASSERT_GT(report->lines_size(), 0);
  for (const fed::SubjectLine& line : report->lines()) {
    EXPECT_NE(line.act(), fed::SUBJECT_ACT_AT_HOME);
    EXPECT_FALSE(line.has_time());
    EXPECT_FALSE(line.has_delivered_at());
  }
  EXPECT_THAT(report->DebugString(), Not(HasSubstr("\"NG\"")));
  EXPECT_THAT(report->DebugString(), Not(HasSubstr("ng-ne")));
}

TEST_F(SubjectReportTest, OnlyWhoMayReachesOnlyWhatSheMay) {
  Refer();
  EXPECT_OK(Report(ne_.As("ORG", Role::kCaseWorker, "worker")));
  EXPECT_THAT(Report(ne_.As("SHELTER", Role::kCaseWorker, "other")),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Report(ne_.As("ORG", Role::kStatistician, "stat")),
              FailsWith(ErrorReason::kLocalAccessDenied));
}

TEST_F(SubjectReportTest, AReportIsALineOfTheNextAndOfNobodyElses) {
  Refer();
  MakeCase("C2", {kStatus});
  ASSERT_OK(Report(Dpo(ne_)));
  EXPECT_THAT(AllTold(Report(Dpo(ne_))->lines()),
              Contains("AT_HOME SUBJECT_REPORT").Times(1));
  const auto other = Report(Dpo(ne_), "C2");
  ASSERT_OK(other);
  EXPECT_THAT(AllTold(other->lines()), Not(Contains("AT_HOME SUBJECT_REPORT")));
  EXPECT_THAT(AllTold(other->lines()), Not(Contains(HasSubstr("ACCEPTED"))));
}

TEST_F(SubjectReportTest, WhoeverListsCasesHasSeenHer) {
  MakeCase("C1", {kStatus});
  ASSERT_OK((As<ops::CaseService, ops::ListCasesResponse>(
      Coordinator(ne_, "coord"), &ops::CaseService::Stub::ListCases,
      ops::ListCasesRequest())));
  EXPECT_THAT(AllTold(Report(Dpo(ne_))->lines()),
              Contains("AT_HOME CASE_READ"));
}

TEST_F(SubjectReportTest, PagesGiveTheSameLinesAsOne) {
  Refer();
  const auto whole = Report(Dpo(ne_));
  ASSERT_OK(whole);
  ops::GetSubjectReportRequest request;
  request.set_case_id("C1");
  request.set_page_size(2);
  std::vector<std::string> told;
  while (told.size() < static_cast<size_t>(whole->lines_size())) {
    const auto page = Report(Dpo(ne_), request);
    ASSERT_OK(page);
    ASSERT_LE(page->lines_size(), 2);
    for (const std::string& each : AllTold(page->lines())) told.push_back(each);
    request.set_page_token(page->next_page_token());
  }
  told.resize(static_cast<size_t>(whole->lines_size()));
  EXPECT_EQ(told, AllTold(whole->lines()));
}

TEST_F(SubjectReportTest, TheReceiverAccountsForWhatItWasTold) {
  const ops::Referral referral = Refer();
  EXPECT_EQ(OutcomeOf(AskStatus("officer", referral)), "RELEASED");
  ops::GetSubjectReportRequest by_referral;
  by_referral.set_referral_id(referral.referral_id());
  const auto before = Report(Dpo(ng_), by_referral);
  ASSERT_OK(before);
  EXPECT_THAT(AllTold(before->lines()),
              Contains("TOLD_BY_OTHER NE SENT STATUS NEEDS"));
  EXPECT_THAT(Report(ng_.As("ORG", Role::kCaseWorker, "worker"), by_referral),
              FailsWith(ErrorReason::kLocalAccessDenied));
  MakeCaseAtNigeria(referral);
  const auto report = Report(Dpo(ng_), "NG-1");
  ASSERT_OK(report);
  const std::vector<std::string> told = AllTold(report->lines());
  EXPECT_THAT(told, Contains("TOLD_BY_OTHER NE SENT STATUS NEEDS"));
  EXPECT_THAT(told, Contains("ASKED_OTHER NE CASE_QUERY STATUS"));
  EXPECT_THAT(told, Contains("AT_HOME NE CASE_CREATE"));
}

TEST_F(SubjectReportTest, ThePartnerTellsWhatItDid) {
  const ops::Referral referral = Refer();
  MakeCaseAtNigeria(referral);
  const auto answer = AskNigeria(referral);
  ASSERT_OK(answer);
  EXPECT_EQ(answer->participant(), "NG");
  ASSERT_TRUE(answer->has_account()) << answer->refusal();
  const std::vector<std::string> told = AllTold(answer->account().lines());
  EXPECT_THAT(told, Contains("TOLD_BY_OTHER NE SENT STATUS NEEDS"));
  EXPECT_THAT(told, Contains("TOLD_TO_OTHER NE ACCEPTED"));
  EXPECT_THAT(told, Contains("AT_HOME NE CASE_CREATE"));
  for (const fed::SubjectLine& line : answer->account().lines()) {
    EXPECT_THAT(line.rules(), IsEmpty());
    EXPECT_THAT(line.operation(), Not("DANGER_SCREEN"));
  }
  EXPECT_THAT(AllTold(Report(Dpo(ne_))->lines()),
              Contains("ASKED_OTHER NG SUBJECT_ACCESS"));
  EXPECT_THAT(AllTold(Report(Dpo(ng_), "NG-1")->lines()),
              Contains("ASKED_BY_OTHER NE SUBJECT_ACCESS"));
}

TEST_F(SubjectReportTest, Law3APartnerThatAFlagExcludesIsNotAsked) {
  const ops::Referral referral = Refer();
  ExcludeNigeria();
  const uint64_t before = SizeOfLog(ne_, "comity/NE/NG");
  EXPECT_THAT(AskNigeria(referral), FailsWith(ErrorReason::kNotAvailable));
  EXPECT_EQ(SizeOfLog(ne_, "comity/NE/NG"), before);
  const auto report = Report(Dpo(ne_));
  ASSERT_OK(report);
  EXPECT_TRUE(report->referrals(0).excluded());
}

TEST_F(SubjectReportTest, Law3APartnerTellsNothingToWhomItsOwnFlagExcludes) {
  const ops::Referral referral = Refer();
  MakeCaseAtNigeria(referral, true);
  const auto answer = AskNigeria(referral);
  ASSERT_OK(answer);
  EXPECT_FALSE(answer->has_account());
  EXPECT_EQ(answer->refusal(), "NOT_AVAILABLE");
}

TEST_F(SubjectReportTest, WhatWasNeverSentIsNobodyElsesBusiness) {
  const ops::Referral draft = MakeCase("C1", {kStatus});
  EXPECT_THAT(AskNigeria(draft),
              FailsWith(ErrorReason::kReferralStateConflict));
}

// Law 10: who is excluded learns what one learns who asks for a stranger.
TEST_F(SubjectReportTest, Law10AnExcludedPartnerAndAStrangerLookTheSame) {
  ng_.Stop();
  const ops::Referral draft = MakeCase("C1", {kStatus});
  ASSERT_OK(Send("coord", draft));
  HandmadePartner nigeria(ng_, ne_, clock_);
  const auto ask = [&](const Uuid& pseudonym) -> fed::SubjectAnswer {
    fed::SubjectQuestion question;
    question.set_referral_id(draft.referral_id());
    question.set_pseudonym(pseudonym.ToBytes());
    question.set_role("COORDINATOR");
    question.set_organisation("NAPTIP");
    fed::SubjectAnswer answer;
    EXPECT_OK(nigeria.ProveHeads());
    const auto received = nigeria.peer().AskSubject(
        nigeria.Send(MessageKind::kSubjectQuestion, NewUuid(nigeria.random()),
                     "comity.federation.v1.SubjectQuestion",
                     question.SerializeAsString()),
        absl::Seconds(5));
    EXPECT_OK(received);
    if (received.ok()) {
      EXPECT_OK(nigeria.Verify(*received, MessageKind::kSubjectAnswer));
      EXPECT_TRUE(answer.ParseFromString(received->payload));
    }
    return answer;
  };
  const Uuid hers = *Uuid::Parse(draft.pseudonym());
  EXPECT_TRUE(ask(hers).has_account());
  const fed::SubjectAnswer stranger = ask(NewUuid(nigeria.random()));
  ExcludeNigeria();
  const fed::SubjectAnswer excluded = ask(hers);
  EXPECT_TRUE(excluded.has_refusal());
  EXPECT_EQ(excluded.SerializeAsString(), stranger.SerializeAsString());
  EXPECT_EQ(excluded.ByteSizeLong() % 8192, 0u);
}

}  // namespace
}  // namespace comity
