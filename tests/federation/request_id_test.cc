#include <regex>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/attachment_service.grpc.pb.h"
#include "comity/operators/v1/bundle_service.grpc.pb.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "google/protobuf/text_format.h"
#include "node/crypto/hash.h"
#include "tests/support/operator_call.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using google::protobuf::DescriptorPool;
using google::protobuf::TextFormat;

// One changing call of the story below.
struct Step {
  TestParticipant* node;
  const char* person;
  std::string method;
  std::string request;
  std::string request_id;
  std::string response;  // of the first call
};

// A referral's whole story at two real nodes, each call made twice.
class RequestIdTest : public testing::Test {
 protected:
  void SetUp() override {
    for (TestParticipant* each : {&ne_, &ng_}) {
      ASSERT_OK(each->Start(clock_));
      each->As("ORG", Role::kCoordinator, "coord");
      each->As("ORG", Role::kCoordinator, "second");
      each->As("ORG", Role::kGuardian, "guardian");
      each->As("ORG", Role::kStatistician, "stat");
      each->As("ORG", Role::kDataProtectionOfficer, "dpo");
    }
    ASSERT_OK(ng_.Pair(ne_));
    ASSERT_OK(ng_.Activate({"agreements/ng-ne-bilateral.textproto",
                            "national/ng.textproto", "local/ng.textproto"}));
  }

  // gRPC reads changed anchors once a second; a restart reads them now.
  void Restart() {
    for (TestParticipant* each : {&ne_, &ng_}) {
      each->Stop();
      ASSERT_OK(each->Start(clock_));
    }
  }

  absl::StatusOr<std::string> Call(const Step& step) {
    return CallByName(step.node->As("ORG", Role::kAdmin, step.person),
                      step.method, step.request, step.request_id);
  }

  // Whether the partner's last event must arrive first.
  static bool IsTooEarly(const absl::Status& status) {
    return ReasonOf(status) == ErrorReason::kNotFound ||
           ReasonOf(status) == ErrorReason::kReferralStateConflict;
  }

  // Makes a call once its time has come, then again, then another one under its
  // id.
  void Twice(Step step) {
    SCOPED_TRACE(step.method);
    absl::StatusOr<std::string> first = Call(step);
    const absl::Time limit = absl::Now() + absl::Seconds(10);
    while (IsTooEarly(first.status()) && absl::Now() < limit) {
      first = Call(step);
    }
    ASSERT_OK(first);
    const auto second = Call(step);
    ASSERT_OK(second);
    EXPECT_EQ(*first, *second);
    step.response = *first;
    done_.push_back(step);
    if (step.method == "CaseService/AppendImport") return;
    Step other = step;
    const std::string person = step.person;
    other.method = person == "stat"       ? "TableService/PublishPeriod"
                   : person == "guardian" ? "ReferralStepService/CloseReferral"
                   : person == "dpo"      ? "ConsentService/WithdrawConsent"
                   : person == "admin-1"  ? "AdminService/RemovePartner"
                                          : "CaseService/CreateCase";
    other.request = person == "stat" ? "period: '2017'"
                    : person == "guardian"
                        ? "referral_id: '00000000-0000-4000-8000-000000000001' "
                          "outcome: 'OTHER'"
                    : person == "dpo" ? "case_id: 'C1' channel: 'OFFICE'"
                    : person == "admin-1"
                        ? "participant: 'ZZ'"
                        : "record { x_local_reference: 'other' }";
    EXPECT_THAT(Call(other), FailsWith(ErrorReason::kRequestIdReused));
  }

  void Do(TestParticipant& node, const char* person, const std::string& method,
          const std::string& request, const std::string& request_id = "") {
    Twice({&node, person, method, request,
           request_id.empty() ? NewUuid(random_).ToString() : request_id, ""});
  }

  // From the draft to its delivery; returns the referral as requests name it.
  std::string Refer() {
    const std::string id = NewUuid(random_).ToString();
    const std::string named = absl::StrCat("referral_id: '", id, "'");
    Do(ne_, "coord", "ReferralService/CreateReferral",
       "case_id: 'C1' receiver: 'NG' purpose: 'SAFE_RETURN'", id);
    Do(ne_, "second", "ReferralStepService/ClearReferral",
       named + " risk: 'LOW' reflection_waived: true");
    Do(ne_, "coord", "ReferralService/SendReferral", named);
    return named;
  }

  void Take(TestParticipant& node, const char* person, const std::string& step,
            const std::string& request) {
    Do(node, person, "ReferralStepService/" + step, request);
  }

  std::string Seconds(const char* field, absl::Duration from_now) {
    return absl::StrCat(" ", field, " { seconds: ",
                        absl::ToUnixSeconds(clock_.Now() + from_now), " }");
  }

  // Whoever has no age may be a child: guardians of both sides sign.
  void Plan(const std::string& named) {
    Take(ng_, "coord", "ProposePlan",
         named + " actions { service: 'Health' owner: 'NG' }");
    Take(ne_, "coord", "AcceptPlan", named + " version: 1");
    Take(ne_, "coord", "RecordPlanAnswer",
         named + " version: 1 agrees: true follow_up: true");
    for (const char* what : {"", " for_return: true"}) {
      Take(ne_, "guardian", "ApproveAsGuardian",
           named + " plan_version: 1" + what);
      Take(ng_, "guardian", "ApproveAsGuardian",
           named + " plan_version: 1" + what);
    }
  }

  // A document is written, offered, and destroyed again.
  void OfferDocument(const std::string& named) {
    const std::string content = "%PDF-1.7 a text";
    const std::string id = NewUuid(random_).ToString();
    const std::string document = absl::StrCat(" attachment_id: '", id, "'");
    const auto take = [&](const char* step, const std::string& request,
                          const std::string& request_id = "") {
      Do(ne_, "coord", absl::StrCat("AttachmentService/", step), request,
         request_id);
    };
    take("BeginAttachment",
         absl::StrCat("case_id: 'C1' kind: 'OTHER' media_type: 'PDF' group: "
                      "RECORD_GROUP_STATUS without_name: true size: ",
                      content.size()),
         id);
    take("AppendAttachment",
         absl::StrCat(document, " content: '", content, "'"));
    take("FinishAttachment",
         absl::StrCat(document, " digest: \"", absl::CEscape(Sha256(content)),
                      "\""));
    take("OfferAttachment", named + document);
    take("DeleteAttachment", "case_id: 'C1'" + document);
  }

  // From the question to the end.
  void GoHome(const std::string& named) {
    Take(ng_, "coord", "RequestInfo", named + " groups: RECORD_GROUP_STATUS");
    Take(ne_, "coord", "AnswerInfo", named);
    Do(ng_, "coord", "ReferralService/AcceptReferral", named);
    OfferDocument(named);
    Plan(named);
    Take(ne_, "coord", "ScheduleReturn",
         named + " schedule {" + Seconds("departs_at", absl::Hours(100)) +
             Seconds("arrives_at", absl::Hours(110)) +
             Seconds("reconfirmed_at", -absl::Hours(1)) +
             Seconds("risk_assessed_at", -absl::Hours(1)) + " }");
    Take(ne_, "coord", "AskRisk", named + " question { place: 'NG-KN' }");
    Take(ng_, "coord", "AnswerRisk",
         named +
             " answer { threat: RISK_LEVEL_LOW family_contact: "
             "FAMILY_CONTACT_SAFE" +
             Seconds("valid_until", absl::Hours(200)) + " }");
    Take(ne_, "coord", "ConfirmDeparture", named);
    Take(ng_, "coord", "ConfirmArrival",
         named + " handover {" + Seconds("arrived_at", -absl::Minutes(1)) +
             " }");
    Take(ng_, "coord", "BeginAssistance", named);
    Take(ng_, "coord", "ReportFollowUp",
         named + " report { status: FOLLOW_UP_STATUS_WELL }");
    Do(ng_, "coord", "ConsentService/WithdrawFollowUps",
       named + " channel: 'SHELTER'");
    Take(ng_, "coord", "RecordFeedback",
         named +
             " feedback { answers { question: FEEDBACK_QUESTION_SAFE reply: "
             "FEEDBACK_REPLY_YES }" +
             Seconds("agreed_at", -absl::Minutes(1)) + " }");
    Take(ng_, "coord", "CloseReferral", named + " outcome: 'INCLUDED'");
  }

  void Administer() {
    std::string text;
    TextFormat::PrintToString(ne_.PairingWith(ng_), &text);
    Do(ne_, "admin-1", "AdminService/AddPartner", text);
    const auto activation =
        ne_.ActivationOf({ReadyPolicy("agreements/ng-ne-bilateral.textproto"),
                          ReadyPolicy("national/ne.textproto"),
                          ReadyPolicy("local/ne.textproto")});
    ASSERT_OK(activation);
    TextFormat::PrintToString(*activation, &text);
    Do(ne_, "admin-1", "PolicyService/ActivatePolicy", text);
    ops::ActivatePolicyResponse response;
    ASSERT_TRUE(response.ParseFromString(done_.back().response));
    EXPECT_EQ(response.active_size(), 3);
  }

  // A second revision is proposed, scheduled, and called off again.
  void ChangePolicy() {
    const std::string text =
        std::regex_replace(ReadyPolicy("local/ne.textproto"),
                           std::regex("revision: 1"), "revision: 2");
    ops::ProposePolicyRequest proposal;
    proposal.mutable_file()->set_text(text);
    Do(ne_, "admin-1", "PolicyService/ProposePolicy", proposal.DebugString());
    const auto activation =
        ne_.ActivationOf({text}, clock_.Now() + absl::Hours(24));
    ASSERT_OK(activation);
    Do(ne_, "admin-1", "PolicyService/ActivatePolicy",
       activation->DebugString());
    Do(ne_, "admin-1", "PolicyService/RollbackPolicy", "kind: 'local'");
    ops::RollbackPolicyResponse response;
    ASSERT_TRUE(response.ParseFromString(done_.back().response));
    EXPECT_TRUE(response.switch_called_off());
  }

  void KeepCases() {
    const std::string import = NewUuid(random_).ToString();
    const std::string named = absl::StrCat("import_id: '", import, "'");
    Do(ne_, "coord", "CaseService/BeginImport", "", import);
    Do(ne_, "coord", "CaseService/AppendImport",
       absl::StrCat(named,
                    " sequence: 1 last: true content: 'x_local_reference,"
                    "x_danger\\nC2,none\\n'"));
    Do(ne_, "coord", "CaseService/CommitImport", named);
    Do(ne_, "coord", "CaseService/CreateCase",
       "record { x_local_reference: 'C1' cas_status: 'Active' }");
    Do(ne_, "coord", "CaseService/UpdateCase",
       "case_id: 'C1' version: 1 record { prs_gender: 'Feminine' }");
    Do(ne_, "coord", "CaseService/CorrectCase",
       "case_id: 'C1' version: 2 record { cas_status: 'FollowUp' }");
    Do(ne_, "coord", "CaseService/AssignCase",
       "case_id: 'C1' to: 'ORG/second'");
    Do(ne_, "coord", "CaseService/DelegateCase",
       "case_id: 'C1' to: 'SHELTER/hawa.m'" +
           Seconds("until", absl::Hours(24)));
    Do(ne_, "coord", "CaseService/RecordScreening",
       "case_id: 'C1' screening { never_share_with: 'TG' }");
    Do(ne_, "coord", "CaseService/RecordConsent",
       "case_id: 'C1' consent { recipient: 'NG' purpose: 'SAFE_RETURN' groups: "
       "RECORD_GROUP_STATUS state: 'GIVEN' language: 'ha' "
       "withdrawal_channel: 'SHELTER' }");
    Do(ne_, "coord", "CaseService/RecordConsent",
       "case_id: 'C2' consent { recipient: 'NG' purpose: 'SAFE_RETURN' groups: "
       "RECORD_GROUP_STATUS state: 'GIVEN' language: 'ha' "
       "withdrawal_channel: 'SHELTER' }");
    Do(ne_, "coord", "ConsentService/WithdrawConsent",
       "case_id: 'C2' channel: 'SHELTER'");
    MergeTwo();
    Do(ne_, "stat", "TableService/PublishPeriod", "period: '2018'");
  }

  void MergeTwo() {
    for (const char* reference : {"C3", "C4"}) {
      Do(ne_, "coord", "CaseService/CreateCase",
         absl::StrCat("record { x_local_reference: '", reference, "' }"));
    }
    Do(ne_, "coord", "CaseService/MergeCases",
       "case_id: 'C3' other_case_id: 'C4' version: 1 other_version: 1");
  }

  // A case made of a packet is kept, consent is withdrawn, and people answer.
  void TakeBack() {
    const std::string referral = Refer();
    Do(ng_, "coord", "ReferralService/AcceptReferral", referral);
    Do(ng_, "coord", "CaseService/CreateCase",
       referral + " record { x_local_reference: 'N1' }");
    Do(ng_, "dpo", "ConsentService/HoldCase",
       "case_id: 'N1' ground: 'COURT_ORDER'" +
           Seconds("until", absl::Hours(24)));
    Do(ng_, "coord", "ConsentService/WithdrawReferral",
       referral + " channel: 'SHELTER'");
    Do(ng_, "coord", "ConsentService/ConfirmErasure",
       referral + " copies: 'PAPER' outcome: 'ERASED'");
  }

  // What waits for Nigeria while it is away goes by courier.
  void ReadBundle() {
    ng_.Stop();
    Refer();
    const auto written =
        CallByName(ne_.As("ORG", Role::kAdmin, "coord"),
                   "BundleService/WriteBundle", "partner: 'NG'", "");
    ASSERT_OK(written);
    ops::WriteBundleResponse bundle;
    ASSERT_TRUE(bundle.ParseFromString(*written));
    ASSERT_GT(bundle.events(), 0u);
    ASSERT_OK(ng_.Start(clock_));
    Do(ng_, "coord", "BundleService/ReadBundle",
       absl::StrCat("file: \"", absl::CHexEscape(bundle.file()), "\""));
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  SystemRandom random_;
  std::vector<Step> done_;
};

// Law 7 at home: a repeat has no second effect and the same answer, also after
// a restart; the same id with another body is refused.
TEST_F(RequestIdTest, Law7EveryChangingCallHasOneEffect) {
  Administer();
  ChangePolicy();
  Restart();
  KeepCases();
  const std::string whole = Refer();
  GoHome(whole);
  Do(ng_, "coord", "ReferralService/DeclineReferral",
     Refer() + " reason: 'NO_CAPACITY'");
  Take(ne_, "coord", "CancelReferral", Refer() + " reason: 'ERROR'");
  Restart();
  for (const Step& step : done_) {
    if (step.method == "CaseService/AppendImport") continue;
    SCOPED_TRACE(step.method);
    const auto again = Call(step);
    ASSERT_OK(again);
    EXPECT_EQ(*again, step.response);
  }
  const auto shown = CallByName(ng_.As("ORG", Role::kAdmin, "coord"),
                                "ReferralService/GetReferral", whole, "");
  ops::GetReferralResponse referral;
  ASSERT_TRUE(referral.ParseFromString(*shown));
  EXPECT_EQ(referral.history_size(), 22);
  ReadBundle();
  TakeBack();
  Do(ne_, "dpo", "SubjectService/EraseSubject",
     "case_id: 'C1' ground: 'SUBJECT_REQUEST' confirm: true");
  Do(ne_, "admin-1", "AdminService/SuspendPartner", "participant: 'NG'");
  Do(ne_, "admin-1", "AdminService/ResumePartner", "participant: 'NG'");
  Do(ne_, "admin-1", "AdminService/RemovePartner", "participant: 'NG'");

  // The last six are those of OversightRequestIdTest.
  std::set<std::string> tried = {"AttachmentService/FetchAttachment",
                                 "ReferralService/RequestCase",
                                 "SubjectService/RequestSubjectAccount",
                                 "TableService/RequestTable",
                                 "OversightService/DecideApproval",
                                 "OversightService/DeclareEmergency",
                                 "OversightService/ConfirmEmergency",
                                 "OversightService/EndEmergency",
                                 "OversightService/ReviewEmergency",
                                 "RetentionService/PurgeDue"};
  for (const Step& step : done_) tried.insert(step.method);
  for (const std::string& name : OperatorMethodsWith("request_id")) {
    EXPECT_TRUE(tried.count(name)) << "call " << name << " twice here";
  }
}

TEST_F(RequestIdTest, ACallIsForgottenAfterThirtyDays) {
  Administer();
  Step publish{&ne_,
               "stat",
               "TableService/PublishPeriod",
               "period: '2018'",
               NewUuid(random_).ToString(),
               ""};
  ops::PublishPeriodResponse response;
  for (const uint32_t revision : {1U, 1U, 2U}) {
    const auto published = Call(publish);
    ASSERT_OK(published);
    ASSERT_TRUE(response.ParseFromString(*published));
    EXPECT_EQ(response.published().revision(), revision);
    clock_.Advance(absl::Hours(24 * 16));
  }
}

TEST_F(RequestIdTest, AQuestionToAPartnerIsAskedAnew) {
  Administer();
  Restart();
  KeepCases();
  const Step question{
      &ng_,
      "coord",
      "ReferralService/RequestCase",
      absl::StrCat("holder: 'NE' purpose: 'SAFE_RETURN' pseudonym: '",
                   NewUuid(random_).ToString(),
                   "' wanted: RECORD_GROUP_STATUS"),
      NewUuid(random_).ToString(),
      ""};
  const auto first = Call(question);
  const auto second = Call(question);
  ASSERT_OK(first);
  ASSERT_OK(second);
  ops::RequestCaseResponse before;
  ops::RequestCaseResponse after;
  ASSERT_TRUE(before.ParseFromString(*first));
  ASSERT_TRUE(after.ParseFromString(*second));
  EXPECT_LT(before.question_index(), after.question_index());
}

TEST_F(RequestIdTest, ARequestIdThatIsNoUuidIsNamed) {
  const Step publish{
      &ng_,    "stat", "TableService/PublishPeriod", "period: '2018'",
      "seven", ""};
  const auto refused = Call(publish);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(refused.status().message()),
              testing::HasSubstr("request_id"));
}

}  // namespace
}  // namespace comity
