#include "absl/strings/str_replace.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/cli/table_csv.h"
#include "node/cli/table_html.h"
#include "tests/support/epsilon_budgets.h"
#include "tests/support/published_cases.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::HasSubstr;

// The commission's node asks Niger's under differential privacy: what its
// people read, in each form, says what was done to the figures.
class NoisyTableTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string agreement = Agreement();
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ecowas_.Start(clock_));
    ASSERT_OK(ne_.Pair(ecowas_));
    ASSERT_OK(ecowas_.Pair(ne_));
    ASSERT_OK(
        ne_.ActivateTexts({agreement, ReadyPolicy("local/ne.textproto")}));
    ASSERT_OK(ecowas_.ActivateTexts(
        {agreement, ReadyPolicy("local/ecowas.textproto")}));
    // So many that noise hides them once in a million runs.
    for (int i = 0; i < 60; ++i) {
      record::v1::CaseRecord record = RegisteredIn("2018");
      record.set_x_sex("female");
      RecordCase(ne_, record);
    }
    PublishPeriod(ne_, "2018");
    // gRPC reads changed anchors once a second; a restart reads them now.
    for (TestParticipant* each : {&ne_, &ecowas_}) {
      each->Stop();
      ASSERT_OK(each->Start(clock_));
    }
  }

  virtual std::string Agreement() const {
    return ReadyPolicy("agreements/ne-open-figures.textproto");
  }

  ops::RequestTableResponse AskBy(const std::string& dimension) {
    CommandContext& person =
        ecowas_.As("COMMISSION", Role::kCommission, "analyst");
    ops::RequestTableRequest request;
    request.set_request_id(person.NewRequestId());
    request.add_members("NE");
    request.set_period("2018");
    request.add_dimensions(dimension);
    const auto response =
        person.Call<ops::TableService, ops::RequestTableResponse>(
            &ops::TableService::Stub::RequestTable, request);
    EXPECT_OK(response);
    return response.ok() ? *response : ops::RequestTableResponse();
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
};

TEST_F(NoisyTableTest, EveryFormOfTheAnswerStatesEpsilonAndError) {
  const ops::RequestTableResponse response = AskBy("sex");
  ASSERT_EQ(response.answered(), 1u) << response.members(0).reason();
  EXPECT_THAT(FormatTableCsv(response),
              HasSubstr("NE,PERSONS,2018,1,discrete-laplace/v1 epsilon=1/2 "
                        "sensitivity=2 error95=12,11,,female,"));
  const std::string html = FormatTableHtml(response);
  EXPECT_THAT(html, HasSubstr("Differential privacy (discrete-laplace/v1): "
                              "epsilon 1/2 for the whole table"));
  EXPECT_THAT(html, HasSubstr("<td>12</td>"));
}

// The same by Gaussian noise, with so much epsilon that noise hides nobody, of
// which the year has no more.
class GaussianTableTest : public NoisyTableTest {
 protected:
  std::string Agreement() const override {
    return absl::StrReplaceAll(
        NoisyTableTest::Agreement(),
        {{"count_method: DISCRETE_LAPLACE",
          "count_method: DISCRETE_GAUSSIAN delta_exponent: 9"},
         {" epsilon_thousandths: 500", " epsilon_thousandths: 4000"}});
  }

  // What Niger's node lists as told to the commission.
  ops::EpsilonBudget Budget() { return EpsilonBudgetOf(ne_, "ECOWAS"); }
};

TEST_F(GaussianTableTest, Law8TheAnswerStatesItsNoiseAndIsChargedOnce) {
  const ops::RequestTableResponse first = AskBy("sex");
  ASSERT_EQ(first.answered(), 1u) << first.members(0).reason();
  EXPECT_THAT(FormatTableCsv(first),
              HasSubstr("NE,PERSONS,2018,1,discrete-gaussian/v1 epsilon=4 "
                        "delta=1e-9 rho=1/6 sigma2=6 sensitivity=2 error95=5,"
                        "11,,female,"));
  EXPECT_THAT(FormatTableHtml(first),
              HasSubstr("epsilon 4 and delta 1 in 10^9 for the whole table"));
  // Asked again: the same figures, and nothing charged.
  const ops::RequestTableResponse again = AskBy("sex");
  ASSERT_EQ(again.answered(), 1u) << again.members(0).reason();
  EXPECT_EQ(FormatTableCsv(again), FormatTableCsv(first));
  EXPECT_EQ(Budget().spent(), 4000u);
  EXPECT_EQ(Budget().spent_by_all(), 4000u);
  // The year's epsilon is told, for good.
  EXPECT_EQ(AskBy("status").members(0).reason(), "PRIVACY_BUDGET_SPENT");
  EXPECT_EQ(Budget().spent(), 4000u);
}

}  // namespace
}  // namespace comity
