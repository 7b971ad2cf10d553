#include <algorithm>
#include <map>
#include <set>

#include "node/domain/table_columns.h"
#include "node/tabulation/published_columns.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

Uuid Person(int number) {
  return *Uuid::FromBytes(std::string(15, '\0') + static_cast<char>(number));
}

uint64_t KeyOf(const Uuid& id) {
  return static_cast<uint64_t>(id.ToBytes().back());
}

CodedCase Referral(int person, const std::string& partner,
                   const std::string& decision, const std::string& days = "",
                   std::vector<std::string> events = {"SENT"}) {
  CodedCase coded;
  coded.case_id = Person(person);
  coded.year = 2018;
  for (const TableColumn& column : AllTableColumns()) {
    coded.columns[column.name] = {kUnknownCode};
  }
  coded.columns["partner"] = {partner};
  coded.columns["decision"] = {decision};
  coded.columns["referral_event"] = std::move(events);
  if (!days.empty()) coded.columns["acceptance_days"] = {days};
  return coded;
}

// Person 1 was declined by Chad, then accepted by Nigeria; person 2 is accepted
// by Nigeria, person 4 waits.
const std::vector<CodedCase> kReferrals = {
    Referral(1, "TD", "declined", "", {"SENT", "DECLINED"}),
    Referral(1, "NG", "accepted", "7", {"SENT", "ACCEPTED"}),
    Referral(2, "NG", "accepted", "2", {"SENT", "ACCEPTED"}),
    Referral(4, "NG", kUnknownCode),
};

PeriodColumns Rows(const std::vector<CodedCase>& referrals = kReferrals,
                   const std::set<std::string>& not_collected = {}) {
  return PeriodColumns::Of(referrals, 2018, KeyOf, not_collected,
                           CountedUnit::kReferral);
}

TableQuestion Question(const std::vector<std::string>& by,
                       Measure measure = Measure::kReferrals,
                       const TableQuestion::Filters& where = {}) {
  return *TableQuestion::Create("2018", by, where, measure);
}

struct Counted {
  uint64_t referrals = 0;
  uint64_t persons = 0;
  uint64_t keys = 0;
  friend bool operator==(const Counted&, const Counted&) = default;
};

std::map<std::vector<std::string>, Counted> Count(
    const TableQuestion& question, const PeriodColumns& rows = Rows()) {
  const ExactTable table = rows.CountReferrals(question);
  std::map<std::vector<std::string>, Counted> cells;
  for (size_t cell = 0; cell < table.cells.size(); ++cell) {
    cells[table.grid.CodesOf(cell)] = {table.Figure(cell),
                                       table.cells[cell].persons,
                                       table.cells[cell].key_sum};
  }
  return cells;
}

TEST(ReferralTableTest, CountsReferralsAndKnowsOfHowManyPersons) {
  const auto cells = Count(Question({"partner"}));
  EXPECT_EQ(cells.at({"NG"}), (Counted{3, 3, 7}));
  EXPECT_EQ(cells.at({"TD"}), (Counted{1, 1, 1}));
  EXPECT_EQ(cells.at({"total"}), (Counted{4, 3, 7}));
}

TEST(ReferralTableTest, AnEventCountsOnceForEachReferral) {
  const auto cells = Count(Question({"referral_event", "partner"}));
  EXPECT_EQ(cells.at({"NG", "ACCEPTED"}), (Counted{2, 2, 3}));
  EXPECT_EQ(cells.at({"total", "SENT"}), (Counted{4, 3, 7}));
  EXPECT_EQ(cells.at({"total", "DECLINED"}), (Counted{1, 1, 1}));
  EXPECT_EQ(cells.at({"total", "HANDED_OVER"}), (Counted{0, 0, 0}));
}

TEST(ReferralTableTest, FiltersKeepReferrals) {
  const auto cells = Count(
      Question({"partner"}, Measure::kReferrals, {{"decision", {"declined"}}}));
  EXPECT_EQ(cells.at({"TD"}), (Counted{1, 1, 1}));
  EXPECT_EQ(cells.at({"NG"}), (Counted{0, 0, 0}));
}

// What no noise of 8 could hide: a person who is sent round and round.
TEST(ReferralTableTest, APersonCountsThreeTimesInACellAtMost) {
  std::vector<CodedCase> referrals(9, Referral(1, "NG", "declined"));
  referrals.push_back(Referral(2, "NG", "declined"));
  const auto cells = Count(Question({"partner"}), Rows(referrals));
  EXPECT_EQ(cells.at({"NG"}), (Counted{4, 2, 3}));
}

TEST(ReferralTableTest, DurationsAreOneOfEachPersonAndOfKnownOnesAlone) {
  std::vector<CodedCase> referrals = kReferrals;
  referrals.push_back(Referral(2, "NG", "accepted", "90"));
  const TableQuestion question =
      Question({"partner"}, Measure::kMedianAcceptanceDays);
  const ExactDurations durations =
      Rows(referrals).Durations(question, "acceptance_days");
  std::map<std::vector<std::string>, std::vector<uint32_t>> days;
  for (size_t cell = 0; cell < durations.days.size(); ++cell) {
    days[durations.persons.grid.CodesOf(cell)] = durations.days[cell];
    EXPECT_EQ(durations.persons.cells[cell].persons,
              durations.days[cell].size());
  }
  // Her first referral there that was accepted, not the one of 90 days.
  EXPECT_THAT(days.at({"NG"}), testing::ElementsAre(2, 7));
  EXPECT_THAT(days.at({"TD"}), testing::IsEmpty());
  EXPECT_THAT(days.at({"total"}), testing::ElementsAre(2, 7));
}

TEST(PublishedColumnsTest, ASnapshotReadsAsItWasWrittenAndRefusesDamage) {
  const PublishedColumns columns{
      PeriodColumns::Of({Referral(8, "NG", "accepted")}, 2018, KeyOf), Rows()};
  const std::string bytes = columns.Serialize();
  ASSERT_OK_AND_ASSIGN(const PublishedColumns read,
                       PublishedColumns::Parse(bytes));
  EXPECT_EQ(read.Serialize(), bytes);
  EXPECT_EQ(Count(Question({"partner"}), *read.referrals),
            Count(Question({"partner"})));
  EXPECT_EQ(read.RowsOf(*TableQuestion::Create("2018", {}, {})).size(), 1u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(PublishedColumns::Parse(bytes.substr(0, size)),
                FailsWith(ErrorReason::kIntegrityFailure));
  }
}

TEST(PublishedColumnsTest, APersonIsFoundByHerCaseAndByHerReferral) {
  const PublishedColumns columns{
      PeriodColumns::Of({Referral(8, "NG", "accepted")}, 2018, KeyOf), Rows(),
      PeriodColumns::Of({Referral(9, "NE", "accepted")}, 2018, KeyOf)};
  EXPECT_TRUE(columns.Holds(9));
  EXPECT_TRUE(columns.Holds(8));
  EXPECT_TRUE(columns.Holds(4));
  EXPECT_FALSE(columns.Holds(5));
  const std::vector<uint64_t> keys = columns.RecordKeys();
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(std::set<uint64_t>(keys.begin(), keys.end()).size(), keys.size());
  EXPECT_TRUE(std::binary_search(keys.begin(), keys.end(), 8));
  EXPECT_TRUE(std::binary_search(keys.begin(), keys.end(), 4));
  EXPECT_TRUE(std::binary_search(keys.begin(), keys.end(), 9));
}

// What an older build published goes on being counted, persons alone.
TEST(PublishedColumnsTest, PersonsWithoutReferralsAreTheThirdVersion) {
  const PeriodColumns persons =
      PeriodColumns::Of({Referral(8, "NG", "accepted")}, 2018, KeyOf);
  ASSERT_OK_AND_ASSIGN(const PublishedColumns read,
                       PublishedColumns::Parse(persons.Serialize()));
  EXPECT_EQ(read.NotCollected(*TableQuestion::Create("2018", {"sex"}, {})), "");
  EXPECT_EQ(read.NotCollected(Question({})), kAllReferrals);
  EXPECT_EQ((PublishedColumns{persons, {}}).Serialize(), persons.Serialize());
}

TEST(PublishedColumnsTest, ADurationThatIsNotCollectedIsSaid) {
  const PublishedColumns columns{PeriodColumns(),
                                 Rows(kReferrals, {"acceptance_days"})};
  EXPECT_EQ(columns.NotCollected(Question({"partner"})), "");
  EXPECT_EQ(columns.NotCollected(
                Question({"partner"}, Measure::kMedianAcceptanceDays)),
            "acceptance_days");
}

// A column belongs to one kind of rows, and numbers are no column.
TEST(TableQuestionTest, AMeasureHasColumnsOfItsOwn) {
  for (const auto& question :
       {TableQuestion::Create("2018", {"sex"}, {}, Measure::kReferrals),
        TableQuestion::Create("2018", {"partner"}, {}),
        TableQuestion::Create("2018", {}, {{"sex", {"female"}}},
                              Measure::kMedianHandoverDays),
        TableQuestion::Create("2018", {"acceptance_days"}, {},
                              Measure::kReferrals),
        TableQuestion::Create("2018", {}, {}, Measure::kUnset)}) {
    EXPECT_THAT(question, FailsWith(ErrorReason::kFieldInvalid));
  }
}

// Law 8: answers of two measures are stored under two names, and what persons
// were always stored under is as it was.
TEST(TableQuestionTest, Law8AMeasureIsPartOfTheQuestionAndOfItsCells) {
  const TableQuestion referrals = Question({"partner"});
  const TableQuestion median =
      Question({"partner"}, Measure::kMedianAcceptanceDays);
  EXPECT_NE(referrals.CanonicalForm(), median.CanonicalForm());
  EXPECT_NE(referrals.CellName({"NG"}), median.CellName({"NG"}));
  EXPECT_EQ(TableQuestion::Create("2018", {"sex"}, {})->CanonicalForm(),
            "comity.table.v1\npersons\nperiod 2018\nby sex\n");
  EXPECT_EQ(TableQuestion::Create("2018", {"sex"}, {})->CellName({"male"}),
            "sex 4:male\n");
}

}  // namespace
}  // namespace comity
