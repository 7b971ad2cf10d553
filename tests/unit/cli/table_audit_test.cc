#include <fstream>

#include "node/cli/app.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::HasSubstr;
using testing::Not;

class TableAuditCommandTest : public testing::Test {
 protected:
  // Writes a UNODC-like table of one state by sex and audits it.
  absl::Status Audit(const std::string& rows,
                     std::vector<std::string> options = {}) {
    const std::string path = directory_.path() + "/counts.csv";
    std::ofstream(path)
        << "Iso3_code,Country,Indicator,Dimension,Category,Sex,Age,Year,"
           "txtVALUE\n"
        << rows;
    std::vector<std::string> words = {path, "audit", "table"};
    words.insert(words.begin(), options.begin(), options.end());
    CommandContext context;
    const auto app = MakeApp(context);
    testing::internal::CaptureStdout();
    absl::Status status;
    try {
      app->parse(std::move(words));
    } catch (const CommandFailed& failed) {
      status = failed.status();
    }
    printed_ = testing::internal::GetCapturedStdout();
    return status;
  }

  TestDirectory directory_;
  std::string printed_;
};

TEST_F(TableAuditCommandTest, AnUncoveredCellFailsAndIsNamedWithoutItsCount) {
  const std::string rows =
      "AAA,A,Victims,Total,Total,Female,Total,2018,31\n"
      "AAA,A,Victims,Total,Total,Male,Total,2018,<5\n"
      "AAA,A,Victims,Total,Total,Total,Total,2018,34\n";
  EXPECT_THAT(Audit(rows), FailsWith(ErrorReason::kPolicyInvalid));
  EXPECT_THAT(printed_, HasSubstr("UNCOVERED AAA / Victims / Total / Total / "
                                  "2018: Male, total\n"));
  EXPECT_THAT(printed_, Not(HasSubstr("is 3")));
  EXPECT_THAT(Audit(rows, {"--values"}),
              FailsWith(ErrorReason::kPolicyInvalid));
  EXPECT_THAT(printed_, HasSubstr("Male, total is 3\n"));
}

// The marks say 0 to 4 of either, and the total that they are 5 together.
TEST_F(TableAuditCommandTest, BoundsSayHowFarAHiddenCellIsKnown) {
  const std::string rows =
      "AAA,A,Victims,Total,Total,Female,Total,2018,<5\n"
      "AAA,A,Victims,Total,Total,Male,Total,2018,<5\n"
      "AAA,A,Victims,Total,Total,Total,Total,2018,5\n";
  EXPECT_OK(Audit(rows));
  EXPECT_THAT(printed_, Not(HasSubstr("NARROWED")));
  EXPECT_OK(Audit(rows, {"--bounds"}));
  EXPECT_THAT(printed_, HasSubstr("NARROWED AAA / Victims / Total / Total / "
                                  "2018: Male, total is 1 to 4\n"));
}

TEST_F(TableAuditCommandTest, AContradictoryTableIsToldAndPasses) {
  EXPECT_OK(
      Audit("AAA,A,Victims,Total,Total,Female,Total,2018,31\n"
            "AAA,A,Victims,Total,Total,Male,Total,2018,12\n"
            "AAA,A,Victims,Total,Total,Total,Total,2018,44\n"));
  EXPECT_THAT(printed_, HasSubstr("CONTRADICTORY AAA"));
  EXPECT_THAT(printed_, HasSubstr("31 (Female, total) + 12 (Male, total) is "
                                  "not 44 (total, total)"));
}

}  // namespace
}  // namespace comity
