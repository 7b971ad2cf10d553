#include "absl/strings/str_replace.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/oversight_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "tests/support/published_cases.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::SizeIs;

constexpr char kNationalApproval[] = R"(schema: "comity.policy.v1"
national {
  node: "NE" revision: 1 title: "Four eyes on figures"
  require {
    id: "four-eyes" operation: [AGGREGATE_COUNT] duties { approvals: 1 }
  }
})";

// The commission's node asks Niger's, which has published 2018, for tables.
class TableApprovalTest : public testing::Test {
 protected:
  // `duties` stand in the agreement; national rules are Niger's.
  void Open(const std::string& duties, const std::string& national = "") {
    const std::string agreement =
        absl::StrReplaceAll(ReadyPolicy("agreements/ecowas-counts.textproto"),
                            {{"k_threshold: 11", "k_threshold: 11 " + duties}});
    std::vector<std::string> niger = {agreement,
                                      ReadyPolicy("local/ne.textproto")};
    if (!national.empty()) niger.push_back(national);
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Pair(ecowas_));
    ASSERT_OK(ne_.ActivateTexts(niger));
    ASSERT_OK(ecowas_.Start(clock_));
    ASSERT_OK(ecowas_.Pair(ne_));
    ASSERT_OK(ecowas_.ActivateTexts(
        {agreement,
         absl::StrReplaceAll(ReadyPolicy("local/ecowas.textproto"),
                             {{"[TABLE_ASK,", "[TABLE_ASK, APPROVE,"}})}));
    PublishCases();
    // gRPC reads changed anchors once a second; a restart reads them now.
    for (TestParticipant* each : {&ne_, &ecowas_}) {
      each->Stop();
      ASSERT_OK(each->Start(clock_));
    }
  }

  void PublishCases() {
    for (int i = 0; i < 12; ++i) {
      record::v1::CaseRecord record = RegisteredIn("2018");
      record.set_x_sex("female");
      RecordCase(ne_, record);
    }
    PublishPeriod(ne_, "2018");
  }

  CommandContext& Analyst(const std::string& name) {
    return ecowas_.As("ECOWAS", Role::kCommission, name);
  }

  // What Niger answered an analyst: "TABLE" or the reason of the refusal.
  std::string Ask(const std::string& dimension = "sex") {
    CommandContext& person = Analyst("one");
    ops::RequestTableRequest request;
    request.set_request_id(person.NewRequestId());
    request.add_members("NE");
    request.set_period("2018");
    request.add_dimensions(dimension);
    const auto response =
        person.Call<ops::TableService, ops::RequestTableResponse>(
            &ops::TableService::Stub::RequestTable, request);
    EXPECT_OK(response);
    if (!response.ok()) return "";
    const auto& member = response->members(0);
    return member.has_table() ? "TABLE" : member.reason();
  }

  static ops::ListInboxResponse Inbox(CommandContext& person) {
    const auto inbox =
        person.Call<ops::OversightService, ops::ListInboxResponse>(
            &ops::OversightService::Stub::ListInbox, ops::ListInboxRequest());
    EXPECT_OK(inbox);
    return inbox.ok() ? *inbox : ops::ListInboxResponse();
  }

  // Approves the only matter that waits for a person; returns it.
  static ops::ApprovalRequest Approve(CommandContext& person) {
    const ops::ListInboxResponse inbox = Inbox(person);
    EXPECT_THAT(inbox.approvals(), SizeIs(1));
    if (inbox.approvals().empty()) return {};
    ops::DecideApprovalRequest request;
    request.set_request_id(person.NewRequestId());
    request.set_approval_id(inbox.approvals(0).approval_id());
    EXPECT_OK((person.Call<ops::OversightService, ops::DecideApprovalResponse>(
        &ops::OversightService::Stub::DecideApproval, request)));
    return inbox.approvals(0);
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
};

TEST_F(TableApprovalTest, TheAskersPeopleApproveWhatTheAgreementDemands) {
  Open("approvals: 1");
  EXPECT_EQ(Ask(), "APPROVALS_MISSING");
  EXPECT_THAT(Inbox(Analyst("one")).approvals(), SizeIs(0));
  const ops::ApprovalRequest matter = Approve(Analyst("two"));
  EXPECT_EQ(matter.matter(), "ASK_TABLE");
  EXPECT_EQ(matter.about(), "table of 2018 by sex");
  // Good for this table, once.
  EXPECT_EQ(Ask("gender"), "APPROVALS_MISSING");
  EXPECT_EQ(Ask(), "TABLE");
  EXPECT_EQ(Ask(), "APPROVALS_MISSING");
}

TEST_F(TableApprovalTest, ATableThatReachedNobodySpendsNoApproval) {
  Open("approvals: 1");
  EXPECT_EQ(Ask(), "APPROVALS_MISSING");
  Approve(Analyst("two"));
  ne_.Stop();
  EXPECT_EQ(Ask(), "PEER_UNREACHABLE");
  EXPECT_EQ(Ask(), "PEER_UNREACHABLE");
}

TEST_F(TableApprovalTest, TheHoldersPeopleApproveWhatItsRulesDemand) {
  Open("", kNationalApproval);
  EXPECT_EQ(Ask(), "NOT_AVAILABLE");
  CommandContext& coordinator = ne_.As("ORG", Role::kCoordinator, "coord");
  const ops::ApprovalRequest matter = Approve(coordinator);
  EXPECT_EQ(matter.matter(), "ANSWER_TABLE");
  EXPECT_EQ(matter.requested_by(), "ECOWAS");
  EXPECT_EQ(matter.about(), "table of 2018 by sex");
  EXPECT_EQ(Ask("gender"), "NOT_AVAILABLE");
  EXPECT_EQ(Ask(), "TABLE");
  EXPECT_EQ(Ask(), "NOT_AVAILABLE");
}

TEST_F(TableApprovalTest, BothSidesTellWhomTheAgreementNames) {
  Open("notify: [DPO_AT_HOLDER, DPO_AT_ASKER]");
  EXPECT_EQ(Ask(), "TABLE");
  const auto at_holder =
      Inbox(ne_.As("ORG", Role::kDataProtectionOfficer, "dpo"));
  ASSERT_THAT(at_holder.notices(), SizeIs(1));
  EXPECT_EQ(at_holder.notices(0).target(), "DPO_AT_HOLDER");
  EXPECT_EQ(at_holder.notices(0).kind(), "RELEASED");
  EXPECT_EQ(at_holder.notices(0).partner(), "ECOWAS");
  const auto at_asker =
      Inbox(ecowas_.As("ECOWAS", Role::kDataProtectionOfficer, "dpo"));
  ASSERT_THAT(at_asker.notices(), SizeIs(1));
  EXPECT_EQ(at_asker.notices(0).target(), "DPO_AT_ASKER");
  EXPECT_EQ(at_asker.notices(0).kind(), "RECEIVED");
}

}  // namespace
}  // namespace comity
