#include "node/wire/table_wire.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;

TableQuestion BySexAndAge() {
  return *TableQuestion::Create("2018", {"sex", "age_group"}, {});
}

// A partner's answer with these cells.
fed::ReleasedTable Table(const std::vector<std::vector<std::string>>& cells) {
  fed::ReleasedTable table;
  table.set_period("2018");
  for (const char* column : {"age_group", "sex"}) table.add_dimensions(column);
  for (const std::vector<std::string>& codes : cells) {
    auto* cell = table.add_cells();
    for (const std::string& code : codes) cell->add_codes(code);
    cell->set_status(fed::CELL_STATUS_VALUE);
    cell->set_value(12);
  }
  return table;
}

absl::Status Check(const fed::ReleasedTable& table) {
  return CheckCells(table, BySexAndAge());
}

auto IsNoAnswer() { return FailsWith(ErrorReason::kEvidenceInvalid); }

TEST(TableWireTest, ATableOfTheDimensionsThatWereAskedForIsAnAnswer) {
  EXPECT_OK(Check(Table({{"18+", "female"}, {"18+", "total"}})));
  EXPECT_OK(Check(Table({})));
}

// The codes of the one would be read as those of the other.
TEST(TableWireTest, ATableOfAnotherPeriodOrByOtherDimensionsIsNoAnswer) {
  fed::ReleasedTable table = Table({{"18+", "female"}});
  table.set_period("2017");
  EXPECT_THAT(Check(table), IsNoAnswer());
  table = Table({{"18+", "female"}});
  table.mutable_dimensions()->SwapElements(0, 1);
  EXPECT_THAT(Check(table), IsNoAnswer());
  table.clear_dimensions();
  EXPECT_THAT(Check(table), IsNoAnswer());
}

// Whoever adds tables up reads the code of each dimension.
TEST(TableWireTest, ACellWithTooFewCodesIsNoAnswer) {
  EXPECT_THAT(Check(Table({{"18+", "female"}, {"18+"}})), IsNoAnswer());
  EXPECT_THAT(Check(Table({{}})), IsNoAnswer());
  EXPECT_THAT(Check(Table({{"18+", "female", "total"}})), IsNoAnswer());
}

// A member would count twice in the sum, and more members than there are.
TEST(TableWireTest, ACellThatStandsTwiceIsNoAnswer) {
  EXPECT_THAT(Check(Table({{"18+", "female"}, {"18+", "female"}})),
              IsNoAnswer());
}

// What is printed on a terminal, and in files for other programs.
TEST(TableWireTest, ACodeThatIsNoPlainTextIsNoAnswer) {
  EXPECT_THAT(Check(Table({{"18+", "\x1b[2Jfemale"}})), IsNoAnswer());
  EXPECT_THAT(Check(Table({{"18+", "female\nmale"}})), IsNoAnswer());
  EXPECT_THAT(Check(Table({{"18+", ""}})), IsNoAnswer());
  EXPECT_THAT(Check(Table({{"18+", std::string(65, 'a')}})), IsNoAnswer());
}

// The commission opens its CSV file in a spreadsheet.
TEST(TableWireTest, ACodeThatASpreadsheetCalculatesIsNoAnswer) {
  for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)", " =1", "\"="}) {
    EXPECT_THAT(Check(Table({{"18+", formula}})), IsNoAnswer()) << formula;
  }
  EXPECT_OK(Check(Table({{"4Sale", "11+ working days"}})));
}

TEST(TableWireTest, AFigureThatMakesSumsRunOverIsNoAnswer) {
  fed::ReleasedTable table = Table({{"18+", "female"}});
  table.mutable_cells(0)->set_value(uint64_t{1} << 48);
  EXPECT_OK(Check(table));
  table.mutable_cells(0)->set_value((uint64_t{1} << 48) + 1);
  EXPECT_THAT(Check(table), IsNoAnswer());
}

TEST(TableWireTest, CellsInTheClearBesideMaskedWordsAreNoAnswer) {
  fed::ReleasedTable table = Table({});
  table.add_masked_words(1);
  EXPECT_OK(Check(table));
  *table.add_cells() = Table({{"18+", "female"}}).cells(0);
  EXPECT_THAT(Check(table), IsNoAnswer());
}

}  // namespace
}  // namespace comity
