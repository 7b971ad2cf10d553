#include "node/service/table_releases.h"

#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using testing::HasSubstr;

constexpr char kExact[] = "suppression/v1";
constexpr char kNoisy[] = "cell-key/v1";

// What one member says in one release: figures by the codes of a cell.
struct Said {
  std::string member;
  uint32_t revision = 1;
  std::map<std::vector<std::string>, uint64_t> figures;
  std::string method = kExact;
};

// The commission's node, which keeps what members answered.
class TableReleasesTest : public testing::Test {
 protected:
  static TableQuestion Question(const std::vector<std::string>& by,
                                const std::string& period = "2018") {
    return *TableQuestion::Create(period, by, {});
  }

  // Keeps an answer as the gate would; each by a call of its own.
  absl::Status Save(const TableQuestion& question,
                    const std::vector<Said>& answers) {
    ops::RequestTableResponse response;
    response.set_period(question.period());
    response.set_answered(static_cast<uint32_t>(answers.size()));
    for (const std::string& dimension : question.dimensions()) {
      response.add_dimensions(dimension);
    }
    for (const Said& said : answers) AddMember(said, response);
    const Saving saving{"ECOWAS", "COMMISSION/analyst",
                        NewUuid(parts_.random).ToString(), held_against_};
    return parts_.writer
        .Commit([&](CommitScope& scope) {
          return SaveRelease(saving, question, scope, response);
        })
        .status();
  }

  static void AddMember(const Said& said, ops::RequestTableResponse& response) {
    auto* member = response.add_members();
    member->set_participant(said.member);
    member->mutable_table()->set_revision(said.revision);
    member->mutable_table()->set_method(said.method);
    for (const auto& [codes, figure] : said.figures) {
      auto* cell = member->mutable_table()->add_cells();
      for (const std::string& code : codes) cell->add_codes(code);
      cell->set_status(fed::CELL_STATUS_VALUE);
      cell->set_value(figure);
    }
  }

  // Keeps a sum that alone is told, over NE, NG and TG of these revisions.
  absl::StatusOr<ops::RequestTableResponse> SaveSum(
      uint64_t women, const std::vector<uint32_t>& revisions = {1, 1, 1},
      const std::string& method = kNoisy, bool with_sum = true) {
    const std::vector<std::string> members = {"NE", "NG", "TG"};
    ops::RequestTableResponse response;
    response.set_period("2018");
    response.set_answered(3);
    response.add_dimensions("sex");
    for (size_t i = 0; i < members.size(); ++i) {
      AddMember({members[i], revisions[i], {}, method}, response);
      response.mutable_members(static_cast<int>(i))->set_in_sum_alone(true);
    }
    if (with_sum) {
      auto* cell = response.add_cells();
      cell->add_codes("female");
      cell->set_sum(women);
      cell->set_members(3);
    }
    const Saving saving{"ECOWAS", "COMMISSION/analyst",
                        NewUuid(parts_.random).ToString()};
    const auto kept = parts_.writer.Commit([&](CommitScope& scope) {
      return SaveRelease(saving, Question({"sex"}), scope, response);
    });
    if (!kept.ok()) return kept.status();
    return response;
  }

  ServiceParts parts_;
  uint32_t held_against_ = 0;
};

// Two releases that are not neighbours are subtracted as easily.
TEST_F(TableReleasesTest, ExactFiguresAreHeldAgainstEveryEarlierRelease) {
  const TableQuestion by_sex = Question({"sex"});
  ASSERT_OK(Save(by_sex, {{"NE", 1, {{{"female"}, 30}}}}));
  // The newest release of the question knows nothing of Niger.
  ASSERT_OK(Save(by_sex, {{"NG", 1, {{{"female"}, 80}}}}));
  const absl::Status refused = Save(
      by_sex, {{"NE", 2, {{{"female"}, 31}}}, {"NG", 1, {{{"female"}, 80}}}});
  EXPECT_THAT(refused, FailsWith(ErrorReason::kNotAvailable));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("from release 1"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("in NE"));
}

TEST_F(TableReleasesTest, ExactFiguresOfTwoRevisionsMeetInOtherTablesToo) {
  ASSERT_OK(Save(Question({"sex"}), {{"NE", 1, {{{"total"}, 50}}}}));
  EXPECT_THAT(Save(Question({"age_group"}), {{"NE", 2, {{{"total"}, 51}}}}),
              FailsWith(ErrorReason::kNotAvailable));
  // Another year is about other persons.
  EXPECT_OK(Save(Question({"sex"}, "2019"), {{"NE", 2, {{{"total"}, 51}}}}));
}

TEST_F(TableReleasesTest, AMemberThatContradictsAnyEarlierReleaseIsNotKept) {
  const TableQuestion by_sex = Question({"sex"});
  ASSERT_OK(Save(by_sex, {{"NE", 1, {{{"female"}, 30}}, kNoisy}}));
  ASSERT_OK(Save(by_sex, {{"NE", 2, {{{"female"}, 37}}, kNoisy}}));
  const absl::Status refused =
      Save(by_sex, {{"NE", 1, {{{"female"}, 26}}, kNoisy}});
  EXPECT_THAT(refused, FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("in release 1"));
  EXPECT_OK(Save(by_sex, {{"NE", 1, {{{"female"}, 30}}, kNoisy}}));
}

// Or everybody's commits would wait while years of releases are read.
TEST_F(TableReleasesTest, WhatWasHeldAgainstBeforeIsNotReadInTheCommit) {
  const TableQuestion by_sex = Question({"sex"});
  ASSERT_OK(Save(by_sex, {{"NE", 1, {{{"female"}, 30}}}}));
  ASSERT_OK(Save(by_sex, {{"NG", 1, {{{"female"}, 80}}}}));
  const auto held = [&](const Said& said) {
    ops::RequestTableResponse response;
    response.set_period("2018");
    response.add_dimensions("sex");
    AddMember(said, response);
    return HeldAgainst(by_sex, response, parts_.store);
  };
  EXPECT_EQ(held({"NE", 1, {{{"female"}, 30}}}).value_or(9), 2u);
  EXPECT_EQ(held({"NG", 2, {{{"female"}, 81}}}).value_or(9), 1u);
  EXPECT_EQ(held({"NE", 2, {{{"female"}, 31}}}).value_or(9), 0u);
  // The commit goes on from there.
  held_against_ = 1;
  EXPECT_THAT(Save(by_sex, {{"NG", 2, {{{"female"}, 81}}}}),
              FailsWith(ErrorReason::kNotAvailable));
  EXPECT_OK(Save(by_sex, {{"NE", 2, {{{"female"}, 31}}}}));
}

// A cell has one figure in every table that shows it, except where a method
// says otherwise.
TEST_F(TableReleasesTest, ACellThatTwoTablesShowSaysTheSameInBoth) {
  ASSERT_OK(Save(Question({"sex"}),
                 {{"NE", 1, {{{"female"}, 30}, {{"total"}, 52}}, kNoisy}}));
  const TableQuestion both = Question({"age_group", "sex"});
  const auto by_both = [](uint64_t female, const std::string& method) {
    return std::vector<Said>{
        {"NE",
         1,
         {{{"total", "female"}, female}, {{"18+", "female"}, 25}},
         method}};
  };
  EXPECT_THAT(Save(both, by_both(29, kNoisy)),
              FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_OK(Save(both, by_both(30, kNoisy)));
  EXPECT_OK(Save(Question({"sex", "status"}),
                 {{"NE", 1, {{{"female", "total"}, 33}}, "another/v1"}}));
}

TEST_F(TableReleasesTest, ASumAloneIsKeptAndSaysThatItIsOne) {
  ASSERT_OK_AND_ASSIGN(const auto kept, SaveSum(105));
  EXPECT_EQ(kept.release().number(), 1u);
  EXPECT_THAT(kept.release().citation(),
              HasSubstr("3 of 3 members, their sum alone."));
  // The same parts have the same sum; of another revision it is another.
  EXPECT_OK(SaveSum(105));
  EXPECT_THAT(SaveSum(106), FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_OK(SaveSum(107, {1, 2, 1}));
}

// Who came and went in Nigeria alone is the difference of two exact sums.
TEST_F(TableReleasesTest, ExactSumsOfTwoRevisionsAreNotBothKept) {
  ASSERT_OK(SaveSum(105, {1, 1, 1}, kExact));
  const auto refused = SaveSum(106, {1, 2, 1}, kExact);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kNotAvailable));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("in NG"));
}

// Under an earlier agreement each told its table: a part of a sum, which has no
// cells, does not contradict it.
TEST_F(TableReleasesTest, APartOfASumDoesNotContradictATable) {
  ASSERT_OK(Save(Question({"sex"}), {{"NE", 1, {{{"female"}, 30}}, kNoisy}}));
  EXPECT_OK(SaveSum(105));
}

TEST_F(TableReleasesTest, MasksWithoutASumAreNoRelease) {
  ASSERT_OK_AND_ASSIGN(const auto answer,
                       SaveSum(0, {1, 1, 1}, kNoisy, /*with_sum=*/false));
  EXPECT_FALSE(answer.has_release());
  EXPECT_THAT(answer.notes(),
              testing::Contains(HasSubstr("Nothing was saved")));
}

// A table of a form that was not asked for ends nothing.
TEST_F(TableReleasesTest, CodesBeyondTheDimensionsAreNotCompared) {
  ASSERT_OK(Save(Question({"sex"}), {{"NE", 1, {{{"female"}, 30}}, kNoisy}}));
  EXPECT_OK(Save(Question({"age_group"}),
                 {{"NE", 1, {{{"18+", "female", "x"}, 30}}, kNoisy}}));
}

}  // namespace
}  // namespace comity
