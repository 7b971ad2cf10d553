#include "absl/strings/str_replace.h"
#include "node/cli/release_compare.h"
#include "tests/support/commission.h"
#include "tests/support/published_cases.h"
#include "tests/support/silent_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// The commission of ECOWAS asks the region of 2019, in which four of sixteen
// states reported (domain.md, section 3.3): Gambia, Ghana, Niger and Nigeria.
class RegionalCoverageTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ecowas_.Start(clock_));
    ASSERT_OK(ecowas_.ActivateTexts(
        {agreement_, ReadyPolicy("local/ecowas.textproto")}));
    for (const char* code : {"GH", "GM", "NE", "NG"}) {
      Serve(code, true);
      for (int i = 0; i < 15; ++i) {
        RecordCase(*members_[code], RegisteredIn("2017"));
        RecordCase(*members_[code], RegisteredIn("2019"));
      }
    }
    // Burkina Faso published 2017 alone; with Benin nothing is agreed yet.
    Serve("BF", true);
    Serve("BJ", false);
    // Their nodes are down.
    for (const char* code : {"SL", "SN"}) Know(code);
    for (const char* code : {"CI", "TG"}) Know(code);
    // gRPC reads changed anchors once a second; a restart reads them now.
    for (const char* code : {"BF", "BJ", "GH", "GM", "NE", "NG"}) {
      members_[code]->Stop();
      ASSERT_OK(members_[code]->Start(clock_));
    }
    ecowas_.Stop();
    ASSERT_OK(ecowas_.Start(clock_));
    for (const char* code : {"BF", "GH", "GM", "NE", "NG"}) {
      PublishPeriod(*members_[code], "2017");
    }
    for (const char* code : {"GH", "GM", "NE", "NG"}) {
      PublishPeriod(*members_[code], "2019");
    }
  }

  // Something takes connections where Togo and Cote d'Ivoire should answer.
  void SilenceTwo() {
    hanging_ = std::make_unique<HangingNode>(
        members_["TG"]->card().endpoints[0],
        TlsFilesOf(*members_["TG"], ecowas_.card()));
    black_hole_ =
        std::make_unique<BlackHole>(members_["CI"]->card().endpoints[0]);
  }
  // The commission has the card of a state.
  void Know(const std::string& code) {
    members_[code] = std::make_unique<TestParticipant>(code, clock_.Now());
    ASSERT_OK(ecowas_.Pair(*members_[code]));
  }
  // The same of a state that serves, with the agreement in force or without.
  void Serve(const std::string& code, bool agreed) {
    members_[code] = std::make_unique<TestParticipant>(code, clock_.Now());
    std::vector<std::string> texts = {
        absl::StrReplaceAll(ReadyPolicy("local/ne.textproto"),
                            {{"node: \"NE\"", "node: \"" + code + "\""}})};
    if (agreed) texts.push_back(agreement_);
    ServeFor(ecowas_, *members_[code], texts, clock_);
  }

  ops::RequestTableResponse Ask(const std::string& year) {
    // Mauritania is no member of the community. Her own deadline is shorter
    // than the one that members are given.
    return AskForIndicator(ecowas_, {"@ecowas", "MR"}, "Q1", year,
                           std::chrono::seconds(6));
  }
  // Who is missing, by why.
  static std::map<std::string, std::vector<std::string>> MissingFrom(
      const ops::RequestTableResponse& response) {
    std::map<std::string, std::vector<std::string>> missing;
    for (const ops::MemberOutcome& member : response.members()) {
      if (member.has_table()) continue;
      missing[member.reason()].push_back(member.participant());
    }
    return missing;
  }

  FakeClock clock_{absl::Now()};
  const std::string agreement_ =
      ReadyPolicy("agreements/ecowas-counts.textproto");
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
  std::map<std::string, std::unique_ptr<TestParticipant>> members_;
  std::unique_ptr<HangingNode> hanging_;
  std::unique_ptr<BlackHole> black_hole_;
};

TEST_F(RegionalCoverageTest, TheAnswerSaysHowManyOfSixteenAndWhoIsMissing) {
  SilenceTwo();
  const ops::RequestTableResponse answer = Ask("2019");
  ASSERT_EQ(answer.members_size(), 16);
  EXPECT_EQ(answer.answered(), 4u);
  std::vector<std::string> answered;
  for (const ops::MemberOutcome& member : answer.members()) {
    if (member.has_table()) answered.push_back(member.participant());
  }
  EXPECT_THAT(answered, UnorderedElementsAre("GH", "GM", "NE", "NG"));
  auto missing = MissingFrom(answer);
  EXPECT_THAT(missing["PERIOD_NOT_PUBLISHED"], ElementsAre("BF"));
  EXPECT_THAT(missing["AGREEMENT_NOT_IN_FORCE"], ElementsAre("BJ"));
  EXPECT_THAT(missing["PARTNER_UNKNOWN"],
              UnorderedElementsAre("CV", "GN", "GW", "LR", "ML", "MR"));
  // Silent or down, as the line shows it.
  std::vector<std::string> away = missing["PEER_UNREACHABLE"];
  for (const std::string& each : missing["DEADLINE_EXCEEDED"]) {
    away.push_back(each);
  }
  EXPECT_THAT(away, UnorderedElementsAre("CI", "SL", "SN", "TG"));
  // Nobody who is missing is a zero in the sum.
  ASSERT_GT(answer.cells_size(), 0);
  for (const auto& cell : answer.cells()) {
    EXPECT_EQ(cell.members() + cell.suppressed_members(), 4u);
  }
}

// Five answered for 2017.
TEST_F(RegionalCoverageTest, ATrendKeepsToThoseWhoAnsweredBothYears) {
  const ops::RequestTableResponse before = Ask("2017");
  const ops::RequestTableResponse after = Ask("2019");
  EXPECT_EQ(before.answered(), 5u);
  EXPECT_EQ(after.answered(), 4u);
  const auto refused =
      CompareAnswers({{"2017", before}, {"2019", after}}, false);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("BF in one only"));
  ASSERT_OK_AND_ASSIGN(
      const AnswerComparison trend,
      CompareAnswers({{"2017", before}, {"2019", after}}, true));
  EXPECT_THAT(trend.members, UnorderedElementsAre("GH", "GM", "NE", "NG"));
}

}  // namespace
}  // namespace comity
