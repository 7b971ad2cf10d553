#include "node/tabulation/column_table.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

CodedCase Coded(int year, const std::string& sex,
                std::vector<std::string> exploitation) {
  CodedCase coded;
  coded.year = year;
  for (const std::string& column : TableColumns()) {
    coded.columns[column] = {"unknown"};
  }
  coded.columns["sex"] = {sex};
  coded.columns["exploitation"] = std::move(exploitation);
  return coded;
}

const std::vector<CodedCase> kCases = {
    Coded(2018, "female", {"ForcedLabour", "SexualExploitation"}),
    Coded(2018, "female", {"ForcedLabour"}),
    Coded(2018, "male", {"ForcedLabour"}),
    Coded(2017, "male", {"ForcedLabour"}),
};

ExactTable Count(const std::vector<std::string>& by,
                 const TableQuestion::Filters& where = {}) {
  return PeriodColumns::Of(kCases, 2018)
      .Count(*TableQuestion::Create("2018", by, where));
}

TEST(ColumnTableTest, CountsThePeriodWithItsMargins) {
  const ExactTable table = Count({"sex"});
  EXPECT_EQ(table.counts.at({"female"}), 2u);
  EXPECT_EQ(table.counts.at({"male"}), 1u);
  EXPECT_EQ(table.counts.at({"total"}), 3u);
}

TEST(ColumnTableTest, APersonWithSeveralCodesCountsUnderEachAndOnceInTotal) {
  const ExactTable table = Count({"exploitation"});
  EXPECT_EQ(table.counts.at({"ForcedLabour"}), 3u);
  EXPECT_EQ(table.counts.at({"SexualExploitation"}), 1u);
  EXPECT_EQ(table.counts.at({"total"}), 3u);
}

TEST(ColumnTableTest, FiltersKeepPersonsThatHaveAValue) {
  const ExactTable table =
      Count({"sex"}, {{"exploitation", {"SexualExploitation"}}});
  EXPECT_EQ(table.counts.at({"female"}), 1u);
  EXPECT_EQ(table.counts.at({"male"}), 0u);
}

TEST(ColumnTableTest, CombinationsOfNobodyAreThereWithZero) {
  const ExactTable table = Count({"exploitation", "sex"});
  EXPECT_EQ(table.counts.at({"SexualExploitation", "male"}), 0u);
  EXPECT_EQ(table.counts.at({"ForcedLabour", "female"}), 2u);
  EXPECT_EQ(table.counts.at({"total", "female"}), 2u);
}

TEST(ColumnTableTest, ASnapshotReadsAsItWasWrittenAndRefusesDamage) {
  const std::string bytes = PeriodColumns::Of(kCases, 2018).Serialize();
  ASSERT_OK_AND_ASSIGN(const PeriodColumns read, PeriodColumns::Parse(bytes));
  EXPECT_EQ(read.Serialize(), bytes);
  EXPECT_EQ(read.size(), 3u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(PeriodColumns::Parse(bytes.substr(0, size)),
                FailsWith(ErrorReason::kIntegrityFailure));
  }
}

TEST(ColumnTableTest, ASnapshotWithACodeNumberBeyondItsDictionaryIsDamaged) {
  std::string bytes = PeriodColumns::Of({kCases[3]}, 2017).Serialize();
  // The last number is the only row's code in the last column: 0. 2^32 would
  // be 0 again in 32 bits.
  ASSERT_EQ(bytes.back(), '\0');
  bytes.back() = '\x80';
  bytes += "\x80\x80\x80\x10";
  EXPECT_THAT(PeriodColumns::Parse(bytes),
              FailsWith(ErrorReason::kIntegrityFailure));
}

// Law 8, the identity of a question.
TEST(TableQuestionTest, Law8TwoSpellingsOfAQuestionAreTheSameQuestion) {
  ASSERT_OK_AND_ASSIGN(auto a,
                       TableQuestion::Create("2018", {"sex", "age_group"},
                                             {{"citizenship", {"NG", "NE"}}}));
  ASSERT_OK_AND_ASSIGN(
      auto b, TableQuestion::Create(
                  "2018", {"age_group", "sex"},
                  {{"citizenship", {"NE", "NG"}}, {"year", {"2018"}}}));
  EXPECT_EQ(a.CanonicalForm(), b.CanonicalForm());
}

TEST(TableQuestionTest, RefusesWhatItDoesNotKnow) {
  for (const auto& question :
       {TableQuestion::Create("20", {}, {}),
        TableQuestion::Create("2018", {"shoe_size"}, {}),
        TableQuestion::Create("2018", {"sex", "sex"}, {}),
        TableQuestion::Create("2018", {}, {{"year", {"2017"}}}),
        TableQuestion::Create("2018", {}, {{"sex", {}}}),
        TableQuestion::Create("2018", {"sex", "status", "gender", "age_group"},
                              {})}) {
    EXPECT_THAT(question, FailsWith(ErrorReason::kFieldInvalid));
  }
}

}  // namespace
}  // namespace comity
