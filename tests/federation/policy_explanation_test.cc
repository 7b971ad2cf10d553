#include "absl/strings/ascii.h"
#include "comity/federation/v1/case_query.pb.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "node/wire/proto_time.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Policy = ops::PolicyService;

// Niger's node runs for real; Nigeria's question is written by hand.
class PolicyExplanationTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Pair(ng_));
    ASSERT_OK(ne_.Activate({"agreements/ng-ne-bilateral.textproto",
                            "national/ne.textproto", "local/ne.textproto"}));
    // A new start trusts the new partner at once.
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
  }

  CommandContext& As(Role role) {
    return ne_.As("ORG", role, absl::AsciiStrToLower(Name(role)));
  }

  static ops::ExplainDecisionRequest Question(const FakeClock& clock) {
    ops::ExplainDecisionRequest request;
    auto& asked = *request.mutable_facts()->mutable_request();
    *asked.mutable_time() = ToProtoTime(clock.Now());
    asked.set_self("NE");
    asked.set_holder("NE");
    asked.set_peer("NG");
    asked.set_asker("NG");
    asked.set_role("COORDINATOR");
    asked.set_operation("CASE_QUERY");
    asked.set_purpose("SAFE_RETURN");
    asked.set_basis("CONSENT");
    asked.set_agreement_id("ng-ne-bilateral");
    asked.add_wanted(v1::RECORD_GROUP_STATUS);
    auto& record = *request.mutable_facts()->mutable_record();
    record.set_danger("NONE");
    record.set_risks_known(true);
    auto* consent = record.add_consents();
    consent->set_group(v1::RECORD_GROUP_STATUS);
    consent->set_state("GIVEN");
    return request;
  }

  // The index of the newest entry that answers a partner.
  uint64_t NewestAnswer() {
    const auto listed =
        As(Role::kAuditor)
            .Call<ops::AdminService, ops::ListLogEntriesResponse>(
                &ops::AdminService::Stub::ListLogEntries,
                ops::ListLogEntriesRequest());
    EXPECT_OK(listed);
    uint64_t index = 0;
    for (const ops::LogEntry& entry : listed->entries()) {
      if (entry.kind() == "ANSWERED") index = entry.index();
    }
    return index;
  }

  absl::StatusOr<ops::ExplainLoggedDecisionResponse> ExplainEntry(
      Role role, uint64_t index) {
    ops::ExplainLoggedDecisionRequest request;
    request.set_entry_index(index);
    return As(role).Call<Policy, ops::ExplainLoggedDecisionResponse>(
        &Policy::Stub::ExplainLoggedDecision, request);
  }

  FakeClock clock_{absl::Now()};
  SystemRandom random_;
  TestParticipant ne_{"NE", absl::Now()};
  TestParticipant ng_{"NG", absl::Now()};
};

TEST_F(PolicyExplanationTest, AHypotheticalIsJudgedByTheFilesInForce) {
  ops::ExplainDecisionRequest request = Question(clock_);
  auto explained = As(Role::kAdmin)
                       .Call<Policy, ops::ExplainDecisionResponse>(
                           &Policy::Stub::ExplainDecision, request);
  ASSERT_OK(explained);
  EXPECT_EQ(explained->explanation().outcome(), "PERMIT");
  request.mutable_facts()->mutable_request()->set_role("AUDITOR");
  explained = As(Role::kAdmin)
                  .Call<Policy, ops::ExplainDecisionResponse>(
                      &Policy::Stub::ExplainDecision, request);
  ASSERT_OK(explained);
  EXPECT_EQ(explained->explanation().reason(), "NO_GRANT");
  ASSERT_GT(explained->explanation().smallest_changes_size(), 0);
  EXPECT_EQ(explained->explanation().smallest_changes(0).changes(0).fact(),
            "role");
  EXPECT_FALSE(explained->audit_entry_id().empty());
}

// Its national rules would be taken for the other's.
TEST_F(PolicyExplanationTest, WhatAnotherNodeDecidesIsNotJudgedHere) {
  const auto explain = [&](const ops::ExplainDecisionRequest& request) {
    return As(Role::kAdmin)
        .Call<Policy, ops::ExplainDecisionResponse>(
            &Policy::Stub::ExplainDecision, request);
  };
  ops::ExplainDecisionRequest request = Question(clock_);
  auto& asked = *request.mutable_facts()->mutable_request();
  for (auto* code : {asked.mutable_self(), asked.mutable_holder()})
    *code = "NG";
  for (auto* code : {asked.mutable_peer(), asked.mutable_asker()}) *code = "NE";
  const auto elsewhere = explain(request);
  EXPECT_THAT(elsewhere, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(elsewhere.status().message()),
              testing::HasSubstr("ask that node, or use --files"));
  // The asker's own check looks at no record of the holder's.
  asked.set_self("NE");
  asked.set_peer("NG");
  EXPECT_THAT(explain(request), FailsWith(ErrorReason::kFieldInvalid));
  request.mutable_facts()->clear_record();
  const auto own_check = explain(request);
  ASSERT_OK(own_check);
  EXPECT_EQ(own_check->explanation().outcome(), "PERMIT");
}

TEST_F(PolicyExplanationTest, ALoggedDecisionIsExplainedToAuditorsAlone) {
  HandmadePartner partner(ng_, ne_, clock_);
  federation::v1::CaseQuestion question =
      partner.QuestionAbout(std::string(16, 'x'));
  ASSERT_OK(partner.peer().AskCase(partner.Ask(question, NewUuid(random_)),
                                   absl::Seconds(5)));
  const uint64_t index = NewestAnswer();
  const auto explained = ExplainEntry(Role::kAuditor, index);
  ASSERT_OK(explained);
  EXPECT_EQ(explained->explanation().outcome(), "DENY");
  EXPECT_FALSE(explained->explanation().shared());
  EXPECT_GT(explained->explanation().rules_size(), 0);
  EXPECT_THAT(ExplainEntry(Role::kAdmin, index),
              FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_THAT(ExplainEntry(Role::kAuditor, 100000),
              FailsWith(ErrorReason::kNotFound));
}

}  // namespace
}  // namespace comity
