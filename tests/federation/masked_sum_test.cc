#include "absl/strings/str_replace.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "tests/support/published_cases.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::Contains;
using testing::HasSubstr;

using Cells = std::map<std::vector<std::string>, std::pair<uint64_t, uint32_t>>;

// Three states that tell the commission their sum alone. Under the revision
// before it saw each one's table, which is the same for ever.
class MaskedSumTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ecowas_.Start(clock_));
    for (TestParticipant* member : members_) {
      ASSERT_OK(member->Start(clock_));
      ASSERT_OK(member->Pair(ecowas_));
      ASSERT_OK(ecowas_.Pair(*member));
      for (TestParticipant* other : members_) {
        if (other == member) continue;
        ASSERT_OK(member->Pair(*other));
      }
      ASSERT_OK(member->ActivateTexts({absl::StrReplaceAll(
          ReadyPolicy("local/ne.textproto"),
          {{"node: \"NE\"", "node: \"" + member->code().text() + "\""}})}));
    }
    ASSERT_OK(ecowas_.Activate({"local/ecowas.textproto"}));
    Agree("EACH_MEMBER");
    int count = 20;
    for (TestParticipant* member : members_) {
      Record(*member, "female", count += 5);
      // Few enough that Togo hides them.
      Record(*member, "male", member == &tg_ ? 1 : 25);
    }
    // gRPC reads changed anchors once a second; a restart reads them now.
    ecowas_.Stop();
    for (TestParticipant* member : members_) {
      member->Stop();
      ASSERT_OK(member->Start(clock_));
      PublishPeriod(*member, "2018");
    }
    ASSERT_OK(ecowas_.Start(clock_));
  }

  // Puts the next revision of the agreement in force everywhere.
  void Agree(const std::string& aggregation) {
    const std::string text = absl::StrReplaceAll(
        ReadyPolicy("agreements/ecowas-counts.textproto"),
        {{"k_threshold: 11", "k_threshold: 11 aggregation: " + aggregation},
         {"\"Q3/1\", ", ""},
         {"\"Q10/1\", ", ""},
         {"\"Q13/1\", ", ""},
         {"\"citizenship\", ", ""},
         {"revision: 1", "revision: " + std::to_string(++revision_)}});
    ASSERT_OK(ecowas_.ActivateTexts({text}));
    for (TestParticipant* member : members_) {
      ASSERT_OK(member->ActivateTexts({text}));
    }
  }

  static void Record(TestParticipant& state, const std::string& sex, int count,
                     const std::string& year = "2018") {
    for (int i = 0; i < count; ++i) {
      record::v1::CaseRecord record = RegisteredIn(year);
      record.set_x_sex(sex);
      RecordCase(state, record);
    }
  }

  absl::StatusOr<ops::RequestTableResponse> Ask(
      const std::vector<std::string>& members, bool save = false,
      const std::string& period = "2018") {
    CommandContext& person =
        ecowas_.As("COMMISSION", Role::kCommission, "analyst");
    ops::RequestTableRequest request;
    request.set_request_id(person.NewRequestId());
    for (const std::string& member : members) request.add_members(member);
    request.set_period(period);
    request.add_dimensions("sex");
    request.set_save(save);
    return person.Call<ops::TableService, ops::RequestTableResponse>(
        &ops::TableService::Stub::RequestTable, request);
  }

  // Sum and members of each cell.
  static Cells CellsOf(const ops::RequestTableResponse& response) {
    Cells cells;
    for (const auto& cell : response.cells()) {
      cells[{cell.codes().begin(), cell.codes().end()}] = {cell.sum(),
                                                           cell.members()};
    }
    return cells;
  }

  const std::vector<std::string> all_ = {"NE", "NG", "TG"};
  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  TestParticipant tg_{"TG", clock_.Now()};
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
  std::vector<TestParticipant*> members_ = {&ne_, &ng_, &tg_};
  int revision_ = 0;
};

TEST_F(MaskedSumTest, TheTotalIsThatOfProtectedTablesAndNobodysOwnIsSeen) {
  ASSERT_OK_AND_ASSIGN(const auto open, Ask(all_));
  ASSERT_EQ(open.answered(), 3u);
  Agree("TOTAL_ONLY");
  ASSERT_OK_AND_ASSIGN(const auto sum, Ask(all_));
  EXPECT_EQ(sum.answered(), 3u);
  Cells told = CellsOf(open);
  // Togo hides its men, and the sum of the other two's would be theirs.
  EXPECT_EQ(told.at({"male"}).second, 2u);
  told[{"male"}] = {0, 0};
  EXPECT_EQ(CellsOf(sum), told);
  EXPECT_THAT(sum.notes(),
              Contains(HasSubstr("The sum over NE, NG, TG alone")));
  for (const auto& member : sum.members()) {
    EXPECT_TRUE(member.in_sum_alone());
    EXPECT_EQ(member.table().method(), "cell-key/v1");
    EXPECT_EQ(member.table().cells_size(), 0);
    EXPECT_EQ(member.table().masked_words_size(), 0);
  }
  // Again, in a round with other masks.
  ASSERT_OK_AND_ASSIGN(const auto again, Ask(all_));
  EXPECT_EQ(CellsOf(again), told);
}

// Whoever gives its part gives none of a smaller set afterwards, so that nobody
// is asked for it in vain.
TEST_F(MaskedSumTest, NobodyIsAskedWhileOneMemberIsAwayAndTwoAreNoSet) {
  Agree("TOTAL_ONLY");
  tg_.Stop();
  const auto missing = Ask(all_);
  EXPECT_FALSE(missing.ok());
  EXPECT_THAT(std::string(missing.status().message()),
              testing::AllOf(HasSubstr("no member was asked for its part"),
                             HasSubstr("without TG (")));
  const auto two = Ask({"NE", "NG"});
  EXPECT_THAT(two, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(two.status().message()),
              HasSubstr("three members or more"));
}

TEST_F(MaskedSumTest, WithoutOneMembersAnswerNothingIsTold) {
  Agree("TOTAL_ONLY");
  for (TestParticipant* member : {&ne_, &ng_}) {
    Record(*member, "female", 25, "2019");
    PublishPeriod(*member, "2019");
  }
  // Masks without a sum are no release.
  ASSERT_OK_AND_ASSIGN(const auto missing, Ask(all_, /*save=*/true, "2019"));
  EXPECT_EQ(missing.answered(), 2u);
  EXPECT_EQ(missing.cells_size(), 0);
  EXPECT_FALSE(missing.has_release());
  EXPECT_THAT(missing.notes(),
              Contains(testing::AllOf(HasSubstr("No figure is told"),
                                      HasSubstr("without TG ("))));
  EXPECT_THAT(missing.notes(), Contains(HasSubstr("Nothing was saved")));
}

TEST_F(MaskedSumTest, ASumIsKeptAsAReleaseWithoutAnybodysFigures) {
  Agree("TOTAL_ONLY");
  ASSERT_OK_AND_ASSIGN(const auto sum, Ask(all_, /*save=*/true));
  EXPECT_EQ(sum.release().number(), 1u);
  EXPECT_THAT(sum.release().citation(), HasSubstr("their sum alone"));
  ops::GetReleaseRequest request;
  request.set_number(1);
  ASSERT_OK_AND_ASSIGN(
      const auto kept,
      (ecowas_.As("COMMISSION", Role::kCommission, "analyst")
           .Call<ops::TableService, ops::GetReleaseResponse>(
               &ops::TableService::Stub::GetRelease, request)));
  EXPECT_EQ(CellsOf(kept.table()), CellsOf(sum));
  for (const auto& member : kept.table().members()) {
    EXPECT_TRUE(member.in_sum_alone());
    EXPECT_EQ(member.table().cells_size(), 0);
    EXPECT_EQ(member.table().masked_words_size(), 0);
  }
}

// What two of them told as tables before, taken from the sum, leaves Togo's.
TEST_F(MaskedSumTest, Law8NoSumIsToldByWhichOneMembersTableComesOut) {
  ASSERT_OK_AND_ASSIGN(const auto two, Ask({"NE", "NG"}));
  ASSERT_EQ(two.answered(), 2u);
  Agree("TOTAL_ONLY");
  const auto refused = Ask(all_);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kRefusedAtHome));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("what TG tells in a sum alone"));
}

}  // namespace
}  // namespace comity
