#include <map>
#include <string>
#include <vector>

#include "node/disclosure/published_table.h"
#include "tests/proof/table_holder.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;

const std::vector<std::string> kAges = {"0-17", "18+", "disputed", "unknown"};
const std::vector<std::string> kSexes = {"female", "male", "other", "unknown"};
constexpr const char* kAll = "total";

// An asker that puts a table together of its slices, through a node's gate,
// ledger and store: each question fixes one column and asks by the other.
class SlicedTablesTest : public testing::Test {
 protected:
  // Of each age and sex thirty, and of one three.
  void SetUp() override {
    holder_.Agree(1000000);
    for (const char* age : {"Child", "Adult", "Disputed", ""}) {
      for (const char* sex : {"female", "male", "other", "unknown"}) {
        const bool few =
            std::string(age) == "Adult" && std::string(sex) == "unknown";
        holder_.AddPeople(few ? 3 : 30, sex, age);
      }
    }
    holder_.Publish();
  }

  // Takes the figures of a slice, by age and sex.
  void Take(const std::string& by, const Filters& filters) {
    const fed::TableAnswer answer = holder_.Ask({by}, filters);
    ASSERT_TRUE(answer.has_table()) << answer.ShortDebugString();
    for (const auto& [codes, figure] : FiguresOf(answer)) {
      const std::string fixed = filters.empty() ? kAll : filters[0].second;
      const auto name =
          by == "sex" ? std::pair(fixed, codes[0]) : std::pair(codes[0], fixed);
      const auto [at, added] = known_.emplace(name, figure);
      EXPECT_EQ(at->second, figure);
    }
  }

  size_t Hidden(const std::vector<std::pair<std::string, std::string>>& line) {
    size_t hidden = 0;
    for (const auto& name : line) hidden += known_.contains(name) ? 0 : 1;
    return hidden;
  }

  // No line through the table has one hidden cell alone.
  void ExpectGuarded() {
    for (const std::string& age : WithTotal(kAges)) {
      std::vector<std::pair<std::string, std::string>> line;
      for (const std::string& sex : WithTotal(kSexes)) {
        line.emplace_back(age, sex);
      }
      EXPECT_NE(Hidden(line), 1u) << age;
    }
    for (const std::string& sex : WithTotal(kSexes)) {
      std::vector<std::pair<std::string, std::string>> line;
      for (const std::string& age : WithTotal(kAges)) {
        line.emplace_back(age, sex);
      }
      EXPECT_NE(Hidden(line), 1u) << sex;
    }
    EXPECT_FALSE(known_.contains({"18+", "unknown"}));
  }

  static std::vector<std::string> WithTotal(std::vector<std::string> codes) {
    codes.emplace_back(kAll);
    return codes;
  }

  TableHolder holder_{20270105};
  std::map<std::pair<std::string, std::string>, uint64_t> known_;
};

// 4 and 9: before, the three stood alone on the line through the slices.
TEST_F(SlicedTablesTest, NoLineThroughSlicesHasOneHiddenCell) {
  for (const std::string& sex : kSexes) Take("age_group", {{"sex", sex}});
  Take("age_group", {});
  Take("sex", {});
  ExpectGuarded();
}

TEST_F(SlicedTablesTest, SlicesOfTheOtherColumnAddNothing) {
  for (const std::string& sex : kSexes) Take("age_group", {{"sex", sex}});
  for (const std::string& age : kAges) Take("sex", {{"age_group", age}});
  Take("age_group", {});
  Take("sex", {});
  ExpectGuarded();
}

// 2: a slice is the line of the whole table, whichever was asked first.
TEST_F(SlicedTablesTest, ASliceIsALineOfTheWholeTable) {
  for (const std::string& sex : kSexes) Take("age_group", {{"sex", sex}});
  EXPECT_GE(known_.size(), 12u);
  const fed::TableAnswer whole = holder_.Ask({"age_group", "sex"});
  ASSERT_TRUE(whole.has_table()) << whole.ShortDebugString();
  for (const auto& [codes, figure] : FiguresOf(whole)) {
    if (codes[1] == kAll) continue;
    const auto found = known_.find({codes[0], codes[1]});
    ASSERT_NE(found, known_.end()) << codes[0] << " " << codes[1];
    EXPECT_EQ(found->second, figure);
  }
}

// Exact figures: before, the margin less the other slices was the small count.
TEST_F(SlicedTablesTest, SlicesBySuppressionTellNoSmallCount) {
  holder_.Agree(1000000, {{"k_threshold: 11",
                           "k_threshold: 11 count_method: SUPPRESSION"}});
  for (const std::string& sex : kSexes) Take("age_group", {{"sex", sex}});
  Take("age_group", {});
  Take("sex", {});
  EXPECT_GT(known_.size(), 12u);
  PublishedTable together;
  together.dimensions.resize(2);
  for (const std::string& age : WithTotal(kAges)) {
    for (const std::string& sex : WithTotal(kSexes)) {
      const auto found = known_.find({age, sex});
      PublishedCell cell;
      cell.codes = {age, sex};
      cell.hidden = found == known_.end();
      if (!cell.hidden) {
        const auto figure = static_cast<int64_t>(found->second);
        cell.bounds = {figure, figure};
      }
      together.cells.push_back(cell);
    }
  }
  for (const auto& cell : AuditTable(together).uncovered) {
    EXPECT_GE(cell.value, 11) << cell.codes[0] << " " << cell.codes[1];
  }
}

// Exact figures of every country by a filter: before, the margin less those of
// large countries was how many are of the others.
TEST(SlicedCountriesTest, CountriesBySuppressionTellNoSmallCount) {
  TableHolder holder(20270203);
  holder.Agree(1000000, {{"k_threshold: 11",
                          "k_threshold: 11 count_method: SUPPRESSION"}});
  for (const char* sex : {"female", "male"}) {
    holder.AddPeople(30, sex, "Adult", "NE");
    holder.AddPeople(25, sex, "Adult", "NG");
  }
  holder.AddPeople(3, "male", "Adult", "TD");
  holder.Publish();
  std::map<std::string, std::map<std::string, uint64_t>> known;  // by sex
  for (const char* country : {"NE", "NG", "TD", kAll}) {
    const Filters filters = std::string(country) == kAll
                                ? Filters{}
                                : Filters{{"citizenship", country}};
    const fed::TableAnswer answer = holder.Ask({"sex"}, filters);
    // Or earlier answers leave no way to protect it.
    if (!answer.has_table()) {
      EXPECT_EQ(answer.refusal().reason(), "NOT_AVAILABLE");
    }
    for (const auto& [codes, figure] : FiguresOf(answer)) {
      known[codes[0]][country] = figure;
    }
  }
  EXPECT_FALSE(known.empty());
  for (const auto& [sex, figures] : known) {
    const auto total = figures.find(kAll);
    if (total == figures.end()) continue;
    auto rest = static_cast<int64_t>(total->second);
    for (const auto& [country, figure] : figures) {
      if (country != kAll) rest -= static_cast<int64_t>(figure);
    }
    EXPECT_TRUE(rest == 0 || rest >= 11) << sex << " leaves " << rest;
  }
}

}  // namespace
}  // namespace comity
