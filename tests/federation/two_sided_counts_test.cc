#include <map>

#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/cli/table_reconcile.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Tables = ops::TableService;

// The statisticians of two real nodes count the referrals between them, each
// from its own ledger.
class TwoSidedCountsFederationTest : public ReferralStory {
 protected:
  ops::CountTableRequest Question(const std::string& measure,
                                  const std::string& partner) const {
    ops::CountTableRequest request;
    request.set_period(
        absl::FormatTime("%Y", clock_.Now(), absl::UTCTimeZone()));
    request.add_dimensions("decline_reason");
    auto* filter = request.add_filters();
    filter->set_column("partner");
    filter->add_values(partner);
    request.set_measure(measure);
    return request;
  }
  SideFigures Count(TestParticipant& node, const std::string& measure,
                    const std::string& partner) {
    const auto counted = As<Tables, ops::CountTableResponse>(
        node.As("ORG", Role::kStatistician, "stat"), &Tables::Stub::CountTable,
        Question(measure, partner));
    EXPECT_OK(counted);
    if (!counted.ok()) return {};
    EXPECT_EQ(counted->measure(), measure);
    EXPECT_EQ(counted->unit(), "referrals");
    return FiguresOf(*counted);
  }
  std::vector<TwoSides> Compare() {
    return CompareSides(Count(ne_, "REFERRALS", "NG"),
                        Count(ng_, "REFERRALS_RECEIVED", "NE"));
  }
  void Decline(const std::string& id) {
    ops::DeclineReferralRequest request;
    request.set_referral_id(id);
    request.set_reason("UNSAFE");
    ASSERT_OK((As<ops::ReferralService, ops::DeclineReferralResponse>(
        Receiver(), &ops::ReferralService::Stub::DeclineReferral, request)));
  }
};

TEST_F(TwoSidedCountsFederationTest, WhatOneSentTheOtherReceived) {
  Open({});
  const std::string first = Refer("C1");
  Refer("C2");
  Decline(first);
  ExpectBoth(first, "DECLINED");
  std::map<std::string, uint64_t> received;
  for (const TwoSides& line : Compare()) {
    EXPECT_EQ(line.verdict, SidesVerdict::kEqual) << line.codes[0];
    received[line.codes[0]] = *line.received;
  }
  EXPECT_EQ(received, (std::map<std::string, uint64_t>{
                          {"UNSAFE", 1}, {"unknown", 1}, {"total", 2}}));
  // Each counts one side only.
  EXPECT_TRUE(Count(ne_, "REFERRALS_RECEIVED", "NG").shown.empty());
  EXPECT_TRUE(Count(ng_, "REFERRALS", "NE").shown.empty());
}

}  // namespace
}  // namespace comity
