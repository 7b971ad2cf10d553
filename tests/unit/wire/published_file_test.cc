#include "node/wire/published_file.h"

#include "absl/strings/str_cat.h"
#include "node/domain/table_question.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kOwnHeader =
    "REF_AREA,INDICATOR,TIME_PERIOD,REVISION,METHOD,THRESHOLD,MAX_ERROR,SEX,"
    "OBS_VALUE,OBS_STATUS\n";

TEST(PublishedFileTest, ReadsOurOwnLayout) {
  ASSERT_OK_AND_ASSIGN(
      const PublishedFile file,
      ReadPublishedFile(absl::StrCat(
          kOwnHeader, "NE,PERSONS,2018,1,cell-key/v1,11,8,female,41,A\n",
          "NE,PERSONS,2018,1,cell-key/v1,11,8,male,,Q\n",
          "NE,PERSONS,2018,1,cell-key/v1,11,8,_T,59,A\n",
          "NG,PERSONS,2018,1,suppression/v1,11,0,female,980,A\n")));
  ASSERT_EQ(file.tables.size(), 2u);
  const PublishedTable& niger = file.tables[0];
  ASSERT_EQ(niger.cells.size(), 3u);
  EXPECT_THAT(niger.cells[0].codes, ElementsAre("female"));
  EXPECT_EQ(niger.cells[0].bounds.least, 33);
  EXPECT_EQ(niger.cells[0].bounds.most, 49);
  EXPECT_TRUE(niger.cells[1].hidden);
  EXPECT_THAT(niger.cells[2].codes, ElementsAre(kTotal));
  EXPECT_TRUE(file.tables[1].cells[0].bounds.IsExact());
  const PublishedAudit audit = AuditTable(niger);
  EXPECT_EQ(audit.hidden, 1u);
  EXPECT_TRUE(audit.uncovered.empty());
  EXPECT_TRUE(audit.contradictions.empty());
}

TEST(PublishedFileTest, FiguresWithoutErrorAndOneMarkAreUncovered) {
  ASSERT_OK_AND_ASSIGN(const PublishedFile file,
                       ReadPublishedFile(absl::StrCat(
                           kOwnHeader, "NE,PERSONS,2018,1,x,11,0,female,41,A\n",
                           "NE,PERSONS,2018,1,x,11,0,male,,Q\n",
                           "NE,PERSONS,2018,1,x,11,0,_T,59,A\n")));
  ASSERT_EQ(AuditTable(file.tables[0]).uncovered.size(), 1u);
  EXPECT_EQ(AuditTable(file.tables[0]).uncovered[0].value, 18);
}

TEST(PublishedFileTest, ARepeatedKeyKeepsItsFirstRowAndIsTold) {
  ASSERT_OK_AND_ASSIGN(const PublishedFile file,
                       ReadPublishedFile(absl::StrCat(
                           kOwnHeader, "NE,PERSONS,2018,1,x,11,0,male,41,A\n",
                           "NE,PERSONS,2018,1,x,11,0,male,42,A\n")));
  ASSERT_EQ(file.repeats.size(), 1u);
  EXPECT_TRUE(file.repeats[0].differs);
  EXPECT_EQ(file.repeats[0].first_line, 2u);
  EXPECT_EQ(file.repeats[0].line, 3u);
  EXPECT_EQ(file.tables[0].cells[0].bounds.least, 41);
}

TEST(PublishedFileTest, SaysWhichLineCannotBeRead) {
  EXPECT_THAT(ReadPublishedFile("a,b\n1,2\n"),
              FailsWith(ErrorReason::kImportRejected));
  for (const char* row :
       {"NE,P,2018,1,x,11,0,male,many,A\n", "NE,P,2018,1,x,11,0,male,-3,A\n",
        "NE,P,2018,1,x,11,0,male,7,Q\n", "NE,P,2018\n",
        "NE,P,2018,1,x,11,far,male,7,A\n"}) {
    const auto read = ReadPublishedFile(absl::StrCat(kOwnHeader, row));
    EXPECT_THAT(read, FailsWith(ErrorReason::kImportRejected)) << row;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("line 2"));
  }
}

}  // namespace
}  // namespace comity
