#include "node/policy/policy_engine.h"
#include "node/service/period_publish.h"
#include "node/service/referral_rows.h"
#include "node/service/subject_steps.h"
#include "node/service/table_protection.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/proof/partner_counts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using Kind = ReferralEventKind;
using Figures = std::map<std::vector<std::string>, uint64_t>;

constexpr char kOpened[] = R"(
    measure: [REFERRALS, MEDIAN_ACCEPTANCE_DAYS]
    dimension: ["decision", "partner", "referral_event"])";

// Referrals that people of two nodes take through their first steps, with real
// evidence between them, and the period in which they were sent, published when
// the year is over.
class ReferralCountsTest : public testing::Test {
 protected:
  // So many persons, whose referrals were sent on 2026-09-21, a Monday.
  void Send(int persons) {
    for (int i = 0; i < persons; ++i) {
      referrals_.push_back(nodes_.walk.Begin());
      Take(referrals_.back(), nodes_.ne, Kind::kSent);
    }
    ASSERT_TRUE(nodes_.Deliver());
  }
  // The receiver decides on referrals of these numbers.
  void Decide(size_t from, size_t to, Kind decision) {
    for (size_t i = from; i < to; ++i) {
      Take(referrals_[i], nodes_.ng, decision);
    }
    ASSERT_TRUE(nodes_.Deliver());
  }
  void Take(const WalkedReferral& referral, LinkedNode& node, Kind kind) {
    ASSERT_OK(nodes_.walk.Take(referral, node, kind)) << Name(kind);
  }

  // On the next 11th of January.
  void PublishTheYear() {
    nodes_.clock.Advance(
        absl::FromCivil(absl::CivilDay(2027, 1, 11), absl::UTCTimeZone()) -
        nodes_.clock.Now());
    nodes_.ne.Enact(
        {CountsAgreement(kOpened), ReadyPolicyText("local/ne.textproto")});
    nodes_.ng.Enact(
        {CountsAgreement(kOpened), ReadyPolicyText("local/ng.textproto")});
    Publish(nodes_.ne);
    Publish(nodes_.ng);
  }
  void Publish(LinkedNode& node) { ASSERT_OK(PublishPeriod(node, "2026")); }

  static TableQuestion Question(const std::vector<std::string>& by,
                                Measure measure = Measure::kReferrals) {
    return *TableQuestion::Create("2026", by, {}, measure);
  }
  fed::ReleasedTable Ask(LinkedNode& node, const TableQuestion& question) {
    const auto answer = AnswerToPartner(nodes_, node, question, node.store());
    EXPECT_OK(answer);
    if (!answer.ok()) return {};
    EXPECT_OK(node.context()
                  .writer
                  .Commit([&](CommitScope& scope) {
                    return KeepAnswer(*answer, scope);
                  })
                  .status());
    return answer->released;
  }
  static Figures FiguresOf(const fed::ReleasedTable& table) {
    Figures figures;
    for (const auto& cell : table.cells()) {
      if (cell.status() != fed::CELL_STATUS_VALUE) continue;
      figures[{cell.codes().begin(), cell.codes().end()}] = cell.value();
    }
    return figures;
  }
  static void ExpectNear(const Figures& figures,
                         const std::vector<std::string>& codes, double count) {
    ASSERT_TRUE(figures.contains(codes)) << codes[0];
    EXPECT_NEAR(static_cast<double>(figures.at(codes)), count, 8) << codes[0];
  }

  PairOfNodes nodes_{20261207};
  std::vector<WalkedReferral> referrals_;
};

TEST_F(ReferralCountsTest, ARegionCountsEachReferralOnceAtItsSender) {
  Send(46);
  nodes_.clock.Advance(absl::Hours(48));
  Decide(0, 20, Kind::kAccepted);
  nodes_.clock.Advance(absl::Hours(24 * 5));
  Decide(20, 34, Kind::kAccepted);
  Decide(34, 46, Kind::kDeclined);
  PublishTheYear();

  const Figures decisions = FiguresOf(Ask(nodes_.ne, Question({"decision"})));
  ExpectNear(decisions, {"total"}, 46);
  ExpectNear(decisions, {"accepted"}, 34);
  // Nobody is undecided, which is hidden, and so is the smallest beside it.
  EXPECT_EQ(decisions.size(), 2u);
  const Figures events =
      FiguresOf(Ask(nodes_.ne, Question({"partner", "referral_event"})));
  ExpectNear(events, {"NG", "SENT"}, 46);
  ExpectNear(events, {"NG", "ACCEPTED"}, 34);
  EXPECT_FALSE(events.contains({"NG", "HANDED_OVER"}));

  // Twenty within two working days, fourteen within five: the 17th is among
  // the former, and whose number is told is at most eight further.
  const fed::ReleasedTable time =
      Ask(nodes_.ne, Question({"partner"}, Measure::kMedianAcceptanceDays));
  EXPECT_EQ(time.method(), "rank-key/v1");
  const Figures medians = FiguresOf(time);
  ASSERT_EQ(medians.size(), 2u);
  for (const auto& [codes, days] : medians) {
    EXPECT_TRUE(days == 2 || days == 5) << days;
  }
  // The receiver has the same events, and counts none of them.
  EXPECT_THAT(FiguresOf(Ask(nodes_.ng, Question({"decision"}))),
              testing::IsEmpty());
}

TEST_F(ReferralCountsTest, Law8AMedianIsStoredAndServedFromTheDisk) {
  Send(24);
  Decide(0, 24, Kind::kAccepted);
  PublishTheYear();
  const TableQuestion question =
      Question({"partner"}, Measure::kMedianAcceptanceDays);
  const std::string first = Ask(nodes_.ne, question).SerializeAsString();
  const auto disk = nodes_.ne.OpenFromDisk();
  ASSERT_OK(disk);
  const auto again = AnswerToPartner(nodes_, nodes_.ne, question, **disk);
  ASSERT_OK(again);
  EXPECT_EQ(again->released.SerializeAsString(), first);
  EXPECT_FALSE(again->first.has_value());
  // Another measure of the same cells is another answer, and none that the
  // agreement does not name.
  EXPECT_NE(Ask(nodes_.ne, Question({"partner"})).SerializeAsString(), first);
  EXPECT_FALSE(
      AnswerToPartner(nodes_, nodes_.ne,
                      Question({"partner"}, Measure::kP90AcceptanceDays),
                      nodes_.ne.store())
          .ok());
}

// Her case counts in no published year; her referral does.
TEST_F(ReferralCountsTest, Law8ErasingAPersonClosesTheRevisionOfHerReferral) {
  Send(12);
  PublishTheYear();
  const TableQuestion asked = Question({"partner"});
  const std::string first = Ask(nodes_.ne, asked).SerializeAsString();
  ops::EraseSubjectRequest erase;
  erase.set_request_id(NewUuid(nodes_.ne.context().random).ToString());
  erase.set_case_id(referrals_[0].case_name);
  erase.set_ground("SUBJECT_REQUEST");
  erase.set_confirm(true);
  const auto erased =
      nodes_.ne.Call(nodes_.ne.Person(Role::kDataProtectionOfficer, "dpo"),
                     LocalOperation::kSubjectErase, HandleEraseSubject, erase);
  ASSERT_OK(erased);
  EXPECT_THAT(erased->reach().revisions(),
              testing::ElementsAre("2026 revision 1"));
  EXPECT_EQ(Ask(nodes_.ne, asked).SerializeAsString(), first);
  EXPECT_THAT(AnswerToPartner(nodes_, nodes_.ne, Question({"decision"}),
                              nodes_.ne.store()),
              FailsWith(ErrorReason::kPeriodNotPublished));
  // The next revision holds the others.
  Publish(nodes_.ne);
  const auto rows = CodedReferrals(
      nodes_.ne.code(),
      {nodes_.ne.store().ReadReferral(referrals_[1].id)->case_id},
      nodes_.ne.store());
  ASSERT_OK(rows);
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ((*rows)[0].year, 2026);
}

}  // namespace
}  // namespace comity
