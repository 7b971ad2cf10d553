#include "node/cli/release_compare.h"

#include <map>

#include "node/cli/indicator_trend.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kHidden = -1;

// By member and code.
using Figures = std::map<std::string, std::map<std::string, int64_t>>;

ops::GetReleaseResponse Release(uint32_t number, const Figures& figures,
                                const std::string& question = "by sex") {
  ops::GetReleaseResponse release;
  release.mutable_release()->set_number(number);
  release.mutable_release()->set_question(question);
  std::map<std::string, int> codes;
  for (const auto& [code, cells] : figures) {
    release.mutable_release()->add_answered(code);
    auto* member = release.mutable_table()->add_members();
    member->set_participant(code);
    for (const auto& [sex, figure] : cells) {
      auto* cell = member->mutable_table()->add_cells();
      cell->add_codes(sex);
      cell->set_status(figure == kHidden ? fed::CELL_STATUS_SUPPRESSED
                                         : fed::CELL_STATUS_VALUE);
      if (figure != kHidden) cell->set_value(static_cast<uint64_t>(figure));
      ++codes[sex];
    }
  }
  for (const auto& [sex, members] : codes) {
    release.mutable_table()->add_cells()->add_codes(sex);
  }
  return release;
}

absl::StatusOr<AnswerComparison> Compare(
    const std::vector<ops::GetReleaseResponse>& releases,
    bool members_in_all = false) {
  return CompareReleases(releases, members_in_all);
}

TEST(ReleaseCompareTest, TheSameMembersAreCompared) {
  ASSERT_OK_AND_ASSIGN(
      const AnswerComparison comparison,
      Compare({Release(1, {{"NE", {{"female", 20}, {"male", 15}}}}),
               Release(2, {{"NE", {{"female", 25}, {"male", 12}}}}),
               Release(5, {{"NE", {{"female", 31}, {"male", 11}}}})}));
  EXPECT_THAT(comparison.answers,
              ElementsAre("release 1", "release 2", "release 5"));
  ASSERT_EQ(comparison.cells.size(), 2u);
  EXPECT_THAT(comparison.cells[0].figures, ElementsAre(20, 25, 31));
  EXPECT_THAT(comparison.cells[1].figures, ElementsAre(15, 12, 11));
}

// A sum that alone is told; `hidden` members hide their part of "male".
ops::GetReleaseResponse SumRelease(uint32_t number,
                                   const std::vector<std::string>& members,
                                   uint64_t female, uint32_t hidden) {
  ops::GetReleaseResponse release = Release(number, {});
  for (const std::string& code : members) {
    auto* member = release.mutable_table()->add_members();
    member->set_participant(code);
    member->set_in_sum_alone(true);
    member->mutable_table()->set_method("cell-key/v1");
  }
  const auto all = static_cast<uint32_t>(members.size());
  for (const char* sex : {"female", "male"}) {
    const uint32_t without = sex == std::string("male") ? hidden : 0;
    auto* cell = release.mutable_table()->add_cells();
    cell->add_codes(sex);
    cell->set_sum(female);
    cell->set_members(all - without);
    cell->set_suppressed_members(without);
  }
  return release;
}

// Its members are one: nobody knows which of them a change is of.
TEST(ReleaseCompareTest, SumsAloneAreComparedOverTheSameMembers) {
  const std::vector<std::string> three = {"NE", "NG", "TG"};
  ASSERT_OK_AND_ASSIGN(
      const AnswerComparison comparison,
      Compare({SumRelease(1, three, 100, 1), SumRelease(2, three, 130, 0)}));
  EXPECT_THAT(comparison.members, ElementsAre("NE+NG+TG"));
  ASSERT_EQ(comparison.cells.size(), 2u);
  EXPECT_THAT(comparison.cells[0].figures, ElementsAre(100, 130));
  // Three members' noise in either: 1.96 * sqrt(2 * 3 * 4).
  EXPECT_EQ(comparison.cells[0].error, 10u);
  // Where one hides its part, the sum is of others.
  EXPECT_THAT(comparison.cells[1].figures, IsEmpty());
  const auto other = SumRelease(3, {"NE", "NG", "TD"}, 100, 0);
  for (const bool members_in_all : {false, true}) {
    EXPECT_THAT(Compare({SumRelease(1, three, 100, 0), other}, members_in_all),
                FailsWith(ErrorReason::kFieldInvalid));
  }
}

// Two medians are no sum; those of one member may be compared.
TEST(ReleaseCompareTest, FiguresOfADurationAreComparedForOneMemberAlone) {
  std::vector<ops::GetReleaseResponse> two = {
      Release(1, {{"NE", {{"female", 20}}}, {"NG", {{"female", 7}}}}),
      Release(2, {{"NE", {{"female", 25}}}, {"NG", {{"female", 9}}}})};
  std::vector<ops::GetReleaseResponse> one = {
      Release(1, {{"NE", {{"female", 20}}}}),
      Release(2, {{"NE", {{"female", 25}}}})};
  for (auto* releases : {&two, &one}) {
    for (auto& release : *releases) {
      release.mutable_table()->set_measure("MEDIAN_HANDOVER_DAYS");
    }
  }
  const auto refused = Compare(two);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("each member's own"));
  ASSERT_OK_AND_ASSIGN(const AnswerComparison comparison, Compare(one));
  EXPECT_THAT(comparison.cells[0].figures, ElementsAre(20, 25));
}

// More members look like more victims.
TEST(ReleaseCompareTest, OtherCoverageIsRefusedUnlessRestrictedToThoseInAll) {
  const auto before = Release(1, {{"NE", {{"female", 20}}}});
  const auto after =
      Release(2, {{"NE", {{"female", 25}}}, {"NG", {{"female", 300}}}});
  const auto refused = Compare({before, after});
  EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("NG in one only"));
  EXPECT_THAT(Compare({after, before}), FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK_AND_ASSIGN(const AnswerComparison comparison,
                       Compare({before, after}, true));
  EXPECT_THAT(comparison.members, ElementsAre("NE"));
  EXPECT_THAT(comparison.cells[0].figures, ElementsAre(20, 25));
}

// The first and the last have the same members; the one between has not.
TEST(ReleaseCompareTest, TheCoverageOfEveryAnswerCounts) {
  const auto both = [](uint32_t number) {
    return Release(number,
                   {{"NE", {{"female", 20}}}, {"NG", {{"female", 70}}}});
  };
  const auto one = Release(2, {{"NE", {{"female", 25}}}});
  EXPECT_THAT(Compare({both(1), one, both(3)}),
              FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK_AND_ASSIGN(const AnswerComparison comparison,
                       Compare({both(1), one, both(3)}, true));
  EXPECT_THAT(comparison.members, ElementsAre("NE"));
  EXPECT_THAT(comparison.cells[0].figures, ElementsAre(20, 25, 20));
}

// Else a cell that one member hides in one of them would look like a change.
TEST(ReleaseCompareTest, ACellCountsMembersThatShowItInAll) {
  ASSERT_OK_AND_ASSIGN(
      const AnswerComparison comparison,
      Compare({Release(1, {{"NE", {{"female", kHidden}, {"male", kHidden}}},
                           {"NG", {{"female", 100}, {"male", 70}}}}),
               Release(2, {{"NE", {{"female", 30}, {"male", 11}}},
                           {"NG", {{"female", 110}, {"male", kHidden}}}})}));
  EXPECT_THAT(comparison.cells[0].figures, ElementsAre(100, 110));
  EXPECT_THAT(comparison.cells[0].members, ElementsAre("NG"));
  EXPECT_THAT(comparison.cells[1].figures, IsEmpty());
}

TEST(ReleaseCompareTest, TwoTablesOrNoCommonMemberAreNoComparison) {
  const auto one = Release(1, {{"NE", {{"female", 20}}}});
  EXPECT_THAT(
      Compare({one, Release(2, {{"NE", {{"female", 20}}}}, "by age")}, true),
      FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(Compare({one, Release(2, {{"NG", {{"female", 9}}}})}, true),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST(ReleaseCompareTest, TwoToThirtyDifferentReleasesAreCompared) {
  std::vector<ops::GetReleaseResponse> releases;
  for (uint32_t number = 1; number <= 31; ++number) {
    releases.push_back(Release(number, {{"NE", {{"female", 20}}}}));
  }
  EXPECT_THAT(Compare(releases), FailsWith(ErrorReason::kFieldInvalid));
  releases.pop_back();
  EXPECT_OK(Compare(releases));
  EXPECT_THAT(Compare({releases[0]}), FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(Compare({releases[0], releases[0]}),
              FailsWith(ErrorReason::kFieldInvalid));
}

// Noise of at most 8 in each of two figures, and rarely so much.
TEST(ReleaseCompareTest, AChangeCarriesTheErrorOfTwoFigures) {
  std::vector<ops::GetReleaseResponse> releases = {
      Release(1, {{"NE", {{"female", 20}}}}),
      Release(2, {{"NE", {{"female", 25}}}})};
  ASSERT_OK_AND_ASSIGN(const AnswerComparison unknown, Compare(releases));
  EXPECT_EQ(unknown.cells[0].error, std::nullopt);
  const auto error_by = [&](const std::string& method) {
    for (auto& release : releases) {
      release.mutable_table()->mutable_members(0)->mutable_table()->set_method(
          method);
    }
    return Compare(releases)->cells[0].error;
  };
  EXPECT_EQ(error_by("suppression/v1"), 0u);
  EXPECT_EQ(error_by("cell-key/v1"), 6u);
}

TEST(IndicatorTrendTest, YearsAreWrittenOneByOneOrAsRanges) {
  EXPECT_THAT(*ReadYears({"2016", "2014-2015", "2014"}),
              ElementsAre("2014", "2015", "2016"));
  for (const std::vector<std::string>& written :
       {std::vector<std::string>{"2016"},
        {"2016-2014"},
        {"16", "17"},
        {"2016", "Q4"},
        {"1990-2020"},
        {"1990-2005", "2006-2021"},
        {}}) {
    EXPECT_THAT(ReadYears(written), FailsWith(ErrorReason::kFieldInvalid));
  }
}

}  // namespace
}  // namespace comity
