#include "node/tabulation/code_cap.h"

#include <map>
#include <numeric>

#include "node/domain/table_columns.h"
#include "node/tabulation/column_table.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

TEST(CodeCapTest, WhoHasNoMoreKeepsThemAll) {
  EXPECT_EQ(CappedCodes({2, 5, 9}, 3), (std::vector<uint32_t>{2, 5, 9}));
  EXPECT_EQ(CappedCodes({}, 3), std::vector<uint32_t>());
}

TEST(CodeCapTest, WhoHasMoreKeepsSoManyOfHerOwn) {
  const std::vector<uint32_t> all = {0, 1, 4, 6, 7};
  const std::vector<uint32_t> kept = CappedCodes(all, 3);
  EXPECT_EQ(kept.size(), 3u);
  EXPECT_TRUE(std::includes(all.begin(), all.end(), kept.begin(), kept.end()));
  EXPECT_EQ(CappedCodes(all, 3), kept);
}

// Over all sets of 4 of 8 codes each code is kept about as often: none goes
// under for its place in the alphabet.
TEST(CodeCapTest, NoCodeIsDroppedForItsPlaceInTheList) {
  std::map<uint32_t, int> kept;
  for (uint32_t bits = 0; bits < 256; ++bits) {
    std::vector<uint32_t> set;
    for (uint32_t code = 0; code < 8; ++code) {
      if ((bits >> code & 1) != 0) set.push_back(code);
    }
    if (set.size() != 4) continue;
    for (const uint32_t code : CappedCodes(set, 3)) ++kept[code];
  }
  // Each code is in 35 of the 70 sets; 26.25 are expected.
  for (uint32_t code = 0; code < 8; ++code) {
    EXPECT_GE(kept[code], 20) << code;
    EXPECT_LE(kept[code], 32) << code;
  }
}

CodedCase WithControls(std::vector<std::string> controls) {
  CodedCase coded;
  coded.year = 2018;
  for (const TableColumn& column : AllTableColumns()) {
    coded.columns[column.name] = {kUnknownCode};
  }
  coded.columns["control"] = std::move(controls);
  return coded;
}

// The sum of all cells that one person is in: what the noise must cover.
uint64_t CellsOfOne(size_t most_codes) {
  const std::vector<std::string>& codes = FindTableColumn("control")->codes;
  const std::vector<CodedCase> cases = {
      WithControls({codes.begin(), codes.begin() + 6})};
  const PeriodColumns columns =
      PeriodColumns::Of(cases, 2018, [](const Uuid&) { return uint64_t{1}; });
  const ExactTable table = columns.Count(
      *TableQuestion::Create("2018", {"control", "sex"}, {}), most_codes);
  uint64_t sum = 0;
  for (const ExactCount& cell : table.cells) sum += cell.persons;
  return sum;
}

TEST(CodeCapTest, APersonIsInNoMoreCellsThanTheCapAllows) {
  // 3 codes or the total, and one sex or the total.
  EXPECT_EQ(CellsOfOne(PeriodColumns::kMostCodes), 4u * 2);
  EXPECT_EQ(CellsOfOne(SIZE_MAX), 7u * 2);
}

}  // namespace
}  // namespace comity
