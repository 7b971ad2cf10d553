#include "node/cli/table_ask.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

absl::Status Read(const std::vector<std::string>& where, std::string& period) {
  google::protobuf::RepeatedPtrField<federation::v1::TableFilter> filters;
  return ReadWhere(where, period, filters);
}

// The last one was asked about, and nothing said so.
TEST(TableAskTest, TwoYearsAreNoPeriod) {
  std::string period;
  EXPECT_THAT(Read({"year=2017", "year=2018"}, period),
              FailsWith(ErrorReason::kFieldInvalid));
  period.clear();
  EXPECT_OK(Read({"year=2018", "sex=female", "year=2018"}, period));
  EXPECT_EQ(period, "2018");
}

// A script that goes by the exit code took it for a table.
TEST(TableAskTest, AnAnswerOfNobodyIsAnError) {
  operators::v1::RequestTableResponse response;
  response.add_members()->set_reason("PRIVACY_BUDGET_SPENT");
  response.add_members()->set_reason("PRIVACY_BUDGET_SPENT");
  EXPECT_THAT(CheckAnswered(response),
              FailsWith(ErrorReason::kPrivacyBudgetSpent));
  response.add_members()->set_reason("PEER_UNREACHABLE");
  EXPECT_THAT(CheckAnswered(response), FailsWith(ErrorReason::kNotAvailable));
  response.set_answered(1);
  EXPECT_OK(CheckAnswered(response));
}

}  // namespace
}  // namespace comity
