#include "node/policy/both_sides_lint.h"

#include "tests/support/status_matchers.h"
#include "tests/unit/policy/analysed_policies.h"

namespace comity {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Three parties; the commission is told of referrals.
class BothSidesLintTest : public testing::Test {
 protected:
  BothSidesLintTest() {
    Agreement agreement;
    agreement.id = "a";
    agreement.file = "a.textproto";
    agreement.party = {"ECOWAS", "NE", "NG"};
    agreement.valid_from = kSpaceNow - absl::Hours(1);
    agreement.valid_until = kSpaceNow + absl::Hours(24 * 365);
    agreement.digest = "d";
    agreement.groups = {{"states", {{"NE"}, {"NG"}}}};
    agreement.grants = {AGrant("sent", Measure::kReferrals),
                        AGrant("received", Measure::kReferralsReceived)};
    agreements_ = {agreement};
  }

  static Grant AGrant(const std::string& id, Measure measure) {
    Grant grant;
    grant.id = id;
    grant.holder = {"@states"};
    grant.asker = {"ECOWAS"};
    grant.role = {Role::kCommission};
    grant.operation = {Operation::kAggregateCount};
    grant.purpose = {Purpose::kStatistics};
    grant.basis = {LegalBasis::kPublicTask};
    grant.tables = {{"", {{"partner", "sent_quarter"}, {}, measure}}};
    grant.duties.k_threshold = 11;
    grant.duties.yearly_budget = 100;
    grant.places.rule = {measure == Measure::kReferrals ? 10 : 20, 3};
    return grant;
  }
  Grant& Sent() { return agreements_[0].grants[0]; }
  Grant& Received() { return agreements_.back().grants.back(); }

  std::vector<LintFinding> Lint() const {
    std::vector<LintFinding> findings;
    LintBothSides(agreements_, findings);
    return findings;
  }

  std::vector<Agreement> agreements_;
};

TEST_F(BothSidesLintTest, NamesWhoIsToldOfBothSidesAndWhatToDo) {
  const std::vector<LintFinding> findings = Lint();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].place.line, 20);
  EXPECT_THAT(
      findings[0].ToString(),
      testing::AllOf(HasSubstr("a.textproto:20:3: warning: "),
                     HasSubstr("grant received tells ECOWAS what was received"),
                     HasSubstr("grant a/sent"),
                     HasSubstr("; try: open one of the two measures"),
                     HasSubstr("[both-sides-told]")));
}

TEST_F(BothSidesLintTest, OneSideAloneIsNoFinding) {
  Sent().tables[0].table.measure = Measure::kReferralsReceived;
  EXPECT_THAT(Lint(), IsEmpty());
  Sent().tables[0].table.measure = Measure::kPersons;
  EXPECT_THAT(Lint(), IsEmpty());
}

// Of one state they are counts of other persons, and what the asker itself sent
// it knows.
TEST_F(BothSidesLintTest, ItTakesTwoStatesBesidesTheAsker) {
  Sent().holder = {"NE"};
  Received().holder = {"NE"};
  EXPECT_THAT(Lint(), IsEmpty());
  Received().holder = {"ECOWAS"};
  EXPECT_THAT(Lint(), IsEmpty());
  Received().holder = {"NG"};
  EXPECT_EQ(Lint().size(), 1u);
  Received().asker = {"NE"};
  EXPECT_THAT(Lint(), IsEmpty());
}

// One grant may open both, and two agreements one each.
TEST_F(BothSidesLintTest, ItIsFoundInOneGrantAndInTwoAgreements) {
  Agreement other = agreements_[0];
  other.id = "b";
  other.file = "b.textproto";
  other.grants = {Received()};
  agreements_[0].grants.pop_back();
  EXPECT_THAT(Lint(), IsEmpty());
  agreements_.push_back(other);
  ASSERT_EQ(Lint().size(), 1u);
  EXPECT_EQ(Lint()[0].file, "b.textproto");
  agreements_.pop_back();
  Sent().tables.push_back(other.grants[0].tables[0]);
  EXPECT_EQ(Lint().size(), 1u);
}

// The whole lint asks it.
TEST_F(BothSidesLintTest, PolicyLintReportsIt) {
  const auto findings =
      LintPolicies(HolderPolicies(agreements_, {{"NE"}}), {}, {kSpaceNow});
  ASSERT_OK(findings);
  EXPECT_THAT(*findings, testing::Contains(testing::Field(&LintFinding::code,
                                                          "both-sides-told")));
}

}  // namespace
}  // namespace comity
