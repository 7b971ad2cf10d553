#include "node/wire/decision_wire.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace pb = operators::v1;

const ParticipantCode kHolder = *ParticipantCode::Create("NE");
const ParticipantCode kAsker = *ParticipantCode::Create("NG");
const absl::Time kNow = absl::FromUnixMillis(1790000000123);

// Two rules: "a/g" and "national/r".
PolicySet Rules() {
  PolicySet set;
  Agreement agreement;
  agreement.id = "a";
  agreement.digest = std::string(32, 'd');
  Grant grant;
  grant.id = "g";
  agreement.grants = {grant};
  set.agreements = {agreement};
  set.national.emplace();
  Require require;
  require.id = "r";
  set.national->requires_ = {require};
  return set;
}

class DecisionWireTest : public testing::Test {
 protected:
  DecisionWireTest() {
    record_.present = true;
    record_.consent[1] = ConsentState::kGiven;
    record_.consent[16] = ConsentState::kWithdrawn;
    record_.danger = BuiltInDanger::kNeverShareWith;
    record_.onward = OnwardBar::kOtherPurpose;
    record_.age = AgeClass::kAgeDisputed;
    record_.risks_known = true;
    record_.risks = {RiskMarker::kFamily, RiskMarker::kTraffickerAtLarge};
    record_.origin = {CountryRelation::kSameAsAsker, CountryRelation::kOther};
    record_.exploitation = {CountryRelation::kSameAsHolder};
    record_.stage = DossierStage::kHandedOver;
    record_.record_age = RecordAge::kOlder;
    state_.used = {{0, LimitKind::kHour, 3}, {1, LimitKind::kOfficerDay, 4}};
    state_.cells_used_this_year = 7;
    state_.new_cells = 8;
    state_.linked_tables = 13;
    state_.epsilon_spent = 9;
    state_.epsilon_spent_by_all = 10;
    state_.epsilon_new = 11;
    state_.epsilon_new_for_all = 12;
    state_.delta_spent = 14;
    state_.delta_spent_by_all = 15;
    state_.delta_new = 16;
    state_.delta_new_for_all = 17;
    state_.approvals = 1;
    state_.approvals_at_home = 2;
    state_.emergency = true;
  }

  pb::DecisionFacts Format() const {
    return FormatDecisionFacts(policy_, request_, record_, state_);
  }
  absl::StatusOr<DecisionFacts> Parse(const pb::DecisionFacts& facts) const {
    return ParseDecisionFacts(facts, policy_);
  }
  void ExpectRoundTrip() const {
    ASSERT_OK_AND_ASSIGN(const DecisionFacts facts, Parse(Format()));
    EXPECT_EQ(facts.request, request_);
    EXPECT_EQ(facts.record, record_);
    EXPECT_EQ(facts.state, state_);
  }

  const CompiledPolicy policy_{Rules()};
  RecordFacts record_;
  StateFacts state_;
  RequestFacts request_{
      kNow,
      kHolder,
      kAsker,
      kHolder,
      kAsker,
      Role::kSurvivorRepresentative,
      "NAPTIP",
      Operation::kReferralEvent,
      Purpose::kOversight,
      LegalBasis::kPublicTask,
      "a",
      std::string(32, 'd'),
      {FieldGroup::kCaseRef, FieldGroup::kPerpetrator},
      kNow - absl::Hours(24),
      {{"age_group", "sex"}, {{"exploitation", "ForcedLabour"}}}};
};

TEST_F(DecisionWireTest, TheOwnLogKeepsTheSameBytes) {
  const std::string kept =
      SerializeDecisionFacts(policy_, request_, record_, state_);
  EXPECT_EQ(kept, Format().SerializeAsString());
  pb::DecisionFacts read;
  ASSERT_TRUE(read.ParseFromString(kept));
  EXPECT_EQ(Parse(read)->record, record_);
}

TEST_F(DecisionWireTest, EveryFactReturns) { ExpectRoundTrip(); }

TEST_F(DecisionWireTest, WhatIsNotKnownReturnsAsNotKnown) {
  record_ = RecordFacts();
  record_.present = true;
  state_ = StateFacts();
  request_ = {kNow, kHolder, kAsker, kHolder, kAsker};
  ExpectRoundTrip();
  record_.present = false;
  EXPECT_FALSE(Format().has_record());
  ExpectRoundTrip();
}

TEST_F(DecisionWireTest, ChargesGoByNameAndReachEveryRevision) {
  PolicySet other = Rules();
  other.agreements.push_back(other.agreements[0]);
  other.agreements[1].digest = std::string(32, 'e');
  other.national.reset();
  const CompiledPolicy policy(other);
  ASSERT_OK_AND_ASSIGN(const DecisionFacts facts,
                       ParseDecisionFacts(Format(), policy));
  EXPECT_THAT(facts.state.used,
              testing::ElementsAre(LimitUse{0, LimitKind::kHour, 3},
                                   LimitUse{1, LimitKind::kHour, 3}));
}

TEST_F(DecisionWireTest, RefusesWordsOutsideTheVocabulary) {
  const auto refused = [&](const auto& damage) {
    pb::DecisionFacts facts = Format();
    damage(facts);
    EXPECT_THAT(Parse(facts), FailsWith(ErrorReason::kFieldInvalid))
        << facts.ShortDebugString();
  };
  refused([](auto& f) { f.mutable_request()->set_role("KING"); });
  refused([](auto& f) { f.mutable_request()->set_operation("UNSET"); });
  refused([](auto& f) { f.mutable_request()->set_self("?"); });
  refused([](auto& f) {
    f.mutable_request()->set_wanted(0, static_cast<v1::RecordGroup>(40));
  });
  refused([](auto& f) { f.mutable_record()->set_danger("SOME"); });
  refused([](auto& f) { f.mutable_record()->set_onward("SOME"); });
  refused([](auto& f) { f.mutable_record()->add_risks(""); });
  refused([](auto& f) { f.mutable_record()->add_origins("HERE"); });
  refused([](auto& f) {
    f.mutable_record()->mutable_consents(0)->set_group(
        v1::RECORD_GROUP_UNSPECIFIED);
  });
  refused(
      [](auto& f) { f.mutable_state()->mutable_charges(0)->set_window("x"); });
  pb::DecisionFacts facts = Format();
  facts.mutable_request()->clear_asker();
  EXPECT_THAT(Parse(facts), FailsWith(ErrorReason::kFieldMissing));
}

}  // namespace
}  // namespace comity
