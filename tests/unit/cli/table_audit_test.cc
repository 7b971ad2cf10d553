#include <array>
#include <fstream>
#include <map>
#include <utility>

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
    return AuditFile(
        "Iso3_code,Country,Indicator,Dimension,Category,Sex,Age,Year,"
        "txtVALUE\n" +
            rows,
        std::move(options));
  }
  absl::Status AuditFile(const std::string& text,
                         std::vector<std::string> options = {}) {
    const std::string path = directory_.path() + "/counts.csv";
    std::ofstream(path) << text;
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

// Of a file whose rows were all left out nobody should say that it is safe.
TEST_F(TableAuditCommandTest, AFileWithoutATableFails) {
  EXPECT_THAT(Audit(""), FailsWith(ErrorReason::kFieldInvalid));
}

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

// Codes of three columns, none of which is open or has several for a person.
constexpr const char* kHeader =
    "REF_AREA,INDICATOR,TIME_PERIOD,REVISION,METHOD,THRESHOLD,MAX_ERROR,SEX,"
    "AGE_GROUP,STATEMENT,OBS_VALUE,OBS_STATUS\n";

// A table by those three in our own layout, with all margins and without its
// inner cells: inner[sex][age][statement].
using Inner = std::vector<std::vector<std::vector<int>>>;
std::string WithoutInnerCells(const Inner& inner) {
  const std::array<std::vector<std::string>, 3> codes = {
      {{"female", "male", "other", "unknown", "_T"},
       {"0-17", "18+", "disputed", "unknown", "_T"},
       {"recorded", "unknown", "_T"}}};
  std::map<std::array<size_t, 3>, int> sums;
  const std::array<size_t, 3> totals = {4, 4, 2};
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < 4; ++j) {
      for (size_t k = 0; k < 2; ++k) {
        for (size_t margin = 0; margin < 8; ++margin) {
          sums[{(margin & 1) != 0 ? totals[0] : i,
                (margin & 2) != 0 ? totals[1] : j,
                (margin & 4) != 0 ? totals[2] : k}] += inner[i][j][k];
        }
      }
    }
  }
  std::string text = kHeader;
  for (const auto& [at, sum] : sums) {
    const bool hidden =
        at[0] < totals[0] && at[1] < totals[1] && at[2] < totals[2];
    text += "NE,PERSONS,2018,1,suppression/v1,11,0,";
    for (size_t i = 0; i < 3; ++i) text += codes[i][at[i]] + ",";
    text += hidden ? ",Q\n" : std::to_string(sum) + ",A\n";
  }
  return text;
}

// LinearBoundsTest says why these figures tell half of the cells, and no slice
// of them any.
TEST_F(TableAuditCommandTest, MarginsOfThreeDimensionsTellCellsTogether) {
  const std::string text =
      WithoutInnerCells({{{3, 4}, {2, 1}, {2, 0}, {2, 0}},
                         {{2, 2}, {4, 3}, {3, 0}, {2, 0}},
                         {{0, 3}, {0, 5}, {4, 4}, {3, 2}},
                         {{0, 4}, {0, 2}, {3, 1}, {5, 6}}});
  EXPECT_THAT(AuditFile(text, {"--values", "--bounds"}),
              FailsWith(ErrorReason::kPolicyInvalid));
  EXPECT_THAT(printed_, HasSubstr("32 hidden cell(s): 16 uncovered"));
  EXPECT_THAT(printed_, HasSubstr("male, disputed, recorded is 3\n"));
  EXPECT_THAT(printed_, HasSubstr("female, 0-17, recorded is 2 to 5\n"));
}

// 2,400 hidden cells hang together.
TEST_F(TableAuditCommandTest, ATableThatIsTooLargeFails) {
  std::string text = kHeader;
  const auto add = [&text](const std::string& sex, const std::string& age,
                           const std::string& statement, int figure) {
    text += "NE,PERSONS,2018,1,suppression/v1,11,0," + sex + "," + age + "," +
            statement + "," +
            (figure == 0 ? ",Q\n" : std::to_string(figure) + ",A\n");
  };
  const auto code = [](int number, int codes) {
    return number == codes ? "_T" : std::to_string(number);
  };
  for (int i = 0; i <= 20; ++i) {
    for (int j = 0; j <= 12; ++j) {
      for (int k = 0; k <= 10; ++k) {
        const int figure =
            (i == 20 ? 20 : 1) * (j == 12 ? 12 : 1) * (k == 10 ? 10 : 1) * 5;
        const bool hidden = i < 20 && j < 12 && k < 10;
        add(code(i, 20), code(j, 12), code(k, 10), hidden ? 0 : figure);
      }
    }
  }
  EXPECT_THAT(AuditFile(text), FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(printed_, HasSubstr("NOT SOLVED NE / PERSONS / 2018"));
  EXPECT_THAT(printed_, HasSubstr("2400 hidden cell(s): 0 uncovered"));
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
