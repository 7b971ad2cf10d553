#include "node/cli/import_report.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using testing::HasSubstr;
using testing::Not;

pb::ImportFinding Finding(uint64_t line) {
  pb::ImportFinding finding;
  finding.set_line(line);
  finding.set_column("prs_Gender");
  finding.set_value("Amina\tB\nC");
  finding.set_reason("not a code");
  finding.set_allowed("Feminine");
  return finding;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ImportReportTest, TheFileHasValuesAndBelongsToTheOperatorAlone) {
  const TestDirectory directory;
  const std::string path = directory.Path("rows.tsv");
  { std::ofstream(path) << "an older report, open to all"; }
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  ImportReport report(path);
  ASSERT_OK(report.Open());
  ASSERT_OK(report.Add(Finding(7)));
  ASSERT_OK(report.Close());
  EXPECT_EQ(ReadText(path),
            "line\tcolumn\tvalue\treason\tallowed\tcount\n"
            "7\tprs_Gender\tAmina\\tB\\nC\tnot a code\tFeminine\t1\n");
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(ImportReportTest, WhatMayBeLoggedHasNoValue) {
  ImportReport report("");
  ASSERT_OK(report.Open());
  ASSERT_OK(report.Add(Finding(7)));
  EXPECT_EQ(FormatFinding(report.first()[0]),
            "line 7, prs_Gender: not a code; allowed: Feminine");
  const std::string json =
      FormatImportJson(pb::CommitImportResponse(), true, report);
  EXPECT_THAT(json, Not(HasSubstr("Amina")));
  google::protobuf::Struct read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &read).ok())
      << json;
  EXPECT_TRUE(read.fields().at("dry_run").bool_value());
  const auto& first = read.fields().at("findings").list_value().values(0);
  EXPECT_EQ(first.struct_value().fields().at("line").number_value(), 7);
}

TEST(ImportReportTest, WhatHadNoPlaceIsToldByColumnValueAndCount) {
  const TestDirectory directory;
  const std::string path = directory.Path("rows.tsv");
  pb::UnplacedValues values;
  values.set_column("isAbduction");
  values.set_value("1");
  values.set_reason("no field for it");
  values.set_count(214);
  ImportReport report(path);
  ASSERT_OK(report.Open());
  ASSERT_OK(report.AddUnplaced(values));
  ASSERT_OK(report.Close());
  EXPECT_THAT(
      ReadText(path),
      HasSubstr("\n\tisAbduction\t1\tno place: no field for it\t\t214\n"));
  EXPECT_EQ(FormatUnplaced(values),
            "isAbduction 1 (214 rows): no field for it");
  const std::string json =
      FormatImportJson(pb::CommitImportResponse(), false, report);
  google::protobuf::Struct read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &read).ok())
      << json;
  const auto& first = read.fields().at("unplaced").list_value().values(0);
  EXPECT_EQ(first.struct_value().fields().at("count").number_value(), 214);
  // Nothing of it is a finding: the rows were imported.
  EXPECT_EQ(report.findings(), 0u);
}

TEST(ImportReportTest, MemoryDoesNotGrowWithTheFindings) {
  ImportReport report("");
  for (uint64_t line = 1; line <= 5000; ++line) {
    ASSERT_OK(report.Add(Finding(line)));
  }
  EXPECT_EQ(report.findings(), 5000u);
  EXPECT_EQ(report.first().size(), 1000u);
}

TEST(ImportReportTest, AFileThatCannotBeWrittenIsNamed) {
  const TestDirectory directory;
  ImportReport report(directory.Path("not/there.tsv"));
  const absl::Status status = report.Open();
  EXPECT_THAT(status, FailsWith(ErrorReason::kStoreUnavailable));
  EXPECT_THAT(std::string(status.message()), HasSubstr("there.tsv"));
}

TEST(ImportReportTest, ProgressNeedsASize) {
  EXPECT_EQ(FormatProgress(50, 100, 12),
            "[###############...............]  50%  12 rows");
  EXPECT_EQ(FormatProgress(100, 100, 12),
            "[##############################] 100%  12 rows");
  EXPECT_EQ(FormatProgress(50, 0, 12), "12 rows");
}

}  // namespace
}  // namespace comity
