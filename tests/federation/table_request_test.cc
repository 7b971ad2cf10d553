#include "comity/operators/v1/table_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::Contains;
using testing::Not;

// The commission's node asks; whom, is what is looked at.
class TableRequestTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ecowas_.Start(clock_));
    ASSERT_OK(ecowas_.Activate(
        {"agreements/ecowas-counts.textproto", "local/ecowas.textproto"}));
  }

  absl::StatusOr<ops::RequestTableResponse> Ask(
      const std::vector<std::string>& members, const std::string& year) {
    CommandContext& person = ecowas_.As("ECOWAS", Role::kCommission, "analyst");
    ops::RequestTableRequest request;
    request.set_request_id(person.NewRequestId());
    for (const std::string& member : members) request.add_members(member);
    request.set_period(year);
    return person.Call<ops::TableService, ops::RequestTableResponse>(
        &ops::TableService::Stub::RequestTable, request);
  }
  std::vector<std::string> AskedOf(const std::vector<std::string>& members,
                                   const std::string& year) {
    const auto response = Ask(members, year);
    EXPECT_OK(response);
    std::vector<std::string> asked;
    if (!response.ok()) return asked;
    for (const auto& member : response->members()) {
      asked.push_back(member.participant());
      // In force and granted, so that only the card is missing.
      EXPECT_EQ(member.reason(), "PARTNER_UNKNOWN") << member.participant();
    }
    return asked;
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
};

TEST_F(TableRequestTest, AGroupIsWhoIsInItAtTheEndOfThePeriod) {
  const auto before = AskedOf({"@ecowas"}, "2018");
  EXPECT_EQ(before.size(), 15u);
  EXPECT_THAT(before, Contains("NE"));
  const auto after = AskedOf({"@ecowas"}, "2025");
  EXPECT_EQ(after.size(), 12u);
  EXPECT_THAT(after, Not(Contains("NE")));
}

TEST_F(TableRequestTest, AMemberOfTwoListsIsAskedOnce) {
  EXPECT_EQ(AskedOf({"NG", "@ecowas", "MR", "NG"}, "2018").size(), 16u);
}

TEST_F(TableRequestTest, AGroupThatDoesNotExistIsSaid) {
  const auto response = Ask({"@sadc"}, "2018");
  EXPECT_THAT(response, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(response.status().message()),
              testing::HasSubstr("has a group \"sadc\""));
}

}  // namespace
}  // namespace comity
