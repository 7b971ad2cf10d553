#include "node/cli/table_csv.h"

#include <algorithm>

#include "node/wire/published_file.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

void AddCell(const std::string& code, int64_t value,
             fed::ReleasedTable& table) {
  auto* cell = table.add_cells();
  cell->add_codes(code);
  cell->set_status(value < 0 ? fed::CELL_STATUS_SUPPRESSED
                             : fed::CELL_STATUS_VALUE);
  if (value >= 0) cell->set_value(static_cast<uint64_t>(value));
}

ops::RequestTableResponse Answer() {
  ops::RequestTableResponse response;
  response.add_dimensions("sex");
  for (const char* code : {"NE", "NG"}) {
    auto* member = response.add_members();
    member->set_participant(code);
    fed::ReleasedTable& table = *member->mutable_table();
    table.set_period("2018");
    table.set_revision(1);
    table.set_method("cell-key/v1");
    table.set_threshold(11);
    AddCell("female", 41, table);
    AddCell("male", -1, table);
    AddCell("total", 59, table);
  }
  return response;
}

TEST(TableCsvTest, TheAuditorReadsWhatIsWritten) {
  ASSERT_OK_AND_ASSIGN(const PublishedFile file,
                       ReadPublishedFile(FormatTableCsv(Answer())));
  ASSERT_EQ(file.tables.size(), 2u);
  EXPECT_EQ(file.tables[0].name, "NE / PERSONS / 2018 / 1 / cell-key/v1 / 11");
  ASSERT_EQ(file.tables[0].cells.size(), 3u);
  EXPECT_EQ(file.tables[0].cells[0].bounds.least, 33);
  EXPECT_TRUE(file.tables[0].cells[1].hidden);
}

// Programs must not take a member that is not there for one that counted none.
TEST(TableCsvTest, AMemberWithoutATableHasARowThatSaysWhy) {
  ops::RequestTableResponse response = Answer();
  response.set_period("2018");
  response.set_indicator("Q2/1");
  response.add_members()->set_participant("GH");
  response.mutable_members(2)->set_reason("NOT_COLLECTED");
  response.add_members()->set_participant("TG");
  response.mutable_members(3)->set_reason("PEER_UNREACHABLE");
  const std::string csv = FormatTableCsv(response);
  EXPECT_THAT(csv, testing::HasSubstr("GH,Q2/1,2018,,,,,_T,,M,PERSONS\n"));
  EXPECT_THAT(csv, testing::HasSubstr("TG,Q2/1,2018,,,,,_T,,O,PERSONS\n"));
  ASSERT_OK_AND_ASSIGN(const PublishedFile file, ReadPublishedFile(csv));
  EXPECT_EQ(file.tables.size(), 2u);
}

// Two tables of different persons are not one.
TEST(TableCsvTest, WhatATableFixesIsInItsName) {
  ops::RequestTableResponse response = Answer();
  response.add_where("exploitation=ForcedLabour");
  ASSERT_OK_AND_ASSIGN(const PublishedFile file,
                       ReadPublishedFile(FormatTableCsv(response)));
  EXPECT_EQ(file.tables[0].name,
            "NE / PERSONS where exploitation=ForcedLabour / 2018 / 1 / "
            "cell-key/v1 / 11");
}

// Days are no counts: the auditor must not add them up.
TEST(TableCsvTest, AMedianNamesItsUnitAndIsNoCountToTheAuditor) {
  ops::RequestTableResponse response = Answer();
  response.set_measure("MEDIAN_ACCEPTANCE_DAYS");
  response.set_unit("working days");
  for (auto& member : *response.mutable_members()) {
    member.mutable_table()->set_method("rank-key/v1");
  }
  const std::string csv = FormatTableCsv(response);
  EXPECT_THAT(csv, testing::HasSubstr(",OBS_VALUE,OBS_STATUS,UNIT_MEASURE\n"));
  EXPECT_THAT(csv, testing::HasSubstr(
                       "NE,MEDIAN_ACCEPTANCE_DAYS,2018,1,rank-key/v1,11,,"
                       "female,41,A,WORKING_DAYS\n"));
  ASSERT_OK_AND_ASSIGN(const PublishedFile file, ReadPublishedFile(csv));
  const PublishedAudit audit = AuditTable(file.tables[0]);
  EXPECT_EQ(audit.hidden, 1u);
  EXPECT_TRUE(audit.uncovered.empty());
  EXPECT_TRUE(audit.contradictions.empty());
}

// The method says epsilon and error; no distance is the largest, so the auditor
// solves nothing from such figures.
TEST(TableCsvTest, NoiseOfDifferentialPrivacyIsStatedAndBoundsNoCount) {
  ops::RequestTableResponse response = Answer();
  const std::string method =
      "discrete-laplace/v1 epsilon=1/2 sensitivity=2 error95=12";
  for (auto& member : *response.mutable_members()) {
    member.mutable_table()->set_method(method);
  }
  const std::string csv = FormatTableCsv(response);
  EXPECT_THAT(csv, testing::HasSubstr("NE,PERSONS,2018,1," + method +
                                      ",11,,female,41,A,PERSONS\n"));
  ASSERT_OK_AND_ASSIGN(const PublishedFile file, ReadPublishedFile(csv));
  const PublishedAudit audit = AuditTable(file.tables[0]);
  EXPECT_TRUE(audit.uncovered.empty());
  EXPECT_TRUE(audit.contradictions.empty());
  ops::RegionalCell cell;
  cell.add_codes("female");
  EXPECT_EQ(SumError(response, cell), "17");  // sqrt(2) * 12
  response.mutable_members()->RemoveLast();
  EXPECT_EQ(SumError(response, cell), "12");
}

TEST(TableCsvTest, TheErrorOfASumGrowsWithTheMembersInIt) {
  ops::RequestTableResponse response = Answer();
  ops::RegionalCell cell;
  cell.add_codes("female");
  EXPECT_EQ(SumError(response, cell), "6");  // 1.96 * sqrt(2 * 4)
  response.mutable_members()->RemoveLast();
  EXPECT_EQ(SumError(response, cell), "4");
  response.mutable_members(0)->mutable_table()->set_method("suppression/v1");
  EXPECT_EQ(SumError(response, cell), "0");
  response.mutable_members(0)->mutable_table()->set_method("unheard-of/v1");
  EXPECT_EQ(SumError(response, cell), "");
}

// Three members tell their sum alone, Togo under another revision.
ops::RequestTableResponse SumAnswer() {
  ops::RequestTableResponse response;
  response.add_dimensions("sex");
  for (const char* code : {"NE", "NG", "TG"}) {
    auto* member = response.add_members();
    member->set_participant(code);
    member->set_in_sum_alone(true);
    member->mutable_table()->set_period("2018");
    member->mutable_table()->set_revision(code[0] == 'T' ? 2 : 1);
    member->mutable_table()->set_method("cell-key/v1");
    member->mutable_table()->set_threshold(code[0] == 'T' ? 20 : 11);
  }
  uint32_t hidden = 0;
  for (const char* code : {"female", "male", "unknown"}) {
    auto* cell = response.add_cells();
    cell->add_codes(code);
    cell->set_sum(hidden == 3 ? 0 : 120 - hidden);
    cell->set_members(3 - hidden);
    cell->set_suppressed_members(hidden);
    hidden = hidden == 0 ? 1 : 3;
  }
  return response;
}

// Of a sum alone no member has rows: one table stands for all of them.
TEST(TableCsvTest, ASumAloneIsOneTableOfAllItsMembers) {
  const std::string csv = FormatTableCsv(SumAnswer());
  const std::string area = "NE+NG+TG,PERSONS,2018,1+1+2,cell-key/v1,11,";
  EXPECT_THAT(csv, testing::HasSubstr(area + "24,female,120,A,PERSONS\n"));
  EXPECT_THAT(csv, testing::HasSubstr(area + ",male,119,U,PERSONS\n"));
  EXPECT_THAT(csv, testing::HasSubstr(area + ",unknown,,Q,PERSONS\n"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
  // The auditor takes "at least" for no bound of the count.
  ASSERT_OK_AND_ASSIGN(const PublishedFile file, ReadPublishedFile(csv));
  ASSERT_EQ(file.tables.size(), 1u);
  ASSERT_EQ(file.tables[0].cells.size(), 3u);
  EXPECT_EQ(file.tables[0].cells[0].bounds.least, 96);
  EXPECT_EQ(file.tables[0].cells[1].bounds.least, 0);
  EXPECT_TRUE(file.tables[0].cells[2].hidden);
}

}  // namespace
}  // namespace comity
