#include "node/policy/policy_diff.h"

#include <array>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/policy/duty_words.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/policy/analysed_policies.h"

namespace comity {
namespace {

using Numbers = std::array<size_t, kAxisCount>;
using Differences = std::set<std::pair<ChangeKind, std::string>>;

FactPoint PointAt(const FactAxes& axes, const Numbers& numbers) {
  FactPoint point = axes.Start();
  for (int i = 0; i < kAxisCount; ++i) {
    axes.Put(static_cast<Axis>(i), numbers[static_cast<size_t>(i)], point);
  }
  return point;
}

// What a diff says of one request.
Differences Reported(const PolicyDiff& diff, const Numbers& numbers) {
  Differences reported;
  for (const PolicyChange& change : diff.changes) {
    bool inside = !change.agreement.empty();
    for (size_t i = 0; i < numbers.size(); ++i) {
      inside &= (change.box.values[i] >> numbers[i] & 1) != 0;
    }
    if (inside) reported.emplace(change.kind, change.demand);
  }
  return reported;
}

// What the two policies themselves say of it.
Differences Decided(const HolderPolicies& before, const HolderPolicies& after,
                    const FactPoint& point) {
  const Answer was = before.Decide("a", point);
  const Answer is = after.Decide("a", point);
  if (was.permitted != is.permitted) {
    return {{is.permitted ? ChangeKind::kWidened : ChangeKind::kNarrowed, ""}};
  }
  Differences decided;
  if (!was.permitted || was == is) return decided;
  for (const DemandChange& change : CompareDemands(was, is)) {
    constexpr ChangeKind kKinds[] = {ChangeKind::kWeaker, ChangeKind::kStronger,
                                     ChangeKind::kFewerApprovals,
                                     ChangeKind::kMoreApprovals};
    decided.emplace(kKinds[static_cast<size_t>(change.kind)], change.words);
  }
  EXPECT_FALSE(decided.empty()) << "a difference without words";
  return decided;
}

// The values of `box` that a draw picks mostly, so that requests are granted.
Numbers DrawNumbers(PolicyDraw& draw, const FactAxes& axes,
                    const std::vector<FactBox>& granted) {
  const FactBox& box = granted[draw.Below(granted.size())];
  Numbers numbers;
  const auto pick = [&](Axis axis, uint64_t values) {
    size_t value = 0;
    do {
      value = draw.Below(axes.size(axis));
    } while ((values >> value & 1) == 0);
    numbers[static_cast<size_t>(axis)] = value;
  };
  pick(Axis::kOperation, box[Axis::kOperation]);
  const auto operation = static_cast<Operation>(numbers[0]);
  for (int i = 1; i < kAxisCount; ++i) {
    const auto axis = static_cast<Axis>(i);
    pick(axis, draw.OneIn(8) ? axes.Walked(axis, operation) : box[axis]);
  }
  return numbers;
}

bool OfOneParticipant(const Numbers& numbers) {
  return numbers[static_cast<size_t>(Axis::kHolder)] ==
         numbers[static_cast<size_t>(Axis::kAsker)];
}

std::vector<FactBox> GrantedBoxes(const FactAxes& axes,
                                  const HolderPolicies& before,
                                  const HolderPolicies& after) {
  std::vector<FactBox> boxes;
  const auto walked =
      FactSpace(axes, {&before, &after}, "a").Walk([&](const FactCell& cell) {
        boxes.push_back(cell.box);
      });
  EXPECT_THAT(walked.status(), IsOk());
  return boxes;
}

std::string NamesOf(const FactAxes& axes, const Numbers& numbers) {
  std::string text;
  for (int i = 0; i < kAxisCount; ++i) {
    const auto axis = static_cast<Axis>(i);
    absl::StrAppend(&text, Name(axis), "=",
                    axes.ValueName(axis, numbers[static_cast<size_t>(i)]), " ");
  }
  return text;
}

struct Pair {
  EditedPolicies first;
  EditedPolicies second;
};

Pair DrawPair(PolicyDraw& draw) {
  Pair pair;
  pair.first.agreements = {draw.AnAgreement()};
  pair.first.nationals = {draw.ANational()};
  pair.second = pair.first;
  draw.Edit(pair.second);
  return pair;
}

// The heart of the diff: on requests drawn from the whole joint space, it
// reports exactly what Judge answers differently, and nothing else.
TEST(PolicyDiffTest, ReportsWhatChangesADecisionAndNothingElse) {
  size_t differing = 0;
  size_t silent = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    PolicyDraw draw(seed);
    const Pair pair = DrawPair(draw);
    const HolderPolicies before(pair.first.agreements, pair.first.nationals);
    const HolderPolicies after(pair.second.agreements, pair.second.nationals);
    auto diff = DiffPolicies(before, after, {});
    ASSERT_THAT(diff.status(), IsOk());
    silent += diff->changes.empty() ? 1 : 0;
    const auto boxes = GrantedBoxes(diff->axes, before, after);
    for (int i = 0; i < 1000 && !boxes.empty(); ++i) {
      const Numbers numbers = DrawNumbers(draw, diff->axes, boxes);
      if (OfOneParticipant(numbers)) continue;
      const Differences decided =
          Decided(before, after, PointAt(diff->axes, numbers));
      ASSERT_EQ(Reported(*diff, numbers), decided)
          << "seed " << seed << ", draw " << i << ": "
          << NamesOf(diff->axes, numbers);
      differing += decided.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(differing, 2500u);
  EXPECT_GT(silent, 3u);
}

TEST(PolicyDiffTest, EverySentenceHasAWitnessThatJudgeConfirms) {
  size_t sentences = 0;
  for (uint32_t seed = 1000; seed < 1060; ++seed) {
    PolicyDraw draw(seed);
    const Pair pair = DrawPair(draw);
    const HolderPolicies before(pair.first.agreements, pair.first.nationals);
    const HolderPolicies after(pair.second.agreements, pair.second.nationals);
    auto diff = DiffPolicies(before, after, {});
    ASSERT_THAT(diff.status(), IsOk());
    for (const PolicyChange& change : diff->changes) {
      if (change.agreement.empty()) continue;
      ++sentences;
      EXPECT_TRUE(Decided(before, after, change.witness)
                      .contains({change.kind, change.demand}))
          << Sentence(diff->axes, change);
    }
  }
  EXPECT_GT(sentences, 150u);
}

TEST(PolicyDiffTest, APolicyDoesNotDifferFromItself) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    PolicyDraw draw(seed);
    const HolderPolicies policies({draw.AnAgreement()}, {draw.ANational()});
    auto diff = DiffPolicies(policies, policies, {});
    ASSERT_THAT(diff.status(), IsOk());
    EXPECT_TRUE(diff->changes.empty());
  }
}

Agreement SmallAgreement() {
  Agreement agreement;
  agreement.id = "ng-ne";
  agreement.party = {"NE", "NG"};
  agreement.valid_from = kSpaceNow - absl::Hours(1);
  agreement.valid_until = kSpaceNow + absl::Hours(24 * 365);
  agreement.digest = "d";
  Grant grant;
  grant.id = "g";
  grant.holder = {"NE"};
  grant.asker = {"NG"};
  grant.role = {Role::kCaseWorker};
  grant.operation = {Operation::kCaseQuery};
  grant.purpose = {Purpose::kProtection};
  grant.basis = {LegalBasis::kConsent};
  grant.when.consent = {ConsentState::kGiven};
  grant.release = {FieldGroup::kStatus, FieldGroup::kDemographic};
  grant.duties.max_per_day = 40;
  agreement.grants = {grant};
  return agreement;
}

std::vector<std::string> Sentences(const Agreement& before,
                                   const Agreement& after,
                                   const std::vector<NationalRules>& was = {},
                                   const std::vector<NationalRules>& is = {}) {
  auto diff = DiffPolicies(HolderPolicies({before}, was),
                           HolderPolicies({after}, is), {kSpaceNow});
  EXPECT_THAT(diff.status(), IsOk());
  std::vector<std::string> sentences;
  for (const PolicyChange& change : diff->changes) {
    sentences.push_back(
        absl::StrCat(Name(change.kind), " ", Sentence(diff->axes, change)));
  }
  return sentences;
}

TEST(PolicyDiffTest, SaysInOneSentenceWhatAWiderReleaseTells) {
  Agreement after = SmallAgreement();
  after.digest = "e";
  after.grants[0].release = {FieldGroup::kStatus, FieldGroup::kDemographic,
                             FieldGroup::kMedical};
  EXPECT_THAT(
      Sentences(SmallAgreement(), after),
      testing::ElementsAre(
          "WIDENED ng-ne: NE may now tell MEDICAL to NG's CASE_WORKER, for "
          "CASE_QUERY, purpose PROTECTION, on CONSENT, when consent is GIVEN, "
          "until "
          "2027-09-21 (1 class)"));
}

TEST(PolicyDiffTest, SaysWhichDeadlinesAreOthersAndWidensNothingByThem) {
  Agreement after = SmallAgreement();
  after.deadlines.decide_working_days = 5;
  after.deadlines.follow_up_days = {7, 14, 28, 56};
  const auto diff = DiffPolicies(HolderPolicies({SmallAgreement()}, {}),
                                 HolderPolicies({after}, {}), {kSpaceNow});
  ASSERT_THAT(diff.status(), IsOk());
  EXPECT_FALSE(diff->widened());
  ASSERT_EQ(diff->deadlines.size(), 2u);
  EXPECT_EQ(Sentence(diff->deadlines[0]),
            "ng-ne: decide_working_days is now 5 (was 10)");
  EXPECT_EQ(Sentence(diff->deadlines[1]),
            "ng-ne: follow_up_days is now 7, 14, 28, 56 (was 30, 90, 180, "
            "365)");
}

TEST(PolicyDiffTest, SaysWhichDutyIsWeakerAndWhenItEnds) {
  Agreement after = SmallAgreement();
  after.grants[0].duties.max_per_day = 200;
  after.valid_until = kSpaceNow + absl::Hours(24 * 30);
  const auto sentences = Sentences(SmallAgreement(), after);
  ASSERT_EQ(sentences.size(), 2u);
  EXPECT_THAT(sentences[0],
              testing::HasSubstr("from 2026-10-21 until 2027-09-21"));
  EXPECT_THAT(sentences[0], testing::StartsWith("NARROWED"));
  EXPECT_THAT(sentences[1],
              testing::StartsWith("WEAKER ng-ne: NE may tell STATUS, "
                                  "DEMOGRAPHIC to NG's"));
  EXPECT_THAT(sentences[1], testing::HasSubstr("at most 200 a day (was 40) ("));
}

TEST(PolicyDiffTest, SaysWhoseApprovalANationalRuleAdds) {
  NationalRules national;
  national.node = "NE";
  Require require;
  require.id = "children";
  require.when.age = {AgeClass::kChild};
  require.duties.approvals = 2;
  national.requires_ = {require};
  const auto sentences =
      Sentences(SmallAgreement(), SmallAgreement(), {}, {national});
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_THAT(sentences[0], testing::StartsWith("MORE_APPROVALS"));
  EXPECT_THAT(sentences[0], testing::HasSubstr("age is not known or CHILD"));
  EXPECT_THAT(sentences[0],
              testing::HasSubstr("2 approval(s) at the holder (was 0)"));
}

TEST(PolicyDiffTest, SaysWhatIsLeftOutOfPublishedCounts) {
  NationalRules national;
  national.node = "NE";
  Deny deny;
  deny.id = "no-children";
  deny.operation = {Operation::kAggregateCount};
  deny.when.age = {AgeClass::kChild};
  national.denies = {deny};
  EXPECT_THAT(Sentences(SmallAgreement(), SmallAgreement(), {}, {national}),
              testing::ElementsAre(
                  "NARROWED national NE: cases when age is not known or CHILD "
                  "are no longer counted in published periods (32,000 "
                  "classes)"));
}

TEST(PolicyDiffTest, SaysWhichTablesAreOpenedAndNotTheirMargins) {
  Agreement before = SmallAgreement();
  Grant& grant = before.grants[0];
  grant.operation = {Operation::kAggregateCount};
  grant.when = When();
  grant.release = FieldGroups();
  grant.tables = {{"Q2/1", {{"age_group", "sex"}, {}}}};
  Agreement after = before;
  after.grants[0].tables.push_back(
      {"Q13/1", {{"citizenship", "exploitation_country"}, {}}});
  EXPECT_THAT(
      Sentences(before, after),
      testing::ElementsAre(
          "WIDENED ng-ne: NE may now answer NG's CASE_WORKER, for "
          "AGGREGATE_COUNT, purpose PROTECTION, on CONSENT, tables by "
          "citizenship, exploitation_country, until 2027-09-21 (1 class)"));
}

TEST(PolicyDiffTest, NamesTheAxisThatExplodes) {
  PolicyDraw draw(1);
  const HolderPolicies policies({draw.AnAgreement()}, {draw.ANational()});
  const auto diff = DiffPolicies(policies, policies, {}, 10);
  EXPECT_EQ(ReasonOf(diff.status()), ErrorReason::kMessageTooLarge);
  EXPECT_THAT(std::string(diff.status().message()),
              testing::HasSubstr("are told apart by "));
}

}  // namespace
}  // namespace comity
