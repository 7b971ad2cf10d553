#include "node/tabulation/live_columns.h"

#include <map>
#include <random>

#include "node/domain/measure.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Cells = std::map<std::vector<std::string>, uint64_t>;

CodedCase Coded(int year, const std::string& sex,
                std::vector<std::string> exploitation) {
  CodedCase coded;
  coded.year = year;
  for (const TableColumn& column : AllTableColumns()) {
    coded.columns[column.name] = {kUnknownCode};
  }
  coded.columns["sex"] = {sex};
  coded.columns["exploitation"] = std::move(exploitation);
  return coded;
}

CodedCase Referral(const std::string& partner, const std::string& days) {
  CodedCase coded = Coded(2026, "female", {});
  coded.columns["partner"] = {partner};
  coded.columns["acceptance_days"] = {days};
  return coded;
}

TableQuestion Question(const std::vector<std::string>& by,
                       const TableQuestion::Filters& where = {},
                       Measure measure = Measure::kPersons) {
  return *TableQuestion::CreateAtHome("2026", by, where, measure);
}

// Cells that have rows.
Cells Counted(const LiveColumns& live, const TableQuestion& question) {
  Cells cells;
  const auto table = live.Count(question, [](uint64_t) { return true; });
  EXPECT_OK(table);
  if (!table.ok()) return cells;
  for (size_t cell = 0; cell < table->rows.size(); ++cell) {
    if (table->rows[cell] == 0) continue;
    cells[table->grid.CodesOf(cell)] = table->rows[cell];
  }
  return cells;
}

// Three persons of 2026, one of whom has two forms, and one of 2025.
LiveColumns Persons() {
  LiveColumns live(CountedUnit::kPerson);
  live.Put(1, 1, Coded(2026, "female", {"ForcedLabour", "Servitude"}));
  live.Put(2, 2, Coded(2026, "female", {"ForcedLabour"}));
  live.Put(3, 3, Coded(2026, "male", {"ForcedLabour"}));
  live.Put(4, 4, Coded(2025, "male", {"ForcedLabour"}));
  return live;
}

TEST(LiveColumnsTest, CountsAPersonUnderEachCodeAndOnceInEveryMargin) {
  EXPECT_EQ(Counted(Persons(), Question({"exploitation", "sex"})),
            (Cells{{{"ForcedLabour", "female"}, 2},
                   {{"ForcedLabour", "male"}, 1},
                   {{"ForcedLabour", "total"}, 3},
                   {{"Servitude", "female"}, 1},
                   {{"Servitude", "total"}, 1},
                   {{"total", "female"}, 2},
                   {{"total", "male"}, 1},
                   {{"total", "total"}, 3}}));
}

TEST(LiveColumnsTest, ARowIsReplacedTakenAwayAndItsPlaceUsedAgain) {
  LiveColumns live = Persons();
  live.Put(3, 3, Coded(2026, "other", {"Servitude"}));
  EXPECT_EQ(Counted(live, Question({"sex"})),
            (Cells{{{"female"}, 2}, {{"other"}, 1}, {{"total"}, 3}}));
  live.Remove(1);
  live.Remove(1);
  EXPECT_FALSE(live.Holds(1));
  EXPECT_EQ(live.size(), 3u);
  EXPECT_EQ(Counted(live, Question({"sex"})),
            (Cells{{{"female"}, 1}, {{"other"}, 1}, {{"total"}, 2}}));
  live.Put(9, 9, Coded(2026, "male", {"Servitude"}));
  EXPECT_EQ(Counted(live, Question({"exploitation"})),
            (Cells{{{"ForcedLabour"}, 1}, {{"Servitude"}, 2}, {{"total"}, 3}}));
}

// What was taken away has no year, and so has who was never registered.
TEST(LiveColumnsTest, RowsWithoutAYearCountInNone) {
  LiveColumns live = Persons();
  live.Put(5, 5, Coded(0, "male", {}));
  live.Remove(4);
  EXPECT_TRUE(live.Holds(5));
  const auto question = TableQuestion::CreateAtHome("0000", {}, {});
  ASSERT_OK(question);
  EXPECT_EQ(Counted(live, *question), Cells());
}

TEST(LiveColumnsTest, FiltersHaveSeveralCodesAndTablesFourDimensions) {
  EXPECT_EQ(
      Counted(Persons(),
              Question({"sex"}, {{"exploitation", {"Servitude", "Other"}}})),
      (Cells{{{"female"}, 1}, {{"total"}, 1}}));
  const Cells four = Counted(
      Persons(), Question({"age_group", "exploitation", "sex", "status"}));
  EXPECT_EQ(four.at({"unknown", "ForcedLabour", "female", "unknown"}), 2u);
  EXPECT_EQ(four.at({"total", "total", "total", "total"}), 3u);
}

// Codes that appear later than others stand where the alphabet has them.
TEST(LiveColumnsTest, CountriesAreListedInOrderOfTheirCodes) {
  LiveColumns live(CountedUnit::kPerson);
  for (uint64_t key = 1; key <= 3; ++key) {
    CodedCase coded = Coded(2026, "female", {"Other"});
    coded.columns["citizenship"] = {key == 1 ? "TG" : key == 2 ? "BJ" : "NE"};
    live.Put(key, key, coded);
  }
  const auto table =
      live.Count(Question({"citizenship"}), [](uint64_t) { return true; });
  ASSERT_OK(table);
  EXPECT_EQ(table->grid.axes()[0].codes,
            (std::vector<std::string>{"BJ", "NE", "TG"}));
  EXPECT_EQ(table->rows, (std::vector<uint64_t>{1, 1, 1, 3}));
}

// More sets than one byte can number.
TEST(LiveColumnsTest, ManySetsOfCodesAreToldApart) {
  LiveColumns live(CountedUnit::kPerson);
  for (uint64_t key = 0; key < 700; ++key) {
    CodedCase coded = Coded(2026, "female", {"Other"});
    coded.columns["citizenship"] = {std::string(1, 'A') +
                                    std::to_string(key % 350)};
    live.Put(key, key, coded);
  }
  const Cells cells = Counted(live, Question({"citizenship"}));
  EXPECT_EQ(cells.size(), 351u);
  EXPECT_EQ(cells.at({"A349"}), 2u);
  EXPECT_EQ(cells.at({"A0"}), 2u);
}

TEST(LiveColumnsTest, ReferralsOfPersonsWhoDoNotCountAreLeftOut) {
  LiveColumns live(CountedUnit::kReferral);
  live.Put(11, 1, Referral("NG", "7"));
  live.Put(12, 1, Referral("NG", "2"));
  live.Put(13, 2, Referral("TD", "unknown"));
  const auto only_first = [](uint64_t person) { return person == 1; };
  const auto table =
      live.Count(Question({"partner"}, {}, Measure::kReferrals), only_first);
  ASSERT_OK(table);
  EXPECT_EQ(table->rows, (std::vector<uint64_t>{2, 0, 2}));
  const auto days =
      live.Count(Question({"partner"}, {}, Measure::kMedianAcceptanceDays),
                 [](uint64_t) { return true; });
  ASSERT_OK(days);
  EXPECT_EQ(days->rows, (std::vector<uint64_t>{2, 0, 2}));
  EXPECT_EQ(days->days[0], (std::vector<uint32_t>{2, 7}));
}

TEST(LiveColumnsTest, ATableThatIsTooLargeIsRefused) {
  LiveColumns live(CountedUnit::kPerson);
  for (uint64_t key = 0; key < 1100; ++key) {
    CodedCase coded = Coded(2026, "female", {"Other"});
    const std::string code = "A" + std::to_string(key);
    coded.columns["citizenship"] = {code};
    coded.columns["exploitation_country"] = {code};
    live.Put(key, key, coded);
  }
  EXPECT_THAT(live.Count(Question({"citizenship", "exploitation_country"}),
                         [](uint64_t) { return true; }),
              FailsWith(ErrorReason::kFieldInvalid));
}

// Persons of every code, several of them where a column has several, as they
// come: 64 bytes each, growth and all.
TEST(LiveColumnsTest, ACaseTakesAtMost64Bytes) {
  std::mt19937 random(20261130);
  const auto below = [&random](size_t end) { return random() % end; };
  LiveColumns live(CountedUnit::kPerson);
  for (uint64_t key = 1; key <= 30'000; ++key) {
    CodedCase coded;
    coded.year = 2000 + static_cast<int>(below(30));
    for (const TableColumn& column : AllTableColumns()) {
      auto& codes = coded.columns[column.name];
      const size_t count = column.several ? 1 + below(3) : 1;
      for (size_t i = 0; i < count; ++i) {
        codes.push_back(column.IsOpen()
                            ? "A" + std::to_string(below(60))
                            : column.codes[below(column.codes.size())]);
      }
    }
    live.Put(key * 0x9e3779b97f4a7c15u, key * 0x9e3779b97f4a7c15u, coded);
    if (key < 1000) continue;
    ASSERT_LE(live.BytesOfRows(), 64 * live.size()) << key;
  }
}

// Law 8.
TEST(LiveColumnsTest, Law8ATableOfFourDimensionsMayNotLeave) {
  EXPECT_THAT(TableQuestion::Create(
                  "2026", {"age_group", "exploitation", "sex", "status"}, {}),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(
      Question({"age_group", "exploitation", "sex", "status"}).CheckMayLeave(),
      FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(
      TableQuestion::CreateAtHome(
          "2026", {"age_group", "border", "exploitation", "sex", "status"}, {}),
      FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
