#include "node/domain/referral_deadlines.h"
#include "node/wire/policy_file.h"
#include "node/wire/proto_time.h"
#include "tests/support/handmade_packet.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;

constexpr char kValidity[] = "valid_until: \"2030-12-31T00:00:00Z\"";
constexpr char kShorter[] =
    "valid_until: \"2030-12-31T00:00:00Z\" deadlines { decide_working_days: 2 "
    "handover_hours: 6 expiry_days: 10 follow_up_days: [7, 14, 28, 56] }";

// How long steps take is what the agreement says, on both sides.
class AgreedDeadlinesTest : public ReferralStory {
 protected:
  // When a step is due as one side sees it, and whether it is overdue.
  struct Due {
    absl::Time at = absl::InfinitePast();
    bool overdue = false;
  };
  Due DueAt(TestParticipant& node, const std::string& id,
            const std::string& kind) {
    const auto shown = Show(node, id);
    EXPECT_OK(shown);
    for (const auto& clock : shown->referral().clocks()) {
      if (clock.kind() != kind) continue;
      return {*FromProtoTime(clock.due_at()), clock.overdue()};
    }
    return {};
  }
  absl::Time SentAt(const std::string& id) {
    return *FromProtoTime(Show(ne_, id)->history(0).occurred_at());
  }
  void ExpectOverdue(const std::string& id, const std::string& kind,
                     bool overdue) {
    for (TestParticipant* node : {&ne_, &ng_}) {
      EXPECT_EQ(DueAt(*node, id, kind).overdue, overdue) << node->code().text();
    }
  }
  void MoveTo(absl::Time at) { clock_.Advance(at - clock_.Now()); }
};

TEST_F(AgreedDeadlinesTest, AShorterOneRunsOutOnBothSidesAtOneInstant) {
  Open({{kValidity, kShorter}});
  const std::string id = Refer("C1");
  const absl::Time due = AddWorkingDays(SentAt(id), 2);
  EXPECT_EQ(DueAt(ne_, id, "DECIDE").at, due);
  EXPECT_EQ(DueAt(ng_, id, "DECIDE").at, due);
  MoveTo(due);
  ExpectOverdue(id, "DECIDE", false);
  clock_.Advance(absl::Milliseconds(1));
  ExpectOverdue(id, "DECIDE", true);
}

TEST_F(AgreedDeadlinesTest, AReferralEndsByItselfWhenTheAgreementSays) {
  Open({{kValidity, kShorter}});
  const std::string id = Refer("C1");
  const absl::Time end = SentAt(id) + absl::Hours(24 * 10);
  MoveTo(end - absl::Minutes(1));
  TickBoth();
  ExpectBoth(id, "RECEIVED");
  MoveTo(end);
  TickBoth();
  ExpectBoth(id, "EXPIRED");
}

TEST_F(AgreedDeadlinesTest, TheAlarmIsRaisedWhenTheAgreementSays) {
  Open({{kValidity, kShorter}});
  const std::string id = Refer("C1");
  AgreeOnPlan(id);
  ExpectBoth(id, "PLAN_AGREED");
  ASSERT_OK(Schedule(id, 4));
  ExpectBoth(id, "RETURN_SCHEDULED");
  clock_.Advance(absl::Hours(24 * 4 + 12 + 6) - absl::Minutes(1));
  TickBoth();
  EXPECT_FALSE(Show(ne_, id)->referral().alarm());
  clock_.Advance(absl::Minutes(2));
  TickBoth();
  for (TestParticipant* node : {&ne_, &ng_}) {
    EXPECT_TRUE(Await([&] { return Show(*node, id)->referral().alarm(); }));
  }
}

TEST_F(AgreedDeadlinesTest, WhatAnAgreementDoesNotSayIsAsEver) {
  Open({});
  const std::string id = Refer("C1");
  for (TestParticipant* node : {&ne_, &ng_}) {
    EXPECT_EQ(DueAt(*node, id, "DECIDE").at, AddWorkingDays(SentAt(id), 10));
    EXPECT_EQ(DueAt(*node, id, "EXPIRY").at,
              SentAt(id) + absl::Hours(24 * 180));
  }
}

// A new revision changes nothing for a referral that was sent under the old
// one.
TEST_F(AgreedDeadlinesTest, ARunningReferralKeepsTheOnesItWasSentWith) {
  Open({{kValidity, kShorter}});
  const std::string id = Refer("C1");
  for (TestParticipant* node : {&ne_, &ng_}) {
    ASSERT_OK(
        node->ActivateTexts({PolicyText("agreements/ng-ne-bilateral.textproto",
                                        {{"revision: 1", "revision: 2"}})}));
  }
  for (TestParticipant* node : {&ne_, &ng_}) {
    EXPECT_EQ(DueAt(*node, id, "DECIDE").at, AddWorkingDays(SentAt(id), 2));
  }
}

// A packet of NG's by hand, with the deadlines that a test gives it.
TEST_F(AgreedDeadlinesTest, APacketWithOtherOnesThanTheAgreementIsRefused) {
  Open({{kValidity, kShorter}});
  ng_.Stop();
  HandmadePartner partner(ng_, ne_, clock_);
  const PolicyFileBody agreed =
      *LoadPolicyFile("a", PolicyText("agreements/ng-ne-bilateral.textproto",
                                      {{kValidity, kShorter}}))
           .body;
  const auto deliver = [&](const ReferralDeadlines& deadlines) {
    return RefusalOfPacket(partner, ng_.code(), clock_.Now(),
                           {agreed.digest, deadlines, {}});
  };
  EXPECT_EQ(deliver({}), "FIELD_INVALID");
  EXPECT_EQ(deliver(std::get<Agreement>(agreed.body).deadlines), "");
}

}  // namespace
}  // namespace comity
