#include "node/service/agreement_standing.h"

#include "tests/support/self_made_card.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

// Niger's node, which knows Nigeria and holds the agreement "ng-ne".
class AgreementStandingTest : public testing::Test {
 protected:
  AgreementStandingTest() {
    parts_.partners.Set(std::make_shared<PartnerTable>(
        std::vector<ParticipantCard>{SelfMadeCard(
            ng_, SigningKey::Generate(KeyAlgorithm::kEd25519).public_key(),
            parts_.clock.Now(), parts_.random)}));
    Hold({1});
  }

  static std::string DigestOf(uint32_t revision) {
    return std::string(32, static_cast<char>('a' + revision));
  }
  // The own revisions; the one in force comes last.
  void Hold(const std::vector<uint32_t>& revisions) {
    PolicySet set;
    for (const uint32_t revision : revisions) {
      Agreement agreement;
      agreement.id = "ng-ne";
      agreement.revision = revision;
      agreement.party = {"NE", "NG"};
      agreement.digest = DigestOf(revision);
      agreement.valid_from = parts_.clock.Now() - absl::Hours(1);
      agreement.valid_until = parts_.clock.Now() + absl::Hours(24 * 365);
      set.agreements.push_back(agreement);
    }
    parts_.policy.Set(
        {{absl::InfinitePast(), std::make_shared<PolicyEngine>(set, 1)}}, {});
  }
  // What Nigeria says that it holds.
  void Hear(const std::vector<uint32_t>& revisions,
            const std::string& id = "ng-ne") {
    HandshakeFacts facts;
    facts.now = parts_.clock.Now();
    for (const uint32_t revision : revisions) {
      facts.agreements.push_back({id, revision, DigestOf(revision)});
    }
    parts_.node.handshakes->Note(ng_, facts, parts_.clock.Now());
  }
  StatusChecks Checks(bool collects = false) {
    StatusChecks checks;
    CheckAgreementsWith(parts_.node, ng_, collects, checks);
    return checks;
  }
  void ExpectDiffers(bool differs) {
    const StatusChecks checks = Checks();
    ASSERT_THAT(checks, SizeIs(1));
    EXPECT_EQ(checks[0].subject(), "agreement ng-ne");
    EXPECT_EQ(checks[0].ok(), !differs) << checks[0].detail();
    EXPECT_THAT(KnownDifferences(parts_.node), SizeIs(differs ? 1 : 0));
  }
  // The own line after these rows were put in force.
  operators::v1::StatusCheck OwnLine() {
    StatusChecks checks;
    CheckOwnAgreements(parts_.node,
                       parts_.policy.Get(parts_.clock.Now())->set(), checks);
    return checks[0];
  }
  void Put(uint32_t revision, absl::Time effective_at) {
    PolicyRow row{"agreement", "ng-ne", revision, DigestOf(revision)};
    row.activated_at = parts_.clock.Now();
    row.effective_at = effective_at;
    ASSERT_OK(parts_.writer.Commit(
        [&](CommitScope& scope) { return scope.store().PutPolicy(row); }));
  }

  ServiceParts parts_;
  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
};

TEST_F(AgreementStandingTest, NothingIsSaidOfWhatNobodyCompared) {
  const StatusChecks checks = Checks();
  ASSERT_THAT(checks, SizeIs(1));
  EXPECT_THAT(checks[0].detail(), HasSubstr("not compared yet"));
  EXPECT_THAT(KnownDifferences(parts_.node), SizeIs(0));
}

TEST_F(AgreementStandingTest, AnotherDigestIsNamedWithItsMomentAndNextStep) {
  Hear({1});
  ExpectDiffers(false);
  EXPECT_EQ(Checks()[0].detail(),
            absl::FormatTime("the same digest on both sides, as of %H:%M UTC",
                             parts_.clock.Now(), absl::UTCTimeZone()));
  Hear({2});
  ExpectDiffers(true);
  EXPECT_THAT(Checks()[0].detail(), HasSubstr("the digests differ, as of "));
  EXPECT_THAT(Checks()[0].fix(), HasSubstr("comity policy compare NG ng-ne"));
  EXPECT_EQ(Checks()[0].reason(), "AGREEMENT_NOT_IN_FORCE");
  // Nobody can read the file of one that collects.
  EXPECT_THAT(Checks(true)[0].fix(), HasSubstr("comity policy digest"));
}

TEST_F(AgreementStandingTest, ADayLaterItNamesTheDay) {
  Hear({1});
  const absl::Time seen = parts_.clock.Now();
  parts_.clock.Advance(absl::Hours(24));
  EXPECT_THAT(Checks()[0].detail(),
              HasSubstr(absl::FormatTime("as of %Y-%m-%d %H:%M UTC", seen,
                                         absl::UTCTimeZone())));
}

TEST_F(AgreementStandingTest, WhatOneSideAloneActivatedIsNamed) {
  Hear({});
  ExpectDiffers(true);
  EXPECT_THAT(Checks()[0].detail(), HasSubstr("the partner has not activated"));
  Hold({});
  Hear({1});
  ExpectDiffers(true);
  EXPECT_THAT(Checks()[0].detail(), HasSubstr("and this node has not"));
}

TEST_F(AgreementStandingTest, APartnerFillsNoStatusWithNamesOfItsOwn) {
  HandshakeFacts facts;
  for (int i = 0; i < 1000; ++i) {
    facts.agreements.push_back({absl::StrCat("made-up-", i), 1, DigestOf(1)});
  }
  parts_.node.handshakes->Note(ng_, facts, parts_.clock.Now());
  // The own one, and so many others.
  EXPECT_THAT(Checks(), SizeIs(17));
}

// Both revisions are answered until the switch.
TEST_F(AgreementStandingTest, ASwitchAheadIsNoDifferenceAndIsNamed) {
  Hold({2, 1});
  Hear({1});
  ExpectDiffers(false);
  EXPECT_THAT(Checks()[0].detail(), HasSubstr("revision 2, which waits for its "
                                              "switch here"));
  Hear({2, 1});
  ExpectDiffers(false);
  EXPECT_THAT(Checks()[0].detail(), Not(HasSubstr("revision 2")));
  // There it is in force already, and revision 1 is gone.
  Hear({2});
  ExpectDiffers(true);
  Hold({1});
  Hear({2, 1});
  ExpectDiffers(false);
  EXPECT_THAT(Checks()[0].detail(), HasSubstr("switch there"));
}

TEST_F(AgreementStandingTest, ASwitchThatWaitsIsNotCountedAsInForce) {
  const absl::Time now = parts_.clock.Now();
  Put(1, now);
  EXPECT_EQ(OwnLine().detail(), "1 in force");
  Put(2, now + absl::Hours(1));
  Hold({2, 1});
  EXPECT_EQ(
      OwnLine().detail(),
      absl::StrCat("1 in force, 1 switch waits for ",
                   absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now + absl::Hours(1),
                                    absl::UTCTimeZone())));
  parts_.clock.Advance(absl::Hours(1));
  EXPECT_EQ(OwnLine().detail(), "1 in force");
  EXPECT_TRUE(OwnLine().ok());
  parts_.clock.Advance(absl::Hours(24 * 366));
  EXPECT_EQ(OwnLine().detail(), "0 in force, 1 before or after its days");
  EXPECT_FALSE(OwnLine().ok());
}

}  // namespace
}  // namespace comity
