#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/domain/country_codes.h"
#include "tests/support/ctdc_terms.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Counts = std::map<std::string, uint64_t>;
using testing::Pair;
using testing::UnorderedElementsAre;

std::string SharedFile(const std::string& path) {
  return TextOfFile(COMITY_SHARED_DIR "/data/" + path);
}

// The file's own cells by column, read by a plain split at commas: no cell of
// these files is quoted.
class PlainFile {
 public:
  explicit PlainFile(const std::string& text) {
    const std::vector<std::string> lines =
        absl::StrSplit(text, '\n', absl::SkipEmpty());
    header_ = absl::StrSplit(lines[0], ',');
    for (size_t i = 1; i < lines.size(); ++i) {
      rows_.push_back(absl::StrSplit(lines[i], ','));
    }
  }
  size_t size() const { return rows_.size(); }
  const std::string& At(size_t row, const std::string& column) const {
    const auto at = std::find(header_.begin(), header_.end(), column);
    return rows_[row][static_cast<size_t>(at - header_.begin())];
  }
  Counts Of(const std::string& column) const {
    Counts counts;
    for (size_t row = 0; row < rows_.size(); ++row) ++counts[At(row, column)];
    return counts;
  }

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

// What a whole file becomes.
struct Imported {
  std::vector<ImportRow> rows;
  uint64_t faults = 0;
  Counts unplaced;                      // by "column value"
  std::map<std::string, Counts> coded;  // persons, by column and code
};

Imported Import(const std::string& text, uint32_t year = 0) {
  Imported imported;
  ImportTerms terms = CtdcTerms();
  terms.year = year;
  CaseImportParser parser(terms);
  auto rows = parser.Read(text, true);
  EXPECT_OK(rows);
  if (rows.ok()) imported.rows = *std::move(rows);
  for (const ImportRow& row : imported.rows) {
    imported.faults += row.faults.size();
    for (const UnplacedValue& each : row.unplaced) {
      ++imported.unplaced[absl::StrCat(each.column, " ", each.value)];
    }
    for (const auto& [column, codes] : CodedCaseOf(row.record).columns) {
      for (const std::string& code : codes) ++imported.coded[column][code];
    }
  }
  return imported;
}

TEST(RecodedKanonymisedTest, EveryValueIsCountedOrToldToHaveNoPlace) {
  const std::string text = SharedFile("ctdc/ctdc_kanon_subset_14299.csv");
  const PlainFile plain(text);
  const Imported imported = Import(text);
  ASSERT_EQ(imported.rows.size(), 14299u);  // domain.md 3.2
  EXPECT_EQ(imported.faults, 0u);
  const Counts gender = plain.Of("gender");
  EXPECT_EQ(imported.coded.at("sex"), (Counts{{"female", gender.at("Female")},
                                              {"male", gender.at("Male")}}));
  Counts citizenship = plain.Of("citizenship");
  citizenship["unknown"] = citizenship.at("0");
  citizenship.erase("0");
  EXPECT_EQ(imported.coded.at("citizenship"), citizenship);
  EXPECT_EQ(citizenship.size(), 22u);  // with the unknown one, domain.md 3.2
  Counts ages;
  for (const auto& [age, count] : plain.Of("ageCategories")) {
    ages[age.substr(std::string("Age ").size())] = count;
  }
  EXPECT_EQ(imported.coded.at("age_broad"), ages);
  Counts left_out;
  for (const auto& [value, count] : plain.Of("ControlCategory")) {
    left_out["ControlCategory " + value] = count;
  }
  left_out["Labor_Type Other"] = plain.Of("Labor_Type").at("Other");
  EXPECT_EQ(imported.unplaced, left_out);
}

TEST(RecodedKanonymisedTest, FormsAndKindsOfLabourAreThoseOfTheFile) {
  const std::string text = SharedFile("ctdc/ctdc_kanon_subset_14299.csv");
  const PlainFile plain(text);
  const Imported imported = Import(text);
  Counts forms;
  Counts years;
  for (size_t row = 0; row < plain.size(); ++row) {
    const std::string form = plain.At(row, "ExploitType");
    if (plain.At(row, "isForcedLabour") == "1" || form == "Forced Labor") {
      ++forms["ForcedLabour"];
    }
    if (form == "Sexual Exploitation") ++forms["SexualExploitation"];
    if (form == "Forced Marriage") ++forms["ForcedMarriage"];
    if (form == "Other") ++forms["Other"];
    if (plain.At(row, "Labor_Type") == "Begging") ++forms["ForcedBegging"];
    ++years[plain.At(row, "yearOfRegistration")];
  }
  EXPECT_EQ(imported.coded.at("exploitation"), forms);
  Counts coded_years;
  for (const ImportRow& row : imported.rows) {
    ++coded_years[std::to_string(CodedCaseOf(row.record).year)];
  }
  EXPECT_EQ(coded_years, years);
  const Counts labour = plain.Of("Labor_Type");
  const Counts& industry = imported.coded.at("industry");
  EXPECT_EQ(industry.at("A_AgricultureForestryAndFishing"),
            labour.at("Agriculture") + labour.at("Aquafarming"));
  EXPECT_EQ(industry.at("F_Construction"), labour.at("Construction"));
  EXPECT_EQ(industry.at("unknown"),
            labour.at("Unknown") + labour.at("Other") + labour.at("Begging"));
  const Counts recruiters = plain.Of("RecruiterCategory");
  EXPECT_EQ(imported.coded.at("recruiter").at("unknown"),
            recruiters.at("Not Specified"));
}

TEST(RecodedSyntheticTest, NumbersBecomeCodesAndZeroIsNotRecorded) {
  const std::string text = SharedFile("ctdc/ctdc_synth_v2025_binary_91043.csv");
  const PlainFile plain(text);
  const Imported imported = Import(text, 2023);
  ASSERT_EQ(imported.rows.size(), 91043u);  // domain.md 3.2
  EXPECT_EQ(imported.faults, 0u);
  const Counts ages = plain.Of("Age Band");
  EXPECT_EQ(imported.coded.at("age_broad").at("unknown"), ages.at("0"));
  EXPECT_EQ(imported.coded.at("age_broad").at("9-17"), ages.at("2"));
  EXPECT_EQ(imported.coded.at("age_broad").at("48+"), ages.at("9"));
  EXPECT_EQ(imported.coded.at("age_group").at("0-17"),
            ages.at("1") + ages.at("2"));
  // Neither column means a man or an unknown gender: it is left unknown.
  const Counts& gender = imported.coded.at("gender");
  EXPECT_EQ(gender.at("Feminine"), plain.Of("Woman").at("1"));
  EXPECT_EQ(gender.at("TransgenderOrNonConforming"),
            plain.Of("Trans/NonConforming").at("1"));
  EXPECT_FALSE(gender.contains("Masculine"));
  EXPECT_EQ(imported.coded.at("control").at("AnyThreat"),
            plain.Of("Means Threats").at("1"));
  EXPECT_EQ(imported.coded.at("exploitation").at("ForcedLabour"),
            plain.Of("isForcedLabour").at("1"));
  EXPECT_EQ(imported.coded.at("recruiter").at("IntimatePartner"),
            plain.Of("Recruiter Relation Intimate Partner").at("1"));
  EXPECT_EQ(imported.coded.at("duration").at("25+ months"),
            plain.Of("Trafficking Duration").at("3"));
  EXPECT_THAT(imported.unplaced,
              UnorderedElementsAre(Pair("Is Citizen of Country 1", 10304u)));
  EXPECT_EQ(CodedCaseOf(imported.rows[0].record).year, 2023);
}

TEST(RecodedSyntheticTest, WithoutAYearNoPeriodCountsIt) {
  const std::string text = SharedFile("ctdc/ctdc_synth_v2025_binary_91043.csv");
  const Imported imported = Import(text.substr(0, text.find('\n', 1000) + 1));
  ASSERT_FALSE(imported.rows.empty());
  for (const ImportRow& row : imported.rows) {
    EXPECT_EQ(CodedCaseOf(row.record).year, 0);
  }
}

TEST(CountryCodesTest, EveryAlpha3CodeOfTheStandardHasItsAlpha2) {
  const PlainFile countries(
      SharedFile("ctdc/ctdc_synth_v2025_top20_corridors.csv"));
  for (size_t row = 0; row < countries.size(); ++row) {
    EXPECT_NE(CountryOfAlpha3(countries.At(row, "origin_iso3")), "");
  }
  CsvReader reader;
  ASSERT_OK_AND_ASSIGN(const auto rows,
                       reader.Read(SharedFile("codes/iso3166_all.csv"), true));
  ASSERT_EQ(rows.size(), 250u);
  for (size_t i = 1; i < rows.size(); ++i) {
    EXPECT_EQ(CountryOfAlpha3(rows[i].cells[2]), rows[i].cells[1]);
  }
  EXPECT_EQ(CountryOfAlpha3("QQQ"), "");
  EXPECT_EQ(CountryOfAlpha3("AF"), "");
}

}  // namespace
}  // namespace comity
