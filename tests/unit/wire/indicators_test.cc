#include "node/wire/indicators.h"

#include <set>

#include "absl/strings/str_replace.h"
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
    const auto question = TableQuestion::Create("2018", shape.by, filters);
    ASSERT_OK(question) << indicator.code();
    EXPECT_OK(question->CheckMayLeave()) << indicator.code();
  }
  EXPECT_EQ(collected, 20u);
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
  ASSERT_OK_AND_ASSIGN(const auto referrals, FindIndicator("Q17"));
  EXPECT_THAT(std::string(CheckCollected(referrals).message()),
              testing::HasSubstr("Q17/1 is not collected: Published periods"));
}

// As many classes of tables as an analysis can tell apart.
TEST(IndicatorsTest, AnAgreementMayNameTheWholeCatalogue) {
  ASSERT_OK_AND_ASSIGN(const auto all, AllIndicators());
  std::vector<TableScope> scopes;
  for (const auto& indicator : all) {
    if (indicator.has_not_collected()) continue;
    scopes.push_back({IndicatorName(indicator), *ShapeOf(indicator)});
  }
  TableScope columns;
  for (const TableColumn& column : AllTableColumns()) {
    columns.table.by.push_back(column.name);
  }
  scopes.push_back(columns);
  EXPECT_LT(ShapesApart(scopes).size(), 63u);
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
