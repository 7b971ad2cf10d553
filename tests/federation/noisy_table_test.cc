#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/cli/table_csv.h"
#include "node/cli/table_html.h"
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
    const std::string agreement =
        ReadyPolicy("agreements/ne-open-figures.textproto");
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

  ops::RequestTableResponse AskBySex() {
    CommandContext& person =
        ecowas_.As("COMMISSION", Role::kCommission, "analyst");
    ops::RequestTableRequest request;
    request.set_request_id(person.NewRequestId());
    request.add_members("NE");
    request.set_period("2018");
    request.add_dimensions("sex");
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
  const ops::RequestTableResponse response = AskBySex();
  ASSERT_EQ(response.answered(), 1u) << response.members(0).reason();
  EXPECT_THAT(FormatTableCsv(response),
              HasSubstr("NE,PERSONS,2018,1,discrete-laplace/v1 epsilon=1/2 "
                        "sensitivity=2 error95=12,11,,female,"));
  const std::string html = FormatTableHtml(response);
  EXPECT_THAT(html, HasSubstr("Differential privacy (discrete-laplace/v1): "
                              "epsilon 1/2 for the whole table"));
  EXPECT_THAT(html, HasSubstr("<td>12</td>"));
}

}  // namespace
}  // namespace comity
