#include "node/wire/indicators.h"

#include "node/domain/table_question.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

TEST(IndicatorsTest, EveryIndicatorIsATableThatMayLeave) {
  ASSERT_OK_AND_ASSIGN(const auto all, AllIndicators());
  EXPECT_GE(all.size(), 7u);
  for (const auto& indicator : all) {
    const auto question = TableQuestion::Create(
        "2018", {indicator.dimension().begin(), indicator.dimension().end()},
        {});
    ASSERT_OK(question) << indicator.code();
    EXPECT_OK(question->CheckMayLeave()) << indicator.code();
  }
}

TEST(IndicatorsTest, AnUnknownIdSaysWhatThereIs) {
  ASSERT_OK_AND_ASSIGN(const auto known, FindIndicator("Q2"));
  EXPECT_THAT(known.dimension(), testing::ElementsAre("sex", "age_group"));
  const auto unknown = FindIndicator("Q99");
  EXPECT_THAT(unknown, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(unknown.status().message()),
              testing::HasSubstr("Q1, Q2, Q3"));
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
}

}  // namespace
}  // namespace comity
