#include <algorithm>

#include "absl/strings/str_replace.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/cli/release_compare.h"
#include "tests/support/published_cases.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// A commission asks sixteen states, of which four have a node; Niger leaves the
// community on a date.
class CoverageTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string agreement =
        ReadyPolicy("agreements/ecowas-counts.textproto");
    ASSERT_OK(ecowas_.Start(clock_));
    for (TestParticipant* member : members_) {
      ASSERT_OK(member->Start(clock_));
      ASSERT_OK(member->Pair(ecowas_));
      ASSERT_OK(ecowas_.Pair(*member));
      ASSERT_OK(member->ActivateTexts(
          {agreement, absl::StrReplaceAll(
                          ReadyPolicy("local/ne.textproto"),
                          {{"node: \"NE\"",
                            "node: \"" + member->code().text() + "\""}})}));
    }
    ASSERT_OK(ecowas_.ActivateTexts(
        {agreement, ReadyPolicy("local/ecowas.textproto")}));
    // gRPC reads changed anchors once a second; a restart reads them now.
    ecowas_.Stop();
    for (TestParticipant* member : members_) {
      member->Stop();
      ASSERT_OK(member->Start(clock_));
    }
    ASSERT_OK(ecowas_.Start(clock_));
  }

  // So many women, and a period in which they are.
  static void Publish(TestParticipant& state, const std::string& year,
                      int count) {
    for (int i = 0; i < count; ++i) {
      record::v1::CaseRecord record = RegisteredIn(year);
      record.set_x_sex("female");
      RecordCase(state, record);
    }
    PublishPeriod(state, year);
  }

  ops::RequestTableResponse Ask(const std::vector<std::string>& members,
                                const std::string& year) {
    CommandContext& person =
        ecowas_.As("COMMISSION", Role::kCommission, "analyst");
    ops::RequestTableRequest request;
    request.set_request_id(person.NewRequestId());
    for (const std::string& member : members) request.add_members(member);
    request.set_period(year);
    request.add_dimensions("sex");
    const auto response =
        person.Call<ops::TableService, ops::RequestTableResponse>(
            &ops::TableService::Stub::RequestTable, request);
    EXPECT_OK(response);
    return response.ok() ? *response : ops::RequestTableResponse();
  }

  static std::vector<std::string> AnsweredIn(
      const ops::RequestTableResponse& response) {
    std::vector<std::string> answered;
    for (const auto& member : response.members()) {
      if (member.has_table()) answered.push_back(member.participant());
    }
    return answered;
  }
  static bool Asked(const ops::RequestTableResponse& response,
                    const std::string& code) {
    return std::any_of(
        response.members().begin(), response.members().end(),
        [&code](const auto& member) { return member.participant() == code; });
  }

  FakeClock clock_{absl::Now()};
  TestParticipant gh_{"GH", clock_.Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  TestParticipant tg_{"TG", clock_.Now()};
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
  std::vector<TestParticipant*> members_ = {&gh_, &ne_, &ng_, &tg_};
};

// Without this a year in which more states answer looks like one of more
// victims.
TEST_F(CoverageTest, FourOfSixteenAnswerAndTheOthersAreNamed) {
  for (TestParticipant* member : members_) Publish(*member, "2019", 25);
  Publish(ne_, "2017", 25);
  const auto answer = Ask({"@ecowas", "MR"}, "2019");
  ASSERT_EQ(answer.members_size(), 16);
  EXPECT_EQ(answer.answered(), 4u);
  EXPECT_THAT(AnsweredIn(answer), UnorderedElementsAre("GH", "NE", "NG", "TG"));
  for (const auto& member : answer.members()) {
    if (member.has_table()) continue;
    EXPECT_EQ(member.reason(), "PARTNER_UNKNOWN") << member.participant();
    EXPECT_FALSE(member.message().empty()) << member.participant();
  }
  for (const auto& cell : answer.cells()) {
    if (cell.codes(0) != "female") continue;
    EXPECT_EQ(cell.members(), 4u);
    EXPECT_NEAR(static_cast<double>(cell.sum()), 100, 4 * 8);
  }
  const auto before = Ask({"@ecowas", "MR"}, "2017");
  EXPECT_THAT(AnsweredIn(before), ElementsAre("NE"));
  const auto trend = CompareAnswers({{"2017", before}, {"2019", answer}},
                                    /*members_in_all=*/false);
  EXPECT_THAT(trend, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(trend.status().message()),
              HasSubstr("GH, NG, TG in one only"));
  ASSERT_OK_AND_ASSIGN(const auto of_niger,
                       CompareAnswers({{"2017", before}, {"2019", answer}},
                                      /*members_in_all=*/true));
  EXPECT_THAT(of_niger.members, ElementsAre("NE"));
}

// Its figures of the time before stay where they were.
TEST_F(CoverageTest, AStateThatLeftIsAskedAboutTheTimeBeforeAlone) {
  for (TestParticipant* member : {&ne_, &ng_}) {
    Publish(*member, "2024", 25);
    Publish(*member, "2025", 25);
  }
  EXPECT_THAT(AnsweredIn(Ask({"@ecowas"}, "2024")),
              UnorderedElementsAre("NE", "NG"));
  const auto after = Ask({"@ecowas"}, "2025");
  EXPECT_FALSE(Asked(after, "NE"));
  EXPECT_THAT(AnsweredIn(after), ElementsAre("NG"));
  // Nor when it is named.
  EXPECT_THAT(AnsweredIn(Ask({"NE", "NG"}, "2025")), ElementsAre("NG"));
}

}  // namespace
}  // namespace comity
