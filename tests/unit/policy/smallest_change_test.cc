#include "node/policy/smallest_change.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "node/policy/judge.h"
#include "tests/support/random_policy.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

const ParticipantCode kHolder = *ParticipantCode::Create("NG");
const ParticipantCode kAsker = *ParticipantCode::Create("TD");
const absl::Time kNow = absl::FromCivil(absl::CivilMinute(2026, 11, 25, 10, 30),
                                        absl::UTCTimeZone());

PolicySet TriageSet() {
  Agreement agreement;
  agreement.id = "ng-td";
  agreement.revision = 1;
  agreement.party = {"NG", "TD"};
  agreement.valid_from = kNow - absl::Hours(24);
  agreement.valid_until = kNow + absl::Hours(24);
  agreement.digest = std::string(32, 'd');
  Grant triage;
  triage.id = "triage";
  triage.holder = {"NG"};
  triage.asker = {"TD"};
  triage.role = {Role::kCoordinator};
  triage.operation = {Operation::kCaseQuery};
  triage.purpose = {Purpose::kProtection};
  triage.basis = {LegalBasis::kConsent};
  triage.when.consent = {ConsentState::kGiven};
  triage.release = {FieldGroup::kNeeds};
  triage.duties.approvals = 1;
  triage.duties.max_per_day = 5;
  agreement.grants = {triage};
  PolicySet set;
  set.agreements = {agreement};
  return set;
}

class SmallestChangeTest : public testing::Test {
 protected:
  SmallestChangeTest() {
    record_.present = true;
    record_.danger = BuiltInDanger::kNone;
    record_.consent.fill(ConsentState::kGiven);
  }
  // "role = COORDINATOR; approvals = 1", one text for each proposal.
  std::vector<std::string> Run() const {
    const CompiledPolicy policy(set_);
    std::vector<std::string> texts;
    for (const ChangeProposal& proposal :
         SmallestChanges(policy, request_, record_, state_)) {
      std::string text = proposal.operator_alone ? "you" : "record";
      for (const auto* list : {&proposal.changes, &proposal.approvals}) {
        for (const FactChange& change : *list) {
          text += std::string("; ") + Name(change.fact) + " = " + change.value;
        }
      }
      texts.push_back(text);
    }
    return texts;
  }

  // "approvals = 0 -> HOLD", one text for each fact that loses the permit.
  std::vector<std::string> Losses() const {
    const CompiledPolicy policy(set_);
    std::vector<std::string> texts;
    for (const ChangeProposal& loss :
         LosingFacts(policy, request_, record_, state_)) {
      texts.push_back(absl::StrCat(Name(loss.changes[0].fact), " = ",
                                   loss.changes[0].value, " -> ",
                                   Name(loss.after.outcome)));
    }
    return texts;
  }

  PolicySet set_ = TriageSet();
  RecordFacts record_;
  StateFacts state_;
  RequestFacts request_{kNow,
                        kHolder,
                        kAsker,
                        kHolder,
                        kAsker,
                        Role::kCoordinator,
                        "",
                        Operation::kCaseQuery,
                        Purpose::kProtection,
                        LegalBasis::kConsent,
                        "ng-td",
                        std::string(32, 'd'),
                        {FieldGroup::kNeeds}};
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(SmallestChangeTest, ATableThatIsOpenIsProposed) {
  Grant& counts = set_.agreements[0].grants[0];
  counts.operation = {Operation::kAggregateCount};
  counts.tables = {{"Q2/1", {{"age_group", "sex"}, {}}}};
  request_.operation = Operation::kAggregateCount;
  request_.wanted = FieldGroups();
  request_.table.by = {"citizenship"};
  state_.approvals = 1;
  EXPECT_THAT(Run(), ElementsAre("you; table = by age_group, sex"));
}

TEST_F(SmallestChangeTest, AHoldIsReportedAsAStep) {
  EXPECT_THAT(Run(), ElementsAre("you; approvals = 1"));
  request_.role = Role::kCaseWorker;
  EXPECT_THAT(Run(), ElementsAre("you; role = COORDINATOR; approvals = 1"));
  state_.approvals = 1;
  EXPECT_THAT(Run(), ElementsAre("you; role = COORDINATOR"));
  request_.role = Role::kCoordinator;
  EXPECT_THAT(Run(), IsEmpty());
}

TEST_F(SmallestChangeTest, APermitRestsOnTheFactsThatLoseIt) {
  EXPECT_THAT(Losses(), IsEmpty());  // on hold
  state_.approvals = 1;
  EXPECT_THAT(Losses(),
              ElementsAre("approvals = 0 -> HOLD", "role = CASE_WORKER -> DENY",
                          "basis = GUARDIAN_CONSENT -> DENY",
                          "purpose = SAFE_RETURN -> DENY",
                          "time = 2026-11-26T10:30:00Z -> DENY",
                          "consent = GIVEN_BY_GUARDIAN -> DENY"));
  // An approval more than is needed is not what it rests on.
  state_.approvals = 2;
  EXPECT_EQ(Losses().front(), "role = CASE_WORKER -> DENY");
}

TEST_F(SmallestChangeTest, AnEmergencyThatAPermitRestsOnIsNamed) {
  state_.approvals = 1;
  set_.agreements[0].emergency = true;
  set_.agreements[0].grants[0].break_glass = true;
  EXPECT_THAT(Losses(), IsEmpty());
  state_.emergency = true;
  EXPECT_THAT(Losses(), testing::Contains("emergency = ended -> DENY"));
}

TEST_F(SmallestChangeTest, TwoChangesAreProposedIfOneIsNotEnough) {
  state_.approvals = 1;
  request_.role = Role::kCaseWorker;
  request_.purpose = Purpose::kStatistics;
  EXPECT_THAT(Run(),
              ElementsAre("you; role = COORDINATOR; purpose = PROTECTION"));
  request_.basis = LegalBasis::kCourtOrder;  // three are wrong now
  EXPECT_THAT(Run(), IsEmpty());
}

TEST_F(SmallestChangeTest, FactsOfTheRecordAreMarkedAsSuch) {
  state_.approvals = 1;
  record_.consent.fill(ConsentState::kRefused);
  EXPECT_THAT(Run(), ElementsAre("record; consent = GIVEN"));
  request_.role = Role::kCaseWorker;
  EXPECT_THAT(Run(),
              ElementsAre("record; role = COORDINATOR; consent = GIVEN"));
}

TEST_F(SmallestChangeTest, OtherGroupsOrAnotherTimeAreProposed) {
  state_.approvals = 1;
  request_.wanted = {FieldGroup::kMedical};
  EXPECT_THAT(Run(), ElementsAre("you; want = NEEDS"));
  request_.wanted = {FieldGroup::kNeeds};
  state_.used = {{0, LimitKind::kDay, 5}};
  EXPECT_THAT(Run(), ElementsAre("you; time = 2026-11-26T00:00:00Z"));
  state_.used.clear();
  set_.agreements[0].valid_until = kNow;
  EXPECT_THAT(Run(), ElementsAre("you; time = 2026-11-25T10:29:59Z"));
}

TEST_F(SmallestChangeTest, AnotherRevisionOrAnEmergencyIsProposed) {
  state_.approvals = 1;
  request_.agreement_digest = std::string(32, 'x');
  EXPECT_THAT(Run(), ElementsAre("you; agreement = ng-td@1"));
  request_.agreement_digest = std::string(32, 'd');
  set_.agreements[0].grants[0].break_glass = true;
  EXPECT_THAT(Run(), ElementsAre("you; emergency = declared"));
}

// Law 3.
TEST_F(SmallestChangeTest, Law3NobodyIsToldToTalkADangerFlagAway) {
  state_.approvals = 1;
  record_.danger = BuiltInDanger::kUnscreened;
  EXPECT_THAT(Run(),
              ElementsAre("record; screening = done, and nothing found"));
  for (const BuiltInDanger danger :
       {BuiltInDanger::kNeverContact, BuiltInDanger::kNeverShareWith,
        BuiltInDanger::kOfficialInvolvement}) {
    record_.danger = danger;
    EXPECT_THAT(Run(), IsEmpty()) << Name(danger);
  }
  record_.danger = BuiltInDanger::kNone;
  record_.onward = OnwardBar::kForbidden;
  EXPECT_THAT(Run(), IsEmpty());
}

void ExpectProposalHolds(const CompiledPolicy& policy, RandomCase one,
                         const ChangeProposal& proposal) {
  const BuiltInDanger danger = one.record.danger;
  bool operator_alone = true;
  const auto apply = [&](const std::vector<FactChange>& changes) {
    for (const FactChange& change : changes) {
      Apply(change, policy, one.request, one.record, one.state);
      operator_alone &= OperatorMayChange(change.fact);
    }
    return Judge(policy, one.request, one.record, one.state);
  };
  const Decision after = apply(proposal.changes);
  EXPECT_EQ(after.outcome, proposal.after.outcome);
  EXPECT_NE(after.outcome, Outcome::kDeny);
  EXPECT_EQ(after.outcome == Outcome::kHold, !proposal.approvals.empty());
  const Decision permitted = apply(proposal.approvals);
  EXPECT_EQ(permitted.outcome, Outcome::kPermit);
  EXPECT_EQ(permitted.released, proposal.permitted.released);
  EXPECT_EQ(operator_alone, proposal.operator_alone);
  EXPECT_TRUE(one.record.danger == danger ||
              danger == BuiltInDanger::kUnscreened);
}

// Each loss, applied to the facts, is no permit; returns how many there are.
size_t ExpectLossesHold(const CompiledPolicy& policy, const RandomCase& one,
                        bool permitted) {
  const auto losses = LosingFacts(policy, one.request, one.record, one.state);
  EXPECT_TRUE(permitted || losses.empty());
  for (const ChangeProposal& loss : losses) {
    RandomCase changed = one;
    EXPECT_EQ(loss.changes.size(), 1u);
    Apply(loss.changes[0], policy, changed.request, changed.record,
          changed.state);
    const Decision after =
        Judge(policy, changed.request, changed.record, changed.state);
    EXPECT_NE(after.outcome, Outcome::kPermit) << Name(loss.changes[0].fact);
    EXPECT_EQ(after.outcome, loss.after.outcome);
    EXPECT_EQ(changed.record.danger, one.record.danger);
  }
  return losses.size();
}

// 25,000 pairs for each of four seeds.
class SmallestChangePropertyTest : public testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, SmallestChangePropertyTest,
                         testing::Values(104, 105, 106, 107));

TEST_P(SmallestChangePropertyTest, EveryProposalTurnsTheVerdict) {
  RandomPolicy random(GetParam());
  std::map<size_t, int> by_size;
  size_t losses = 0;
  for (int i = 0; i < 5000 && !testing::Test::HasFailure(); ++i) {
    const CompiledPolicy policy(random.NextSet());
    for (int j = 0; j < 5; ++j) {
      const RandomCase one = random.NextCase(policy);
      SCOPED_TRACE(testing::Message() << "set " << i << " case " << j);
      const bool permitted =
          Judge(policy, one.request, one.record, one.state).outcome ==
          Outcome::kPermit;
      const auto proposals =
          SmallestChanges(policy, one.request, one.record, one.state);
      EXPECT_TRUE(!permitted || proposals.empty());
      losses += ExpectLossesHold(policy, one, permitted);
      for (const ChangeProposal& proposal : proposals) {
        ++by_size[proposal.changes.size()];
        ExpectProposalHolds(policy, one, proposal);
      }
    }
  }
  EXPECT_GT(by_size[0], 1000);
  EXPECT_GT(by_size[1], 4000);
  EXPECT_GT(by_size[2], 1000);
  EXPECT_GT(losses, 5000u);
}

}  // namespace
}  // namespace comity
