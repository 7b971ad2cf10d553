#include <filesystem>

#include "absl/strings/str_replace.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/cli/node_backup.h"
#include "tests/support/published_cases.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using testing::ElementsAre;
using testing::HasSubstr;

// The commission's node asks Niger and Nigeria for indicators of 2018, and
// keeps the answers. The agreement asks for exact figures, so that they can be
// compared with what was recorded.
class TableReleaseTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string agreement = absl::StrReplaceAll(
        ReadyPolicy("agreements/ecowas-counts.textproto"),
        {{"k_threshold: 11", "k_threshold: 11 count_method: SUPPRESSION"},
         {"\"Q33/1\"", "\"Q18/1\", \"Q19/1\", \"Q33/1\""}});
    ASSERT_OK(ecowas_.Start(clock_));
    for (TestParticipant* member : {&ne_, &ng_}) {
      ASSERT_OK(member->Start(clock_));
      ASSERT_OK(member->Pair(ecowas_));
      ASSERT_OK(ecowas_.Pair(*member));
      ASSERT_OK(member->ActivateTexts(
          {agreement, ReadyPolicy(member == &ne_ ? "local/ne.textproto"
                                                 : "local/ng.textproto")}));
    }
    ASSERT_OK(ecowas_.ActivateTexts(
        {agreement, ReadyPolicy("local/ecowas.textproto")}));
    RecordCodebook(ne_, 20);
    RecordCodebook(ng_, 30);
    // gRPC reads changed anchors once a second; a restart reads them now.
    for (TestParticipant* each : {&ne_, &ng_, &ecowas_}) {
      each->Stop();
      ASSERT_OK(each->Start(clock_));
    }
    PublishPeriod(ne_, "2018");
  }

  // The five persons of the CTDC codebook, `times` each: of four of whom
  // something is known two, two and one have each of three forms.
  static void RecordCodebook(TestParticipant& state, int times) {
    const std::vector<std::vector<std::string>> persons = {
        {"ForcedLabour", "SexualExploitation"},
        {"ForcedLabour"},
        {"SexualExploitation"},
        {"Other"},
        {}};
    for (int i = 0; i < times; ++i) {
      for (const auto& forms : persons) {
        record::v1::CaseRecord record = RegisteredIn("2018");
        for (const std::string& form : forms) {
          record.add_vic_type_of_exploitation(form);
        }
        RecordCase(state, record);
      }
    }
  }

  CommandContext& Analyst() {
    return ecowas_.As("COMMISSION", Role::kCommission, "analyst");
  }

  absl::StatusOr<ops::RequestTableResponse> Ask(const std::string& indicator,
                                                bool save = false) {
    CommandContext& person = Analyst();
    ops::RequestTableRequest request;
    request.set_request_id(person.NewRequestId());
    request.add_members("NE");
    request.add_members("NG");
    request.set_period("2018");
    request.set_indicator(indicator);
    request.set_save(save);
    return person.Call<ops::TableService, ops::RequestTableResponse>(
        &ops::TableService::Stub::RequestTable, request);
  }

  absl::StatusOr<ops::GetReleaseResponse> Release(uint32_t number) {
    ops::GetReleaseRequest request;
    request.set_number(number);
    return Analyst().Call<ops::TableService, ops::GetReleaseResponse>(
        &ops::TableService::Stub::GetRelease, request);
  }

  ops::ListReleasesResponse Releases(int page_size,
                                     const std::string& token = "") {
    ops::ListReleasesRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    const auto response =
        Analyst().Call<ops::TableService, ops::ListReleasesResponse>(
            &ops::TableService::Stub::ListReleases, request);
    EXPECT_OK(response);
    return response.ok() ? *response : ops::ListReleasesResponse();
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
};

// What is told of referrals leaves by keys, also where persons are told
// exactly.
TEST_F(TableReleaseTest, AnAnswerNamesTheMeasureThatItTells) {
  ASSERT_OK_AND_ASSIGN(const auto time, Ask("Q19"));
  EXPECT_EQ(time.measure(), "MEDIAN_ACCEPTANCE_DAYS");
  EXPECT_EQ(time.unit(), "working days");
  ASSERT_EQ(time.answered(), 1u);
  EXPECT_EQ(time.members(0).table().measure(), "MEDIAN_ACCEPTANCE_DAYS");
  EXPECT_EQ(time.members(0).table().method(), "rank-key/v1");
  EXPECT_THAT(
      time.notes(),
      testing::IsSupersetOf({HasSubstr("Told of: Referrals that were accepted"),
                             HasSubstr("counted by the state that sent it"),
                             HasSubstr("Figures of members are not added")}));
  ASSERT_OK_AND_ASSIGN(const auto rate, Ask("Q18"));
  EXPECT_EQ(rate.unit(), "referrals");
  EXPECT_EQ(rate.members(0).table().method(), "cell-key/v1");
  ASSERT_OK_AND_ASSIGN(const auto persons, Ask("Q4"));
  EXPECT_EQ(persons.measure(), "");
  EXPECT_EQ(persons.unit(), "persons");
  EXPECT_EQ(persons.members(0).table().method(), "suppression/v1");
}

TEST_F(TableReleaseTest, AnAnswerSaysWhatWasAskedOfWhomAndHowToReadIt) {
  ASSERT_OK_AND_ASSIGN(const auto response, Ask("Q4"));
  EXPECT_EQ(response.indicator(), "Q4/1");
  EXPECT_EQ(response.period(), "2018");
  EXPECT_EQ(response.answered(), 1u);
  EXPECT_EQ(response.members(1).reason(), "PERIOD_NOT_PUBLISHED");
  EXPECT_THAT(response.notes(),
              testing::IsSupersetOf(
                  {HasSubstr("Q4/1, Detected victims by form of exploitation"),
                   HasSubstr("Denominator of shares: Persons with any known"),
                   HasSubstr("1 of 2 members answered."),
                   HasSubstr("detections, not persons")}));
  EXPECT_FALSE(response.has_release());
}

// 40, 40 and 20 would be shares of all rows.
TEST_F(TableReleaseTest, SharesAreOfThosePersonsOfWhomSomethingIsKnown) {
  PublishPeriod(ng_, "2018");
  ASSERT_OK_AND_ASSIGN(const auto response, Ask("Q4"));
  std::map<std::string, double> shares;
  for (const auto& share : response.shares()) {
    EXPECT_EQ(share.members(), 2u);
    EXPECT_EQ(share.least(), share.most());
    shares[share.codes(0)] = share.least();
  }
  EXPECT_EQ(shares,
            (std::map<std::string, double>{{"ForcedLabour", 0.5},
                                           {"Other", 0.25},
                                           {"SexualExploitation", 0.5}}));
}

TEST_F(TableReleaseTest, AnIndicatorThatIsNotCollectedIsNotAsked) {
  const auto response = Ask("Q21");
  EXPECT_THAT(response, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(response.status().message()),
              HasSubstr("Q21/1 is not collected"));
}

TEST_F(TableReleaseTest, ALateAnswerMakesAReleaseWithItsOwnNumber) {
  ASSERT_OK_AND_ASSIGN(const auto first, Ask("Q4", true));
  EXPECT_EQ(first.release().number(), 1u);
  EXPECT_EQ(first.release().follows(), 0u);
  PublishPeriod(ng_, "2018");
  ASSERT_OK_AND_ASSIGN(const auto second, Ask("Q4", true));
  EXPECT_EQ(second.release().number(), 2u);
  EXPECT_EQ(second.release().follows(), 1u);
  EXPECT_THAT(second.release().citation(),
              testing::MatchesRegex(
                  "ECOWAS, Q4/1 Detected victims by form of exploitation, "
                  "2018. Release 2 of ....-..-.., 2 of 2 members."));
  // The first stays what it was, also after a restart.
  ecowas_.Stop();
  ASSERT_OK(ecowas_.Start(clock_));
  ASSERT_OK_AND_ASSIGN(const auto kept, Release(1));
  EXPECT_THAT(kept.release().answered(), ElementsAre("NE"));
  EXPECT_THAT(kept.release().missing(), ElementsAre("NG"));
  EXPECT_EQ(kept.table().cells_size(), first.cells_size());
  EXPECT_EQ(kept.table().cells(0).SerializeAsString(),
            first.cells(0).SerializeAsString());
  EXPECT_THAT(Release(3), FailsWith(ErrorReason::kNotFound));
}

// Law 7: asked anew, kept once.
TEST_F(TableReleaseTest, Law7ARepeatedCallKeepsNoSecondRelease) {
  CommandContext& person = Analyst();
  ops::RequestTableRequest request;
  request.set_request_id(person.NewRequestId());
  request.add_members("NE");
  request.set_period("2018");
  request.set_indicator("Q4/1");
  request.set_save(true);
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(
        const auto response,
        (person.Call<ops::TableService, ops::RequestTableResponse>(
            &ops::TableService::Stub::RequestTable, request)));
    EXPECT_EQ(response.release().number(), 1u);
  }
  EXPECT_EQ(Releases(0).releases_size(), 1);
}

TEST_F(TableReleaseTest, ReleasesAreListedNewestFirstPageByPage) {
  EXPECT_EQ(Releases(0).releases_size(), 0);
  for (const char* indicator : {"Q1", "Q4", "Q2"}) {
    ASSERT_OK(Ask(indicator, true));
  }
  const auto page = Releases(2);
  ASSERT_EQ(page.releases_size(), 2);
  EXPECT_EQ(page.releases(0).indicator(), "Q2/1");
  EXPECT_EQ(page.releases(1).number(), 2u);
  const auto rest = Releases(2, page.next_page_token());
  ASSERT_EQ(rest.releases_size(), 1);
  EXPECT_EQ(rest.releases(0).indicator(), "Q1/1");
  EXPECT_EQ(rest.next_page_token(), "");
}

TEST_F(TableReleaseTest, WhatNobodyAnsweredIsNotKept) {
  ne_.Stop();
  ASSERT_OK_AND_ASSIGN(const auto response, Ask("Q4", true));
  EXPECT_FALSE(response.has_release());
  EXPECT_THAT(response.notes(), testing::Contains(HasSubstr("Nothing was")));
  EXPECT_EQ(Releases(0).releases_size(), 0);
}

// A member whose log does not join is one that did not answer; before, one of
// them kept the figures of all.
TEST_F(TableReleaseTest, Law12AMemberWhoseLogForkedDoesNotKeepTheTable) {
  PublishPeriod(ng_, "2018");
  ASSERT_OK(Ask("Q4"));
  const TestDirectory place;
  const SecretBytes passphrase("correct horse battery");
  const std::string file = place.Path("ne.backup");
  SystemRandom random;
  ASSERT_OK(
      BackUpNode(ne_.directory(), file, passphrase, clock_.Now(), random));
  // The restored node signs another answer in the place of this one.
  ASSERT_OK(Ask("Q4"));
  ne_.Stop();
  std::filesystem::remove_all(ne_.directory());
  ASSERT_OK(RestoreNode(file, ne_.directory(), passphrase, "", random));
  ASSERT_OK(ne_.Start(clock_));
  std::string reason;
  const absl::Time limit = absl::Now() + absl::Seconds(20);
  while (reason != "LOG_FORKED") {
    ASSERT_LT(absl::Now(), limit) << reason;
    const auto response = Ask("Q4");
    ASSERT_OK(response);
    reason = response->members(0).reason();
    EXPECT_FALSE(response->members(0).has_table());
    EXPECT_TRUE(response->members(1).has_table());
  }
}

}  // namespace
}  // namespace comity
