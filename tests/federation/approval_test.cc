#include "node/cli/app.h"
#include "node/wire/event_wire.h"
#include "node/wire/policy_file.h"
#include "tests/support/border.h"
#include "tests/support/handmade_packet.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

const std::pair<std::string, std::string> kOneApproval = {"max_per_day: 200",
                                                          "approvals: 1"};
constexpr char kNationalApproval[] = R"(schema: "comity.policy.v1"
national {
  node: "NE" revision: 1 title: "Four eyes"
  require { id: "four-eyes" operation: [CASE_QUERY] duties { approvals: 1 } }
})";

class ApprovalTest : public BorderTest {
 protected:
  // The one matter that waits for a person; empty if there is none.
  std::string Waiting(CommandContext& person) {
    const ops::ListInboxResponse inbox = Inbox(person);
    return inbox.approvals_size() == 1 ? inbox.approvals(0).approval_id() : "";
  }

  // What a command prints for a person.
  static std::string Printed(CommandContext& person, const char* command) {
    const auto app = MakeApp(person);
    testing::internal::CaptureStdout();
    app->parse(command);
    return testing::internal::GetCapturedStdout();
  }
};

TEST_F(ApprovalTest, AQuestionLeavesOnceAnotherPersonApproved) {
  Open({kOneApproval});
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  CommandContext& amina = Coordinator(ng_, "amina");
  CommandContext& bola = Coordinator(ng_, "bola");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "APPROVALS_MISSING");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "APPROVALS_MISSING");
  EXPECT_EQ(Waiting(amina), "");
  const std::string id = Waiting(bola);
  EXPECT_EQ(Inbox(bola).approvals(0).matter(), "ASK_CASE");
  EXPECT_THAT(Approve(amina, id), FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_OK(Approve(bola, id));
  EXPECT_FALSE(Approve(bola, id).ok());
  EXPECT_EQ(OutcomeOf(AskStatus("bola", draft)), "APPROVALS_MISSING");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "RELEASED");
  // It was good for one question.
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "APPROVALS_MISSING");
}

TEST_F(ApprovalTest, WhereNothingWaitsTheCommandSaysSo) {
  Open({kOneApproval});
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  CommandContext& amina = Coordinator(ng_, "amina");
  CommandContext& bola = Coordinator(ng_, "bola");
  EXPECT_THAT(Printed(bola, "inbox"),
              testing::StartsWith("nothing waits for you"));
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "APPROVALS_MISSING");
  EXPECT_THAT(Printed(bola, "approve"), testing::StartsWith("approve "));
  EXPECT_THAT(Printed(bola, "inbox"), testing::StartsWith("approve "));
  // Her own request waits, but not for her.
  EXPECT_THAT(
      Printed(amina, "approve"),
      testing::AllOf(testing::StartsWith("no approval waits for you"),
                     testing::HasSubstr("what you asked for yourself waits")));
}

TEST_F(ApprovalTest, AnApprovalIsNotSpentOnAQuestionThatReachedNobody) {
  Open({kOneApproval});
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  CommandContext& bola = Coordinator(ng_, "bola");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "APPROVALS_MISSING");
  EXPECT_OK(Approve(bola, Waiting(bola)));
  ne_.Stop();
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "PEER_UNREACHABLE");
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_EQ(OutcomeOnceReached("amina", draft), "RELEASED");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "APPROVALS_MISSING");
}

// Nothing left the node under the id, so it is still free.
TEST_F(ApprovalTest, ARequestThatWaitedForApprovalMayKeepItsId) {
  Open({kOneApproval});
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  CommandContext& bola = Coordinator(ng_, "bola");
  ops::RequestCaseRequest question = StatusQuestion(draft);
  question.set_request_id(bola.NewRequestId());
  EXPECT_EQ(OutcomeOf(Ask("amina", question)), "APPROVALS_MISSING");
  EXPECT_OK(Approve(bola, Waiting(bola)));
  EXPECT_EQ(OutcomeOf(Ask("amina", question)), "RELEASED");
}

TEST_F(ApprovalTest, ADeclinedOrLateApprovalIsGoodForNothing) {
  Open({kOneApproval});
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  CommandContext& bola = Coordinator(ng_, "bola");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "APPROVALS_MISSING");
  const std::string declined = Waiting(bola);
  EXPECT_OK(Approve(bola, declined, true));
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "APPROVALS_MISSING");
  EXPECT_EQ(Waiting(bola), "");
  clock_.Advance(absl::Hours(72));
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "APPROVALS_MISSING");
  const std::string second = Waiting(bola);
  EXPECT_NE(second, declined);
  EXPECT_OK(Approve(bola, second));
  clock_.Advance(absl::Hours(72));
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "APPROVALS_MISSING");
}

TEST_F(ApprovalTest, TheHolderDemandsThePersonsItself) {
  Open({kOneApproval});
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ng_.Stop();
  HandmadePartner partner(ng_, ne_, clock_);
  fed::CaseQuestion question;
  question.set_agreement_id("ng-ne-bilateral");
  question.set_agreement_digest(
      LoadPolicyFile("a", PolicyText("agreements/ng-ne-bilateral.textproto",
                                     {kOneApproval}))
          .body->digest);
  question.set_purpose("SAFE_RETURN");
  question.set_basis("CONSENT");
  question.set_role("COORDINATOR");
  question.set_organisation("ORG");
  question.set_pseudonym(Uuid::Parse(draft.pseudonym())->ToBytes());
  question.add_wanted(v1::RECORD_GROUP_STATUS);
  question.set_officer_pseudonym(std::string(16, 'a'));
  const auto ask = [&] {
    SystemRandom random;
    auto received = partner.peer().AskCase(
        partner.Send(MessageKind::kCaseQuestion, NewUuid(random),
                     "comity.federation.v1.CaseQuestion",
                     question.SerializeAsString()),
        absl::Seconds(5));
    EXPECT_OK(received);
    const auto verified =
        partner.Verify(*std::move(received), MessageKind::kCaseAnswer);
    fed::CaseAnswer answer;
    EXPECT_TRUE(answer.ParseFromString(verified->message.payload));
    return OutcomeOf(answer);
  };
  EXPECT_EQ(ask(), "APPROVALS_MISSING");
  question.add_approver_pseudonyms(std::string(16, 'a'));
  EXPECT_EQ(ask(), "FIELD_INVALID");
  question.set_approver_pseudonyms(0, std::string(16, 'b'));
  EXPECT_EQ(ask(), "RELEASED");
  question.add_approver_pseudonyms(std::string(16, 'b'));
  EXPECT_EQ(ask(), "FIELD_INVALID");
}

TEST_F(ApprovalTest, AReferralLeavesOnceAnotherPersonApproved) {
  Open({{"duties { redact { field: DEMOGRAPHIC how: AGE_BAND_5 } }",
         "duties { approvals: 1 }"}});
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_THAT(Send("coord", draft), FailsWith(ErrorReason::kApprovalsMissing));
  CommandContext& second = Coordinator(ne_, "second");
  ASSERT_EQ(Inbox(second).approvals_size(), 1);
  EXPECT_EQ(Inbox(second).approvals(0).matter(), "SEND_REFERRAL");
  EXPECT_OK(Approve(second, Waiting(second)));
  EXPECT_OK(Send("coord", draft));
  // The receiver counts the persons too, and takes it.
  EXPECT_TRUE(Await([&] { return Show(ng_, draft.referral_id()).ok(); }));
}

TEST_F(ApprovalTest, TheReceiverRefusesAPacketThatNobodyElseApproved) {
  const Edits edits = {
      {"duties { redact { field: DEMOGRAPHIC how: AGE_BAND_5 "
       "} }",
       "duties { approvals: 1 }"}};
  Open(edits);
  ng_.Stop();
  HandmadePartner partner(ng_, ne_, clock_);
  const std::string digest =
      LoadPolicyFile("a",
                     PolicyText("agreements/ng-ne-bilateral.textproto", edits))
          .body->digest;
  const auto deliver = [&](const std::vector<std::string>& approvers) {
    return RefusalOfPacket(partner, ng_.code(), clock_.Now(),
                           {digest, {}, approvers});
  };
  EXPECT_EQ(deliver({}), "APPROVALS_MISSING");
  EXPECT_EQ(deliver({std::string(16, 'a')}), "FIELD_INVALID");
  EXPECT_EQ(deliver({std::string(16, 'b')}), "");
}

// Law 10: what the holder's own rules demand is not told.
TEST_F(ApprovalTest, Law10AnApprovalAtHomeLooksLikeNoSuchRecord) {
  Open({}, kNationalApproval);
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ops::Referral nobody = draft;
  nobody.set_pseudonym("00000000-0000-4000-8000-000000000000");
  const auto held = AskStatus("amina", draft);
  const auto absent = AskStatus("amina", nobody);
  ASSERT_OK(held);
  ASSERT_OK(absent);
  EXPECT_EQ(OutcomeOf(held), "NOT_AVAILABLE");
  EXPECT_EQ(held->SerializeAsString(), absent->SerializeAsString());
  CommandContext& holder = Coordinator(ne_, "second");
  ASSERT_EQ(Inbox(holder).approvals_size(), 1);
  EXPECT_EQ(Inbox(holder).approvals(0).matter(), "ANSWER_PARTNER");
  EXPECT_EQ(Inbox(holder).approvals(0).requested_by(), "NG");
  EXPECT_OK(Approve(holder, Waiting(holder)));
  // For these groups only, once, and for 72 hours.
  ops::RequestCaseRequest more = StatusQuestion(draft);
  more.add_wanted(v1::RECORD_GROUP_NEEDS);
  EXPECT_EQ(OutcomeOf(Ask("amina", more)), "NOT_AVAILABLE");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "RELEASED");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "NOT_AVAILABLE");
}

TEST_F(ApprovalTest, AnApprovalAtHomeLapses) {
  Open({}, kNationalApproval);
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "NOT_AVAILABLE");
  CommandContext& holder = Coordinator(ne_, "second");
  EXPECT_OK(Approve(holder, Waiting(holder)));
  clock_.Advance(absl::Hours(72));
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "NOT_AVAILABLE");
  EXPECT_NE(Waiting(holder), "");
}

}  // namespace
}  // namespace comity
