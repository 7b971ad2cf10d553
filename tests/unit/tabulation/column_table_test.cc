#include "node/tabulation/column_table.h"

#include <map>

#include "node/domain/table_columns.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

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

const std::vector<CodedCase> kCases = {
    Coded(2018, "female", {"ForcedLabour", "SexualExploitation"}),
    Coded(2018, "female", {"ForcedLabour"}),
    Coded(2018, "male", {"ForcedLabour"}),
    Coded(2017, "male", {"ForcedLabour"}),
};

// Record keys that tests can add up: the sum of 2018 is 7.
PeriodColumns Columns(int year = 2018) {
  std::vector<CodedCase> cases = kCases;
  for (size_t i = 0; i < cases.size(); ++i) {
    cases[i].case_id =
        *Uuid::FromBytes(std::string(15, '\0') + static_cast<char>(1 << i));
  }
  return PeriodColumns::Of(cases, year, [](const Uuid& id) {
    return static_cast<uint64_t>(id.ToBytes().back());
  });
}

// Persons and key sums by codes.
using Cells = std::map<std::vector<std::string>, std::pair<uint64_t, uint64_t>>;
Cells Count(const std::vector<std::string>& by,
            const TableQuestion::Filters& where = {}) {
  const ExactTable table =
      Columns().Count(*TableQuestion::Create("2018", by, where));
  Cells cells;
  for (size_t cell = 0; cell < table.cells.size(); ++cell) {
    cells[table.grid.CodesOf(cell)] = {table.cells[cell].persons,
                                       table.cells[cell].key_sum};
  }
  return cells;
}

TEST(ColumnTableTest, CountsThePeriodWithItsMarginsAndRecordKeys) {
  const Cells cells = Count({"sex"});
  EXPECT_EQ(cells.at({"female"}), std::pair(2ul, 3ul));
  EXPECT_EQ(cells.at({"male"}), std::pair(1ul, 4ul));
  EXPECT_EQ(cells.at({"total"}), std::pair(3ul, 7ul));
}

TEST(ColumnTableTest, SaysWhetherAPersonIsAmongThem) {
  EXPECT_TRUE(Columns().Holds(1));
  EXPECT_TRUE(Columns().Holds(4));
  EXPECT_FALSE(Columns().Holds(8));
}

TEST(ColumnTableTest, WhoIsMissingOfTheLastRevisionIsNoticed) {
  const auto of = [](const std::string& keys) {
    std::vector<CodedCase> cases;
    for (const char key : keys) {
      cases.push_back(Coded(2018, "female", {kUnknownCode}));
      cases.back().case_id = *Uuid::FromBytes(std::string(16, key));
    }
    return PeriodColumns::Of(cases, 2018, [](const Uuid& id) {
      return static_cast<uint64_t>(id.ToBytes().back());
    });
  };
  EXPECT_TRUE(of("abc").HoldsAllOf(of("abc")));
  EXPECT_TRUE(of("abcd").HoldsAllOf(of("acb")));
  EXPECT_FALSE(of("abd").HoldsAllOf(of("abc")));
  EXPECT_FALSE(of("").HoldsAllOf(of("a")));
  // A row of a person of several.
  EXPECT_FALSE(of("abc").HoldsAllOf(of("abbc")));
}

TEST(ColumnTableTest, WhoCameAndWhoHasOtherCodesIsCounted) {
  using Persons = std::map<char, std::string>;  // sex by key
  const auto of = [](const Persons& persons) {
    std::vector<CodedCase> cases;
    for (const auto& [key, sex] : persons) {
      cases.push_back(Coded(2018, sex, {"ForcedLabour"}));
      cases.back().case_id = *Uuid::FromBytes(std::string(16, key));
    }
    return PeriodColumns::Of(cases, 2018, [](const Uuid& id) {
      return static_cast<uint64_t>(id.ToBytes().back());
    });
  };
  const Persons before = {{'b', "female"}, {'d', "male"}};
  const auto changed = [&](const Persons& now) {
    return of(now).ChangedSince(of(before));
  };
  EXPECT_EQ(changed(before), 0u);
  EXPECT_EQ(changed({{'a', "male"}, {'b', "female"}, {'d', "male"}}), 1u);
  EXPECT_EQ(changed({{'b', "female"}, {'d', "other"}}), 1u);
  EXPECT_EQ(changed({{'b', "male"}, {'d', "female"}, {'e', "male"}}), 3u);
}

TEST(ColumnTableTest, AClosedColumnHasAllItsCodesWhoeverHasThem) {
  const Cells cells = Count({"sex"});
  EXPECT_EQ(cells.size(), 5u);
  EXPECT_EQ(cells.at({"other"}), std::pair(0ul, 0ul));
  EXPECT_EQ(cells.at({"unknown"}), std::pair(0ul, 0ul));
}

TEST(ColumnTableTest, APersonWithSeveralCodesCountsUnderEachAndOnceInTotal) {
  const Cells cells = Count({"exploitation"});
  EXPECT_EQ(cells.at({"ForcedLabour"}), std::pair(3ul, 7ul));
  EXPECT_EQ(cells.at({"SexualExploitation"}), std::pair(1ul, 1ul));
  EXPECT_EQ(cells.at({"total"}), std::pair(3ul, 7ul));
}

TEST(ColumnTableTest, FiltersKeepPersonsThatHaveAValue) {
  const Cells cells =
      Count({"sex"}, {{"exploitation", {"SexualExploitation"}}});
  EXPECT_EQ(cells.at({"female"}).first, 1u);
  EXPECT_EQ(cells.at({"male"}).first, 0u);
}

TEST(ColumnTableTest, TablesOfEveryNumberOfDimensionsAgree) {
  const Cells two = Count({"exploitation", "sex"});
  EXPECT_EQ(two.at({"SexualExploitation", "male"}).first, 0u);
  EXPECT_EQ(two.at({"ForcedLabour", "female"}).first, 2u);
  EXPECT_EQ(two.at({"total", "female"}), std::pair(2ul, 3ul));
  const Cells three = Count({"exploitation", "sex", "status"});
  for (const auto& [codes, count] : two) {
    EXPECT_EQ(three.at({codes[0], codes[1], "total"}), count);
    EXPECT_EQ(three.at({codes[0], codes[1], "unknown"}), count);
  }
  EXPECT_EQ(Count({}).at({}), std::pair(3ul, 7ul));
}

TEST(ColumnTableTest, ASnapshotReadsAsItWasWrittenAndRefusesDamage) {
  const std::string bytes = Columns().Serialize();
  ASSERT_OK_AND_ASSIGN(const PeriodColumns read, PeriodColumns::Parse(bytes));
  EXPECT_EQ(read.Serialize(), bytes);
  EXPECT_EQ(read.size(), 3u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(PeriodColumns::Parse(bytes.substr(0, size)),
                FailsWith(ErrorReason::kIntegrityFailure));
  }
}

TEST(ColumnTableTest, ASnapshotWithASetNumberBeyondItsSetsIsDamaged) {
  std::string bytes = Columns(2017).Serialize();
  // Before the last 8 bytes, the key, stands the only row's set in the last
  // column: 0. 2^32 would be 0 again in 32 bits.
  const size_t at = bytes.size() - 9;
  ASSERT_EQ(bytes[at], '\0');
  bytes.replace(at, 1, "\x80\x80\x80\x80\x10");
  EXPECT_THAT(PeriodColumns::Parse(bytes),
              FailsWith(ErrorReason::kIntegrityFailure));
}

// What an older build published goes on being counted.
TEST(ColumnTableTest, ASnapshotOfTheSecondVersionLacksTheColumnsSince) {
  std::string bytes("\2\11\1", 3);
  for (const char* column :
       {"a", "b", "c", "d", "e", "f", "g", "female", "s"}) {
    const std::string code = column;
    bytes += '\1';  // codes
    bytes += static_cast<char>(code.size());
    bytes += code;
    bytes += std::string("\1\1\0\0", 4);  // one set, of it, for the one row
  }
  bytes += std::string(7, '\0') + '\5';
  ASSERT_OK_AND_ASSIGN(const PeriodColumns period, PeriodColumns::Parse(bytes));
  const auto by_sex = TableQuestion::Create("2018", {"sex"}, {});
  EXPECT_EQ(period.NotCollected(*by_sex), "");
  EXPECT_EQ(period.Count(*by_sex).cells[0].key_sum, 5u);
  EXPECT_EQ(period.NotCollected(
                *TableQuestion::Create("2018", {"recruiter", "sex"}, {})),
            "recruiter");
  EXPECT_EQ(period.NotCollected(*TableQuestion::Create(
                "2018", {"sex"}, {{"border", {"internal"}}})),
            "border");
}

TEST(ColumnTableTest, AColumnThatIsNotCollectedIsInNoSnapshot) {
  const PeriodColumns period = PeriodColumns::Of(
      kCases, 2018, [](const Uuid&) { return 1; }, {"exploitation"});
  ASSERT_OK_AND_ASSIGN(const PeriodColumns read,
                       PeriodColumns::Parse(period.Serialize()));
  EXPECT_EQ(
      read.NotCollected(*TableQuestion::Create("2018", {"exploitation"}, {})),
      "exploitation");
  EXPECT_THAT(period.Serialize(),
              testing::Not(testing::HasSubstr("ForcedLabour")));
}

TEST(ColumnTableTest, APersonTakesAtMost64BytesAndManySetsMakeItMore) {
  EXPECT_LE(Columns().BytesOfPerson(), 64u);
  // More sets of countries than two bytes can number.
  std::vector<CodedCase> cases;
  for (int i = 0; i < 70'000; ++i) {
    cases.push_back(Coded(2018, "female", {kUnknownCode}));
    cases.back().columns["citizenship"] = {std::to_string(100'000 + i)};
  }
  const PeriodColumns period =
      PeriodColumns::Of(cases, 2018, [](const Uuid&) { return 1; });
  EXPECT_EQ(period.BytesOfPerson(), Columns().BytesOfPerson() + 2);
  const ExactTable table =
      period.Count(*TableQuestion::Create("2018", {"citizenship"}, {}));
  ASSERT_EQ(table.cells.size(), 70'001u);
  EXPECT_TRUE(std::all_of(table.cells.begin(), table.cells.end() - 1,
                          [](const auto& c) { return c.persons == 1; }));
  ASSERT_OK_AND_ASSIGN(const PeriodColumns read,
                       PeriodColumns::Parse(period.Serialize()));
  EXPECT_EQ(read.Serialize(), period.Serialize());
}

TEST(ColumnTableTest, ASnapshotOfTheFirstVersionAsksToBePublishedAgain) {
  EXPECT_THAT(PeriodColumns::Parse(std::string("\1\0", 2)),
              FailsWith(ErrorReason::kPeriodNotPublished));
}

// Law 8, the identity of a question.
TEST(TableQuestionTest, Law8TwoSpellingsOfAQuestionAreTheSameQuestion) {
  ASSERT_OK_AND_ASSIGN(auto a,
                       TableQuestion::Create("2018", {"sex", "age_group"},
                                             {{"citizenship", {"NG", "NE"}}}));
  ASSERT_OK_AND_ASSIGN(
      auto b, TableQuestion::Create(
                  "2018", {"age_group", "sex"},
                  {{"citizenship", {"NE", "NG"}}, {"year", {"2018"}}}));
  EXPECT_EQ(a.CanonicalForm(), b.CanonicalForm());
}

TEST(TableQuestionTest, RefusesWhatItDoesNotKnow) {
  for (const auto& question :
       {TableQuestion::Create("20", {}, {}),
        TableQuestion::Create("2018", {"shoe_size"}, {}),
        TableQuestion::Create("2018", {"sex", "sex"}, {}),
        TableQuestion::Create("2018", {}, {{"year", {"2017"}}}),
        TableQuestion::Create("2018", {}, {{"sex", {}}}),
        TableQuestion::Create("2018", {}, {{"sex", {"Female"}}}),
        TableQuestion::Create("2018", {"sex"}, {{"sex", {"female"}}}),
        TableQuestion::Create(
            "2018", {"age_broad", "citizenship", "exploitation_country"}, {}),
        TableQuestion::Create("2018", {"sex", "status", "gender", "age_group"},
                              {})}) {
    EXPECT_THAT(question, FailsWith(ErrorReason::kFieldInvalid));
  }
}

// Whatever may be asked is made of cells of tables: no union of codes, and
// nothing that could be subtracted from it.
TEST(TableQuestionTest, OnlyCellsOfTablesMayLeave) {
  const auto may_leave = [](const std::vector<std::string>& by,
                            const TableQuestion::Filters& where) {
    return TableQuestion::Create("2018", by, where)->CheckMayLeave();
  };
  EXPECT_OK(may_leave({"sex", "age_group"}, {{"citizenship", {"NE"}}}));
  EXPECT_THAT(may_leave({"sex"}, {{"citizenship", {"NE", "NG"}}}),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(
      may_leave({"sex", "age_group", "status"}, {{"citizenship", {"NE"}}}),
      FailsWith(ErrorReason::kFieldInvalid));
}

// "ng" looked like a country of nobody, and each such text was a question.
TEST(TableQuestionTest, OnlyCodesThatSomebodyCanHaveAreAskedFor) {
  const auto of = [](const std::string& column, const std::string& code,
                     Measure measure = Measure::kPersons) {
    return TableQuestion::Create("2018", {}, {{column, {code}}}, measure)
        ->CheckMayLeave();
  };
  for (const char* country : {"NG", "XK", "unknown"}) {
    EXPECT_OK(of("citizenship", country));
  }
  for (const char* nobody : {"ng", "NGA", "Nigeria", "ZZ", "", "total"}) {
    EXPECT_THAT(of("citizenship", nobody),
                FailsWith(ErrorReason::kFieldInvalid));
    EXPECT_THAT(
        TableQuestion::CreateAtHome("2018", {}, {{"citizenship", {nobody}}}),
        FailsWith(ErrorReason::kFieldInvalid));
  }
  EXPECT_OK(of("partner", "SEE-10", Measure::kReferrals));
  EXPECT_THAT(of("partner", "ng", Measure::kReferrals),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST(TableQuestionTest, ACellHasOneNameInEveryTable) {
  ASSERT_OK_AND_ASSIGN(const auto cross,
                       TableQuestion::Create("2018", {"sex", "age_group"}, {}));
  ASSERT_OK_AND_ASSIGN(
      const auto filtered,
      TableQuestion::Create("2018", {"sex"}, {{"age_group", {"18+"}}}));
  EXPECT_EQ(cross.CellName({"18+", "female"}), filtered.CellName({"female"}));
  EXPECT_EQ(cross.CellName({"18+", kTotal}), filtered.CellName({kTotal}));
  EXPECT_NE(cross.CellName({kTotal, "female"}), filtered.CellName({"female"}));
  EXPECT_TRUE(filtered.HasCell(cross.SpelledOut({"18+", "female"})));
  EXPECT_FALSE(filtered.HasCell(cross.SpelledOut({"0-17", "female"})));
  EXPECT_FALSE(filtered.HasCell(cross.SpelledOut({kTotal, "female"})));
  EXPECT_TRUE(cross.HasCell(filtered.SpelledOut({kTotal})));
}

}  // namespace
}  // namespace comity
