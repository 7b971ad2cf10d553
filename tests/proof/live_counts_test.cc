#include <map>

#include "node/service/subject_steps.h"
#include "node/service/table_count.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Kind = ReferralEventKind;
using Figures = std::map<std::vector<std::string>, uint64_t>;

// Referrals that people of two nodes take through their first steps, counted at
// home while they go on. The clock stands at 2026-09-21, a Monday.
class LiveCountsTest : public testing::Test {
 protected:
  WalkedReferral Send() {
    const WalkedReferral referral = nodes_.walk.Begin();
    Take(referral, nodes_.ne, Kind::kSent);
    return referral;
  }
  void Take(const WalkedReferral& referral, LinkedNode& node, Kind kind) {
    ASSERT_OK(nodes_.walk.Take(referral, node, kind)) << Name(kind);
    ASSERT_TRUE(nodes_.Deliver());
  }

  absl::StatusOr<ops::CountTableResponse> Ask(LinkedNode& node,
                                              const std::string& by,
                                              const std::string& measure,
                                              Role role) {
    ops::CountTableRequest request;
    request.set_period("2026");
    request.add_dimensions(by);
    request.set_measure(measure);
    return node.Call(node.Person(role, "stat"), LocalOperation::kTableTabulate,
                     HandleCountTable, request);
  }
  Figures Count(LinkedNode& node, const std::string& by,
                const std::string& measure = "REFERRALS") {
    const auto counted = Ask(node, by, measure, Role::kStatistician);
    EXPECT_OK(counted);
    Figures figures;
    if (!counted.ok()) return figures;
    for (const auto& cell : counted->cells()) {
      figures[{cell.codes().begin(), cell.codes().end()}] = cell.value();
    }
    return figures;
  }

  PairOfNodes nodes_{20261208};
};

TEST_F(LiveCountsTest, EachStepOfAReferralIsCountedAtOnceByItsHolder) {
  EXPECT_EQ(Count(nodes_.ne, "decision"), Figures());
  nodes_.walk.Begin();  // a draft, which is nothing yet
  EXPECT_EQ(Count(nodes_.ne, "decision"), Figures());
  const WalkedReferral first = Send();
  const WalkedReferral second = Send();
  EXPECT_EQ(Count(nodes_.ne, "decision"),
            (Figures{{{"unknown"}, 2}, {{"total"}, 2}}));
  Take(first, nodes_.ng, Kind::kAccepted);
  nodes_.clock.Advance(absl::Hours(48));
  Take(second, nodes_.ng, Kind::kDeclined);
  EXPECT_EQ(Count(nodes_.ne, "decision"),
            (Figures{{{"accepted"}, 1}, {{"declined"}, 1}, {{"total"}, 2}}));
  // The receiver has the same events, and counts none of them.
  EXPECT_EQ(Count(nodes_.ng, "decision"), Figures());
}

// Exact at home, where the agreement would hide it.
TEST_F(LiveCountsTest, AMedianIsThatOfTheReferralsWithADuration) {
  std::vector<WalkedReferral> sent;
  for (int i = 0; i < 4; ++i) sent.push_back(Send());
  Take(sent[0], nodes_.ng, Kind::kAccepted);
  nodes_.clock.Advance(absl::Hours(48));
  Take(sent[1], nodes_.ng, Kind::kAccepted);
  Take(sent[2], nodes_.ng, Kind::kAccepted);
  const Figures medians = Count(nodes_.ne, "partner", "MEDIAN_ACCEPTANCE_DAYS");
  EXPECT_EQ(medians, (Figures{{{"NG"}, 2}, {{"total"}, 2}}));
}

TEST_F(LiveCountsTest, AnErasedPersonsReferralsAreCountedNoMore) {
  const WalkedReferral hers = Send();
  Send();
  EXPECT_EQ(Count(nodes_.ne, "partner"),
            (Figures{{{"NG"}, 2}, {{"total"}, 2}}));
  ops::EraseSubjectRequest erase;
  erase.set_request_id(NewUuid(nodes_.ne.context().random).ToString());
  erase.set_case_id(hers.case_name);
  erase.set_ground("SUBJECT_REQUEST");
  erase.set_confirm(true);
  ASSERT_OK(
      nodes_.ne.Call(nodes_.ne.Person(Role::kDataProtectionOfficer, "dpo"),
                     LocalOperation::kSubjectErase, HandleEraseSubject, erase));
  EXPECT_EQ(Count(nodes_.ne, "partner"),
            (Figures{{{"NG"}, 1}, {{"total"}, 1}}));
}

TEST_F(LiveCountsTest, WhoMayNotCountAtHomeIsRefused) {
  EXPECT_THAT(Ask(nodes_.ne, "partner", "REFERRALS", Role::kCoordinator),
              FailsWith(ErrorReason::kLocalAccessDenied));
}

}  // namespace
}  // namespace comity
