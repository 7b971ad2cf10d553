#include "node/wire/case_record.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "node/domain/table_columns.h"
#include "node/wire/code_lists.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using record::v1::CaseRecord;

CaseRecord FullRecord() {
  CaseRecord record;
  record.set_x_local_reference("NE-1");
  record.set_prs_first_name("Testname");
  record.set_prs_birthdate("2001-05-06");
  record.set_prs_gender("Feminine");
  record.set_x_age_at_registration(22);
  record.set_x_registered_on("2018-04-02");
  record.set_cas_status("Active");
  record.set_cco_case_comment("free text");
  record.add_x_services_needed("Health");
  auto* event = record.add_events();
  event->set_hte_country("NE");
  event->set_hte_type("Exploitation");
  event->set_hte_city("Agadez");
  return record;
}

TEST(RedactRecordTest, KeepsOnlyFieldsOfTheReleasedGroups) {
  CaseRecord record = FullRecord();
  RedactRecord({FieldGroup::kStatus, FieldGroup::kNeeds}, {}, record);
  CaseRecord expected;
  expected.set_cas_status("Active");
  expected.add_x_services_needed("Health");
  EXPECT_EQ(record.DebugString(), expected.DebugString());
}

TEST(RedactRecordTest, RowsKeepTheirReleasedFieldsAlone) {
  CaseRecord record = FullRecord();
  RedactRecord({FieldGroup::kExploitation}, {}, record);
  ASSERT_EQ(record.events_size(), 1);
  EXPECT_EQ(record.events(0).hte_city(), "");
  EXPECT_EQ(record.events(0).hte_country(), "NE");
}

TEST(RedactRecordTest, AgesBecomeBandsAndDatesYears) {
  CaseRecord record = FullRecord();
  Redactions redact{};
  redact[static_cast<size_t>(FieldGroup::kDemographic)] = Redaction::kAgeBand5;
  redact[static_cast<size_t>(FieldGroup::kCaseRef)] = Redaction::kYearOnly;
  RedactRecord({FieldGroup::kDemographic, FieldGroup::kCaseRef}, redact,
               record);
  EXPECT_FALSE(record.has_x_age_at_registration());
  EXPECT_EQ(record.x_age_band(), "20-24");
  EXPECT_EQ(record.x_registered_on(), "2018");
  EXPECT_EQ(record.prs_gender(), "Feminine");
}

TEST(RedactRecordTest, UnknownFieldsOfANewerSchemaAreRemoved) {
  CaseRecord record = FullRecord();
  record.GetReflection()->MutableUnknownFields(&record)->AddVarint(9999, 1);
  RedactRecord(kShareableGroups, {}, record);
  EXPECT_TRUE(record.GetReflection()->GetUnknownFields(record).empty());
}

TEST(CheckRecordTest, PutsCodesIntoTheirSpellingAndReportsOthers) {
  CaseRecord record;
  record.set_prs_gender("feminine ");
  record.set_vic_forced_labour_industry("F");
  record.add_vic_methods_of_control("Debt_Bondage ");
  record.set_prs_birthdate("01/02/2003");
  record.add_prs_citizenship("ZZ");
  const auto faults = CheckRecord(record);
  EXPECT_EQ(record.prs_gender(), "Feminine");
  EXPECT_EQ(record.vic_forced_labour_industry(), "F_Construction");
  EXPECT_EQ(record.vic_methods_of_control(0), "DebtBondage");
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].field, "prs_Birthdate");
  EXPECT_EQ(faults[1].value, "ZZ");
  EXPECT_THAT(faults[1].allowed, testing::HasSubstr("NG"));
}

TEST(CodedCaseTest, WhatWasNotRecordedIsUnknown) {
  const CodedCase coded = CodedCaseOf(FullRecord());
  EXPECT_EQ(coded.year, 2018);
  EXPECT_THAT(coded.columns.at("sex"), testing::ElementsAre("unknown"));
  EXPECT_THAT(coded.columns.at("age_group"), testing::ElementsAre("18+"));
  EXPECT_THAT(coded.columns.at("age_broad"), testing::ElementsAre("21-23"));
  EXPECT_THAT(coded.columns.at("exploitation_country"),
              testing::ElementsAre("NE"));
}

TEST(CodedCaseTest, ADisputedAgeIsNotAnUnknownOne) {
  CaseRecord record = FullRecord();
  record.clear_x_age_at_registration();
  record.clear_prs_birthdate();
  record.set_x_age_class("Disputed");
  EXPECT_THAT(CodedCaseOf(record).columns.at("age_group"),
              testing::ElementsAre("disputed"));
}

// A closed column lists every code of the record's list, so that a table tells
// nothing by which codes it has.
TEST(CodedCaseTest, ClosedColumnsListWhatRecordsMaySay) {
  for (const auto& [column, list] :
       std::map<std::string, std::string>{{"decided_by", "decision_maker"},
                                          {"exploitation", "exploitation"},
                                          {"gender", "gender"},
                                          {"sex", "sex"},
                                          {"status", "trafficking_status"}}) {
    std::set<std::string> expected = {kUnknownCode};
    for (const std::string& code : CodesOf(list)) {
      expected.insert(column == "sex" ? absl::AsciiStrToLower(code) : code);
    }
    const auto& codes = FindTableColumn(column)->codes;
    EXPECT_THAT(codes, testing::ElementsAreArray(expected)) << column;
  }
}

TEST(CodedCaseTest, EveryAgeIsInAListedBand) {
  const auto& bands = FindTableColumn("age_broad")->codes;
  EXPECT_TRUE(std::is_sorted(bands.begin(), bands.end()));
  for (uint32_t age = 0; age < 100; ++age) {
    CaseRecord record = FullRecord();
    record.set_x_age_at_registration(age);
    EXPECT_THAT(bands, testing::IsSupersetOf(
                           CodedCaseOf(record).columns.at("age_broad")));
  }
}

TEST(RecordFactsTest, AnAgeUnderEighteenIsAChild) {
  CaseRecord record = FullRecord();
  EXPECT_EQ(RecordFactsOf(record).age, AgeClass::kAdult);
  record.set_x_age_at_registration(17);
  EXPECT_EQ(RecordFactsOf(record).age, AgeClass::kChild);
  record.clear_x_age_at_registration();
  EXPECT_EQ(RecordFactsOf(record).age, std::nullopt);
  EXPECT_EQ(RecordFactsOf(record).origin_countries, std::nullopt);
}

}  // namespace
}  // namespace comity
