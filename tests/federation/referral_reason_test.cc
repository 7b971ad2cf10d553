#include "comity/operators/v1/table_service.grpc.pb.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Tables = ops::TableService;

// Why she is referred travels with the packet, by a code, and is counted.
class ReferralReasonFederationTest : public ReferralStory {
 protected:
  absl::StatusOr<std::string> DraftFor(const std::string& reason) {
    ops::CreateReferralRequest draft;
    draft.set_case_id("C1");
    draft.set_receiver("NG");
    draft.set_purpose("SAFE_RETURN");
    draft.set_reason(reason);
    ASSIGN_OR_RETURN(
        const auto drafted,
        (As<ops::ReferralService, ops::CreateReferralResponse>(
            Drafter(), &ops::ReferralService::Stub::CreateReferral, draft)));
    return drafted.referral().referral_id();
  }
  // Referrals of one reason, as one side counts them at home.
  uint64_t Count(TestParticipant& node, const std::string& measure,
                 const std::string& reason) {
    ops::CountTableRequest request;
    request.set_period(
        absl::FormatTime("%Y", clock_.Now(), absl::UTCTimeZone()));
    request.add_dimensions("referral_reason");
    request.set_measure(measure);
    const auto counted = As<Tables, ops::CountTableResponse>(
        node.As("ORG", Role::kStatistician, "stat"), &Tables::Stub::CountTable,
        request);
    EXPECT_OK(counted);
    if (!counted.ok()) return 0;
    for (const auto& cell : counted->cells()) {
      if (cell.codes(0) == reason) return static_cast<uint64_t>(cell.value());
    }
    return 0;
  }
};

TEST_F(ReferralReasonFederationTest, BothSidesReadItAndCountTheSame) {
  Open({});
  MakePerson("C1");
  EXPECT_THAT(DraftFor("she wants home"),
              FailsWith(ErrorReason::kFieldInvalid));
  const auto id = DraftFor("migration or change of location");
  ASSERT_OK(id);
  // It is kept with the draft.
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_EQ(Show(ne_, *id)->progress().reason(), "MigrationOrChangeOfLocation");
  ASSERT_OK(Clear(Holder(), *id));
  ASSERT_OK(SendBy(Drafter(), *id));
  ExpectBoth(*id, "RECEIVED");
  for (TestParticipant* node : {&ne_, &ng_}) {
    EXPECT_EQ(Show(*node, *id)->progress().reason(),
              "MigrationOrChangeOfLocation");
  }
  EXPECT_EQ(Count(ne_, "REFERRALS", "MigrationOrChangeOfLocation"), 1u);
  EXPECT_EQ(Count(ng_, "REFERRALS_RECEIVED", "MigrationOrChangeOfLocation"),
            1u);
  EXPECT_EQ(Count(ng_, "REFERRALS_RECEIVED", "Other"), 0u);
}

}  // namespace
}  // namespace comity
