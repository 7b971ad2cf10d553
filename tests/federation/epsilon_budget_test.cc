#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "comity/federation/v1/table.pb.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/wire/policy_file.h"
#include "tests/support/epsilon_budgets.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

// Niger's node runs for real under the ready agreement of differential privacy;
// the commission's and Nigeria's questions are written by hand.
class EpsilonBudgetTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Pair(ecowas_));
    ASSERT_OK(ne_.Pair(ng_));
    ASSERT_OK(ne_.Activate({"local/ne.textproto"}));
    AllowEpsilon(1000, 8000);
    // So many that noise hides them once in a million runs.
    for (int i = 0; i < 60; ++i) AddCase("female");
    for (int i = 0; i < 20; ++i) AddCase("male");
    Publish();
    Restart();
    commission_ = std::make_unique<HandmadePartner>(ecowas_, ne_, clock_);
    nigeria_ = std::make_unique<HandmadePartner>(ng_, ne_, clock_);
  }

  void Restart() {
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
  }

  // Puts the ready agreement in force with other budgets, in thousandths.
  void AllowEpsilon(int asker, int all) {
    const std::string text = absl::StrReplaceAll(
        ReadyPolicy("agreements/ne-open-figures.textproto"),
        {{"asker_thousandths: 4000",
          "asker_thousandths: " + std::to_string(asker)},
         {"all_thousandths: 8000", "all_thousandths: " + std::to_string(all)},
         {"revision: 1", "revision: " + std::to_string(++revision_)}});
    digest_ = LoadPolicyFile("a", text).body->digest;
    ASSERT_OK(ne_.ActivateTexts({text}));
  }

  // Puts it in force with Gaussian noise: delta of one table, and of all of
  // them, each 1 in 10 to this power.
  void AllowDelta(int table, int all) {
    const std::string text = absl::StrReplaceAll(
        ReadyPolicy("agreements/ne-open-figures.textproto"),
        {{"DISCRETE_LAPLACE",
          absl::StrCat("DISCRETE_GAUSSIAN delta_exponent: ", table,
                       " delta_budget_exponent: ", all)},
         {"revision: 1", "revision: " + std::to_string(++revision_)}});
    digest_ = LoadPolicyFile("a", text).body->digest;
    ASSERT_OK(ne_.ActivateTexts({text}));
  }

  template <typename Response, typename Service, typename Method,
            typename Request>
  void Call(const std::string& person, Role role, Method method,
            Request request) {
    CommandContext& context = ne_.As("ANLTP", role, person);
    request.set_request_id(context.NewRequestId());
    ASSERT_OK((context.Call<Service, Response>(method, request)));
  }

  void AddCase(const std::string& sex) {
    ops::CreateCaseRequest request;
    auto* record = request.mutable_record();
    record->set_x_local_reference("C" + std::to_string(++cases_));
    record->set_x_sex(sex);
    record->set_x_registered_on("2018-03-04");
    request.mutable_screening();
    Call<ops::CreateCaseResponse, ops::CaseService>(
        "coord", Role::kCoordinator, &ops::CaseService::Stub::CreateCase,
        request);
  }

  void Publish() {
    ops::PublishPeriodRequest request;
    request.set_period("2018");
    Call<ops::PublishPeriodResponse, ops::TableService>(
        "stat", Role::kStatistician, &ops::TableService::Stub::PublishPeriod,
        request);
  }

  fed::TableAnswer Ask(HandmadePartner& asker, const std::string& dimension,
                       const std::string& agreement_id = "ne-open-figures",
                       const std::string& digest = "") {
    fed::TableQuestion question;
    question.set_agreement_id(agreement_id);
    question.set_agreement_digest(digest.empty() ? digest_ : digest);
    question.set_purpose("STATISTICS");
    question.set_basis("PUBLIC_TASK");
    question.set_role("COMMISSION");
    question.set_period("2018");
    question.add_dimensions(dimension);
    const auto received = asker.peer().AskTable(
        asker.Send(MessageKind::kTableQuestion, NewUuid(random_),
                   "comity.federation.v1.TableQuestion",
                   question.SerializeAsString()),
        absl::Seconds(5));
    EXPECT_OK(received);
    fed::TableAnswer answer;
    if (!received.ok()) return answer;
    const auto verified = asker.Verify(*received, MessageKind::kTableAnswer);
    EXPECT_OK(verified);
    EXPECT_TRUE(answer.ParseFromString(verified->message.payload));
    return answer;
  }
  fed::TableAnswer Ask(const std::string& dimension) {
    return Ask(*commission_, dimension);
  }
  std::string Refusal(HandmadePartner& asker, const std::string& dimension) {
    return Ask(asker, dimension).refusal().reason();
  }

  // What the node lists for an asker.
  ops::EpsilonBudget Budget(const std::string& asker) {
    return EpsilonBudgetOf(ne_, asker);
  }

  FakeClock clock_{absl::Now()};
  SystemRandom random_;
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
  std::unique_ptr<HandmadePartner> commission_;
  std::unique_ptr<HandmadePartner> nigeria_;
  std::string digest_;
  int revision_ = 0;
  int cases_ = 0;
};

TEST_F(EpsilonBudgetTest, Law8TheNoisyAnswerIsTheAnswerForEverAndChargedOnce) {
  const fed::TableAnswer first = Ask("sex");
  ASSERT_TRUE(first.has_table()) << first.refusal().reason();
  EXPECT_EQ(first.table().method(),
            "discrete-laplace/v1 epsilon=1/2 sensitivity=2 error95=12");
  for (const auto& cell : first.table().cells()) {
    if (cell.codes(0) != "female") continue;
    EXPECT_EQ(cell.status(), fed::CELL_STATUS_VALUE);
    EXPECT_NEAR(static_cast<double>(cell.value()), 60, 60);
  }
  EXPECT_EQ(Ask("sex").SerializeAsString(), first.SerializeAsString());
  Restart();
  EXPECT_EQ(Ask("sex").SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(Budget("ECOWAS").spent(), 500u);
  EXPECT_EQ(Budget("ECOWAS").spent_by_all(), 500u);
}

TEST_F(EpsilonBudgetTest, WhatOneAskerMayBeToldOfAPeriodEndsForGood) {
  ASSERT_TRUE(Ask("sex").has_table());
  ASSERT_TRUE(Ask("age_group").has_table());
  EXPECT_EQ(Refusal(*commission_, "status"), "PRIVACY_BUDGET_SPENT");
  // A refusal charges nothing, and neither a restart nor a new revision of the
  // same persons gives anything back.
  EXPECT_EQ(Budget("ECOWAS").spent(), 1000u);
  Restart();
  EXPECT_EQ(Refusal(*commission_, "status"), "PRIVACY_BUDGET_SPENT");
  Publish();
  EXPECT_EQ(Refusal(*commission_, "sex"), "PRIVACY_BUDGET_SPENT");
  // Others have their own.
  EXPECT_TRUE(Ask(*nigeria_, "status").has_table());
  AllowEpsilon(1500, 8000);
  EXPECT_EQ(Ask("sex").table().revision(), 2u);
}

TEST_F(EpsilonBudgetTest, AllAskersTogetherHaveOneBudget) {
  AllowEpsilon(1500, 1000);
  const fed::TableAnswer first = Ask("sex");
  ASSERT_TRUE(first.has_table());
  // The same table told to another tells nobody anything new, pooled or not.
  const fed::TableAnswer same = Ask(*nigeria_, "sex");
  ASSERT_TRUE(same.has_table());
  EXPECT_EQ(same.table().cells_size(), first.table().cells_size());
  for (int i = 0; i < first.table().cells_size(); ++i) {
    EXPECT_EQ(same.table().cells(i).SerializeAsString(),
              first.table().cells(i).SerializeAsString());
  }
  EXPECT_EQ(Budget("NG").spent(), 500u);
  EXPECT_EQ(Budget("NG").spent_by_all(), 500u);
  ASSERT_TRUE(Ask(*nigeria_, "status").has_table());
  EXPECT_EQ(Budget("ECOWAS").spent_by_all(), 1000u);
  // The commission has 1 left for itself, and nothing of what all have.
  EXPECT_EQ(Refusal(*commission_, "age_group"), "PRIVACY_BUDGET_SPENT");
  EXPECT_TRUE(Ask("status").has_table());
  EXPECT_EQ(Budget("ECOWAS").spent(), 1000u);
  EXPECT_EQ(Budget("ECOWAS").allowed(), 1500u);
  EXPECT_EQ(Budget("ECOWAS").allowed_for_all(), 1000u);
  EXPECT_EQ(Budget("ECOWAS").period(), "2018");
  EXPECT_EQ(Budget("ECOWAS").agreement_id(), "ne-open-figures");
}

// Of epsilon there would be enough.
TEST_F(EpsilonBudgetTest, DeltasOfGaussianTablesHaveABudgetThatEndsForGood) {
  AllowDelta(7, 7);
  ASSERT_TRUE(Ask("sex").has_table());
  EXPECT_EQ(Refusal(*commission_, "age_group"), "PRIVACY_BUDGET_SPENT");
  EXPECT_TRUE(Ask("sex").has_table());  // charged once
  EXPECT_EQ(Budget("ECOWAS").delta_spent(), 100'000u);
  EXPECT_EQ(Budget("ECOWAS").delta_allowed(), 100'000u);
  Restart();
  EXPECT_EQ(Refusal(*commission_, "age_group"), "PRIVACY_BUDGET_SPENT");
  Publish();
  EXPECT_EQ(Refusal(*commission_, "sex"), "PRIVACY_BUDGET_SPENT");
  // So have all askers together.
  EXPECT_EQ(Refusal(*nigeria_, "status"), "PRIVACY_BUDGET_SPENT");
  EXPECT_EQ(Budget("NG").delta_spent(), 0u);
  EXPECT_EQ(Budget("NG").delta_spent_by_all(), 100'000u);
  AllowDelta(7, 6);
  EXPECT_TRUE(Ask(*nigeria_, "status").has_table());
  EXPECT_EQ(Budget("ECOWAS").delta_spent_by_all(), 200'000u);
  EXPECT_EQ(Budget("ECOWAS").delta_spent(), 100'000u);
}

// Figures by cell keys of the same persons would have another guarantee.
TEST_F(EpsilonBudgetTest, NoRevisionIsAnsweredByNoiseAndByKeys) {
  ASSERT_TRUE(Ask("sex").has_table());
  const std::string text = ReadyPolicy("agreements/ecowas-counts.textproto");
  ASSERT_OK(ne_.ActivateTexts({text}));
  const std::string digest = LoadPolicyFile("a", text).body->digest;
  EXPECT_EQ(
      Ask(*commission_, "gender", "ecowas-counts", digest).refusal().reason(),
      "NOT_AVAILABLE");
  Publish();
  EXPECT_TRUE(Ask(*commission_, "gender", "ecowas-counts", digest).has_table());
}

}  // namespace
}  // namespace comity
