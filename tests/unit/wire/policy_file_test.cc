#include "node/wire/policy_file.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "comity/policy/v1/policy.pb.h"
#include "node/wire/policy_convert.h"
#include "tests/support/source_files.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;

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
    release: [STATUS]
    duties { max_per_day: 5 }
  }
}
)";

TEST(PolicyFileTest, AReadyFileLoads) {
  for (const char* path :
       {"policy/agreements/ng-ne-bilateral.textproto",
        "policy/agreements/ecowas-counts.textproto",
        "policy/national/ng.textproto", "policy/national/ne.textproto",
        "policy/local/ng.textproto", "policy/local/ne.textproto",
        "policy/local/ecowas.textproto"}) {
    const PolicyFileResult result = LoadPolicyFile(path, ReadSource(path));
    EXPECT_TRUE(result.body.has_value())
        << path
        << (result.findings.empty() ? "" : result.findings[0].ToString());
  }
}

TEST(PolicyFileTest, CommentsAndOrderDoNotChangeTheDigest) {
  const std::string swapped = absl::StrReplaceAll(
      kAgreement,
      {{"[\"AA\", \"BB\"]", "[\"BB\", \"AA\"] # swapped"},
       {"  revision: 1\n  title: \"T\"", "  title: \"T\"\n  revision: 1"}});
  const auto a = LoadPolicyFile("a", kAgreement);
  const auto b = LoadPolicyFile("b", swapped);
  ASSERT_TRUE(a.body.has_value() && b.body.has_value());
  EXPECT_EQ(a.body->digest, b.body->digest);
  const auto c = LoadPolicyFile(
      "c",
      absl::StrReplaceAll(kAgreement, {{"max_per_day: 5", "max_per_day: 6"}}));
  EXPECT_NE(a.body->digest, c.body->digest);
}

TEST(PolicyFileTest, DeadlinesAreAsTheAgreementSaysElseTheDefaults) {
  const auto loaded = LoadPolicyFile(
      "f", absl::StrReplaceAll(
               kAgreement, {{"revision: 1",
                             "revision: 1 deadlines { decide_working_days: 5 "
                             "follow_up_days: [7, 14, 28, 56] }"}}));
  ASSERT_TRUE(loaded.body.has_value()) << loaded.findings[0].ToString();
  const auto& agreement = std::get<Agreement>(loaded.body->body);
  ReferralDeadlines expected;
  expected.decide_working_days = 5;
  expected.follow_up_days = {7, 14, 28, 56};
  EXPECT_EQ(agreement.deadlines, expected);
  EXPECT_THAT(agreement.stated_deadlines,
              testing::ElementsAre("decide_working_days", "follow_up_days"));
  const auto silent = LoadPolicyFile("f", kAgreement);
  EXPECT_EQ(std::get<Agreement>(silent.body->body).deadlines,
            ReferralDeadlines());
}

struct Fault {
  const char* from;
  const char* to;
  int line;
  int column;
  const char* says;
  size_t findings = 1;  // one fault, one message (policy.md section 4)
};

class PolicyFaultTest : public testing::TestWithParam<Fault> {};

TEST_P(PolicyFaultTest, IsRefusedAtItsPlace) {
  const Fault& fault = GetParam();
  const std::string text =
      absl::StrReplaceAll(kAgreement, {{fault.from, fault.to}});
  ASSERT_NE(text, kAgreement);
  const PolicyFileResult result = LoadPolicyFile("f", text);
  EXPECT_FALSE(result.body.has_value());
  ASSERT_FALSE(result.findings.empty());
  const PolicyFinding& finding = result.findings[0];
  EXPECT_EQ(finding.line, fault.line) << finding.ToString();
  EXPECT_EQ(finding.column, fault.column) << finding.ToString();
  EXPECT_THAT(finding.message, HasSubstr(fault.says));
  EXPECT_EQ(result.findings.size(), fault.findings)
      << result.findings.back().ToString();
}

INSTANTIATE_TEST_SUITE_P(
    Faults, PolicyFaultTest,
    testing::Values(
        Fault{"role:", "rolle:", 13, 5, "did you mean \"role\""},
        Fault{"max_per_day: 5", "max_per_dai: 5 retension_days: 7", 19, 14,
              "no field \"max_per_dai\" here (did you mean \"max_per_day\"?)",
              2},
        Fault{"max_per_day: 5", "max_per_day: 5 blocks { max_per_day: X }", 19,
              29, "no field \"blocks\" here"},
        Fault{"COORDINATOR", "COORDINATR", 13, 12,
              "did you mean \"COORDINATOR\""},
        Fault{"[COORDINATOR]", "[2]", 13, 12, "write the name"},
        Fault{"revision: 1", "revision: 1 revision: 2", 4, 15, "multiple"},
        Fault{"title: \"T\"", "title: \"T\" \"U\"", 5, 14, "side by side"},
        Fault{"title: \"T\"", "", 2, 1, "lacks \"title\""},
        Fault{"role: [COORDINATOR]", "", 9, 3, "lacks \"role\""},
        Fault{"asker: [\"BB\"]", "asker: [\"CC\"]", 12, 5, "not a party"},
        Fault{"asker: [\"BB\"]", "asker: [\"AA\"]", 12, 5, "same participant"},
        Fault{"revision: 1", "revision: 1 deadlines { expiry_days: 0 }", 4, 27,
              "expiry_days lies between 1 and 365"},
        Fault{"revision: 1", "revision: 1 deadlines { handover_hours: 169 }", 4,
              27, "handover_hours lies between 1 and 168"},
        Fault{"revision: 1", "revision: 1 deadlines { accept_hours: 72 }", 4,
              27, "no field \"accept_hours\" here"},
        Fault{"revision: 1", "revision: 1 deadlines { }", 4, 15,
              "says nothing"},
        Fault{"revision: 1",
              "revision: 1 deadlines { follow_up_days: [30, 90, 90, 365] }", 4,
              27, "four follow-up reports, each later"},
        Fault{"revision: 1",
              "revision: 1 deadlines { follow_up_days: [30, 90] }", 4, 27,
              "four follow-up reports"},
        Fault{"[STATUS]", "[NATIONAL]", 18, 15, "not a value"},
        Fault{"[STATUS]", "[UNSET]", 18, 5, "UNSET"},
        Fault{"max_per_day: 5", "max_per_day: 0", 19, 14, "zero"},
        Fault{"max_per_day: 5", "approvals: 6", 19, 14, "at most 5"},
        Fault{"max_per_day: 5", "k_threshold: 5", 19, 14, "at least 11"},
        Fault{"2027-01-01T00:00:00Z", "2025-01-01T00:00:00Z", 7, 3, "before"},
        Fault{"2027-01-01T00:00:00Z", "2036-01-01T00:00:00Z", 8, 3, "5 years"},
        Fault{"2027-01-01T00:00:00Z", "2027-01-01", 8, 3, "UTC"},
        Fault{"id: \"g\"", "id: \"G!\"", 10, 5, "a-z"},
        Fault{"when { consent: [GIVEN] }\n    release: [STATUS]",
              "release: [IDENTITY]", 17, 5, "condition on consent"},
        Fault{"asker: [\"BB\"]", "asker: [\"@x\"]", 12, 5, "no group \"x\""},
        Fault{"title: \"T\"", "title: \"T\"\n  emergency: true", 6, 3,
              "retention_days", 2},
        Fault{"[CASE_QUERY]", "[AGGREGATE_COUNT]", 10, 5, "yearly_budget", 3},
        Fault{"release: [STATUS]", "release: [STATUS] indicator: \"Q2/1\"", 18,
              23, "only a grant of AGGREGATE_COUNT"},
        Fault{"release: [STATUS]", "release: [STATUS] dimension: \"sex\"", 18,
              23, "only a grant of AGGREGATE_COUNT"},
        Fault{"comity.policy.v1", "comity.policy.v2", 1, 1, "schema"},
        // policy.md 1.1, row by row.
        Fault{"COORDINATOR", "99", 13, 12, "write the name"},
        Fault{"  title", "}\nnational {\n  title", 6, 1, "of its own"},
        Fault{"\n  }\n}\n", "\n  }\n", 21, 1,
              "\"agreement\" opened at 2:1 is not closed"},
        Fault{"}\n  }\n}\n", "}\n  grant {}\n}\n", 20, 3,
              "\"grant\" opened at 9:3 is not closed"},
        Fault{"[\"AA\", \"BB\"]", "[\"AA\" \"BB\"]", 6, 16, "side by side"},
        Fault{"max_per_day: 5", "max_per_day: -5", 19, 27, "xpected"},
        Fault{"max_per_day: 5", "max_per_day: 99999999999", 19, 27, "range"},
        Fault{"title: \"T\"", "title: \"T\" emergency: maybe", 5, 25,
              "true or false"},
        Fault{"title: \"T\"", "title: \"T\" emergency: no", 5, 25,
              "true or false"},
        Fault{"title: \"T\"", "title: \"T\" emergency: f", 5, 25,
              "true or false"},
        Fault{"title: \"T\"", "title: \"T\" emergency: 0", 5, 25,
              "true or false"},
        Fault{"  title: \"T\"\n", "  title: \"T\"\n  [x.y]: AUDITOR\n", 6, 8,
              "brackets"},
        Fault{"duties { max_per_day: 5 }", "duties {}", 19, 5, "says nothing"},
        Fault{"max_per_day: 5", "no_onward_transfer: false", 19, 5,
              "says nothing"},
        Fault{"{ consent: [GIVEN] }", "{}", 17, 5, "says nothing"},
        Fault{"max_per_day: 5", "max_per_day: 010", 19, 27, "0 to 9"},
        Fault{"max_per_day: 5", "max_per_day: 0x10", 19, 27, "0 to 9"},
        Fault{"\"T\"", "\"\\x54\"", 5, 10, "without codes"},
        Fault{"\"T\"", "\"\\342\\200\\256T\"", 5, 10, "without codes"},
        Fault{"max_per_day: 5",
              "redact { field: STATUS how: MASK }\n"
              "redact { field: STATUS how: YEAR_ONLY }",
              20, 1, "coarser twice"},
        Fault{"T00:00:00Z\"\n  valid_until", "T00:00:00+00:00\"\n  valid_until",
              7, 3, "UTC"},
        Fault{"T00:00:00Z\"\n  valid_until", " T00:00:00Z\"\n  valid_until", 7,
              3, "UTC"},
        Fault{"title: \"T\"", "title: \"T\xff\"", 5, 12, "UTF-8"},
        Fault{"title: \"T\"", "title: \"T\xe2\x80\xae\"", 5, 12, "UTF-8"},
        Fault{"title: \"T\"", "title: \"T\\nU\"", 5, 3, "line break"},
        Fault{"title: \"T\"", "title: \"\\342\\200\\256\"", 5, 10,
              "without codes"}));

TEST(PolicyFileTest, CountsMayNeedApprovalsOnEitherSide) {
  const auto loads = [](const std::string& text) {
    const PolicyFileResult result = LoadPolicyFile("f", text);
    return result.findings.empty() ? "" : result.findings[0].ToString();
  };
  EXPECT_EQ(
      loads(absl::StrReplaceAll(
          kAgreement, {{"[CASE_QUERY]", "[AGGREGATE_COUNT]"},
                       {"release: [STATUS]", "indicator: [\"Q2/1\"]"},
                       {"when { consent: [GIVEN] }", ""},
                       {"max_per_day: 5",
                        "k_threshold: 11 yearly_budget: 9 approvals: 1"}})),
      "");
  EXPECT_EQ(loads(R"(schema: "comity.policy.v1"
national {
  node: "AA" revision: 1 title: "T"
  require { id: "r" operation: [AGGREGATE_COUNT] duties { approvals: 1 } }
})"),
            "");
}

// What stands in a file must mean one table, whatever build reads it.
TEST(PolicyFileTest, TablesOfCountsAreNamedExactly) {
  const auto first_fault = [](const std::string& tables) {
    const PolicyFileResult result = LoadPolicyFile(
        "f", absl::StrReplaceAll(
                 kAgreement,
                 {{"[CASE_QUERY]", "[AGGREGATE_COUNT]"},
                  {"release: [STATUS]", tables},
                  {"when { consent: [GIVEN] }", ""},
                  {"max_per_day: 5", "k_threshold: 11 yearly_budget: 9"}}));
    return result.findings.empty() ? "" : result.findings[0].message;
  };
  EXPECT_EQ(first_fault("indicator: [\"Q2/1\", \"Q6/1\"] dimension: \"sex\""),
            "");
  EXPECT_THAT(first_fault("indicator: \"Q2\""),
              testing::HasSubstr("with its version, as \"Q2/1\""));
  EXPECT_THAT(first_fault("indicator: \"Q2/9\""),
              testing::HasSubstr("there is no indicator \"Q2/9\""));
  EXPECT_THAT(first_fault("indicator: \"T3/1\""),
              testing::HasSubstr("T3/1 is not collected: "));
  EXPECT_THAT(first_fault("dimension: \"shoe_size\""),
              testing::HasSubstr("there is no column \"shoe_size\""));
}

// What differential privacy cannot protect, or without a budget, is not loaded.
TEST(PolicyFileTest, DifferentialPrivacyHasBudgetsAndClosedColumns) {
  const auto faults = [](const std::string& from, const std::string& to) {
    const PolicyFileResult result = LoadPolicyFile(
        "f", absl::StrReplaceAll(
                 ReadSource("policy/agreements/ne-open-figures.textproto"),
                 {{from, to}}));
    std::string messages;
    for (const PolicyFinding& finding : result.findings) {
      absl::StrAppend(&messages, finding.message, "\n");
    }
    return messages;
  };
  EXPECT_EQ(faults("", ""), "");
  for (const char* missing :
       {"epsilon_thousandths: 500", "epsilon_asker_thousandths: 4000",
        "epsilon_all_thousandths: 8000"}) {
    EXPECT_THAT(faults(missing, ""),
                testing::HasSubstr("DISCRETE_LAPLACE needs epsilon"));
  }
  EXPECT_THAT(faults("asker_thousandths: 4000", "asker_thousandths: 499"),
              testing::HasSubstr("one table takes more epsilon"));
  EXPECT_THAT(faults("all_thousandths: 8000", "all_thousandths: 499"),
              testing::HasSubstr("one table takes more epsilon"));
  EXPECT_THAT(
      faults(" epsilon_thousandths: 500", " epsilon_thousandths: 10001"),
      testing::HasSubstr("at most 10000"));
  EXPECT_THAT(faults("\"status\"]", "\"status\", \"citizenship\"]"),
              testing::HasSubstr("\"citizenship\" has no closed code list"));
  EXPECT_THAT(faults("dimension:", "indicator: \"Q3/1\" dimension:"),
              testing::HasSubstr("Q3/1 has a column without a closed"));
  EXPECT_THAT(faults("dimension:", "measure: [PERSONS, REFERRALS] dimension:"),
              testing::HasSubstr("protects counts of persons alone"));
  EXPECT_EQ(faults("dimension:", "indicator: \"Q2/1\" dimension:"), "");
  EXPECT_THAT(faults("count_method: DISCRETE_LAPLACE", ""),
              testing::HasSubstr("epsilon belongs to count_method"));
  EXPECT_THAT(
      faults("count_method: DISCRETE_LAPLACE",
             "count_method: DISCRETE_LAPLACE delta_exponent: 9"),
      testing::HasSubstr("delta_exponent belongs to count_method: DISCRETE_G"));
  EXPECT_THAT(faults("count_method: DISCRETE_LAPLACE",
                     "count_method: DISCRETE_LAPLACE delta_budget_exponent: 5"),
              testing::HasSubstr("delta_budget_exponent belongs to"));
}

// Gaussian noise has a delta besides, and needs so much epsilon that something
// is left to read.
TEST(PolicyFileTest, GaussianNoiseHasADeltaAndEnoughEpsilon) {
  const auto faults = [](const std::string& delta, const std::string& epsilon,
                         const std::string& rest = "") {
    const PolicyFileResult result = LoadPolicyFile(
        "f", absl::StrReplaceAll(
                 ReadSource("policy/agreements/ne-open-figures.textproto"),
                 {{"count_method: DISCRETE_LAPLACE",
                   "count_method: DISCRETE_GAUSSIAN " + delta},
                  {" epsilon_thousandths: 500", epsilon},
                  {"\"status\"]", "\"status\"" + rest + "]"}}));
    std::string messages;
    for (const PolicyFinding& finding : result.findings) {
      absl::StrAppend(&messages, finding.message, "\n");
    }
    return messages;
  };
  const std::string half = " epsilon_thousandths: 500";
  for (const char* good : {"6", "9", "12"}) {
    EXPECT_EQ(faults(absl::StrCat("delta_exponent: ", good), half), "");
  }
  EXPECT_EQ(faults("delta_exponent: 9", " epsilon_thousandths: 100"), "");
  EXPECT_THAT(faults("", half),
              testing::HasSubstr("DISCRETE_GAUSSIAN needs delta_exponent"));
  for (const char* bad : {"1", "5", "13", "1000000"}) {
    EXPECT_THAT(faults(absl::StrCat("delta_exponent: ", bad), half),
                testing::HasSubstr("delta_exponent lies between 6 and 12"));
  }
  EXPECT_THAT(faults("delta_exponent: 0", half),
              testing::HasSubstr("zero is not a limit"));
  // One table may have all of its budget, and no more.
  EXPECT_EQ(faults("delta_exponent: 9 delta_budget_exponent: 9", half), "");
  EXPECT_THAT(faults("delta_exponent: 9 delta_budget_exponent: 10", half),
              testing::HasSubstr("one table takes more delta"));
  for (const char* bad : {"3", "13"}) {
    EXPECT_THAT(
        faults(absl::StrCat("delta_exponent: 9 delta_budget_exponent: ", bad),
               half),
        testing::HasSubstr("delta_budget_exponent lies between 4 and 12"));
  }
  EXPECT_THAT(faults("delta_exponent: 9", " epsilon_thousandths: 99"),
              testing::HasSubstr("at least 100"));
  EXPECT_THAT(faults("delta_exponent: 9", ""),
              testing::HasSubstr("DISCRETE_GAUSSIAN needs epsilon"));
  EXPECT_THAT(faults("delta_exponent: 9", half, ", \"citizenship\""),
              testing::HasSubstr("which DISCRETE_GAUSSIAN needs"));
}

// Both of an agreement and a grant: the Laplace, which has no delta, holds.
TEST(PolicyFileTest, OfGaussianAndLaplaceTheLaplaceHolds) {
  policy::v1::Duties gaussian;
  gaussian.set_count_method(policy::v1::Counting::DISCRETE_GAUSSIAN);
  gaussian.set_delta_exponent(9);
  policy::v1::Duties laplace;
  laplace.set_count_method(policy::v1::Counting::DISCRETE_LAPLACE);
  policy::v1::Duties exact;
  exact.set_count_method(policy::v1::Counting::SUPPRESSION);
  const Duties first = ConvertDuties(gaussian);
  EXPECT_EQ(first.count_method, CountMethod::kDiscreteGaussian);
  EXPECT_EQ(first.delta_exponent, 9u);
  EXPECT_EQ(Join(first, ConvertDuties(laplace)).count_method,
            CountMethod::kDiscreteLaplace);
  EXPECT_EQ(Join(first, ConvertDuties(exact)).count_method,
            CountMethod::kDiscreteGaussian);
}

// Which countries a member's masked table lists would tell who is there.
TEST(PolicyFileTest, ASumAloneHasClosedColumnsAndIsNoNationalMatter) {
  const auto faults = [](const std::string& counting) {
    const PolicyFileResult result = LoadPolicyFile(
        "f",
        absl::StrReplaceAll(ReadSource("policy/agreements/ecowas-counts."
                                       "textproto"),
                            {{"k_threshold: 11", "k_threshold: 11 " + counting},
                             {"\"Q3/1\", ", ""},
                             {"\"Q10/1\", ", ""}}));
    std::string messages;
    for (const PolicyFinding& finding : result.findings) {
      absl::StrAppend(&messages, finding.message, "\n");
    }
    return messages;
  };
  EXPECT_EQ(faults("aggregation: EACH_MEMBER"), "");
  const std::string sum = faults("aggregation: TOTAL_ONLY");
  EXPECT_THAT(sum,
              testing::HasSubstr("\"citizenship\" has no closed code list, "
                                 "which TOTAL_ONLY needs"));
  EXPECT_THAT(sum, testing::HasSubstr("Q13/1 has a column without a closed"));
  EXPECT_NE(faults("aggregation: NOBODY"), "");
}

// What was agreed when there were persons alone opens nothing else.
TEST(PolicyFileTest, MeasuresOfColumnsAreNamedAndFitThem) {
  const auto load = [](const std::string& tables) {
    return LoadPolicyFile(
        "f", absl::StrReplaceAll(
                 kAgreement,
                 {{"[CASE_QUERY]", "[AGGREGATE_COUNT]"},
                  {"release: [STATUS]", tables},
                  {"when { consent: [GIVEN] }", ""},
                  {"max_per_day: 5", "k_threshold: 11 yearly_budget: 9"}}));
  };
  const auto faults = [&load](const std::string& tables) {
    std::string messages;
    for (const PolicyFinding& finding : load(tables).findings) {
      absl::StrAppend(&messages, finding.message, "\n");
    }
    return messages;
  };
  EXPECT_THAT(faults("dimension: \"partner\""),
              testing::HasSubstr("write measure: [REFERRALS]"));
  EXPECT_THAT(faults("measure: [REFERRALS] dimension: \"sex\""),
              testing::HasSubstr("no measure of this grant is by \"sex\""));
  EXPECT_THAT(faults("measure: [PERSONS, REFERRALS] dimension: \"sex\""),
              testing::HasSubstr("REFERRALS is told of columns in dimension"));
  EXPECT_THAT(faults("measure: [REFERRALS] indicator: \"Q2/1\""),
              testing::HasSubstr("an indicator has its own measure"));
  EXPECT_THAT(faults("measure: [PERSONS] dimension: \"sex\""),
              testing::HasSubstr("PERSONS alone"));
  EXPECT_THAT(faults("dimension: \"acceptance_days\""),
              testing::HasSubstr("there is no column"));
  EXPECT_THAT(faults("measure: [MEAN_DAYS] dimension: \"partner\""),
              testing::HasSubstr("MEAN_DAYS"));
  const PolicyFileResult both = load(
      "measure: [PERSONS, MEDIAN_HANDOVER_DAYS] "
      "dimension: [\"sex\", \"partner\"]");
  ASSERT_TRUE(both.body.has_value()) << both.findings[0].message;
  const std::vector<TableScope> expected = {
      {"", {{"sex"}, {}}},
      {"", {{"partner"}, {}, Measure::kMedianHandoverDays}}};
  EXPECT_EQ(std::get<Agreement>(both.body->body).grants[0].tables, expected);
}

TEST(PolicyFileTest, EveryFieldThatDoesNotExistIsNamed) {
  const PolicyFileResult result = LoadPolicyFile(
      "f", absl::StrReplaceAll(
               kAgreement,
               {{"revision: 1", "revison: 1 colour: 7 length: LONG"},
                {"release: [STATUS]", "relase: [STATUS]"},
                {"max_per_day: 5", "max_per_day: 5 retension_days: 7"}}));
  std::vector<std::string> messages;
  for (const PolicyFinding& finding : result.findings) {
    messages.push_back(finding.message);
  }
  EXPECT_THAT(
      messages,
      testing::ElementsAre(
          HasSubstr("no field \"revison\" here (did you mean \"revision\"?)"),
          HasSubstr("no field \"colour\" here"),
          HasSubstr("no field \"length\" here"),
          HasSubstr("no field \"relase\" here (did you mean \"release\"?)"),
          HasSubstr("no field \"retension_days\" here (did you mean "
                    "\"retention_days\"?)")));
}

TEST(PolicyFileTest, EveryValueThatAListLacksIsNamedBesideWhatElseIsWrong) {
  const PolicyFileResult result = LoadPolicyFile(
      "f", absl::StrReplaceAll(kAgreement,
                               {{"role: [COORDINATOR]",
                                 "role: [COORDINATR, # COORDINATR\n\tQUEEN]"},
                                {"revision: 1", "revision: 0"},
                                {"release: [STATUS]", "release: [SHOE_SIZE]"},
                                {"max_per_day: 5", "max_per_day: 0"}}));
  std::vector<std::string> messages;
  for (const PolicyFinding& finding : result.findings) {
    messages.push_back(finding.message);
  }
  EXPECT_THAT(
      messages,
      testing::ElementsAre(
          HasSubstr("zero is not a limit"),
          HasSubstr("\"COORDINATR\" is not a value of this list (did you mean "
                    "\"COORDINATOR\"?)"),
          HasSubstr("\"QUEEN\" is not a value of this list; it has "
                    "CASE_WORKER, "),
          HasSubstr("\"SHOE_SIZE\" is not a value of this list; it has "),
          HasSubstr("zero is not a limit")));
  EXPECT_FALSE(result.body.has_value());
}

// NUL and a byte order mark are bytes that no parameter above can hold.
TEST(PolicyFileTest, BytesThatNobodySeesAreRefused) {
  std::string text = kAgreement;
  text[text.find("\"T\"") + 1] = '\0';
  PolicyFileResult result = LoadPolicyFile("f", text);
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].line, 5);
  EXPECT_EQ(result.findings[0].column, 11);
  result = LoadPolicyFile("f", absl::StrCat("\xEF\xBB\xBF", kAgreement));
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].line, 1);
}

TEST(PolicyFileTest, AnEmptyFileIsRefused) {
  for (const char* text :
       {"", "# nothing\n", "schema: \"comity.policy.v1\"\n"}) {
    const PolicyFileResult result = LoadPolicyFile("f", text);
    ASSERT_FALSE(result.findings.empty()) << text;
    EXPECT_EQ(result.findings[0].line, 1);
  }
}

TEST(PolicyFileTest, AFileIsAtMostOneMebibyte) {
  const std::string comment =
      absl::StrCat("# ", std::string(1 << 20, 'x'), "\n");
  const PolicyFileResult result =
      LoadPolicyFile("f", absl::StrCat(comment, kAgreement));
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_THAT(result.findings[0].message, HasSubstr("1 MiB"));
}

TEST(PolicyFileTest, BlocksStandAtMostTwentyDeep) {
  std::string text = "schema: \"comity.policy.v1\" agreement ";
  for (int i = 0; i < 100000; ++i) text += "{ grant ";
  const PolicyFileResult result = LoadPolicyFile("f", text);
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings[0].line, 1);
}

TEST(PolicyFileTest, ABodyHoldsAtMostTenThousandRules) {
  const struct {
    const char* head;
    const char* rule;
  } kBodies[] = {
      {"agreement{id:\"a\"revision:1 title:\"T\"party:[\"AA\",\"BB\"]"
       "valid_from:\"2026-01-01T00:00:00Z\"valid_until:\"2026-02-01T00:00:"
       "00Z\"",
       "grant{id:\"$\"holder:\"AA\"asker:\"BB\"role:ADMIN "
       "operation:PERSON_MATCH purpose:OVERSIGHT basis:CONSENT}"},
      {"national{node:\"AA\"revision:1 title:\"T\"",
       "deny{id:\"$\"operation:CASE_QUERY reason:\"r\"}"},
      {"local{node:\"AA\"revision:1 title:\"T\"",
       "allow{id:\"$\"role:ADMIN organisation:\"*\"operation:CASE_READ "
       "scope:ALL}"}};
  for (const auto& body : kBodies) {
    std::string text = absl::StrCat("schema:\"comity.policy.v1\"", body.head);
    for (int i = 0; i < 10000; ++i) {
      text += absl::StrReplaceAll(body.rule, {{"$", absl::StrCat(i)}});
    }
    const PolicyFileResult most = LoadPolicyFile("f", text + "}");
    EXPECT_TRUE(most.body.has_value()) << most.findings[0].ToString();
    text += absl::StrReplaceAll(body.rule, {{"$", "more"}});
    const PolicyFileResult more = LoadPolicyFile("f", text + "}");
    ASSERT_EQ(more.findings.size(), 1u) << more.findings[0].ToString();
    EXPECT_THAT(more.findings[0].message, HasSubstr("10,000"));
  }
}

TEST(PolicyFileTest, OneRunTellsAllFaultsInTheOrderOfTheFile) {
  const std::string text =
      absl::StrReplaceAll(kAgreement, {{"  title: \"T\"\n", ""},
                                       {"[\"BB\"]", "[\"CC\"]"},
                                       {"[COORDINATOR]", "[2]"},
                                       {"[STATUS]", "[IDENTITY, UNSET]"},
                                       {"    when { consent: [GIVEN] }\n", ""},
                                       {"max_per_day: 5", "max_per_day: 0"}});
  const PolicyFileResult result = LoadPolicyFile("f", text);
  std::vector<std::string> found;
  for (const PolicyFinding& finding : result.findings) {
    found.push_back(absl::StrCat(finding.line, ": ", finding.message));
  }
  EXPECT_THAT(found,
              testing::ElementsAre(HasSubstr("2: this block lacks \"title\""),
                                   HasSubstr("11: CC is not a party"),
                                   HasSubstr("12: a number stands"),
                                   HasSubstr("16: UNSET"),
                                   HasSubstr("16: IDENTITY, BIOMETRIC_TOKEN"),
                                   HasSubstr("17: zero is not a limit")));
}

TEST(PolicyFileTest, ASetRefusesTwoBodiesOfOneKindAndAForeignNode) {
  const auto ng =
      LoadPolicyFile("ng", ReadSource("policy/national/ng.textproto"));
  ASSERT_TRUE(ng.body.has_value());
  EXPECT_OK(AssemblePolicySet("NG", {*ng.body}));
  EXPECT_THAT(AssemblePolicySet("NG", {*ng.body, *ng.body}),
              FailsWith(ErrorReason::kPolicyInvalid));
  EXPECT_THAT(AssemblePolicySet("NE", {*ng.body}),
              FailsWith(ErrorReason::kPolicyInvalid));
}

}  // namespace
}  // namespace comity
