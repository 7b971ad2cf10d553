#include "node/cli/table_reconcile.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

TEST(TableReconcileTest, AProtectedTableKeepsItsErrorAndWhatItHides) {
  fed::ReleasedTable table;
  table.set_method("cell-key/v1");
  auto* cell = table.add_cells();
  cell->add_codes("Q3");
  cell->set_status(fed::CELL_STATUS_VALUE);
  cell->set_value(41);
  cell = table.add_cells();
  cell->add_codes("Q4");
  cell->set_status(fed::CELL_STATUS_SUPPRESSED);
  const SideFigures figures = FiguresOf(table);
  EXPECT_EQ(figures.shown.size(), 1u);
  EXPECT_EQ(figures.shown.at({"Q3"}), 41u);
  EXPECT_EQ(figures.largest_error, 8u);
  EXPECT_FALSE(figures.others_are_zero);
  table.set_method("later/v9");
  EXPECT_EQ(FiguresOf(table).largest_error, std::nullopt);
}

TEST(TableReconcileTest, ACountAtHomeIsExactAndWhole) {
  ops::CountTableResponse counted;
  auto* cell = counted.add_cells();
  cell->add_codes("Q3");
  cell->set_value(2);
  const SideFigures figures = FiguresOf(counted);
  EXPECT_EQ(figures.shown.at({"Q3"}), 2u);
  EXPECT_EQ(figures.largest_error, 0u);
  EXPECT_TRUE(figures.others_are_zero);
}

}  // namespace
}  // namespace comity
