#include "node/cli/release_compare.h"
#include "tests/support/commission.h"
#include "tests/support/published_cases.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kActual[] = "ActualVictimOfTrafficking";

// The commission's node follows Niger and Nigeria through two years.
class TrendTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string agreement =
        ReadyPolicy("agreements/ecowas-counts.textproto");
    ASSERT_OK(ecowas_.Start(clock_));
    for (TestParticipant* member : {&ne_, &ng_}) {
      ServeFor(ecowas_, *member,
               {agreement, ReadyPolicy(member == &ne_ ? "local/ne.textproto"
                                                      : "local/ng.textproto")},
               clock_);
    }
    ASSERT_OK(ecowas_.ActivateTexts(
        {agreement, ReadyPolicy("local/ecowas.textproto")}));
    Record(ne_, "2017", 30);
    Record(ne_, "2018", 40);
    Record(ng_, "2017", 50);
    Record(ng_, "2018", 60);
    // gRPC reads changed anchors once a second; a restart reads them now.
    for (TestParticipant* each : {&ne_, &ng_, &ecowas_}) {
      each->Stop();
      ASSERT_OK(each->Start(clock_));
    }
    PublishPeriod(ne_, "2017");
    PublishPeriod(ne_, "2018");
    PublishPeriod(ng_, "2017");
  }

  static void Record(TestParticipant& state, const std::string& year,
                     int number) {
    for (int i = 0; i < number; ++i) {
      record::v1::CaseRecord record = RegisteredIn(year);
      record.set_vic_trafficking_status(kActual);
      RecordCase(state, record);
    }
  }

  ops::RequestTableResponse Ask(const std::string& year) {
    return AskForIndicator(ecowas_, {"NE", "NG"}, "Q1", year);
  }
  absl::StatusOr<AnswerComparison> Trend(bool members_in_all = false) {
    const ops::RequestTableResponse first = Ask("2017");
    const ops::RequestTableResponse second = Ask("2018");
    return CompareAnswers({{"2017", first}, {"2018", second}}, members_in_all);
  }
  static void ExpectNear(const AnswerComparison& trend, int64_t first,
                         int64_t second) {
    for (const ComparedCell& cell : trend.cells) {
      if (cell.codes != std::vector<std::string>{kActual}) continue;
      ASSERT_EQ(cell.figures.size(), 2u);
      const auto noise = static_cast<int64_t>(8 * cell.members.size());
      EXPECT_NEAR(static_cast<double>(cell.figures[0]),
                  static_cast<double>(first), static_cast<double>(noise));
      EXPECT_NEAR(static_cast<double>(cell.figures[1]),
                  static_cast<double>(second), static_cast<double>(noise));
      return;
    }
    ADD_FAILURE() << "no such cell";
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
};

// A region in which thirteen states report one year and seven the next.
TEST_F(TrendTest, YearsOfOtherCoverageAreATrendOfThoseInAllAlone) {
  const auto refused = Trend();
  EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("NG in one only"));
  ASSERT_OK_AND_ASSIGN(const AnswerComparison of_niger, Trend(true));
  EXPECT_THAT(of_niger.members, ElementsAre("NE"));
  ExpectNear(of_niger, 30, 40);
  PublishPeriod(ng_, "2018");
  ASSERT_OK_AND_ASSIGN(const AnswerComparison of_both, Trend());
  EXPECT_THAT(of_both.members, ElementsAre("NE", "NG"));
  ExpectNear(of_both, 80, 100);
}

}  // namespace
}  // namespace comity
