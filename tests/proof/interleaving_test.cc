#include "absl/strings/str_replace.h"
#include "tests/proof/disclosure_watch.h"
#include "tests/proof/durability_watch.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

constexpr uint64_t kSeed = 20261130;
constexpr uint64_t kUsualRuns = 24;  // of kAtOnce referrals each
constexpr int kAtOnce = 8;
constexpr int kSteps = 400;

// Everything that bears on a disclosure happens in any order: steps of both
// sides, deliveries, questions, consent, flags, policies and time.
class Interleaving {
 public:
  explicit Interleaving(uint64_t seed) : flags_(seed % 2 == 0), nodes_(seed) {
    nodes_.SetFaults({100, 100, 50, 50, 50});
    durability_.Watch(*nodes_.to_ng, nodes_.ne, nodes_.ng);
    durability_.Watch(*nodes_.to_ne, nodes_.ng, nodes_.ne);
    for (int i = 0; i < kAtOnce; ++i) {
      referrals_.push_back(nodes_.walk.Begin());
      watch_.Add(referrals_.back());
    }
  }

  void Happen() {
    const WalkedReferral& referral = referrals_[Below(kAtOnce)];
    const uint64_t what = Below(100);
    if (what < 40) {
      nodes_.walk.Step(referral, AnySide()).IgnoreError();
      watch_.CheckWritten(referral);
    } else if (what < 68) {
      AnySide().Round().status().IgnoreError();
    } else if (what < 80) {
      Ask(referral);
    } else if (what < 90) {
      ChangeConsent(referral);
    } else if (what < 94) {
      EXPECT_OK(nodes_.walk.Screen(referral, flags_ && Below(3) == 0));
    } else if (what < 96) {
      ChangePolicy(Below(4) == 0, Below(3) == 0);
    } else {
      nodes_.clock.Advance(absl::Hours(Below(60)));
      nodes_.ne.Tick();
      nodes_.ng.Tick();
      // Written by the node: a withdrawal, an alarm.
      for (const WalkedReferral& each : referrals_) watch_.CheckWritten(each);
    }
  }

  // Nothing stands between the two any more, and all is delivered.
  void End() {
    ChangePolicy(false, false);
    for (const WalkedReferral& each : referrals_) {
      EXPECT_OK(nodes_.walk.Screen(each, false));
    }
    EXPECT_TRUE(nodes_.Deliver()) << "something waits for ever";
    EXPECT_THAT(nodes_.Contradictions(), testing::IsEmpty());
    for (const WalkedReferral& each : referrals_) {
      if (!nodes_.ng.store().ReadReferral(each.id).ok()) continue;
      EXPECT_TRUE(watch_.KeptAfterWithdrawal(each).empty()) << each.case_name;
      EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, each),
                nodes_.walk.StateAt(nodes_.ng, each));
      reached_[nodes_.walk.StateAt(nodes_.ne, each)]++;
    }
  }

  size_t disclosures() const { return watch_.disclosures(); }
  const std::map<ReferralState, int>& reached() const { return reached_; }

 private:
  uint64_t Below(uint64_t limit) { return nodes_.random() % limit; }
  LinkedNode& AnySide() { return Below(2) == 0 ? nodes_.ne : nodes_.ng; }

  std::vector<v1::RecordGroup> SomeGroups() {
    std::vector<v1::RecordGroup> some;
    for (const v1::RecordGroup group :
         {v1::RECORD_GROUP_STATUS, v1::RECORD_GROUP_DEMOGRAPHIC,
          v1::RECORD_GROUP_NEEDS, v1::RECORD_GROUP_IDENTITY,
          v1::RECORD_GROUP_CONTACT_POINT, v1::RECORD_GROUP_LOCATION,
          v1::RECORD_GROUP_MEDICAL}) {
      if (Below(2) == 0) some.push_back(group);
    }
    if (some.empty()) some.push_back(v1::RECORD_GROUP_STATUS);
    return some;
  }

  void Ask(const WalkedReferral& referral) {
    const std::vector<v1::RecordGroup> groups =
        Below(2) == 0
            ? SomeGroups()
            : std::vector<v1::RecordGroup>{v1::RECORD_GROUP_IDENTITY,
                                           v1::RECORD_GROUP_CONTACT_POINT};
    nodes_.walk.AskCase(referral, groups).IgnoreError();
  }

  void ChangeConsent(const WalkedReferral& referral) {
    if (Below(3) != 0) {
      EXPECT_OK(nodes_.walk.RecordConsent(referral, SomeGroups(),
                                          absl::Hours(1 + Below(24 * 30))));
    } else if (Below(4) != 0) {
      nodes_.walk.WithdrawGroups(referral, SomeGroups()).IgnoreError();
    } else {
      nodes_.walk.WithdrawGroups(referral, {}).IgnoreError();
    }
  }

  // The agreement ends and comes back; Niger withholds needs, or does not.
  void ChangePolicy(bool ended, bool withheld) {
    std::string agreement =
        ReadyPolicyText("agreements/ng-ne-bilateral.textproto");
    if (ended) {
      agreement = absl::StrReplaceAll(
          agreement, {{"2030-12-31T00:00:00Z", "2026-01-02T00:00:00Z"}});
    }
    std::string national = ReadyPolicyText("national/ne.textproto");
    if (withheld) {
      national = absl::StrReplaceAll(
          national, {{"[CASE_QUERY, IDENTITY_RELEASE]\n    when { risk_any_of: "
                      "[FAMILY, TRAFFICKER_AT_LARGE] }\n    withhold: "
                      "[LOCATION, FAMILY_LINKS]",
                      "[CASE_QUERY, IDENTITY_RELEASE, REFERRAL_DELIVER]\n    "
                      "when { consent: [GIVEN, GIVEN_BY_GUARDIAN] }\n    "
                      "withhold: [NEEDS, IDENTITY]"}});
    }
    nodes_.Enact(agreement, national);
    watch_.SetPolicy(!ended, withheld ? FieldGroups{FieldGroup::kNeeds,
                                                    FieldGroup::kIdentity}
                                      : FieldGroups{});
  }

  const bool flags_;  // whether flags are set too
  PairOfNodes nodes_;
  DurabilityWatch durability_;
  DisclosureWatch watch_{nodes_};
  std::vector<WalkedReferral> referrals_;
  std::map<ReferralState, int> reached_;
};

// Laws 1, 3, 4 and 5 in every order of events that the seeds come to.
TEST(InterleavingTest, NoOrderTellsWhatIsNotAllowedAndBothSidesConverge) {
  const uint64_t first = SizeOf("COMITY_SEED", kSeed);
  const uint64_t runs = SizeOf("COMITY_INTERLEAVINGS", kUsualRuns);
  size_t disclosures = 0;
  std::map<ReferralState, int> reached;
  for (uint64_t seed = first; seed < first + runs; ++seed) {
    SCOPED_TRACE(testing::Message()
                 << "COMITY_SEED=" << seed << " COMITY_INTERLEAVINGS=1");
    Interleaving run(seed);
    for (int i = 0; i < kSteps; ++i) run.Happen();
    run.End();
    disclosures += run.disclosures();
    for (const auto& [state, count] : run.reached()) reached[state] += count;
    if (testing::Test::HasFailure()) break;
  }
  std::printf("%zu disclosures\n", disclosures);
  for (const auto& [state, count] : reached) {
    std::printf("%s: %d\n", std::string(Name(state)).c_str(), count);
  }
  // The walk is worth something only if it tells much and gets far.
  EXPECT_GT(disclosures, 5 * runs);
  EXPECT_GT(reached.size(), 3u);
}

}  // namespace
}  // namespace comity
