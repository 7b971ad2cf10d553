#include "tests/support/referral_calls.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;

constexpr char kCanary[] = "Canaryname";

// Niger sends a referral; Nigeria is written by hand, and may repeat itself.
class ReferralDeliveryTest : public testing::Test {
 protected:
  void SetUp() override {
    for (TestParticipant* each : {&ne_, &ng_}) {
      const TestParticipant& other = each == &ne_ ? ng_ : ne_;
      ASSERT_OK(each->Start(clock_));
      ASSERT_OK(each->Pair(other));
    }
    ASSERT_OK(ne_.Activate({"agreements/ng-ne-bilateral.textproto",
                            "national/ne.textproto", "local/ne.textproto"}));
    ASSERT_OK(ng_.Activate({"agreements/ng-ne-bilateral.textproto",
                            "national/ng.textproto", "local/ng.textproto"}));
    ng_.Stop();
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
  }

  // Creates, consents, drafts and sends; returns the referral's id.
  std::string SendReferral() {
    ops::CreateCaseRequest person;
    person.mutable_record()->set_x_local_reference("C1");
    person.mutable_record()->set_prs_first_name(kCanary);
    person.mutable_record()->set_prs_birthdate("2001-02-03");
    person.mutable_record()->set_prs_mobile_phone("+00012345678");
    person.mutable_record()->set_cas_status("Active");
    person.mutable_screening()->set_never_contact(false);
    person.mutable_screening()->add_never_share_with("TG");
    const std::string id =
        DraftReferral(ne_, person, "NG", {v1::RECORD_GROUP_STATUS}, "ha")
            .referral_id();
    EXPECT_OK(ClearAndSend(ne_, id));
    return id;
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
};

// Laws 6 and 7: the receiver is away, both sides restart, nothing is lost and
// nothing doubled.
TEST_F(ReferralDeliveryTest, Law6AReferralOutlivesRestartsOfBothSides) {
  const std::string id = SendReferral();
  EXPECT_EQ(ReferralAt(ne_, id)->referral().undelivered_events(), 1u);
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(AwaitDone([&] { return ReferralAt(ng_, id).ok(); }));
  ASSERT_TRUE(AwaitDone([&] {
    return ReferralAt(ne_, id)->referral().undelivered_events() == 0;
  }));
  ops::AcceptReferralRequest accept;
  accept.set_referral_id(id);
  EXPECT_OK(
      (CallAsCoordinator<ops::ReferralService, ops::AcceptReferralResponse>(
          ng_, &ops::ReferralService::Stub::AcceptReferral, accept)));
  EXPECT_THAT(
      (CallAsCoordinator<ops::ReferralService, ops::AcceptReferralResponse>(
          ng_, &ops::ReferralService::Stub::AcceptReferral, accept)),
      FailsWith(ErrorReason::kReferralStateConflict));
  ASSERT_TRUE(AwaitDone(
      [&] { return ReferralAt(ne_, id)->referral().state() == "ACCEPTED"; }));
  EXPECT_EQ(ReferralAt(ne_, id)->history_size(), 2);
  EXPECT_EQ(ReferralAt(ng_, id)->history_size(), 2);
}

// Law 4: what arrives before acceptance has no identity in it.
TEST_F(ReferralDeliveryTest, Law4ThePacketHasNoIdentity) {
  const std::string id = SendReferral();
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(AwaitDone([&] { return ReferralAt(ng_, id).ok(); }));
  const auto shown = ReferralAt(ng_, id);
  EXPECT_EQ(shown->packet().cas_status(), "Active");
  for (const char* canary : {kCanary, "2001-02-03", "+00012345678", "C1"}) {
    EXPECT_EQ(shown->SerializeAsString().find(canary), std::string::npos)
        << canary;
  }
}

}  // namespace
}  // namespace comity
