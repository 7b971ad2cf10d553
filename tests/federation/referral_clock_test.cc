#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "node/identity/node_layout.h"
#include "node/store/sqlite/database.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

namespace ops = operators::v1;

// What the nodes write by their clock; no test waits for time to pass.
class ReferralClockTest : public ReferralStory {
 protected:
  // On the way, to arrive in half a day.
  std::string Travel() {
    const std::string id = Refer("C1");
    AgreeOnPlan(id);
    ExpectBoth(id, "PLAN_AGREED");
    EXPECT_OK(Schedule(id, 4));
    ExpectBoth(id, "RETURN_SCHEDULED");
    clock_.Advance(absl::Hours(24 * 4));
    EXPECT_OK(Depart(id));
    ExpectBoth(id, "IN_TRANSIT");
    return id;
  }
  bool AlarmAt(TestParticipant& node, const std::string& id) {
    return Await([&] {
      const auto shown = Show(node, id);
      return shown.ok() && shown->referral().alarm() &&
             shown->referral().undelivered_events() == 0;
    });
  }
  int AlarmsIn(TestParticipant& node, const std::string& id) {
    int alarms = 0;
    for (const std::string& kind : KindsAt(node, id)) {
      if (kind.find("ALARM_RAISED") != std::string::npos) ++alarms;
    }
    return alarms;
  }
  std::vector<std::string> NoticesOf(CommandContext& person) {
    std::vector<std::string> kinds;
    const ops::ListInboxResponse inbox = Inbox(person);
    for (const ops::Notice& notice : inbox.notices()) {
      kinds.push_back(notice.kind());
    }
    return kinds;
  }
  std::string OverdueClockOf(CommandContext& person, const std::string& id) {
    const ops::Referral shown = InInbox(person, id);
    for (const auto& clock : shown.clocks()) {
      if (clock.overdue()) return clock.kind();
    }
    return "";
  }
};

TEST_F(ReferralClockTest, TheAlarmIsRaisedOnceAndReachesBoth) {
  Open({});
  const std::string id = Travel();
  clock_.Advance(absl::Hours(12 + 24));
  TickBoth();
  EXPECT_EQ(AlarmsIn(ne_, id), 0);
  clock_.Advance(absl::Minutes(1));
  ne_.Tick();
  ASSERT_TRUE(AlarmAt(ne_, id));
  ASSERT_TRUE(AlarmAt(ng_, id));
  clock_.Advance(absl::Hours(1));
  TickBoth();
  ASSERT_OK(Arrive(id));
  ExpectBoth(id, "HANDED_OVER");
  EXPECT_EQ(AlarmsIn(ne_, id), 1);
  EXPECT_EQ(AlarmsIn(ng_, id), 1);
  EXPECT_FALSE(Show(ne_, id)->referral().alarm());
  EXPECT_THAT(NoticesOf(Holder()), ElementsAre("ALARM_RAISED"));
  EXPECT_THAT(NoticesOf(Receiver()), ElementsAre("ALARM_RAISED"));
}

// A flag that came while she travels keeps the alarm from the other side, and
// from nobody here.
TEST_F(ReferralClockTest, FlagsDoNotKeepTheAlarmFromTheOwnPeople) {
  Open({});
  const std::string id = Travel();
  ops::RecordScreeningRequest flag;
  flag.set_case_id("C1");
  flag.mutable_screening()->add_never_share_with("NG");
  ASSERT_OK((As<ops::CaseService, ops::RecordScreeningResponse>(
      Holder(), &ops::CaseService::Stub::RecordScreening, flag)));
  clock_.Advance(absl::Hours(12 + 24) + absl::Minutes(1));
  ne_.Tick();
  ASSERT_TRUE(Await([&] { return !NoticesOf(Holder()).empty(); }));
  clock_.Advance(absl::Hours(2));
  ne_.Tick();
  EXPECT_THAT(NoticesOf(Holder()), ElementsAre("ALARM_RAISED"));
  EXPECT_EQ(AlarmsIn(ng_, id), 0);
}

// The holder is cut off: the receiver raises the alarm itself, and of two
// alarms that cross one has effect.
TEST_F(ReferralClockTest, EachNodeRaisesTheAlarmWhenTheOtherIsSilent) {
  Open({});
  const std::string id = Travel();
  ne_.Stop();
  clock_.Advance(absl::Hours(12 + 24) + absl::Minutes(14));
  ng_.Tick();
  EXPECT_FALSE(Show(ng_, id)->referral().alarm());
  clock_.Advance(absl::Minutes(2));
  ng_.Tick();
  ASSERT_TRUE(Await([&] { return Show(ng_, id)->referral().alarm(); }));
  ng_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  ne_.Tick();
  ASSERT_TRUE(Await([&] { return Show(ne_, id)->referral().alarm(); }));
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(AlarmAt(ng_, id));
  ASSERT_TRUE(AlarmAt(ne_, id));
  EXPECT_EQ(KindsAt(ne_, id), KindsAt(ng_, id));
  EXPECT_EQ(AlarmsIn(ne_, id), 2);
}

TEST_F(ReferralClockTest, AnArrivalInTimeRaisesNoAlarm) {
  Open({});
  const std::string id = Travel();
  clock_.Advance(absl::Hours(13));
  ASSERT_OK(Arrive(id));
  ExpectBoth(id, "HANDED_OVER");
  clock_.Advance(absl::Hours(24 * 3));
  TickBoth();
  EXPECT_EQ(AlarmsIn(ne_, id), 0);
  EXPECT_THAT(NoticesOf(Holder()), IsEmpty());
}

// Clocks run on both sides, and the inbox says whose turn it is.
TEST_F(ReferralClockTest, WhatIsDueShowsOnBothSides) {
  Open({});
  const std::string id = Refer("C1");
  EXPECT_EQ(InInbox(Receiver(), id).waits_for(), "YOU");
  EXPECT_EQ(InInbox(Holder(), id).waits_for(), "PARTNER");
  EXPECT_EQ(InInbox(ng_.As("ORG", Role::kCaseWorker, "worker"), id).waits_for(),
            "US");
  EXPECT_EQ(OverdueClockOf(Holder(), id), "");
  clock_.Advance(absl::Hours(24 * 6));
  EXPECT_EQ(OverdueClockOf(Holder(), id), "TRIAGE");
  EXPECT_EQ(OverdueClockOf(Receiver(), id), "TRIAGE");
  const ops::Referral shown = InInbox(Receiver(), id);
  EXPECT_THAT(shown.clocks(0).owed_by(), ElementsAre("NG"));
  EXPECT_THAT(shown.next_steps(), ElementsAre("accept", "decline", "ask"));
}

TEST_F(ReferralClockTest, ADraftThatNobodySentIsGoneAfterThirtyDays) {
  Open({});
  MakePerson("C1");
  const auto kept = Draft("C1");
  ASSERT_OK(kept);
  EXPECT_EQ(InInbox(Drafter(), *kept).clocks(0).kind(), "EXPIRY");
  clock_.Advance(absl::Hours(24 * 29));
  const auto younger = Draft("C1");
  ASSERT_OK(younger);
  ne_.Tick();
  EXPECT_OK(Show(ne_, *kept));
  clock_.Advance(absl::Hours(25));
  ne_.Tick();
  EXPECT_TRUE(Await([&] { return !Show(ne_, *kept).ok(); }));
  EXPECT_THAT(Show(ne_, *kept), FailsWith(ErrorReason::kNotFound));
  EXPECT_OK(Show(ne_, *younger));
}

TEST_F(ReferralClockTest, ADamagedDossierStopsNobodyElsesClock) {
  Open({});
  MakePerson("C1");
  const auto damaged = Draft("C1");
  ASSERT_OK(damaged);
  MakePerson("C2");
  const auto other = Draft("C2");
  ASSERT_OK(other);
  const auto editor =
      SqliteDatabase::Open(NodeLayout{ne_.directory()}.StoreFile(), false);
  ASSERT_OK(editor);
  ASSERT_OK((*editor)->Execute(
      absl::StrCat("UPDATE referrals SET holder = x'00' WHERE id = x'",
                   absl::StrReplaceAll(*damaged, {{"-", ""}}), "'")
          .c_str()));
  clock_.Advance(absl::Hours(24 * 31));
  ne_.Tick();
  EXPECT_TRUE(Await([&] { return !Show(ne_, *other).ok(); }));
}

TEST_F(ReferralClockTest, WhatWasSentIsNoDraftThatEnds) {
  Open({});
  const std::string id = Refer("C1");
  clock_.Advance(absl::Hours(24 * 31));
  TickBoth();
  EXPECT_OK(Show(ne_, id));
}

}  // namespace
}  // namespace comity
