#include "node/wire/case_record.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "node/domain/code_lists.h"
#include "node/domain/table_columns.h"
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

// Files of counts tell bands of three years; a duty of bands of five or ten
// must not let them through.
TEST(RedactRecordTest, ABandNarrowerThanTheDutysIsRemoved) {
  for (const auto& [band, five, ten] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"18-20", "", ""},
           {"9-17", "", ""},
           {"48+", "", ""},
           {"20-24", "20-24", ""},
           {"20-29", "20-29", "20-29"}}) {
    for (const auto& [how, expected] :
         {std::pair{Redaction::kAgeBand5, five},
          std::pair{Redaction::kAgeBand10, ten}}) {
      CaseRecord record;
      record.set_x_age_band(band);
      Redactions redact{};
      redact[static_cast<size_t>(FieldGroup::kDemographic)] = how;
      RedactRecord({FieldGroup::kDemographic}, redact, record);
      EXPECT_EQ(record.x_age_band(), expected) << band;
    }
  }
}

TEST(RedactRecordTest, AnAgeTakesThePlaceOfANarrowBand) {
  CaseRecord record = FullRecord();
  record.set_x_age_band("21-23");
  Redactions redact{};
  redact[static_cast<size_t>(FieldGroup::kDemographic)] = Redaction::kAgeBand10;
  RedactRecord({FieldGroup::kDemographic}, redact, record);
  EXPECT_EQ(record.x_age_band(), "20-29");
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
  for (const auto& [column, list] : std::map<std::string, std::string>{
           {"assistance", "plan_type"},
           {"decided_by", "decision_maker"},
           {"education", "education"},
           {"exploitation", "exploitation"},
           {"industries", "industry"},
           {"industry", "industry"},
           {"mechanism_stage", "mechanism_stage"},
           {"recruitment", "recruitment"},
           {"services_needed", "plan_type"},
           {"sex", "sex"},
           {"sex_exploitation", "sexual_exploitation"},
           {"status", "trafficking_status"}}) {
    std::set<std::string> expected = {kUnknownCode};
    for (const std::string& code : CodesOf(list)) {
      expected.insert(column == "sex" ? absl::AsciiStrToLower(code) : code);
    }
    const auto& codes = FindTableColumn(column)->codes;
    EXPECT_THAT(codes, testing::ElementsAreArray(expected)) << column;
  }
}

// What the record keeps in two fields is one column.
TEST(CodedCaseTest, ColumnsOfTwoFieldsListTheCodesOfBoth) {
  for (const auto& [column, lists] :
       std::map<std::string, std::vector<std::string>>{
           {"control", {"control", "control_group"}},
           {"gender", {"gender", "gender_group"}},
           {"recruiter", {"relationship", "recruiter_relation"}}}) {
    std::set<std::string> expected = {kUnknownCode};
    if (column == "recruiter") expected.insert("IntimatePartner");
    for (const std::string& list : lists) {
      expected.insert(CodesOf(list).begin(), CodesOf(list).end());
    }
    EXPECT_THAT(FindTableColumn(column)->codes,
                testing::ElementsAreArray(expected))
        << column;
  }
}

// The codes of a record's case in one column.
std::vector<std::string> CodesIn(const char* column, const CaseRecord& record) {
  return CodedCaseOf(record).columns.at(column);
}

void AddEvent(const char* type, const char* country, const char* date,
              CaseRecord& record) {
  auto* event = record.add_events();
  event->set_hte_type(type);
  event->set_hte_country(country);
  event->set_hte_date(date);
}

TEST(CodedCaseTest, EveryCaseHasListedCodesInEveryColumn) {
  for (const CaseRecord& record : {CaseRecord(), FullRecord()}) {
    const CodedCase coded = CodedCaseOf(record);
    size_t of_persons = 0;
    for (const TableColumn& column : AllTableColumns()) {
      if (column.unit != CountedUnit::kPerson) continue;
      ++of_persons;
      ASSERT_TRUE(coded.columns.contains(column.name)) << column.name;
      EXPECT_FALSE(coded.columns.at(column.name).empty()) << column.name;
      if (column.IsOpen()) continue;
      EXPECT_TRUE(std::is_sorted(column.codes.begin(), column.codes.end()))
          << column.name;
      EXPECT_THAT(column.codes,
                  testing::IsSupersetOf(coded.columns.at(column.name)))
          << column.name;
    }
    EXPECT_EQ(coded.columns.size(), of_persons);
  }
}

TEST(CodedCaseTest, ExploitationAbroadCrossesABorder) {
  CaseRecord record;
  EXPECT_THAT(CodesIn("border", record), testing::ElementsAre("unknown"));
  AddEvent("Recruitment", "NG", "2018", record);
  EXPECT_THAT(CodesIn("border", record), testing::ElementsAre("unknown"));
  AddEvent("Exploitation", "NG", "2018-02", record);
  EXPECT_THAT(CodesIn("border", record), testing::ElementsAre("internal"));
  AddEvent("Exploitation", "NE", "2018-03", record);
  EXPECT_THAT(CodesIn("border", record), testing::ElementsAre("cross-border"));
}

// One date, or a year without a month, is no span of zero.
TEST(CodedCaseTest, DurationNeedsTwoDatesKnownToTheMonth) {
  CaseRecord record;
  AddEvent("Recruitment", "NG", "2015-01-01", record);
  AddEvent("Exploitation", "NE", "2016-02-01", record);
  EXPECT_THAT(CodesIn("duration", record), testing::ElementsAre("unknown"));
  AddEvent("Exploitation", "NE", "2018", record);
  EXPECT_THAT(CodesIn("duration", record), testing::ElementsAre("unknown"));
  AddEvent("Exploitation", "NE", "2017-02", record);
  EXPECT_THAT(CodesIn("duration", record), testing::ElementsAre("0-12 months"));
  AddEvent("Exploitation", "NE", "2017-03-31", record);
  EXPECT_THAT(CodesIn("duration", record),
              testing::ElementsAre("13-24 months"));
  AddEvent("Exploitation", "NE", "2018-03-01", record);
  EXPECT_THAT(CodesIn("duration", record), testing::ElementsAre("25+ months"));
}

TEST(CodedCaseTest, ARecordedDurationCountsWhereDatesDoNot) {
  CaseRecord record;
  record.set_x_trafficking_duration("25+ months");
  EXPECT_THAT(CodesIn("duration", record), testing::ElementsAre("25+ months"));
  AddEvent("Exploitation", "NE", "2016-02", record);
  EXPECT_THAT(CodesIn("duration", record), testing::ElementsAre("25+ months"));
  AddEvent("Exploitation", "NE", "2016-05", record);
  EXPECT_THAT(CodesIn("duration", record), testing::ElementsAre("0-12 months"));
}

TEST(CodedCaseTest, ABandCountsWhereTheAgeIsNotKnown) {
  CaseRecord record;
  record.set_x_age_band("30-38");
  EXPECT_THAT(CodesIn("age_broad", record), testing::ElementsAre("30-38"));
  // A band of another width is in no band of the table.
  record.set_x_age_band("20-24");
  EXPECT_THAT(CodesIn("age_broad", record), testing::ElementsAre("unknown"));
  record.set_x_age_at_registration(40);
  EXPECT_THAT(CodesIn("age_broad", record), testing::ElementsAre("39-47"));
}

TEST(CodedCaseTest, AGroupOfMeansIsNotMissing) {
  CaseRecord record;
  record.add_x_control_groups("AnyThreat");
  record.set_x_gender_group("TransgenderOrNonConforming");
  EXPECT_THAT(CodesIn("control", record), testing::ElementsAre("AnyThreat"));
  EXPECT_THAT(CodesIn("missing_field", record),
              testing::Not(testing::AnyOf(testing::Contains("control"),
                                          testing::Contains("gender"))));
}

TEST(CodedCaseTest, YearsToRegistrationNeedTwoAgesThatAgree) {
  CaseRecord record;
  record.set_x_age_at_registration(20);
  EXPECT_THAT(CodesIn("years_to_registration", record),
              testing::ElementsAre("unknown"));
  for (const auto& [age, band] : std::map<uint32_t, std::string>{
           {20, "0"}, {19, "1-2"}, {17, "3-5"}, {14, "6+"}, {21, "unknown"}}) {
    record.set_vic_age_when_trafficked(age);
    EXPECT_THAT(CodesIn("years_to_registration", record),
                testing::ElementsAre(band));
  }
}

TEST(CodedCaseTest, APartnerWhoRecruitedIsCountedBesideTheRelation) {
  CaseRecord record;
  record.set_x_intimate_partner(true);
  record.set_vic_relationship_to_trafficker("Acquainted");
  EXPECT_THAT(CodesIn("recruiter", record),
              testing::ElementsAre("Acquainted", "IntimatePartner"));
}

// The standard has room for one.
TEST(CodedCaseTest, EachIndustryCountsInOneColumnAndTheFirstInAnother) {
  CaseRecord record;
  EXPECT_THAT(CodesIn("industries", record), testing::ElementsAre("unknown"));
  record.set_vic_forced_labour_industry("F_Construction");
  record.add_x_further_industries("A_AgricultureForestryAndFishing");
  record.add_x_further_industries("F_Construction");
  EXPECT_THAT(CodesIn("industry", record),
              testing::ElementsAre("F_Construction"));
  EXPECT_THAT(CodesIn("industries", record),
              testing::ElementsAre("A_AgricultureForestryAndFishing",
                                   "F_Construction"));
}

// That a statement is kept counts; where, and that none is, does not.
TEST(CodedCaseTest, AStatementCountsOnceItIsKept) {
  CaseRecord record;
  EXPECT_THAT(CodesIn("statement", record), testing::ElementsAre("unknown"));
  EXPECT_THAT(CodesIn("mechanism_stage", record),
              testing::ElementsAre("unknown"));
  record.set_x_testimony_reference("Prosecutor 12/2018");
  record.set_x_mechanism_stage("Proceedings");
  EXPECT_THAT(CodesIn("statement", record), testing::ElementsAre("recorded"));
  EXPECT_THAT(CodesIn("mechanism_stage", record),
              testing::ElementsAre("Proceedings"));
}

// An industry is missing where there was forced labour, not elsewhere.
TEST(CodedCaseTest, MissingFieldsAreThoseThatTheCaseCouldHave) {
  CaseRecord record;
  EXPECT_THAT(CodesIn("missing_field", record),
              testing::AllOf(testing::Contains("age"),
                             testing::Not(testing::Contains("industry")),
                             testing::Not(testing::Contains("none"))));
  record.add_vic_type_of_exploitation("ForcedLabour");
  EXPECT_THAT(CodesIn("missing_field", record),
              testing::AllOf(testing::Contains("industry"),
                             testing::Not(testing::Contains("exploitation"))));
  record.set_x_age_class("Adult");
  record.add_prs_citizenship("NG");
  record.add_vic_methods_of_control("DebtBondage");
  record.set_vic_trafficking_status_decision_making_org("NGO");
  record.set_prs_gender("Feminine");
  record.set_vic_forced_labour_industry("F_Construction");
  record.add_vic_method_of_recruitment("AtWork");
  record.set_vic_trafficking_status("ActualVictimOfTrafficking");
  EXPECT_THAT(CodesIn("missing_field", record), testing::ElementsAre("none"));
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
