#include "node/policy/duty_words.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace comity {
namespace {

using testing::Contains;
using testing::ElementsAre;
using Kind = DemandChange::Kind;

Answer CountedBy(CountMethod method, uint32_t delta_exponent) {
  Answer answer;
  answer.permitted = true;
  answer.duties.count_method = method;
  answer.duties.delta_exponent = delta_exponent;
  return answer;
}

std::vector<std::pair<Kind, std::string>> Changes(const Answer& before,
                                                  const Answer& after) {
  std::vector<std::pair<Kind, std::string>> changes;
  for (const DemandChange& change : CompareDemands(before, after)) {
    changes.emplace_back(change.kind, change.words);
  }
  return changes;
}

TEST(DutyWordsTest, GaussianNoiseIsSaidWithItsDelta) {
  const auto words =
      DutyWords(CountedBy(CountMethod::kDiscreteGaussian, 9).duties);
  EXPECT_THAT(words, Contains("counts protected by DISCRETE_GAUSSIAN"));
  EXPECT_THAT(words, Contains("at most 1 in 10^9 for delta of a table"));
}

TEST(DutyWordsTest, ASmallerDeltaIsStricter) {
  const Answer nine = CountedBy(CountMethod::kDiscreteGaussian, 9);
  const Answer six = CountedBy(CountMethod::kDiscreteGaussian, 6);
  EXPECT_THAT(
      Changes(six, nine),
      ElementsAre(std::pair(Kind::kStronger,
                            "at most 1 in 10^9 for delta of a table (was 6)")));
  EXPECT_THAT(
      Changes(nine, six),
      ElementsAre(std::pair(Kind::kWeaker,
                            "at most 1 in 10^6 for delta of a table (was 9)")));
  EXPECT_EQ(Join(six.duties, nine.duties).delta_exponent, 9u);
  EXPECT_EQ(Meet(six.duties, nine.duties).delta_exponent, 6u);
}

// Where neither file says it, the usual one holds.
TEST(DutyWordsTest, AnotherBudgetOfDeltaIsHeldAgainstTheUsualOne) {
  const Answer usual = CountedBy(CountMethod::kDiscreteGaussian, 9);
  Answer six = usual;
  six.duties.delta_budget_exponent = 6;
  EXPECT_THAT(Changes(usual, six),
              ElementsAre(std::pair(
                  Kind::kStronger,
                  "at most 1 in 10^6 for delta of all tables of a period (was "
                  "5)")));
  six.duties.delta_budget_exponent = 5;
  EXPECT_THAT(Changes(usual, six), ElementsAre());
}

// It has no delta, which is no weaker.
TEST(DutyWordsTest, TheLaplaceInPlaceOfTheGaussianIsStricterAndNothingElse) {
  const Answer gaussian = CountedBy(CountMethod::kDiscreteGaussian, 9);
  const Answer laplace = CountedBy(CountMethod::kDiscreteLaplace, 0);
  EXPECT_THAT(
      Changes(gaussian, laplace),
      ElementsAre(std::pair(Kind::kStronger,
                            "counts protected by DISCRETE_LAPLACE (was counts "
                            "protected by DISCRETE_GAUSSIAN)")));
  EXPECT_THAT(Changes(laplace, gaussian),
              ElementsAre(std::pair(
                  Kind::kWeaker,
                  "counts protected by DISCRETE_GAUSSIAN (was counts protected "
                  "by DISCRETE_LAPLACE)")));
  EXPECT_EQ(Meet(gaussian.duties, laplace.duties), gaussian.duties);
  EXPECT_EQ(Meet(laplace.duties, gaussian.duties), gaussian.duties);
}

}  // namespace
}  // namespace comity
