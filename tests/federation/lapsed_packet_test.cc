#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;

// Niger's packet waits for Nigeria when the agreement ends, and both conclude
// its next revision.
class LapsedPacketTest : public ReferralStory {
 protected:
  static constexpr char kLastDay[] = "2030-12-31T00:00:00Z";
  static constexpr char kFile[] = "agreements/ng-ne-bilateral.textproto";

  void SetUp() override {
    const std::string soon =
        absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", clock_.Now() + absl::Hours(2),
                         absl::UTCTimeZone());
    Open({{kLastDay, soon}});
    MakePerson("C1");
    const auto draft = Draft("C1");
    ASSERT_OK(draft);
    referral_ = *draft;
    ASSERT_OK(Clear(Holder(), referral_));
    ng_.Stop();
    ASSERT_OK(SendBy(Drafter(), referral_));
    EXPECT_EQ(StateAt(ne_, referral_), "SENT");
    clock_.Advance(absl::Hours(3));
    ASSERT_OK(ng_.Start(clock_));
  }
  absl::Status Renew(TestParticipant& node) {
    return node.ActivateTexts(
        {PolicyText(kFile, {{"revision: 1", "revision: 2"}})});
  }

  // Log entries of the notices that tell a person of it.
  std::vector<std::string> Told(CommandContext& person) {
    std::vector<std::string> entries;
    const auto inbox = Inbox(person);
    for (const auto& each : inbox.notices()) {
      if (each.kind() == "LAPSED") entries.push_back(each.entry_id());
    }
    return entries;
  }

  std::string referral_;
};

TEST_F(LapsedPacketTest, ItWaitsAndGoesUnderTheNextRevision) {
  ne_.Tick();
  const auto seen = InInbox(Drafter(), referral_);
  EXPECT_EQ(seen.state(), "LAPSED");
  EXPECT_EQ(seen.waits_for(), "US");
  EXPECT_THAT(Show(ng_, referral_), FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(Renew(ng_));
  ASSERT_OK(Renew(ne_));
  ExpectBoth(referral_, "RECEIVED");
  EXPECT_EQ(Show(ne_, referral_)->withheld_size(), 0);
  ASSERT_OK(Accept(referral_));
  ExpectBoth(referral_, "ACCEPTED");
}

// As the case's owner and as a coordinator; the partner's people hear nothing.
TEST_F(LapsedPacketTest, PeopleFindANoticeOnceThatNamesNobody) {
  for (int hour = 0; hour < 2; ++hour) {
    ASSERT_TRUE(Await([&] {
      ne_.Tick();
      return !Told(Holder()).empty();
    }));
    EXPECT_THAT(Told(Drafter()), testing::SizeIs(2));
    EXPECT_THAT(Told(Holder()), testing::SizeIs(1));
    clock_.Advance(absl::Hours(1));
  }
  EXPECT_EQ(Told(Holder()).front(), Told(Drafter()).front());
  EXPECT_THAT(Told(Receiver()), testing::IsEmpty());
}

// Both ledgers differ in it, and the holder's auditor is told which it is.
TEST_F(LapsedPacketTest, ReconcilingNamesTheReferralThatWaits) {
  ops::ReconcileLogsResponse logs;
  const auto reconcile = [&] {
    ops::ReconcileLogsRequest request;
    request.set_participant("NG");
    const auto response = As<ops::AdminService, ops::ReconcileLogsResponse>(
        ne_.As("ORG", Role::kAuditor, "auditor"),
        &ops::AdminService::Stub::ReconcileLogs, request);
    if (response.ok()) logs = *response;
    return response.ok();
  };
  ASSERT_TRUE(Await(reconcile));
  EXPECT_EQ(logs.outbox(), 1u);
  ASSERT_EQ(logs.waiting_size(), 1);
  EXPECT_EQ(logs.waiting(0).referral_id(), referral_);
  EXPECT_NE(logs.waiting(0).event_id(), "");
  ASSERT_OK(Renew(ng_));
  ASSERT_OK(Renew(ne_));
  ExpectBoth(referral_, "RECEIVED");
  ASSERT_TRUE(Await(reconcile));
  EXPECT_EQ(logs.waiting_size(), 0);
}

TEST_F(LapsedPacketTest, ItCanBeCancelledMeanwhile) {
  ASSERT_OK(Cancel(Drafter(), referral_));
  EXPECT_EQ(StateAt(ne_, referral_), "CANCELLED");
}

}  // namespace
}  // namespace comity
