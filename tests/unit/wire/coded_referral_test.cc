#include "node/wire/coded_referral.h"

#include <algorithm>
#include <map>

#include "node/domain/table_columns.h"
#include "node/wire/enum_code.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
using Kind = ReferralEventKind;

// A referral from Niger to Nigeria, sent on Friday, 2026-11-27 at noon.
class CodedReferralTest : public testing::Test {
 protected:
  void Add(Kind kind, absl::Duration after_sending = absl::ZeroDuration(),
           EventContent content = {},
           const fed::ReferralEventPayload& payload = {}) {
    ReferralEvent event{Uuid(), Uuid(), parties_.holder,      0,
                        {},     kind,   sent_ + after_sending};
    event.content = std::move(content);
    events_.push_back({std::move(event), payload});
  }
  void Send(const ReferralTerms& terms = {}) {
    Add(Kind::kSent, absl::ZeroDuration(), terms);
  }
  // She is to arrive ten days after the referral was sent.
  void Schedule() {
    Add(Kind::kReturnScheduled, absl::Hours(1),
        ReturnSchedule{.arrives_at = sent_ + absl::Hours(240)});
  }
  std::vector<std::string> Codes(const std::string& column) const {
    return CodedReferralOf(parties_, events_).columns.at(column);
  }

  const ReferralParties parties_{*ParticipantCode::Create("NE"),
                                 *ParticipantCode::Create("NG")};
  const absl::Time sent_ =
      absl::FromCivil(absl::CivilHour(2026, 11, 27, 12), absl::UTCTimeZone());
  std::vector<ParsedEvent> events_;
};

TEST_F(CodedReferralTest, HasListedCodesInEveryColumn) {
  Send();
  const CodedCase coded = CodedReferralOf(parties_, events_);
  EXPECT_EQ(coded.year, 2026);
  size_t of_referrals = 0;
  for (const TableColumn& column : AllTableColumns()) {
    if (column.unit != CountedUnit::kReferral) continue;
    ++of_referrals;
    ASSERT_TRUE(coded.columns.contains(column.name)) << column.name;
    EXPECT_FALSE(coded.columns.at(column.name).empty()) << column.name;
    if (column.IsOpen()) continue;
    EXPECT_TRUE(std::is_sorted(column.codes.begin(), column.codes.end()))
        << column.name;
    EXPECT_THAT(column.codes,
                testing::IsSupersetOf(coded.columns.at(column.name)))
        << column.name;
  }
  EXPECT_EQ(coded.columns.size(), of_referrals);
  EXPECT_THAT(Codes("partner"), testing::ElementsAre("NG"));
  EXPECT_THAT(Codes("lane"), testing::ElementsAre("ordinary"));
  EXPECT_THAT(Codes("sent_quarter"), testing::ElementsAre("Q4"));
  EXPECT_THAT(Codes("acceptance_days"), testing::ElementsAre(kUnknownCode));
}

TEST_F(CodedReferralTest, AQuarterHasThreeMonths) {
  for (const auto& [month, quarter] : std::map<int, std::string>{
           {1, "Q1"}, {3, "Q1"}, {4, "Q2"}, {7, "Q3"}, {9, "Q3"}, {12, "Q4"}}) {
    events_.clear();
    Send();
    events_.back().event.occurred_at =
        absl::FromCivil(absl::CivilDay(2026, month, 28), absl::UTCTimeZone());
    EXPECT_THAT(Codes("sent_quarter"), testing::ElementsAre(quarter)) << month;
  }
}

TEST_F(CodedReferralTest, WhatWasNeverSentHasNoYear) {
  EXPECT_EQ(CodedReferralOf(parties_, events_).year, 0);
}

// The codes of reasons and outcomes are those of the events.
TEST_F(CodedReferralTest, ClosedColumnsListWhatEventsMaySay) {
  for (const auto& [column, type] :
       {std::pair("decline_reason", fed::DeclineReason_descriptor()),
        std::pair("outcome", fed::ClosureOutcome_descriptor())}) {
    std::vector<std::string> codes = {kUnknownCode};
    for (int i = 1; i < type->value_count(); ++i) {
      codes.push_back(EnumCode(*type, type->value(i)->number()));
    }
    EXPECT_THAT(FindTableColumn(column)->codes,
                testing::UnorderedElementsAreArray(codes))
        << column;
  }
  std::vector<std::string> kinds;
  for (int i = 1; i < kReferralEventKindCount; ++i) {
    kinds.emplace_back(Name(static_cast<Kind>(i)));
  }
  EXPECT_THAT(kinds,
              testing::IsSupersetOf(FindTableColumn("referral_event")->codes));
}

TEST_F(CodedReferralTest, TimesRunFromSendingAndOverWeekends) {
  Send();
  // Tuesday: two working days, four days.
  Add(Kind::kAccepted, absl::Hours(96));
  EXPECT_THAT(Codes("acceptance_days"), testing::ElementsAre("2"));
  EXPECT_THAT(Codes("acceptance_time"),
              testing::ElementsAre("0-2 working days"));
  EXPECT_THAT(Codes("decision"), testing::ElementsAre("accepted"));
  EXPECT_THAT(Codes("handover_days"), testing::ElementsAre(kUnknownCode));
  Add(Kind::kHandedOver, absl::Hours(96 + 25));
  Add(Kind::kAssistanceBegun, absl::Hours(24 * 14 + 1));
  EXPECT_THAT(Codes("handover_days"), testing::ElementsAre("2"));
  EXPECT_THAT(Codes("assistance_days"), testing::ElementsAre("15"));
  EXPECT_THAT(Codes("assistance_time"), testing::ElementsAre("15-30 days"));
}

TEST_F(CodedReferralTest, ADeclineTellsItsReasonAndAClosureItsOutcome) {
  Send();
  fed::ReferralEventPayload payload;
  payload.mutable_decline()->set_reason(fed::DECLINE_REASON_UNSAFE);
  Add(Kind::kDeclined, absl::Hours(1), {}, payload);
  EXPECT_THAT(Codes("decision"), testing::ElementsAre("declined"));
  EXPECT_THAT(Codes("decline_reason"), testing::ElementsAre("UNSAFE"));
  payload.mutable_closure()->set_outcome(fed::CLOSURE_OUTCOME_LOST_CONTACT);
  Add(Kind::kClosed, absl::Hours(2), {}, payload);
  EXPECT_THAT(Codes("outcome"), testing::ElementsAre("LOST_CONTACT"));
  // What a later build may say is not known to this one.
  payload.mutable_closure()->set_outcome(static_cast<fed::ClosureOutcome>(99));
  events_.back().payload = payload;
  EXPECT_THAT(Codes("outcome"), testing::ElementsAre(kUnknownCode));
}

TEST_F(CodedReferralTest, AnEventCountsOnceHoweverOftenItCameToPass) {
  Send({.vital_interest = true});
  Add(Kind::kInfoRequested, absl::Hours(1));
  Add(Kind::kInfoAnswered, absl::Hours(2));
  Add(Kind::kInfoRequested, absl::Hours(3));
  EXPECT_THAT(Codes("referral_event"),
              testing::UnorderedElementsAre("SENT", "INFO_REQUESTED"));
  EXPECT_THAT(Codes("lane"), testing::ElementsAre("emergency"));
}

TEST_F(CodedReferralTest, AReceiptIsInTimeLateOrMissing) {
  Send();
  EXPECT_THAT(Codes("handover_receipt"), testing::ElementsAre(kUnknownCode));
  Schedule();
  EXPECT_THAT(Codes("handover_receipt"), testing::ElementsAre(kUnknownCode));
  Add(Kind::kAlarmRaised, absl::Hours(264) + absl::Seconds(1));
  EXPECT_THAT(Codes("handover_receipt"), testing::ElementsAre("missing"));
  Add(Kind::kHandedOver, absl::Hours(265));
  EXPECT_THAT(Codes("handover_receipt"), testing::ElementsAre("late"));
  events_.erase(events_.begin() + 2, events_.end());
  Add(Kind::kHandedOver, absl::Hours(264));
  EXPECT_THAT(Codes("handover_receipt"), testing::ElementsAre("in time"));
}

TEST_F(CodedReferralTest, AWithdrawalIsAnsweredInTimeLateOrNot) {
  Send();
  Add(Kind::kConsentWithdrawn, absl::Hours(10));
  EXPECT_THAT(Codes("erasure_answer"), testing::ElementsAre("missing"));
  Add(Kind::kErasureConfirmed, absl::Hours(82));
  EXPECT_THAT(Codes("erasure_answer"), testing::ElementsAre("in time"));
  events_.back().event.occurred_at += absl::Seconds(1);
  EXPECT_THAT(Codes("erasure_answer"), testing::ElementsAre("late"));
  // Nothing is owed by who holds nothing.
  events_.erase(events_.begin() + 2, events_.end());
  events_.back().event.receipt = ReceiptOutcome::kNotHeld;
  EXPECT_THAT(Codes("erasure_answer"), testing::ElementsAre(kUnknownCode));
}

}  // namespace
}  // namespace comity
