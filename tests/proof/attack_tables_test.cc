#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "absl/strings/match.h"
#include "node/audit/restore_mark.h"
#include "tests/proof/table_holder.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;

// What somebody gets out of a node's tables who asks everything he may, through
// its gate, ledger, budget and store (privacy.md section 6). Seeds are fixed;
// each bound is stated in its test.
class TableAttackTest : public testing::Test {
 protected:
  // Thirty persons of each sex, age and country.
  void Populate() {
    for (const char* sex : {"female", "male"}) {
      for (const char* age : {"Adult", "Child"}) {
        for (const char* country : {"NE", "NG"}) {
          const auto added = holder_.AddPeople(30, sex, age, country);
          if (victims_.empty()) victims_ = added;
        }
      }
    }
    holder_.Publish();
  }

  // All figures that the agreement lets anybody have, by what they mean.
  std::map<std::string, uint64_t> AskEverything() {
    std::map<std::string, uint64_t> known;
    for (const auto& table : TableHolder::AllTables()) {
      const fed::TableAnswer answer = holder_.Ask(table);
      // Earlier answers may leave no way to protect another one.
      if (!answer.has_table()) {
        EXPECT_EQ(answer.refusal().reason(), "NOT_AVAILABLE");
        continue;
      }
      for (const auto& [name, figure] : NamedFigures(table, answer)) {
        const auto [at, added] = known.emplace(name, figure);
        EXPECT_EQ(at->second, figure) << name;
      }
    }
    return known;
  }
  // Whether a cell counts the adult women of Niger, and with them a victim.
  static bool HoldsVictims(const std::string& name) {
    return !absl::StrContains(name, "sex=male") &&
           !absl::StrContains(name, "age_group=0-17") &&
           !absl::StrContains(name, "citizenship=NG");
  }

  // How figures changed in cells that hold the victims, and in others.
  struct Changes {
    std::vector<int64_t> hers;
    std::vector<int64_t> others;
  };
  // Of six revisions, each after another change.
  Changes ChangesOf(const std::function<void(size_t)>& change) {
    Changes changes;
    std::map<std::string, uint64_t> before = AskEverything();
    for (size_t i = 0; i < 6; ++i) {
      change(i);
      holder_.Publish();
      const std::map<std::string, uint64_t> after = AskEverything();
      for (const auto& [name, figure] : after) {
        const auto known = before.find(name);
        if (known == before.end()) continue;
        (HoldsVictims(name) ? changes.hers : changes.others)
            .push_back(static_cast<int64_t>(figure) -
                       static_cast<int64_t>(known->second));
      }
      before = after;
    }
    return changes;
  }

  // Which cells changed tells nothing of her: the chance to tell a cell that
  // held her from one that did not, by the size of its change, is at most 0.60
  // (the area under the curve), other cells stay as they were in at most a
  // quarter of cases, and the true difference shows in at most a fifth.
  static void ExpectNothingTold(const Changes& changes, int64_t difference) {
    const auto& [hers, others] = changes;
    ASSERT_GT(hers.size(), 150u);
    ASSERT_GT(others.size(), 150u);
    const auto share = [](const std::vector<int64_t>& all, int64_t value) {
      return static_cast<double>(std::count(all.begin(), all.end(), value)) /
             static_cast<double>(all.size());
    };
    EXPECT_LE(share(others, 0), 0.25);
    EXPECT_LE(share(hers, difference), 0.20);
    double area = 0;
    for (const int64_t a : hers) {
      for (const int64_t b : others) {
        area += std::abs(a) > std::abs(b)    ? 1
                : std::abs(a) == std::abs(b) ? 0.5
                                             : 0;
      }
    }
    area /=
        static_cast<double>(hers.size()) * static_cast<double>(others.size());
    EXPECT_LE(area, 0.60);
  }

  TableHolder holder_{20261215};
  std::vector<std::string> victims_;  // adult women of Niger
};

// 1: repeats, as new questions and as the same message. One answer.
TEST_F(TableAttackTest, RepeatsGiveOneAnswerToAverage) {
  Populate();
  const fed::TableQuestion question = holder_.Question({"sex"});
  std::set<std::string> answers;
  for (int i = 0; i < 300; ++i) {
    answers.insert(
        holder_.Ask(holder_.commission(), question).SerializeAsString());
  }
  const Message once =
      holder_.commission().Log(holder_.node().code(), question);
  for (int i = 0; i < 300; ++i) {
    const auto payload = holder_.Send(holder_.commission().code(), once);
    ASSERT_OK(payload);
    fed::TableAnswer answer;
    ASSERT_TRUE(answer.ParseFromString(*payload));
    answers.insert(answer.SerializeAsString());
  }
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_EQ(holder_.Given(holder_.commission().code()), 3u);
}

// 2: another wording of a question is the same question, and costs nothing.
TEST_F(TableAttackTest, OtherWordingsGiveTheSameBytes) {
  Populate();
  const auto first = holder_.Ask({"age_group", "citizenship", "sex"});
  ASSERT_TRUE(first.has_table());
  const uint32_t given = holder_.Given(holder_.commission().code());
  std::vector<std::string> order = {"age_group", "citizenship", "sex"};
  while (std::next_permutation(order.begin(), order.end())) {
    EXPECT_EQ(holder_.Ask(order).SerializeAsString(),
              first.SerializeAsString());
  }
  EXPECT_EQ(holder_.Given(holder_.commission().code()), given);
}

// 3 and 5: every table of two revisions, before and after a person was erased.
TEST_F(TableAttackTest, Law8AnErasureChangesTheWholePublication) {
  holder_.Agree(1000000);
  Populate();
  const Changes changes =
      ChangesOf([this](size_t i) { holder_.Erase(victims_[i]); });
  ExpectNothingTold(changes, -1);
}

// The same the other way: of one who came late. Before, the cells that held her
// changed and no others, and told all her codes.
TEST_F(TableAttackTest, Law8WhoComesAloneChangesTheWholePublication) {
  holder_.Agree(1000000);
  Populate();
  const Changes changes = ChangesOf(
      [this](size_t) { holder_.AddPeople(1, "female", "Adult", "NE"); });
  ExpectNothingTold(changes, 1);
}

// Publishing again is no second look: many who only came change their own
// cells.
TEST_F(TableAttackTest, Law8PublishingAgainDrawsNoNewNoise) {
  holder_.Agree(1000000);
  Populate();
  const auto before = AskEverything();
  holder_.Publish();
  EXPECT_EQ(AskEverything(), before);
  holder_.AddPeople(20, "female", "Adult", "NE");
  holder_.Publish();
  for (const auto& [name, figure] : AskEverything()) {
    const auto known = before.find(name);
    if (known == before.end() || HoldsVictims(name)) continue;
    EXPECT_EQ(figure, known->second) << name;
  }
}

// 4: a total less its shown parts hits what is hidden in at most a fifth of
// cases, whatever the line, and three standard errors.
TEST_F(TableAttackTest, ATrackerHitsWhatIsHiddenInAtMostAFifthOfCases) {
  holder_.Agree(1000000);
  Populate();
  int lines = 0;
  int hits = 0;
  for (int few = 1; few <= 10; ++few) {
    holder_.AddPeople(1, "female", "Adult", "TD");
    holder_.Publish();
    const auto known = AskEverything();
    for (const auto& [name, total] : known) {
      // Margins over citizenship that hold the few; names are in order of
      // columns, so age comes before it and all else after.
      if (absl::StrContains(name, "citizenship") || !HoldsVictims(name))
        continue;
      const size_t split =
          absl::StartsWith(name, "age_group=") ? name.find(' ') + 1 : size_t{0};
      // What both countries have is 30 for each age and sex that is spelled
      // out, else both of them.
      const uint64_t of_country =
          uint64_t{30} * (absl::StrContains(name, "sex=") ? 1 : 2) *
          (absl::StrContains(name, "age_group=") ? 1 : 2);
      int64_t rest = static_cast<int64_t>(total);
      auto hidden = static_cast<int64_t>(few);
      bool in_a_table = false;
      for (const char* country : {"NE", "NG"}) {
        std::string part = name;
        part.insert(split, std::string("citizenship=") + country + " ");
        const auto shown = known.find(part);
        in_a_table |= shown != known.end();
        if (shown == known.end()) {
          hidden += static_cast<int64_t>(of_country);
        } else {
          rest -= static_cast<int64_t>(shown->second);
        }
      }
      if (!in_a_table) continue;
      ++lines;
      hits += rest == hidden ? 1 : 0;
    }
    for (const auto& [name, figure] : known) {
      EXPECT_FALSE(absl::StrContains(name, "citizenship=TD")) << name;
    }
  }
  ASSERT_GT(lines, 40);
  EXPECT_LE(hits, 0.20 * lines + 3 * std::sqrt(0.20 * 0.80 * lines));
}

// 7 and 8: nobody and one to ten have the same cells, padded to a class of
// size, and no small number is ever in one.
TEST_F(TableAttackTest, NobodyAndFewHaveTheSameCellsAndTheSameSize) {
  holder_.Agree(1000000);
  Populate();
  // The tables but for what their figures are.
  const auto shapes = [this] {
    std::vector<std::string> tables;
    for (const auto& dimensions : TableHolder::AllTables()) {
      const fed::TableAnswer answer = holder_.Ask(dimensions);
      EXPECT_TRUE(answer.has_table()) << answer.ShortDebugString();
      EXPECT_EQ(answer.ByteSizeLong() % 2048, 0u);
      fed::ReleasedTable table = answer.table();
      table.set_revision(1);
      for (auto& cell : *table.mutable_cells()) {
        if (cell.status() != fed::CELL_STATUS_VALUE) continue;
        EXPECT_GE(cell.value(), 11u);
        cell.set_value(11);
      }
      tables.push_back(table.SerializeAsString());
    }
    return tables;
  };
  const std::vector<std::string> nobody = shapes();
  for (int few = 1; few <= 10; ++few) {
    holder_.AddPeople(1, "other", "Adult", "NE");
    holder_.Publish();
    EXPECT_TRUE(shapes() == nobody) << few;
  }
}

// 5: nothing shorter than a year, and no two years as one.
TEST_F(TableAttackTest, WindowsThatSlideAreRefused) {
  Populate();
  for (const char* period :
       {"2018-03", "2018-Q1", "2018-03-04", "2017-2018", "2018/2019", ""}) {
    fed::TableQuestion question = holder_.Question({"sex"});
    question.set_period(period);
    const auto payload =
        holder_.Send(holder_.commission().code(),
                     holder_.commission().Log(holder_.node().code(), question));
    ASSERT_OK(payload);
    fed::TableAnswer answer;
    ASSERT_TRUE(answer.ParseFromString(*payload));
    EXPECT_EQ(answer.refusal().reason(), "FIELD_INVALID") << period;
  }
}

// 12: who knows everybody but her, and sees one table, is right about her in at
// most 60 of 100 cases, and three standard errors.
TEST_F(TableAttackTest, MembershipOfOneTableIsHardlyBetterThanAGuess) {
  holder_.Agree(1000000);
  Populate();
  const std::vector<std::string> table = {"age_group", "citizenship", "sex"};
  constexpr int kTrials = 60;
  int right = 0;
  int guesses = 0;
  auto without = NamedFigures(table, holder_.Ask(table));
  for (int i = 0; i < kTrials; ++i) {
    holder_.AddPeople(1, "female", "Adult", "NE");
    holder_.Publish();
    const auto with = NamedFigures(table, holder_.Ask(table));
    for (const auto& [name, figure] : with) {
      if (!HoldsVictims(name) || !without.contains(name)) continue;
      // What he knows of the others.
      uint64_t others = 30 + static_cast<uint64_t>(i);
      if (!absl::StrContains(name, "sex=")) others += 30;
      if (!absl::StrContains(name, "age_group=")) {
        others += absl::StrContains(name, "sex=") ? 30 : 60;
      }
      if (!absl::StrContains(name, "citizenship=")) {
        others += 30 * (absl::StrContains(name, "sex=") ? 1 : 2) *
                  (absl::StrContains(name, "age_group=") ? 1 : 2);
      }
      right += figure > others ? 1 : 0;
      right += without.at(name) <= others ? 1 : 0;
      guesses += 2;
    }
    without = with;
  }
  ASSERT_GT(guesses, 800);
  const double three = 3 * 0.5 / std::sqrt(static_cast<double>(guesses));
  EXPECT_LE(static_cast<double>(right) / guesses, 0.60 + three);
}

// 10: two askers have the same cells, bit by bit: nothing to average.
TEST_F(TableAttackTest, AskersWhoPoolTheirAnswersGainNothing) {
  holder_.Agree(20000,
                {{"asker: [\"ECOWAS\"]", "asker: [\"ECOWAS\", \"NG\"]"}});
  Populate();
  for (const auto& table : TableHolder::AllTables()) {
    const fed::TableQuestion question = holder_.Question(table);
    const fed::TableAnswer one = holder_.Ask(holder_.commission(), question);
    const fed::TableAnswer other = holder_.Ask(holder_.member(), question);
    ASSERT_TRUE(one.has_table());
    ASSERT_TRUE(other.has_table()) << other.ShortDebugString();
    EXPECT_EQ(FiguresOf(one), FiguresOf(other));
    EXPECT_EQ(one.table().cells_size(), other.table().cells_size());
  }
  EXPECT_EQ(holder_.Given(holder_.commission().code()),
            holder_.Given(holder_.member().code()));
}

// One participant has one budget, in whatever role it asks.
TEST_F(TableAttackTest, TwoRolesHaveOneBudget) {
  holder_.Agree(3,
                {{"role: [COMMISSION]", "role: [COMMISSION, STATISTICIAN]"}});
  Populate();
  ASSERT_TRUE(holder_.Ask({"sex"}).has_table());
  fed::TableQuestion question = holder_.Question({"age_group"});
  question.set_role("STATISTICIAN");
  EXPECT_EQ(holder_.Ask(holder_.commission(), question).refusal().reason(),
            "PRIVACY_BUDGET_SPENT");
  question = holder_.Question({"sex"});
  question.set_role("STATISTICIAN");
  EXPECT_TRUE(holder_.Ask(holder_.commission(), question).has_table());
  EXPECT_EQ(holder_.Given(holder_.commission().code()), 3u);
}

// 11: questions that are decided at once spend what there is, and no more.
TEST_F(TableAttackTest, QuestionsAtOnceSpendNoMoreThanTheBudget) {
  constexpr uint32_t kBudget = 30;
  holder_.Agree(kBudget);
  Populate();
  const auto tables = TableHolder::AllTables();
  std::vector<fed::TableQuestion> questions;
  for (const auto& table : tables) questions.push_back(holder_.Question(table));
  const std::vector<fed::TableAnswer> answers = holder_.AskAtOnce(questions);
  std::set<std::string> given;
  size_t refused = 0;
  for (size_t i = 0; i < tables.size(); ++i) {
    if (answers[i].has_table()) {
      for (const auto& [name, figure] : NamedFigures(tables[i], answers[i])) {
        given.insert(name);
      }
      continue;
    }
    ++refused;
    EXPECT_EQ(answers[i].refusal().reason(), "PRIVACY_BUDGET_SPENT");
  }
  EXPECT_GT(given.size(), 0u);
  EXPECT_GT(refused, 0u);
  EXPECT_LE(given.size(), kBudget);
  EXPECT_EQ(holder_.Given(holder_.commission().code()), given.size());
}

// 11: a node set back to a backup gives again what the backup holds, and
// nothing else.
TEST_F(TableAttackTest, Law8ARestoredNodeGivesNothingTwice) {
  Populate();
  const fed::TableAnswer first = holder_.Ask({"sex"});
  ASSERT_TRUE(first.has_table());
  ASSERT_OK(holder_.node().context().writer.Commit(SpendWhatIsOpen).status());
  EXPECT_EQ(holder_.Ask({"sex"}).SerializeAsString(),
            first.SerializeAsString());
  // The ledger of what was published may lack answers.
  EXPECT_EQ(holder_.Ask({"age_group"}).refusal().reason(),
            "PERIOD_NOT_PUBLISHED");
  holder_.Publish();
  EXPECT_EQ(holder_.Ask({"age_group"}).refusal().reason(),
            "PRIVACY_BUDGET_SPENT");
  // Both parties sign another agreement, which begins after the restore.
  holder_.Agree(20000, {{"2026-01-01T00:00:00Z", "2026-09-21T14:13:21Z"}});
  holder_.clock().Advance(absl::Seconds(2));
  EXPECT_EQ(holder_.Ask({"age_group"}).table().revision(), 2u);
}

// Refusals differ by what was asked and spent alone: same bytes whatever is in
// the period, one size.
TEST_F(TableAttackTest, Law10RefusalsTellNothingOfThePeriod) {
  TableHolder empty(20261216);
  empty.AddPeople(1, "female", "Adult", "NE");
  empty.Publish();
  Populate();
  const auto refusal = [](TableHolder& holder,
                          const std::vector<std::string>& dimensions,
                          const Filters& filters) {
    const auto payload = holder.Send(
        holder.commission().code(),
        holder.commission().Log(holder.node().code(),
                                holder.Question(dimensions, filters)));
    EXPECT_OK(payload);
    fed::TableAnswer answer;
    EXPECT_TRUE(answer.ParseFromString(payload.value_or("")));
    EXPECT_TRUE(answer.has_refusal());
    return payload.value_or("");
  };
  const std::vector<std::pair<std::vector<std::string>, Filters>> asked = {
      {{"recruiter", "sex"}, {}},
      {{"industry"}, {}},
      {{"sex", "sex"}, {}},
      {{"sex"}, {{"nothing", "at all"}}},
      {{"age_group", "citizenship", "sex"}, {{"status", "unknown"}}},
  };
  for (const auto& [dimensions, filters] : asked) {
    const std::string one = refusal(holder_, dimensions, filters);
    EXPECT_EQ(one, refusal(empty, dimensions, filters));
    EXPECT_EQ(one.size(), 2048u);
  }
}

}  // namespace
}  // namespace comity
