#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Figures = std::map<std::vector<std::string>, uint64_t>;

// Niger's node runs for real; its statistician counts what its coordinator
// records.
class TableCountTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Activate({"local/ne.textproto"}));
  }

  void Record(const std::string& sex, const std::string& citizenship) {
    CommandContext& coordinator =
        ne_.As("ANLTP", Role::kCoordinator, "moussa.d");
    ops::CreateCaseRequest request;
    request.set_request_id(coordinator.NewRequestId());
    auto* record = request.mutable_record();
    record->set_x_local_reference("C" + std::to_string(++cases_));
    record->set_x_registered_on("2026-03-04");
    record->set_x_sex(sex);
    record->add_prs_citizenship(citizenship);
    record->add_vic_type_of_exploitation("ForcedLabour");
    record->set_vic_trafficking_status("ActualVictimOfTrafficking");
    request.mutable_screening();
    ASSERT_OK((coordinator.Call<ops::CaseService, ops::CreateCaseResponse>(
        &ops::CaseService::Stub::CreateCase, request)));
  }

  absl::StatusOr<ops::CountTableResponse> Ask(
      const std::vector<std::string>& by, Role role = Role::kStatistician) {
    ops::CountTableRequest request;
    request.set_period("2026");
    for (const std::string& dimension : by) request.add_dimensions(dimension);
    return ne_
        .As("ANLTP", role,
            role == Role::kStatistician ? "hadiza.s" : "moussa.d")
        .Call<ops::TableService, ops::CountTableResponse>(
            &ops::TableService::Stub::CountTable, request);
  }
  Figures Count(const std::vector<std::string>& by) {
    const auto response = Ask(by);
    EXPECT_OK(response);
    Figures figures;
    if (!response.ok()) return figures;
    EXPECT_NE(response->audit_entry_id(), "");
    EXPECT_EQ(response->unit(), "persons");
    for (const auto& cell : response->cells()) {
      figures[{cell.codes().begin(), cell.codes().end()}] = cell.value();
    }
    return figures;
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  int cases_ = 0;
};

// Nothing is published, and the year has not ended.
TEST_F(TableCountTest, TheOwnCasesAreCountedAsTheyAreNow) {
  Record("female", "NE");
  EXPECT_EQ(Count({"sex"}), (Figures{{{"female"}, 1}, {{"total"}, 1}}));
  Record("male", "NG");
  EXPECT_EQ(Count({"sex"}),
            (Figures{{{"female"}, 1}, {{"male"}, 1}, {{"total"}, 2}}));
  const Figures four = Count({"citizenship", "exploitation", "sex", "status"});
  EXPECT_EQ(
      four.at({"NG", "ForcedLabour", "male", "ActualVictimOfTrafficking"}), 1u);
  EXPECT_EQ(
      four.at({"total", "ForcedLabour", "total", "ActualVictimOfTrafficking"}),
      2u);
  // Read whole once more.
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_EQ(Count({"citizenship", "exploitation", "sex", "status"}), four);
}

TEST_F(TableCountTest, OnlyWhomLocalAccessLetsCounts) {
  EXPECT_THAT(Ask({"sex"}, Role::kCoordinator),
              FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_THAT(Ask({"sex", "age_group", "border", "duration", "education"}),
              FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
