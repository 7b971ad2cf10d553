#include "node/wire/indicators.h"

#include <map>
#include <set>

#include "absl/strings/str_replace.h"
#include "node/domain/measure.h"
#include "node/domain/table_columns.h"
#include "node/domain/table_question.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

TEST(IndicatorsTest, EveryIndicatorIsATableThatMayLeave) {
  ASSERT_OK_AND_ASSIGN(const auto all, AllIndicators());
  size_t collected = 0;
  for (const auto& indicator : all) {
    if (indicator.has_not_collected()) continue;
    ++collected;
    ASSERT_OK_AND_ASSIGN(const TableShape shape, ShapeOf(indicator));
    TableQuestion::Filters filters;
    for (const auto& [column, code] : shape.where) filters[column] = {code};
    const auto question =
        TableQuestion::Create("2018", shape.by, filters, shape.measure);
    ASSERT_OK(question) << indicator.code();
    EXPECT_OK(question->CheckMayLeave()) << indicator.code();
  }
  EXPECT_EQ(collected, 42u);
}

// Q1 to Q33 of the regional list, each once or for a reason not.
TEST(IndicatorsTest, TheWholeListIsThereAndSaysWhatIsNotCollected) {
  ASSERT_OK_AND_ASSIGN(const auto all, AllIndicators());
  std::set<std::string> codes;
  for (const auto& indicator : all) codes.insert(indicator.code());
  for (int i = 1; i <= 33; ++i) {
    EXPECT_TRUE(codes.contains("Q" + std::to_string(i))) << i;
  }
  EXPECT_THAT(codes, testing::IsSupersetOf({"T1", "T2", "T3", "T4"}));
  EXPECT_THAT(codes, testing::IsSupersetOf({"V4", "V5", "V6", "V7"}));
  ASSERT_OK_AND_ASSIGN(const auto follow_up, FindIndicator("Q23"));
  EXPECT_THAT(std::string(CheckCollected(follow_up).message()),
              testing::HasSubstr("Q23/1 is not collected: Who agreed"));
}

// As many classes of tables as an analysis can tell apart.
TEST(IndicatorsTest, AnAgreementMayNameTheWholeCatalogue) {
  ASSERT_OK_AND_ASSIGN(const auto all, AllIndicators());
  std::vector<TableScope> scopes;
  for (const auto& indicator : all) {
    if (indicator.has_not_collected()) continue;
    scopes.push_back({IndicatorName(indicator), *ShapeOf(indicator)});
  }
  for (const std::string& name : MeasureNames()) {
    TableScope columns;
    columns.table.measure = MeasureNamed(name);
    for (const TableColumn& column : AllTableColumns()) {
      if (column.unit == UnitOf(columns.table.measure) && !column.measured) {
        columns.table.by.push_back(column.name);
      }
    }
    scopes.push_back(columns);
  }
  EXPECT_LT(ShapesApart(scopes).size(), 63u);
}

// A median is told beside no share, and is by columns of referrals.
TEST(IndicatorsTest, AnIndicatorHasItsMeasure) {
  ASSERT_OK_AND_ASSIGN(const auto time, FindIndicator("Q19"));
  EXPECT_EQ(ShapeOf(time)->measure, Measure::kMedianAcceptanceDays);
  EXPECT_EQ(ShapeOf(*FindIndicator("Q2"))->measure, Measure::kPersons);
  const std::string one =
      "indicator { code: \"R\" version: 1 title: \"t\" definition: \"d\" "
      "population: \"p\" measure: MEDIAN_HANDOVER_DAYS "
      "dimension: [\"partner\"] denominator: \"x\" }\n";
  EXPECT_OK(ReadIndicators(one));
  for (const auto& [from, to] : std::map<std::string, std::string>{
           {"dimension:", "share_of: \"partner\" dimension:"},
           {"[\"partner\"]", "[\"sex\"]"},
           {"MEDIAN_HANDOVER_DAYS", "MEAN_DAYS"}}) {
    EXPECT_THAT(ReadIndicators(absl::StrReplaceAll(one, {{from, to}})),
                FailsWith(ErrorReason::kInternal))
        << to;
  }
}

TEST(IndicatorsTest, AnUnknownIdSaysWhatThereIs) {
  ASSERT_OK_AND_ASSIGN(const auto known, FindIndicator("Q2"));
  EXPECT_THAT(known.dimension(), testing::ElementsAre("sex", "age_group"));
  const auto unknown = FindIndicator("Q99");
  EXPECT_THAT(unknown, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(unknown.status().message()),
              testing::HasSubstr("Q1/1, Q2/1, Q3/1"));
  EXPECT_OK(FindIndicator("Q2/1"));
  EXPECT_THAT(FindIndicator("Q2/2"), FailsWith(ErrorReason::kFieldInvalid));
}

TEST(IndicatorsTest, ACatalogueIsReadStrictly) {
  const std::string one =
      "indicator { code: \"Q2\" version: 1 title: \"t\" definition: \"d\" "
      "population: \"p\" dimension: [\"sex\"] denominator: \"x\" }\n";
  EXPECT_OK(ReadIndicators(one));
  EXPECT_THAT(ReadIndicators(one + one), FailsWith(ErrorReason::kInternal));
  EXPECT_THAT(ReadIndicators("indicator { code: \"Q2\" }"),
              FailsWith(ErrorReason::kInternal));
  EXPECT_THAT(ReadIndicators("indicator { weight: 2 }"),
              FailsWith(ErrorReason::kInternal));
  const auto with = [&one](const std::string& from, const std::string& to) {
    return ReadIndicators(absl::StrReplaceAll(one, {{from, to}}));
  };
  EXPECT_OK(with("version: 1", "version: 2"));
  for (const auto& faulty :
       {with("dimension: [\"sex\"]", ""),
        with("denominator: \"x\"", "not_collected: \"why\""),
        with("[\"sex\"]", "[\"shoe_size\"]"),
        with("[\"sex\"]", "[\"sex\"] where: \"sex=female\""),
        with("[\"sex\"]", "[\"sex\"] share_of: \"status\"")}) {
    EXPECT_THAT(faulty, FailsWith(ErrorReason::kInternal));
  }
}

}  // namespace
}  // namespace comity
