#include "node/wire/policy_tests.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char kAgreement[] = R"(schema: "comity.policy.v1"
agreement {
  id: "a-b"
  revision: 1
  title: "T"
  party: ["AA", "BB"]
  valid_from: "2026-01-01T00:00:00Z"
  valid_until: "2027-01-01T00:00:00Z"
  grant {
    id: "g"
    holder: ["AA"]
    asker: ["BB"]
    role: [COORDINATOR]
    operation: [CASE_QUERY]
    purpose: [PROTECTION]
    basis: [CONSENT]
    when { consent: [GIVEN] }
    release: [STATUS, NEEDS, LOCATION]
    duties { max_per_day: 5 redact { field: LOCATION how: COUNTRY_ONLY } }
  }
}
)";

constexpr char kNational[] = R"(schema: "comity.policy.v1"
national {
  node: "AA"
  revision: 1
  title: "N"
  deny {
    id: "hide-needs"
    operation: [CASE_QUERY]
    when { age: [CHILD] }
    withhold: [NEEDS]
    reason: "R"
  }
  require {
    id: "slow"
    operation: [CASE_QUERY]
    when { age: [ADULT] }
    duties { max_per_day: 3 }
  }
}
)";

constexpr char kLocal[] = R"(schema: "comity.policy.v1"
local {
  node: "AA"
  revision: 1
  title: "L"
  allow {
    id: "own"
    role: [CASE_WORKER]
    organisation: ["*"]
    operation: [CASE_READ]
    scope: OWN
  }
}
)";

constexpr char kTests[] = R"(schema: "comity.policy.v1"
node: "AA"
file: ["a.textproto"]
time: "2026-06-01T00:00:00Z"
case {
  name: "N"
  facts {
    request {
      holder: "AA" asker: "BB"
      role: COORDINATOR operation: CASE_QUERY
      purpose: PROTECTION basis: CONSENT
      agreement: "a-b"
      want: [STATUS, NEEDS]
    }
    record { danger: CLEAR consent: GIVEN age: ADULT }
    state { }
  }
  expect { outcome: PERMIT release: [STATUS, NEEDS] }
}
)";

PolicyEngine Engine() {
  std::vector<PolicyFileBody> bodies;
  for (const char* text : {kAgreement, kNational, kLocal}) {
    bodies.push_back(*LoadPolicyFile("f", text).body);
  }
  return PolicyEngine(*AssemblePolicySet("AA", bodies), 1);
}

CaseResult RunEdited(
    const std::vector<std::pair<std::string, std::string>>& edits) {
  const std::string text = absl::StrReplaceAll(kTests, edits);
  const PolicyTestResult loaded = LoadPolicyTests("t", text);
  EXPECT_TRUE(loaded.tests.has_value())
      << (loaded.findings.empty() ? "" : loaded.findings[0].ToString());
  if (!loaded.tests.has_value()) return {};
  return RunCase(Engine(), loaded.tests->cases.at(0));
}

std::vector<std::string> Whats(const CaseResult& result) {
  std::vector<std::string> whats;
  for (const Difference& one : result.differences) {
    whats.push_back(absl::StrCat(one.what, ": ", one.expected, " / ", one.got));
  }
  return whats;
}

TEST(PolicyTestsTest, ACaseThatComesOutAsExpectedHasNoDifference) {
  const CaseResult result = RunEdited({});
  EXPECT_THAT(Whats(result), IsEmpty());
  EXPECT_THAT(result.decided, UnorderedElementsAre("a-b/g", "national/slow"));
}

TEST(PolicyTestsTest, EachExpectationIsCompared) {
  const auto differs = [](const std::string& expect) {
    return Whats(
        RunEdited({{"outcome: PERMIT release: [STATUS, NEEDS]", expect}}));
  };
  EXPECT_THAT(differs("outcome: DENY release: [STATUS, NEEDS]"),
              ElementsAre("outcome: DENY / PERMIT"));
  EXPECT_THAT(differs("outcome: PERMIT release: [STATUS]"),
              ElementsAre("release: STATUS / STATUS, NEEDS"));
  EXPECT_THAT(differs("outcome: PERMIT release: [STATUS, NEEDS] reason: "
                      "NO_GRANT why: UNSCREENED told_to_asker: false "
                      "approvals_missing: 1 break_glass: true"),
              ElementsAre("reason: NO_GRANT / none",
                          "why: the case was never screened / none",
                          "told_to_asker: no / yes", "approvals_missing: 1 / 0",
                          "break_glass: yes / no"));
  EXPECT_THAT(differs("outcome: PERMIT release: [STATUS, NEEDS] "
                      "rule: [\"a-b/g\"] duties { max_per_day: 3 }"),
              ElementsAre("duties: max_per_day: 3 / max_per_day: 3; redact: "
                          "LOCATION COUNTRY_ONLY",
                          "rule: a-b/g / a-b/g, national/slow"));
}

TEST(PolicyTestsTest, ARuleThatWithholdsAPartCountsAsDeciding) {
  const CaseResult result =
      RunEdited({{"age: ADULT", "age: CHILD"},
                 {"release: [STATUS, NEEDS]", "release: [STATUS]"}});
  EXPECT_THAT(Whats(result), IsEmpty());
  EXPECT_THAT(result.decided,
              UnorderedElementsAre("a-b/g", "national/hide-needs"));
}

TEST(PolicyTestsTest, ALimitIsFoundByItsRule) {
  const auto with = [](const std::string& used) {
    return RunEdited(
        {{"state { }", absl::StrCat("state { used { ", used, " } }")},
         {"outcome: PERMIT release: [STATUS, NEEDS]",
          "outcome: DENY reason: LIMIT_REACHED"}});
  };
  EXPECT_THAT(Whats(with("rule: \"a-b/g\" window: DAY count: 5")), IsEmpty());
  EXPECT_FALSE(Whats(with("rule: \"a-b/g\" window: HOUR count: 5")).empty());
  const CaseResult national =
      with("rule: \"national/slow\" window: DAY count: 3");
  EXPECT_THAT(Whats(national),
              ElementsAre("reason: LIMIT_REACHED / NOT_AVAILABLE"));
  EXPECT_THAT(national.decided, testing::Contains("national/slow"));
}

TEST(PolicyTestsTest, ACaseMayHaveATimeOfItsOwn) {
  EXPECT_THAT(
      Whats(RunEdited({{"state { }",
                        "state { time: "
                        "\"2027-01-01T00:00:00Z\" }"},
                       {"outcome: PERMIT release: [STATUS, NEEDS]",
                        "outcome: DENY reason: AGREEMENT_NOT_IN_FORCE"}})),
      IsEmpty());
}

TEST(PolicyTestsTest, AnOperationAtHomeIsDecidedByLocalAccess) {
  const size_t begin = std::string(kTests).find("    request");
  const size_t end = std::string(kTests).find("    state");
  const std::string across = std::string(kTests).substr(begin, end - begin);
  const auto at_home = [&](const char* owner, const char* expect) {
    return RunEdited(
        {{across, absl::StrCat("home { organisation: \"O\" person: \"p\" "
                               "role: CASE_WORKER operation: CASE_READ "
                               "case_owner: \"",
                               owner, "\" }\n")},
         {"outcome: PERMIT release: [STATUS, NEEDS]", expect}});
  };
  const CaseResult own =
      at_home("O/p", "outcome: PERMIT rule: [\"local/own\"]");
  EXPECT_THAT(Whats(own), IsEmpty());
  EXPECT_THAT(own.decided, ElementsAre("local/own"));
  EXPECT_THAT(Whats(at_home("O/q", "outcome: DENY reason: NOT_FOUND")),
              IsEmpty());
}

struct Fault {
  const char* from;
  const char* to;
  int line;
  const char* says;
};

TEST(PolicyTestsTest, FaultsAreFoundAtTheirPlace) {
  const Fault faults[] = {
      {"outcome:", "outcom:", 18, "did you mean \"outcome\""},
      {"COORDINATOR", "COORDINATR", 10, "did you mean \"COORDINATOR\""},
      {"outcome: PERMIT", "outcome: 3", 18, "write the name"},
      {"consent: GIVEN", "consent: UNSET", 15, "UNSET"},
      {"  name: \"N\"\n", "", 5, "lacks \"name\""},
      {"asker: \"BB\"", "asker: \"@g\"", 5, "not groups"},
      {"node: \"AA\"", "node: \"CC\"", 5, "neither holder nor asker"},
      {"2026-06-01T00:00:00Z", "2026-06-01", 4, "UTC"},
      {"file: [\"a.textproto\"]\n", "", 1, "lacks \"file\""},
  };
  for (const Fault& fault : faults) {
    const auto result = LoadPolicyTests(
        "t", absl::StrReplaceAll(kTests, {{fault.from, fault.to}}));
    EXPECT_FALSE(result.tests.has_value()) << fault.to;
    ASSERT_FALSE(result.findings.empty()) << fault.to;
    EXPECT_EQ(result.findings[0].line, fault.line) << fault.to;
    EXPECT_THAT(result.findings[0].message, HasSubstr(fault.says));
  }
}

TEST(PolicyTestsTest, ARuleThatTheFilesDoNotHoldIsAFinding) {
  const auto loaded = LoadPolicyTests(
      "t",
      absl::StrReplaceAll(
          kTests, {{"outcome: PERMIT", "outcome: PERMIT rule: [\"a-b/h\"]"}}));
  ASSERT_TRUE(loaded.tests.has_value());
  const auto findings = CheckAgainstSet("t", *loaded.tests, Engine().set());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].line, 5);
  EXPECT_THAT(findings[0].message, HasSubstr("a-b/h"));
}

}  // namespace
}  // namespace comity
