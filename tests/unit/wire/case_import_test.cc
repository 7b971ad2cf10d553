#include "node/wire/case_import.h"

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;

constexpr char kHeader[] =
    "x_local_reference,x_danger,prs_First_Name,prs_Gender,prs_Citizenship\n";

absl::StatusOr<std::vector<ImportRow>> Import(const std::string& text) {
  CaseImportParser parser({absl::FromUnixSeconds(0), "ORG/a"});
  return parser.Read(text, true);
}

TEST(CaseImportTest, ReadsRowsAcrossPiecesOfAnySize) {
  const std::string text = absl::StrCat(
      "\xef\xbb\xbf", kHeader,
      "R1,none,\"Ann, \"\"B\"\"\",feminine,NG;NE\r\nR2,NEVER_CONTACT,,,\n");
  for (size_t size = 1; size < text.size(); size += 3) {
    CaseImportParser parser({absl::FromUnixSeconds(0), "ORG/a"});
    std::vector<ImportRow> rows;
    for (size_t at = 0; at < text.size(); at += size) {
      ASSERT_OK_AND_ASSIGN(auto more,
                           parser.Read(absl::string_view(text).substr(at, size),
                                       at + size >= text.size()));
      for (ImportRow& row : more) rows.push_back(std::move(row));
    }
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_TRUE(rows[0].faults.empty());
    EXPECT_EQ(rows[0].record.prs_first_name(), "Ann, \"B\"");
    EXPECT_EQ(rows[0].record.prs_gender(), "Feminine");
    EXPECT_EQ(rows[0].record.prs_citizenship_size(), 2);
    EXPECT_EQ(rows[1].line, 3u);
    ASSERT_TRUE(rows[1].screening.has_value());
    EXPECT_TRUE(rows[1].screening->never_contact);
    EXPECT_EQ(rows[1].screening->screened_by, "ORG/a");
  }
}

// However the file is cut, and whether or not the row's end is in the piece.
TEST(CaseImportTest, ARowIsTooLongFromTheSameByteOn) {
  const std::string header = "x_local_reference,x_danger\n";
  for (const char* quote : {"", "\""}) {
    const std::string text =
        absl::StrCat(header, quote, std::string(70'000, 'R'), quote, ",none\n");
    for (const size_t size : {text.size(), size_t{65'536}, size_t{1000}}) {
      CaseImportParser parser({absl::FromUnixSeconds(0), "ORG/a"});
      absl::Status read;
      for (size_t at = 0; at < text.size() && read.ok(); at += size) {
        read = parser
                   .Read(absl::string_view(text).substr(at, size),
                         at + size >= text.size())
                   .status();
      }
      EXPECT_THAT(read, FailsWith(ErrorReason::kImportRejected));
      // 27 bytes of header, 64 KiB that are let, and the one too many.
      EXPECT_THAT(std::string(read.message()),
                  HasSubstr("line 2, byte 65564 of the file: the row is over"));
    }
  }
}

TEST(CaseImportTest, ARowWithFaultsNamesColumnValueReasonAndWhatIsAllowed) {
  ASSERT_OK_AND_ASSIGN(
      auto rows,
      Import(absl::StrCat(kHeader, "R1,maybe,A,Martian,NG\n,none,,,\n",
                          "R3,none\n")));
  ASSERT_EQ(rows.size(), 3u);
  ASSERT_EQ(rows[0].faults.size(), 2u);
  EXPECT_EQ(rows[0].line, 2u);
  EXPECT_EQ(rows[0].faults[0].field, "x_danger");
  EXPECT_EQ(rows[0].faults[1].value, "Martian");
  EXPECT_THAT(rows[0].faults[1].allowed, HasSubstr("Feminine"));
  EXPECT_EQ(rows[1].faults[0].field, "x_local_reference");
  EXPECT_THAT(rows[2].faults[0].reason, HasSubstr("2 cells"));
}

TEST(CaseImportTest, AQuotedCellMayHoldLinesAndLaterLinesAreCountedRight) {
  ASSERT_OK_AND_ASSIGN(
      auto rows,
      Import(absl::StrCat(kHeader, "R1,none,\"A\r\nB\",,\r\nR2,none,,,\r\n")));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].record.prs_first_name(), "A\r\nB");
  EXPECT_EQ(rows[0].line, 2u);
  EXPECT_EQ(rows[1].line, 4u);
}

TEST(CaseImportTest, AnEmptyScreeningIsAFault) {
  ASSERT_OK_AND_ASSIGN(auto rows, Import(absl::StrCat(kHeader, "R1,,,,\n")));
  EXPECT_EQ(rows[0].faults[0].field, "x_danger");
}

struct BrokenFile {
  const char* text;
  const char* says;
};

class BrokenFileTest : public testing::TestWithParam<BrokenFile> {};

TEST_P(BrokenFileTest, IsRejectedWithItsPlace) {
  const auto rows = Import(GetParam().text);
  EXPECT_THAT(rows, FailsWith(ErrorReason::kImportRejected));
  EXPECT_THAT(std::string(rows.status().message()), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Files, BrokenFileTest,
    testing::Values(
        BrokenFile{"", "no header"},
        BrokenFile{"x_local_reference\nR1\n", "lacks the column x_danger"},
        BrokenFile{"x_local_reference;x_danger\nR1;none\n",
                   "separated by semicolons; save the file with commas"},
        BrokenFile{"x_local_reference\tx_danger\n", "separated by tabs"},
        BrokenFile{"\xff\xfex\0_\0", "save the file as UTF-8"},
        BrokenFile{"x_local_reference,x_danger,shoe_size\n", "shoe_size"},
        BrokenFile{"x_danger,X_DANGER,x_local_reference\n", "twice"},
        BrokenFile{"x_local_reference,x_danger\nR\xe9,none\n",
                   "line 2, byte 30 of the file: the text is not plain UTF-8"},
        BrokenFile{"x_local_reference,x_danger\n\"R1,none\n",
                   "inside a quoted cell"},
        BrokenFile{"x_local_reference,x_danger\nR\"1,none\n", "quote"},
        BrokenFile{"x_local_reference,x_danger\n\"R\"1,none\n",
                   "closing quote"}));

}  // namespace
}  // namespace comity
