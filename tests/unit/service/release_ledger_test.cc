#include "node/service/release_ledger.h"

#include <algorithm>
#include <random>

#include "node/domain/table_columns.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// A grid as a period would have it, with a few countries.
TableGrid GridOf(const TableQuestion& question) {
  std::vector<TableAxis> axes;
  for (const std::string& name : question.dimensions()) {
    const TableColumn& column = *FindTableColumn(name);
    axes.push_back({name, column.codes, column.IsOpen(), column.several});
    if (column.IsOpen()) axes.back().codes = {"NE", "NG", "TD"};
  }
  return TableGrid(std::move(axes));
}

EarlierAnswer AnswerOf(const TableQuestion& question, std::mt19937_64& chance) {
  EarlierAnswer answer{question, "cell-key/v1", {}};
  const TableGrid grid = GridOf(question);
  for (size_t cell = 0; cell < grid.size(); ++cell) {
    if (chance() % 2 == 0) continue;
    answer.shown.emplace(question.CellName(grid.CodesOf(cell)), 30);
  }
  return answer;
}

// What is known of a cell, by asking each answer about it.
EarlierRelease KnownOfOne(const ReleaseLedger& ledger,
                          const TableQuestion& question,
                          const std::vector<std::string>& codes) {
  EarlierRelease known = EarlierRelease::kNever;
  for (const EarlierAnswer& answer : ledger.answers) {
    if (answer.shown.contains(question.CellName(codes))) {
      return EarlierRelease::kShown;
    }
    if (answer.question.HasCell(question.SpelledOut(codes))) {
      known = EarlierRelease::kHidden;
    }
  }
  return known;
}

TableQuestion Ask(const std::vector<std::string>& by,
                  const TableQuestion::Filters& filters = {}) {
  return *TableQuestion::Create("2018", by, filters);
}

TEST(ReleaseLedgerTest, WhatIsKnownIsWhatTheAnswersOneByOneSay) {
  std::mt19937_64 chance(20270201);
  const std::vector<TableQuestion> questions = {
      Ask({"sex"}),
      Ask({"age_group", "sex"}),
      Ask({"citizenship", "sex"}),
      Ask({"age_group", "citizenship", "sex"}),
      Ask({"age_group"}, {{"sex", {"male"}}}),
      Ask({"sex"}, {{"age_group", {"18+"}}}),
      Ask({"sex"}, {{"citizenship", {"NG"}}}),
      Ask({"sex"}, {{"citizenship", {"BJ"}}}),
      Ask({"age_group", "sex"}, {{"citizenship", {"TD"}}}),
      Ask({"status"}, {{"citizenship", {"NG"}}, {"sex", {"male"}}}),
      Ask({"status"})};
  size_t hidden = 0;
  for (int trial = 0; trial < 60; ++trial) {
    ReleaseLedger ledger;
    for (int i = 0; i < trial % 4; ++i) {
      ledger.answers.push_back(
          AnswerOf(questions[chance() % questions.size()], chance));
    }
    for (const TableQuestion& question : questions) {
      const TableGrid grid = GridOf(question);
      const EarlierReleases known = ledger.KnownOf(question, grid);
      ASSERT_EQ(known.size(), grid.size());
      for (size_t cell = 0; cell < grid.size(); ++cell) {
        EXPECT_EQ(known[cell], KnownOfOne(ledger, question, grid.CodesOf(cell)))
            << question.CanonicalForm() << cell;
        hidden += known[cell] == EarlierRelease::kHidden ? 1 : 0;
      }
    }
  }
  EXPECT_GT(hidden, 100u);
}

// Twenty thousand answers about one country each, before a table of five
// thousand cells: a hundred million steps where each answer is asked about each
// cell.
TEST(ReleaseLedgerTest, Law12WhatIsKnownOfALargeTableTakesNoStepForEachPair) {
  std::mt19937_64 chance(20270202);
  const std::vector<std::string> countries = {"NE", "NG", "TD"};
  std::vector<EarlierAnswer> slices;
  for (const std::string& country : countries) {
    slices.push_back(
        AnswerOf(Ask({"age_broad"}, {{"citizenship", {country}}}), chance));
  }
  ReleaseLedger ledger;
  for (size_t i = 0; i < 20'000; ++i) {
    ledger.answers.push_back(slices[i % slices.size()]);
  }
  const TableQuestion whole = *TableQuestion::CreateAtHome(
      "2018", {"age_broad", "citizenship", "exploitation", "gender"}, {});
  const TableGrid grid = GridOf(whole);
  ASSERT_GT(grid.size(), 4000u);
  const EarlierReleases known = ledger.KnownOf(whole, grid);
  // Three countries, by ten ages and their total.
  EXPECT_EQ(std::count(known.begin(), known.end(), EarlierRelease::kNever),
            static_cast<std::ptrdiff_t>(grid.size()) - 33);
}

}  // namespace
}  // namespace comity
