#include "node/disclosure/stated_error.h"
#include "node/disclosure/two_sides.h"
#include "node/policy/policy_engine.h"
#include "node/service/period_publish.h"
#include "node/service/table_count.h"
#include "node/service/table_protection.h"
#include "node/wire/table_wire.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/proof/partner_counts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using Kind = ReferralEventKind;
using Codes = std::vector<std::string>;

constexpr char kOpened[] = R"(
    indicator: [GRANTED])";

// Niger refers persons to Nigeria from 2026-09-21 on, and each side counts what
// its own ledger holds of them.
class TwoSidedCountsTest : public testing::Test {
 protected:
  WalkedReferral Send() {
    const WalkedReferral referral = nodes_.walk.Begin();
    Take(referral, nodes_.ne, Kind::kSent);
    return referral;
  }
  void Take(const WalkedReferral& referral, LinkedNode& node, Kind kind) {
    ASSERT_OK(nodes_.walk.Take(referral, node, kind)) << Name(kind);
  }
  void AdvanceTo(int year, int month, int day) {
    nodes_.clock.Advance(
        absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone()) -
        nodes_.clock.Now());
  }

  // At home, by reason for declining and quarter.
  SideFigures Count(LinkedNode& node, Measure measure) {
    ops::CountTableRequest request;
    request.set_period("2026");
    request.add_dimensions("sent_quarter");
    request.add_dimensions("decline_reason");
    auto* filter = request.add_filters();
    filter->set_column("partner");
    filter->add_values(nodes_.Other(node).code().text());
    request.set_measure(std::string(Name(measure)));
    const auto counted =
        node.Call(node.Person(Role::kStatistician, "stat"),
                  LocalOperation::kTableTabulate, HandleCountTable, request);
    EXPECT_OK(counted);
    SideFigures figures{{}, 0, true};
    if (!counted.ok()) return figures;
    for (const auto& cell : counted->cells()) {
      figures.shown[{cell.codes().begin(), cell.codes().end()}] = cell.value();
    }
    return figures;
  }
  std::vector<TwoSides> CompareLedgers(LinkedNode& from) {
    return CompareSides(Count(from, Measure::kReferrals),
                        Count(nodes_.Other(from), Measure::kReferralsReceived));
  }
  // The codes of the cells in which both ledgers differ.
  std::vector<Codes> Differences() {
    std::vector<Codes> codes;
    for (const TwoSides& line : CompareLedgers(nodes_.ne)) {
      if (line.verdict != SidesVerdict::kEqual) codes.push_back(line.codes);
    }
    return codes;
  }

  void Enact(const std::string& granted) {
    std::string counts = CountsAgreement(kOpened);
    counts.replace(counts.find("GRANTED"), 7, granted);
    nodes_.ne.Enact({counts, ReadyPolicyText("local/ne.textproto")});
    nodes_.ng.Enact({counts, ReadyPolicyText("local/ng.textproto")});
  }
  void Publish(LinkedNode& node) { ASSERT_OK(PublishPeriod(node, "2026")); }
  // What the node tells its partner, by the decision that the gate makes.
  absl::StatusOr<SideFigures> Answer(LinkedNode& node, Measure measure) {
    const TableQuestion question = *TableQuestion::Create(
        "2026", {"sent_quarter"},
        {{"partner", {nodes_.Other(node).code().text()}}}, measure);
    ASSIGN_OR_RETURN(const ProtectedAnswer answer,
                     AnswerToPartner(nodes_, node, question, node.store()));
    SideFigures figures;
    figures.largest_error = ErrorOf(answer.released.method())->largest;
    for (const TableCell& cell : ParseCells(answer.released).cells) {
      if (!cell.suppressed) figures.shown[cell.codes] = cell.value;
    }
    return figures;
  }

  PairOfNodes nodes_{20261201};
};

// Invariant 10: what one side sent and the other one received is the same
// number in every quarter and for every reason.
TEST_F(TwoSidedCountsTest, BothLedgersAgreeByQuarterAndReason) {
  const WalkedReferral declined = Send();
  Send();
  ASSERT_TRUE(nodes_.Deliver());
  Take(declined, nodes_.ng, Kind::kDeclined);
  ASSERT_TRUE(nodes_.Deliver());
  AdvanceTo(2026, 10, 1);
  Send();
  ASSERT_TRUE(nodes_.Deliver());
  std::map<Codes, uint64_t> figures;
  for (const TwoSides& line : CompareLedgers(nodes_.ne)) {
    EXPECT_EQ(line.verdict, SidesVerdict::kEqual) << line.codes[0];
    figures[line.codes] = *line.sent;
  }
  EXPECT_EQ(figures, (std::map<Codes, uint64_t>{{{"NO_CAPACITY", "Q3"}, 1},
                                                {{"NO_CAPACITY", "total"}, 1},
                                                {{"unknown", "Q3"}, 1},
                                                {{"unknown", "Q4"}, 1},
                                                {{"unknown", "total"}, 2},
                                                {{"total", "Q3"}, 2},
                                                {{"total", "Q4"}, 1},
                                                {{"total", "total"}, 3}}));
  // Nothing goes the other way, and nobody counts for the other side.
  EXPECT_TRUE(CompareLedgers(nodes_.ng).empty());
  EXPECT_TRUE(Count(nodes_.ne, Measure::kReferralsReceived).shown.empty());
}

TEST_F(TwoSidedCountsTest, WhatNeverCameAndWhatIsNotToldBackIsNamed) {
  Send();
  const std::vector<Codes> whole = {{"total", "Q3"},
                                    {"total", "total"},
                                    {"unknown", "Q3"},
                                    {"unknown", "total"}};
  EXPECT_THAT(Differences(), testing::UnorderedElementsAreArray(whole));
  ASSERT_TRUE(nodes_.Deliver());
  EXPECT_THAT(Differences(), testing::IsEmpty());
  // Declined there, and not known here yet: the same number, other reasons.
  const WalkedReferral second = Send();
  ASSERT_TRUE(nodes_.Deliver());
  Take(second, nodes_.ng, Kind::kDeclined);
  const std::vector<Codes> reasons = {{"NO_CAPACITY", "Q3"},
                                      {"NO_CAPACITY", "total"},
                                      {"unknown", "Q3"},
                                      {"unknown", "total"}};
  EXPECT_THAT(Differences(), testing::UnorderedElementsAreArray(reasons));
  ASSERT_TRUE(nodes_.Deliver());
  EXPECT_THAT(Differences(), testing::IsEmpty());
}

// Law 5: the receiver counts her no more, at home and in what it published.
TEST_F(TwoSidedCountsTest, Law5WhoTookConsentBackIsNotCountedByTheReceiver) {
  AdvanceTo(2026, 12, 1);
  const WalkedReferral hers = Send();
  Send();
  ASSERT_TRUE(nodes_.Deliver());
  AdvanceTo(2027, 1, 4);
  Publish(nodes_.ng);
  ASSERT_OK(nodes_.walk.WithdrawReferral(hers, nodes_.ne));
  ASSERT_TRUE(nodes_.Deliver());
  const Codes all = {"total", "total"};
  EXPECT_EQ(Count(nodes_.ng, Measure::kReferralsReceived).shown.at(all), 1u);
  EXPECT_EQ(Count(nodes_.ne, Measure::kReferrals).shown.at(all), 2u);
  const auto snapshots = nodes_.ng.store().ListSnapshots();
  ASSERT_OK(snapshots);
  ASSERT_EQ(snapshots->size(), 1u);
  EXPECT_TRUE(snapshots->at(0).closed);
}

// Law 8: what is told across the border is protected on both sides, and the
// protection alone is never called a difference.
TEST_F(TwoSidedCountsTest, Law8ProtectedFiguresOfBothSidesAreCompared) {
  for (int i = 0; i < 30; ++i) Send();
  ASSERT_TRUE(nodes_.Deliver());
  AdvanceTo(2026, 10, 1);
  Send();
  ASSERT_TRUE(nodes_.Deliver());
  AdvanceTo(2027, 1, 11);
  Enact(R"("R8/1", "R9/1")");
  Publish(nodes_.ne);
  Publish(nodes_.ng);
  const auto sent = Answer(nodes_.ne, Measure::kReferrals);
  const auto received = Answer(nodes_.ng, Measure::kReferralsReceived);
  ASSERT_OK(sent);
  ASSERT_OK(received);
  EXPECT_NEAR(static_cast<double>(sent->shown.at({"Q3"})), 30, 8);
  EXPECT_NEAR(static_cast<double>(received->shown.at({"Q3"})), 30, 8);
  // One person in the fourth quarter is shown by neither.
  EXPECT_FALSE(sent->shown.contains({"Q4"}));
  EXPECT_FALSE(received->shown.contains({"Q4"}));
  for (const TwoSides& line : CompareSides(*sent, *received)) {
    EXPECT_NE(line.verdict, SidesVerdict::kDiffers) << line.codes[0];
  }
}

// Law 2: that an agreement opens what was sent opens nothing of what came.
TEST_F(TwoSidedCountsTest, Law2WhatWasReceivedIsOpenedByItsOwnName) {
  Send();
  ASSERT_TRUE(nodes_.Deliver());
  AdvanceTo(2027, 1, 11);
  Enact(R"("R8/1")");
  Publish(nodes_.ng);
  EXPECT_OK(Answer(nodes_.ng, Measure::kReferrals));
  EXPECT_EQ(Answer(nodes_.ng, Measure::kReferralsReceived).status().code(),
            absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace comity
