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

}  // namespace
}  // namespace comity
