#include "node/cli/case_fields.h"

#include "node/base/error_reason.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;

std::string Refusal(const std::vector<std::string>& fields,
                    ErrorReason reason) {
  const auto record = ParseCaseFields(fields);
  EXPECT_EQ(ReasonOf(record.status()), reason) << record.status();
  return std::string(record.status().message());
}

TEST(CaseFieldsTest, TheyAreReadByTheirNamesInHtcds) {
  const auto record =
      ParseCaseFields({"x_local_reference=NE-7", "prs_gender=Feminine"});
  ASSERT_OK(record);
  EXPECT_EQ(record->x_local_reference(), "NE-7");
}

// They were refused as a file is: "the header line is not one of htcds".
TEST(CaseFieldsTest, WhoWroteNoFileIsToldNothingOfAHeaderLine) {
  EXPECT_EQ(Refusal({"x_local_reference=NE-7", "prs_Genderr=Feminine"},
                    ErrorReason::kFieldInvalid),
            "there is no field \"prs_Genderr\" (did you mean "
            "\"prs_Gender\"?)");
  EXPECT_EQ(Refusal({"x_local_reference=NE-7", "colour=red"},
                    ErrorReason::kFieldInvalid),
            "there is no field \"colour\"");
  EXPECT_THAT(Refusal({"prs_Gender=Feminine"}, ErrorReason::kFieldMissing),
              HasSubstr("x_local_reference=NE-7"));
  EXPECT_EQ(Refusal({"x_local_reference=NE-7", "prs_Gender=Feminine",
                     "prs_gender=Masculine"},
                    ErrorReason::kFieldInvalid),
            "prs_gender is given twice");
}

TEST(CaseFieldsTest, AWrongValueSaysWhatIsAllowed) {
  EXPECT_THAT(Refusal({"x_local_reference=NE-7", "prs_Gender=Femnine"},
                      ErrorReason::kFieldInvalid),
              HasSubstr("allowed: Feminine, Masculine"));
}

}  // namespace
}  // namespace comity
