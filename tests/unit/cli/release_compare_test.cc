#include "node/cli/release_compare.h"

#include <map>

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using testing::HasSubstr;

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

TEST(ReleaseCompareTest, TheSameMembersAreCompared) {
  ASSERT_OK_AND_ASSIGN(
      const ReleaseComparison comparison,
      CompareReleases(Release(1, {{"NE", {{"female", 20}, {"male", 15}}}}),
                      Release(2, {{"NE", {{"female", 25}, {"male", 12}}}}),
                      false));
  ASSERT_EQ(comparison.cells.size(), 2u);
  EXPECT_EQ(comparison.cells[0].before, 20u);
  EXPECT_EQ(comparison.cells[0].after, 25u);
}

// Two medians are no sum, and neither is their difference.
TEST(ReleaseCompareTest, FiguresOfADurationAreNotCompared) {
  auto before = Release(1, {{"NE", {{"female", 20}}}});
  auto after = Release(2, {{"NE", {{"female", 25}}}});
  for (auto* release : {&before, &after}) {
    release->mutable_table()->set_measure("MEDIAN_HANDOVER_DAYS");
  }
  const auto refused = CompareReleases(before, after, false);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("each member's own"));
}

// More members look like more victims.
TEST(ReleaseCompareTest, OtherCoverageIsRefusedUnlessRestrictedToBoth) {
  const auto before = Release(1, {{"NE", {{"female", 20}}}});
  const auto after =
      Release(2, {{"NE", {{"female", 25}}}, {"NG", {{"female", 300}}}});
  const auto refused = CompareReleases(before, after, false);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("NG in one only"));
  EXPECT_THAT(CompareReleases(after, before, false),
              FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK_AND_ASSIGN(const ReleaseComparison comparison,
                       CompareReleases(before, after, true));
  EXPECT_THAT(comparison.members, testing::ElementsAre("NE"));
  EXPECT_EQ(comparison.cells[0].after, 25u);
}

// Else a cell that one member hides in one of them would look like a change.
TEST(ReleaseCompareTest, ACellCountsMembersThatShowItInBoth) {
  ASSERT_OK_AND_ASSIGN(
      const ReleaseComparison comparison,
      CompareReleases(
          Release(1, {{"NE", {{"female", kHidden}, {"male", kHidden}}},
                      {"NG", {{"female", 100}, {"male", 70}}}}),
          Release(2, {{"NE", {{"female", 30}, {"male", 11}}},
                      {"NG", {{"female", 110}, {"male", kHidden}}}}),
          false));
  EXPECT_EQ(comparison.cells[0].before, 100u);
  EXPECT_EQ(comparison.cells[0].after, 110u);
  EXPECT_EQ(comparison.cells[1].before, std::nullopt);
  EXPECT_EQ(comparison.cells[1].after, std::nullopt);
}

TEST(ReleaseCompareTest, TwoTablesOrNoCommonMemberAreNoComparison) {
  const auto one = Release(1, {{"NE", {{"female", 20}}}});
  EXPECT_THAT(CompareReleases(
                  one, Release(2, {{"NE", {{"female", 20}}}}, "by age"), true),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(CompareReleases(one, Release(2, {{"NG", {{"female", 9}}}}), true),
              FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
