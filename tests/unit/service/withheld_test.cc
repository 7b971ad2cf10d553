#include "node/service/withheld.h"

#include "absl/strings/str_cat.h"
#include "node/service/log_detail.h"
#include "node/wire/policy_labels.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

constexpr WithheldReason kAll[] = {
    WithheldReason::kWithdrawal, WithheldReason::kAgreement,
    WithheldReason::kConsent, WithheldReason::kRules};

TEST(WithheldTest, EveryReasonHasAWordInEveryLanguage) {
  for (const char* language : {"en", "fr", "pt"}) {
    ASSERT_OK_AND_ASSIGN(const Phrasebook words, LoadPhrasebook(language));
    for (const WithheldReason reason : kAll) {
      const std::string key = absl::StrCat("Withheld.", Name(reason));
      EXPECT_EQ(words.words().count(key), 1u) << language << " " << key;
    }
  }
}

// A report to the person concerned names the groups, and refuses nobody.
TEST(WithheldTest, TheLineOfTheOwnLogNamesTheGroups) {
  const FieldGroups groups = {FieldGroup::kStatus, FieldGroup::kNeeds};
  for (const WithheldReason reason : kAll) {
    const DetailWords words =
        ReadDetail(DescribeWithheld(Uuid(), reason, groups));
    EXPECT_EQ(words.operation, "WITHHELD");
    EXPECT_EQ(words.groups, groups);
    EXPECT_FALSE(words.refused);
  }
}

}  // namespace
}  // namespace comity
