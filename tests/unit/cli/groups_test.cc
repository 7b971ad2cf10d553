#include "node/cli/groups.h"

#include <gtest/gtest.h>

#include "comity/record/v1/case_record.pb.h"

namespace comity {
namespace {

std::string Printed(const std::string& name) {
  record::v1::CaseRecord record;
  record.set_prs_first_name(name);
  testing::internal::CaptureStdout();
  PrintRecord(record, "  ");
  return testing::internal::GetCapturedStdout();
}

TEST(PrintRecordTest, ANameIsReadInItsOwnLetters) {
  EXPECT_EQ(Printed("Hélène أمينة"), "  prs_FirstName: \"Hélène أمينة\"\n");
}

TEST(PrintRecordTest, NothingInItMovesATerminal) {
  EXPECT_EQ(Printed("Ann\n\x1b[2J"), "  prs_FirstName: \"Ann\\n\\033[2J\"\n");
  EXPECT_EQ(Printed("Ann\xc2\x9b"), "  prs_FirstName: \"Ann??\"\n");
}

}  // namespace
}  // namespace comity
