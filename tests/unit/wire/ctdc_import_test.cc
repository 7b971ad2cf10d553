#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "node/domain/code_lists.h"
#include "node/wire/import_header.h"
#include "tests/support/ctdc_terms.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

// A fixture of ours: persons who do not exist, under a release's own header.
std::string Fixture(const std::string& name) {
  return TextOfFile(COMITY_SOURCE_DIR "/tests/unit/wire/ctdc/" + name);
}

absl::StatusOr<std::vector<ImportRow>> Import(const std::string& text,
                                              ImportTerms terms = CtdcTerms()) {
  CaseImportParser parser(std::move(terms));
  return parser.Read(text, true);
}

std::string DialectOf(const std::string& text) {
  CaseImportParser parser(CtdcTerms());
  const auto rows = parser.Read(text, true);
  return rows.ok() ? parser.dialect() : std::string(rows.status().message());
}

std::string HeaderOf(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// "column value" of what had no place, without the reasons.
std::vector<std::string> Unplaced(const ImportRow& row) {
  std::vector<std::string> unplaced;
  for (const UnplacedValue& each : row.unplaced) {
    EXPECT_NE(each.reason, "");
    unplaced.push_back(absl::StrCat(each.column, " ", each.value));
  }
  return unplaced;
}

std::vector<std::string> Codes(const char* column, const ImportRow& row) {
  return CodedCaseOf(row.record).columns.at(column);
}

TEST(CtdcFileTest, TheHeaderTellsTheDialect) {
  EXPECT_EQ(DialectOf(Fixture("kanon.csv")), "ctdc-kanon");
  EXPECT_EQ(DialectOf(Fixture("synthetic.csv")), "ctdc-synthetic");
  EXPECT_EQ(DialectOf(Fixture("synthetic-2021.csv")), "ctdc-synthetic-2021");
}

TEST(CtdcFileTest, ReleasesWithMoreColumnsAreOfTheSameDialect) {
  // The releases since 2020 have one form more, and some a running number.
  const std::string header = absl::StrReplaceAll(
      HeaderOf(Fixture("kanon.csv")),
      {{"isOrganRemoval", "isOrganRemoval,isSlaveryAndPractices"}});
  EXPECT_EQ(DialectOf(header + "\n"), "ctdc-kanon");
  EXPECT_EQ(DialectOf("," + header + "\n"), "ctdc-kanon");
}

TEST(CtdcFileTest, AnUnmergedRowBecomesSeveralCodes) {
  ASSERT_OK_AND_ASSIGN(const auto rows, Import(Fixture("kanon.csv")));
  ASSERT_EQ(rows.size(), 4u);
  const ImportRow& first = rows[0];
  EXPECT_THAT(first.faults, IsEmpty());
  EXPECT_EQ(first.record.x_registered_on(), "2016");
  EXPECT_EQ(first.record.x_provenance(), "CTDC k-anonymised data, hotline");
  EXPECT_THAT(Codes("sex", first), ElementsAre("female"));
  EXPECT_THAT(Codes("age_broad", first), ElementsAre("9-17"));
  EXPECT_THAT(Codes("age_group", first), ElementsAre("0-17"));
  EXPECT_THAT(Codes("citizenship", first), ElementsAre("unknown"));
  EXPECT_THAT(Codes("exploitation_country", first), ElementsAre("US"));
  EXPECT_THAT(Codes("control", first),
              ElementsAre("DebtBondage", "Other", "RestrictsMovement",
                          "TakesEarnings"));
  EXPECT_THAT(Codes("exploitation", first), ElementsAre("SexualExploitation"));
  EXPECT_THAT(Codes("sex_exploitation", first), ElementsAre("Prostitution"));
  EXPECT_THAT(Codes("recruiter", first),
              ElementsAre("Familial", "IntimatePartner"));
  EXPECT_THAT(Unplaced(first),
              UnorderedElementsAre("majorityStatusAtExploit Minor",
                                   "meansOfControlConcatenated ",
                                   "isAbduction 1", "RecruiterRelationship "));
}

TEST(CtdcFileTest, ASecondIndustryStandsBesideTheFirst) {
  ASSERT_OK_AND_ASSIGN(const auto rows, Import(Fixture("kanon.csv")));
  // Agriculture and aquafarming are one section of the ISIC.
  EXPECT_THAT(Codes("industry", rows[1]),
              ElementsAre("A_AgricultureForestryAndFishing"));
  EXPECT_THAT(Codes("industries", rows[1]),
              ElementsAre("A_AgricultureForestryAndFishing", "F_Construction"));
  EXPECT_THAT(Unplaced(rows[1]),
              UnorderedElementsAre("typeOfLabourIllicitActivities 1"));
  EXPECT_THAT(Codes("control", rows[1]),
              ElementsAre("PhysicalThreats", "ThreatensChildrenFamily"));
  EXPECT_THAT(Codes("recruiter", rows[1]), ElementsAre("Other"));
}

TEST(CtdcFileTest, MissingCodesAreNotRecordedInEveryDialect) {
  for (const char* name : {"kanon.csv", "synthetic.csv"}) {
    ASSERT_OK_AND_ASSIGN(const auto rows, Import(Fixture(name)));
    const ImportRow& empty = rows[2];
    EXPECT_THAT(empty.faults, IsEmpty());
    EXPECT_THAT(empty.unplaced, IsEmpty());
    const CodedCase coded = CodedCaseOf(empty.record);
    EXPECT_EQ(coded.year, 2018);
    for (const auto& [column, codes] : coded.columns) {
      if (column == "missing_field") continue;
      EXPECT_THAT(codes, ElementsAre("unknown")) << name << " " << column;
    }
  }
}

// "-99", blank and "00" are one meaning, and so are "9--17" and "09--17".
TEST(CtdcFileTest, TwoDialectsAgreeOnOnePerson) {
  ASSERT_OK_AND_ASSIGN(const auto old_rows, Import(Fixture("kanon.csv")));
  ASSERT_OK_AND_ASSIGN(const auto new_rows, Import(Fixture("synthetic.csv")));
  for (size_t row = 0; row < 2; ++row) {
    for (const char* column :
         {"age_broad", "age_group", "citizenship", "exploitation_country",
          "gender", "recruiter", "sex_exploitation"}) {
      EXPECT_EQ(Codes(column, old_rows[row]), Codes(column, new_rows[row]))
          << column;
    }
    EXPECT_EQ(CodedCaseOf(old_rows[row].record).year,
              CodedCaseOf(new_rows[row].record).year);
  }
}

TEST(CtdcFileTest, AMergedMeansIsNoneOfTheMeansThatItMerges) {
  ASSERT_OK_AND_ASSIGN(const auto rows, Import(Fixture("synthetic.csv")));
  EXPECT_THAT(rows[0].record.vic_methods_of_control(), IsEmpty());
  EXPECT_THAT(Codes("control", rows[0]),
              ElementsAre("AnyDenialOfNeeds", "DebtBondageOrTakesEarnings"));
  EXPECT_THAT(Codes("control", rows[1]),
              ElementsAre("AnyAbuse", "AnyThreat", "FalsePromises"));
  EXPECT_THAT(Codes("duration", rows[0]), ElementsAre("25+ months"));
  EXPECT_THAT(Codes("duration", rows[1]), ElementsAre("0-12 months"));
  EXPECT_THAT(Codes("exploitation", rows[1]),
              ElementsAre("ForcedLabour", "Other"));
  EXPECT_THAT(Codes("gender", rows[3]),
              ElementsAre("TransgenderOrNonConforming"));
  // A gender is no sex.
  EXPECT_THAT(Codes("sex", rows[0]), ElementsAre("unknown"));
}

TEST(CtdcFileTest, NamesThatWereCutAreKnown) {
  ASSERT_OK_AND_ASSIGN(const auto rows, Import(Fixture("synthetic-2021.csv")));
  EXPECT_THAT(Codes("control", rows[0]),
              ElementsAre("DebtBondage", "PsychoactiveSubstance",
                          "TakesEarnings", "ThreatsLawEnforcement"));
  EXPECT_THAT(Codes("recruiter", rows[0]), ElementsAre("Acquainted"));
  EXPECT_THAT(Unplaced(rows[0]),
              UnorderedElementsAre("majorityStatusAtExploit Minor",
                                   "typeOfSexOther 1"));
}

TEST(CtdcFileTest, TwoAgesThatContradictEachOtherAreBothLeftOut) {
  ASSERT_OK_AND_ASSIGN(const auto rows, Import(Fixture("kanon.csv")));
  EXPECT_THAT(Codes("age_broad", rows[3]), ElementsAre("unknown"));
  EXPECT_THAT(Codes("age_group", rows[3]), ElementsAre("unknown"));
  EXPECT_THAT(Unplaced(rows[3]),
              UnorderedElementsAre("majorityStatus Adult", "majorityEntry 9-17",
                                   "citizenship AN"));
  EXPECT_THAT(Codes("exploitation", rows[3]),
              ElementsAre("ForcedBegging", "ForcedLabour", "ForcedMarriage",
                          "SexualExploitation"));
  EXPECT_THAT(Codes("exploitation_country", rows[3]), ElementsAre("CD"));
}

TEST(CtdcFileTest, ADashMayBeWrittenAsTheCodebookDoes) {
  const std::string text =
      absl::StrReplaceAll(Fixture("synthetic.csv"), {{"--", "\u2014"}});
  ASSERT_OK_AND_ASSIGN(const auto rows, Import(text));
  EXPECT_THAT(Codes("age_broad", rows[0]), ElementsAre("9-17"));
  EXPECT_THAT(Codes("duration", rows[1]), ElementsAre("0-12 months"));
}

TEST(CtdcFileTest, NobodyIsScreenedAndRowsAreNumbered) {
  ASSERT_OK_AND_ASSIGN(const auto rows, Import(Fixture("synthetic.csv")));
  for (const ImportRow& row : rows) EXPECT_FALSE(row.screening.has_value());
  EXPECT_EQ(rows[0].record.x_local_reference(), "CTDC-0123456789ab-000001");
  EXPECT_EQ(rows[3].record.x_local_reference(), "CTDC-0123456789ab-000004");
}

TEST(CtdcFileTest, ACodeThatTheDialectDoesNotDefineIsAFault) {
  const std::string text = absl::StrReplaceAll(
      Fixture("synthetic.csv"),
      {{"30--38", "30--37"}, {"IDN", "XQX"}, {"2016,Woman", "16,Woman"}});
  ASSERT_OK_AND_ASSIGN(const auto rows, Import(text));
  ASSERT_EQ(rows[0].faults.size(), 1u);
  EXPECT_EQ(rows[0].faults[0].field, "yearOfRegistration");
  ASSERT_EQ(rows[1].faults.size(), 2u);
  EXPECT_EQ(rows[1].faults[0].field, "ageBroad");
  EXPECT_THAT(rows[1].faults[0].allowed, HasSubstr("30-38"));
  EXPECT_EQ(rows[1].faults[1].value, "XQX");
}

// The message of a header that is refused.
std::string Refusal(const std::string& header,
                    const std::string& dialect = "") {
  ImportTerms terms = CtdcTerms();
  terms.dialect = dialect;
  const auto rows = Import(header + "\n", terms);
  EXPECT_THAT(rows, FailsWith(ErrorReason::kImportRejected));
  return std::string(rows.status().message());
}

TEST(CtdcFileTest, AHeaderThatFitsNoneIsToldTheNearest) {
  const std::string header = absl::StrReplaceAll(
      HeaderOf(Fixture("synthetic.csv")),
      {{"traffickMonths", "months"}, {",isOtherExploit", ""}});
  const std::string refusal = Refusal(header);
  for (const std::string& name : ImportDialectNames()) {
    EXPECT_THAT(refusal, HasSubstr(name));
  }
  EXPECT_THAT(refusal, HasSubstr("nearest is ctdc-synthetic: the file lacks "
                                 "the columns traffickMonths, isOtherExploit"));
  EXPECT_THAT(refusal, HasSubstr("it has the column months"));
  EXPECT_THAT(Refusal("a,b,c"), HasSubstr("no column of any dialect (htcds"));
}

TEST(CtdcFileTest, ANamedDialectIsTheOnlyOne) {
  const std::string header = HeaderOf(Fixture("synthetic.csv"));
  EXPECT_THAT(Refusal(header, "ctdc-kanon"),
              HasSubstr("is not one of ctdc-kanon: the file lacks"));
  ImportTerms terms = CtdcTerms();
  terms.dialect = "ctdc-synthetic";
  EXPECT_OK(Import(header + "\n", terms));
}

TEST(CtdcFileTest, TheOperatorMustSayWhatTheFileLacks) {
  const std::string text = Fixture("synthetic.csv");
  ImportTerms terms = CtdcTerms();
  terms.reference_prefix = "";
  EXPECT_THAT(std::string(Import(text, terms).status().message()),
              HasSubstr("--reference-prefix"));
  terms = CtdcTerms();
  terms.screening_none_recorded = false;
  EXPECT_THAT(std::string(Import(text, terms).status().message()),
              HasSubstr("--screening none-recorded"));
  terms = CtdcTerms();
  terms.year = 2020;
  EXPECT_THAT(std::string(Import(text, terms).status().message()),
              HasSubstr("leave out --year"));
  // And nothing of it of a file that has it all.
  EXPECT_THAT(
      std::string(Import("x_local_reference,x_danger\nR1,none\n", CtdcTerms())
                      .status()
                      .message()),
      HasSubstr("has references, screenings and years of its own"));
}

// Each table is complete: a meaning has a code of its list, a spelling one
// meaning, and what a record may say is listed in tables.
TEST(CtdcDialectTest, EveryMeaningIsACodeOfTheRecord) {
  using Place = CtdcMeaning::Place;
  const std::map<Place, std::string> lists = {
      {Place::kAgeClass, "age_class"},
      {Place::kControl, "control"},
      {Place::kControlGroup, "control_group"},
      {Place::kDuration, "duration"},
      {Place::kExploitation, "exploitation"},
      {Place::kGender, "gender"},
      {Place::kGenderGroup, "gender_group"},
      {Place::kIndustry, "industry"},
      {Place::kRecruiter, "recruiter_relation"},
      {Place::kSex, "sex"},
      {Place::kSexExploitation, "sexual_exploitation"}};
  for (const CtdcDialect& dialect : CtdcDialects()) {
    for (const CtdcColumn& column : dialect.columns) {
      std::set<std::string> keys;
      for (const CtdcCode& code : column.codes) {
        EXPECT_TRUE(keys.insert(code.key).second)
            << column.name << " " << code.spelling;
        for (const CtdcMeaning& meaning : code.meanings) {
          EXPECT_FALSE(absl::string_view(meaning.code).empty()) << column.name;
          const auto list = lists.find(meaning.place);
          if (list == lists.end()) continue;
          EXPECT_THAT(CodesOf(list->second), Contains(meaning.code))
              << column.name;
        }
      }
    }
  }
}

TEST(CtdcDialectTest, TheDialectsHaveTheColumnsOfTheReleases) {
  std::map<std::string, size_t> columns;
  for (const CtdcDialect& dialect : CtdcDialects()) {
    for (const CtdcColumn& column : dialect.columns) {
      if (!column.optional) ++columns[dialect.name];
    }
  }
  EXPECT_THAT(columns, UnorderedElementsAre(
                           testing::Pair("ctdc-kanon", 62u),
                           testing::Pair("ctdc-synthetic-2021", 37u),
                           testing::Pair("ctdc-synthetic", 27u),
                           testing::Pair("ctdc-kanon-recoded", 10u),
                           testing::Pair("ctdc-synthetic-recoded", 19u)));
}

}  // namespace
}  // namespace comity
