#include "absl/strings/str_replace.h"
#include "node/service/referral_steps.h"
#include "node/wire/policy_file.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Kind = ReferralEventKind;
using State = ReferralState;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr char kFile[] = "agreements/ng-ne-bilateral.textproto";
constexpr char kLastDay[] = "2030-12-31T00:00:00Z";

const std::vector<v1::RecordGroup> kPacket = {
    v1::RECORD_GROUP_CASE_REF, v1::RECORD_GROUP_STATUS,
    v1::RECORD_GROUP_DEMOGRAPHIC, v1::RECORD_GROUP_NEEDS};

// The agreement of the two, with other words.
std::string AgreementWith(absl::string_view from, absl::string_view to) {
  return absl::StrReplaceAll(ReadyPolicyText(kFile), {{from, to}});
}

// A packet waits at Niger's while the agreement is not in force at either side.
class LapsedAgreementTest : public testing::Test {
 protected:
  LapsedAgreementTest() {
    nodes_.to_ng->AddTap([this](LinkCall call, const std::string& request,
                                const std::string* answer) {
      if (call != LinkCall::kDeliver || answer != nullptr) return;
      told_ |= request.find("Adult") != std::string::npos;
      health_ |= request.find("Health") != std::string::npos;
    });
    referral_ = nodes_.walk.Begin();
  }

  void Send() {
    EXPECT_OK(nodes_.walk.Take(referral_, nodes_.ne, Kind::kSent));
  }
  // Both sides' files say that it is over, and its like.
  void Lapse() {
    nodes_.Enact(AgreementWith(kLastDay, "2026-01-02T00:00:00Z"), "");
  }
  void Restore() { nodes_.Enact(ReadyPolicyText(kFile), ""); }
  // A later revision takes its place.
  void Renew() {
    nodes_.Enact(AgreementWith("revision: 1", "revision: 2"), "");
  }
  // The first revision was in force at that node once.
  void Remember(LinkedNode& node) {
    const std::string text = ReadyPolicyText(kFile);
    const auto body = LoadPolicyBody("a.textproto", text);
    ASSERT_OK(body);
    PolicyRow row{"agreement", "ng-ne-bilateral", 1, body->digest, text};
    row.activated_at = row.effective_at = nodes_.clock.Now();
    EXPECT_OK(node.store().Transact(
        [&](StoreTransaction& tx) { return tx.PutPolicy(row); }));
  }
  // A newer act, which ends before the first one.
  void ConsentFor(const std::vector<v1::RecordGroup>& groups) {
    nodes_.clock.Advance(absl::Minutes(1));
    EXPECT_OK(nodes_.walk.RecordConsent(referral_, groups, absl::Hours(2)));
  }
  ops::GetReferralResponse Shown() {
    ops::GetReferralRequest request;
    request.set_referral_id(referral_.id.ToString());
    const auto shown = nodes_.ne.Call(nodes_.ne.Coordinator("coord"),
                                      LocalOperation::kReferralRead,
                                      HandleGetReferral, request);
    EXPECT_OK(shown);
    return shown.ok() ? *shown : ops::GetReferralResponse();
  }
  std::vector<std::string> Withheld() {
    std::vector<std::string> words;
    const ops::GetReferralResponse shown = Shown();
    for (const ops::WithheldGroups& each : shown.withheld()) {
      std::string word = each.reason();
      for (const int group : each.groups()) {
        absl::StrAppend(&word, " ", Name(static_cast<FieldGroup>(group)));
      }
      words.push_back(word);
    }
    return words;
  }
  // Whom notices tell that a packet waits: "CASE_OWNER ORG/coord".
  std::vector<std::string> Told() {
    const auto all = nodes_.ne.store().ListNotices(absl::InfinitePast(), 100);
    EXPECT_OK(all);
    std::vector<std::string> told;
    for (const Notice& each : *all) {
      if (each.kind != "LAPSED") continue;
      EXPECT_EQ(each.partner, nodes_.ng.code());
      told.push_back(absl::StrCat(Name(each.target), " ", each.person));
    }
    return told;
  }
  // The next hour's look at what waits.
  void LookAnHourLater() {
    nodes_.clock.Advance(absl::Hours(1));
    nodes_.ne.Tick();
  }
  void ExpectWaits() {
    EXPECT_FALSE(nodes_.Deliver(5));
    nodes_.ne.Tick();
    EXPECT_FALSE(nodes_.Deliver(5));
    EXPECT_FALSE(told_);
    EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kSent);
    EXPECT_EQ(nodes_.walk.StateAt(nodes_.ng, referral_), State::kUnset);
    EXPECT_EQ(Shown().referral().state(), "LAPSED");
    EXPECT_EQ(Shown().referral().waits_for(), "US");
  }
  void ExpectArrived() {
    EXPECT_TRUE(nodes_.Deliver(50)) << "something waits for ever";
    EXPECT_THAT(nodes_.Contradictions(), IsEmpty());
    EXPECT_TRUE(told_);
    EXPECT_EQ(nodes_.walk.StateAt(nodes_.ng, referral_), State::kReceived);
    EXPECT_EQ(Shown().referral().state(), "RECEIVED");
  }

  PairOfNodes nodes_{20261207};
  WalkedReferral referral_;
  bool told_ = false;    // her age class left
  bool health_ = false;  // her need left
};

TEST_F(LapsedAgreementTest, APacketWaitsForItAndGoesWhenItIsBack) {
  Send();
  Lapse();
  ExpectWaits();
  Restore();
  EXPECT_EQ(Shown().referral().state(), "SENT");
  ExpectArrived();
  EXPECT_TRUE(health_);
  EXPECT_THAT(Withheld(), IsEmpty());
}

TEST_F(LapsedAgreementTest, PeopleAreToldOnceOfEachLapse) {
  Send();
  LookAnHourLater();
  EXPECT_THAT(Told(), IsEmpty());
  Lapse();
  LookAnHourLater();
  EXPECT_THAT(Told(), UnorderedElementsAre("CASE_OWNER ORG/coord",
                                           "COORDINATOR_AT_HOLDER "));
  LookAnHourLater();
  EXPECT_THAT(Told(), SizeIs(2));
  // Nigeria is away while it is back.
  Restore();
  LookAnHourLater();
  EXPECT_THAT(Told(), SizeIs(2));
  Lapse();
  LookAnHourLater();
  EXPECT_THAT(Told(), SizeIs(4));
}

TEST_F(LapsedAgreementTest, WhoDraftedItIsToldBesideTheCasesOwner) {
  Send();
  const auto row = nodes_.ne.store().ReadReferral(referral_.id);
  ASSERT_OK(row);
  EXPECT_OK(nodes_.ne.store().Transact([&](StoreTransaction& tx) {
    return tx.PutOwner(row->case_id, "ORG/other", "ORG");
  }));
  Lapse();
  LookAnHourLater();
  EXPECT_THAT(Told(), UnorderedElementsAre("CASE_OWNER ORG/other",
                                           "CASE_OWNER ORG/coord",
                                           "COORDINATOR_AT_HOLDER "));
}

// What a flag holds back waits for no agreement.
TEST_F(LapsedAgreementTest, OfWhatAFlagHoldsBackNobodyIsTold) {
  Send();
  EXPECT_OK(nodes_.walk.Screen(referral_, true));
  Lapse();
  LookAnHourLater();
  EXPECT_THAT(Told(), IsEmpty());
}

// It was signed under the first revision, which both sides had in force, and is
// decided under the one that both have now.
TEST_F(LapsedAgreementTest, ARenewedRevisionTakesItAlong) {
  Send();
  Lapse();
  ExpectWaits();
  Remember(nodes_.ne);
  Remember(nodes_.ng);
  Renew();
  ExpectArrived();
  EXPECT_OK(nodes_.walk.Take(referral_, nodes_.ng, Kind::kAccepted));
  EXPECT_TRUE(nodes_.Deliver(50));
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kAccepted);
}

// Law 1: what one side never agreed to says nothing to it.
TEST_F(LapsedAgreementTest, Law1ARevisionThatWasNeverInForceHereTakesNothing) {
  Send();
  Renew();
  ExpectWaits();
  Remember(nodes_.ne);
  // Niger sends it, and Nigeria never had what it cites.
  EXPECT_TRUE(nodes_.Deliver(50));
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ng, referral_), State::kUnset);
}

TEST_F(LapsedAgreementTest, Law4ConsentThatRunsOutEndsTheWaiting) {
  ConsentFor(kPacket);
  Send();
  Lapse();
  ExpectWaits();
  nodes_.clock.Advance(absl::Hours(3));
  EXPECT_TRUE(nodes_.Deliver(50));
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kWithdrawn);
  EXPECT_THAT(Withheld(),
              ElementsAre("CONSENT CASE_REF STATUS DEMOGRAPHIC NEEDS"));
  Restore();
  EXPECT_TRUE(nodes_.Deliver(50));
  EXPECT_FALSE(told_);
}

TEST_F(LapsedAgreementTest, Law4OfAPacketThatWaitsConsentTakesAPart) {
  ConsentFor({v1::RECORD_GROUP_NEEDS});
  Send();
  Lapse();
  ExpectWaits();
  nodes_.clock.Advance(absl::Hours(3));
  ExpectWaits();
  EXPECT_THAT(Withheld(), ElementsAre("CONSENT NEEDS"));
  Restore();
  ExpectArrived();
  EXPECT_FALSE(health_);
}

TEST_F(LapsedAgreementTest, Law5AWithdrawalEndsTheWaiting) {
  Send();
  Lapse();
  ExpectWaits();
  EXPECT_OK(nodes_.walk.WithdrawReferral(referral_, nodes_.ne));
  Restore();
  EXPECT_TRUE(nodes_.Deliver(50));
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kWithdrawn);
  EXPECT_FALSE(told_);
}

TEST_F(LapsedAgreementTest, Law3AFlagKeepsItAlsoWhenTheAgreementIsBack) {
  Send();
  Lapse();
  ExpectWaits();
  EXPECT_OK(nodes_.walk.Screen(referral_, true));
  Restore();
  EXPECT_TRUE(nodes_.Deliver(50));
  EXPECT_FALSE(told_);
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ng, referral_), State::kUnset);
}

}  // namespace
}  // namespace comity
