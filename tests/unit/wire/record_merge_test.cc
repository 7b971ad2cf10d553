#include "node/wire/record_merge.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using record::v1::CaseRecord;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

CaseRecord Kept() {
  CaseRecord record;
  record.set_x_local_reference("NE-7");
  record.set_prs_first_name("Zara");
  record.set_cas_status("Active");
  record.add_prs_citizenship("NG");
  record.add_prs_citizenship("NE");
  record.set_prs_mobile_phone("+22790000001");
  return record;
}

CaseRecord Other() {
  CaseRecord record;
  record.set_x_local_reference("POL-12");
  record.set_prs_first_name("Zahra");
  record.set_cas_status("Active");
  record.add_prs_citizenship("NE");
  record.add_prs_citizenship("NG");
  record.set_prs_gender("Feminine");
  return record;
}

FieldChoices Choose(
    const std::vector<std::pair<std::string, std::string>>& words) {
  FieldChoices choices;
  for (const auto& [name, taken] : words) {
    EXPECT_OK(AddChoice(name, taken, choices));
  }
  return choices;
}

std::vector<std::string> Compared(const CaseRecord& kept,
                                  const CaseRecord& other) {
  std::vector<std::string> words;
  for (const FieldComparison& each : CompareRecords(kept, other)) {
    words.push_back(FieldNameOf(each.field) + " " +
                    std::string(Name(each.verdict)));
  }
  return words;
}

TEST(RecordMergeTest, EachFieldOfBothIsComparedAndTheReferenceIsNot) {
  EXPECT_THAT(Compared(Kept(), Other()),
              ElementsAre("prs_FirstName DIFFERING", "prs_Gender ONLY_OTHER",
                          "prs_Citizenship EQUAL", "prs_MobilePhone ONLY_KEPT",
                          "cas_Status EQUAL"));
}

TEST(RecordMergeTest, WhatDiffersIsChosenAndWhatOneHasIsTakenOver) {
  const auto refused = MergeRecords(Kept(), Other(), {});
  EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldMissing));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("--field prs_FirstName=keep|other"));
  EXPECT_THAT(std::string(refused.status().message()), Not(HasSubstr("Za")));
  const auto merged =
      MergeRecords(Kept(), Other(), Choose({{"prs_FirstName", "other"}}));
  ASSERT_OK(merged);
  EXPECT_EQ(merged->x_local_reference(), "NE-7");
  EXPECT_EQ(merged->prs_first_name(), "Zahra");
  EXPECT_EQ(merged->prs_gender(), "Feminine");
  EXPECT_EQ(merged->prs_mobile_phone(), "+22790000001");
  EXPECT_THAT(merged->prs_citizenship(), ElementsAre("NG", "NE"));
}

TEST(RecordMergeTest, EveryFieldThatDiffersIsNamedAtOnce) {
  CaseRecord other = Other();
  other.set_cas_status("Closed");
  const auto refused = MergeRecords(Kept(), other, {});
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("prs_FirstName, cas_Status"));
}

TEST(RecordMergeTest, AChoiceAlsoLeavesOutWhatOneAloneHas) {
  const auto merged = MergeRecords(Kept(), Other(),
                                   Choose({{"prs_firstname", "keep"},
                                           {"prs_Gender", "keep"},
                                           {"prs_MobilePhone", "other"}}));
  ASSERT_OK(merged);
  EXPECT_EQ(merged->prs_gender(), "");
  EXPECT_EQ(merged->prs_mobile_phone(), "");
}

TEST(RecordMergeTest, ListsAreUnitedOnceEach) {
  CaseRecord kept = Kept();
  CaseRecord other = Other();
  kept.add_events()->set_hte_country("NE");
  *other.add_events() = kept.events(0);
  other.add_events()->set_hte_country("ML");
  other.add_prs_citizenship("TG");
  const auto merged = MergeRecords(kept, other,
                                   Choose({{"prs_FirstName", "keep"},
                                           {"prs_Citizenship", "both"},
                                           {"events", "both"}}));
  ASSERT_OK(merged);
  EXPECT_THAT(merged->prs_citizenship(), ElementsAre("NG", "NE", "TG"));
  ASSERT_EQ(merged->events_size(), 2);
  EXPECT_EQ(merged->events(1).hte_country(), "ML");
}

TEST(RecordMergeTest, Law3NoRiskIsLost) {
  CaseRecord kept;
  CaseRecord other;
  kept.add_x_risks("Family");
  other.add_x_risks("TraffickerAtLarge");
  const auto merged = MergeRecords(kept, other, {});
  ASSERT_OK(merged);
  EXPECT_EQ(merged->x_risks_size(), 2);
  FieldChoices choices;
  EXPECT_THAT(AddChoice("x_risks", "keep", choices),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST(RecordMergeTest, AChoiceThatSaysNothingUsefulIsRefused) {
  FieldChoices choices;
  for (const auto& [name, taken] :
       std::vector<std::pair<std::string, std::string>>{
           {"shoe_size", "keep"},
           {"prs_FirstName", "mine"},
           {"prs_FirstName", "both"},
           {"x_local_reference", "other"}}) {
    EXPECT_THAT(AddChoice(name, taken, choices),
                FailsWith(ErrorReason::kFieldInvalid))
        << name;
  }
  EXPECT_OK(AddChoice("prs_FirstName", "keep", choices));
  EXPECT_THAT(AddChoice("prs_FirstName", "other", choices),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST(RecordMergeTest, WhatStandsInAFieldIsOneLine) {
  CaseRecord record = Kept();
  record.add_plans()->set_spl_type("Health");
  EXPECT_EQ(FieldText(FindRecordField("prs_Citizenship"), record),
            "\"NG\", \"NE\"");
  EXPECT_EQ(FieldText(FindRecordField("plans"), record),
            "spl_type: \"Health\"");
  EXPECT_EQ(FieldText(FindRecordField("prs_Gender"), record), "");
}

}  // namespace
}  // namespace comity
