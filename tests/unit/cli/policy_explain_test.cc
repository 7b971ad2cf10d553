#include <cstdio>

#include "node/cli/command.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;
using testing::Not;

// Runs "comity policy explain" over the ready files, as Niger would ask
// Nigeria; the exit code and what stands on stdout.
class PolicyExplainTest : public testing::Test {
 protected:
  int Run(const std::string& more,
          const std::string& at = "2026-11-25T10:30:00Z") {
    return RunOver(
        "/policy/agreements/ng-ne-bilateral.textproto"
        " --files " COMITY_SOURCE_DIR "/policy/national/ng.textproto",
        more, at);
  }

  int RunOver(const std::string& files, const std::string& more,
              const std::string& at = "2026-11-25T10:30:00Z") {
    CLI::App app;
    app.fallthrough();
    AddPolicyCommands(app, context_);
    const std::string command =
        "policy explain --files " COMITY_SOURCE_DIR + files +
        " --holder NG --asker NE --operation CASE_QUERY --purpose SAFE_RETURN"
        " --basis CONSENT --agreement ng-ne-bilateral --want NEEDS,STATUS"
        " --at " +
        at + " " + more;
    int code = 0;
    testing::internal::CaptureStdout();
    try {
      app.parse(command);
    } catch (const CLI::Error& ended) {
      code = ended.get_exit_code();
    }
    fflush(stdout);
    output_ = testing::internal::GetCapturedStdout();
    return code;
  }

  CommandContext context_;
  std::string output_;
};

constexpr char kKnown[] =
    " --consent GIVEN --age ADULT --risk NONE --stage NONE"
    " --origin SAME_AS_ASKER --exploitation SAME_AS_HOLDER"
    " --record-age UP_TO_1_YEAR";

TEST_F(PolicyExplainTest, APermitEndsWithZero) {
  EXPECT_EQ(Run(std::string("--role COORDINATOR") + kKnown), 0) << output_;
  EXPECT_THAT(output_, HasSubstr("PERMIT  [STATUS NEEDS]"));
  EXPECT_THAT(output_, HasSubstr("* ng-ne-bilateral/case-status  yes"));
}

// As the help says: the folder holds the files of other nodes, too.
TEST_F(PolicyExplainTest, AWholeFolderOfFilesIsReadAsTheHolderHasThem) {
  EXPECT_EQ(RunOver("/policy", std::string("--role COORDINATOR") + kKnown), 0)
      << output_;
  EXPECT_THAT(output_, HasSubstr("* ng-ne-bilateral/case-status  yes"));
  EXPECT_THAT(output_, HasSubstr("national/"));
}

TEST_F(PolicyExplainTest, CountsAreExplainedByTheirTable) {
  const auto run = [this](const std::string& table) {
    CLI::App app;
    app.fallthrough();
    AddPolicyCommands(app, context_);
    int code = 0;
    testing::internal::CaptureStdout();
    try {
      app.parse("policy explain --files " COMITY_SOURCE_DIR
                "/policy/agreements/ecowas-counts.textproto --holder NG "
                "--asker ECOWAS --operation AGGREGATE_COUNT --purpose "
                "STATISTICS --basis PUBLIC_TASK --role COMMISSION --agreement "
                "ecowas-counts --at 2026-11-25T10:30:00Z --table " +
                table);
    } catch (const CLI::Error& ended) {
      code = ended.get_exit_code();
    }
    fflush(stdout);
    output_ = testing::internal::GetCapturedStdout();
    return code;
  };
  EXPECT_EQ(run("sex,age_group"), 0) << output_;
  EXPECT_EQ(run("recruiter"), 3);
  EXPECT_THAT(output_, HasSubstr("indicator: by recruiter not in [Q1/1, Q2/1"));
  EXPECT_THAT(output_, HasSubstr("Smallest change: table = "));
}

TEST_F(PolicyExplainTest, APermitSaysWhatWouldLoseIt) {
  EXPECT_EQ(Run(std::string("--role COORDINATOR") + kKnown), 0);
  EXPECT_THAT(output_, HasSubstr("Would lose the permit, one change each:\n"));
  EXPECT_THAT(output_, HasSubstr("  role = COMMISSION -> DENY (NO_GRANT)\n"));
  EXPECT_THAT(output_, HasSubstr("  consent = NOT_ASKED -> DENY ("));
  EXPECT_THAT(output_, HasSubstr("-> DENY (AGREEMENT_NOT_IN_FORCE)\n"));
  context_.json = true;
  EXPECT_EQ(Run(std::string("--role COORDINATOR") + kKnown), 0);
  EXPECT_THAT(output_, HasSubstr("\"losing_changes\""));
  context_.json = false;
  EXPECT_EQ(Run(std::string("--role AUDITOR") + kKnown), 3);
  EXPECT_THAT(output_, Not(HasSubstr("Would lose")));
}

TEST_F(PolicyExplainTest, ADenialNamesConditionPlaceAndSmallestChange) {
  EXPECT_EQ(Run(std::string("--role AUDITOR") + kKnown), 3);
  EXPECT_THAT(output_, HasSubstr("DENY  no grant matches    told to the asker: "
                                 "yes (NO_GRANT)\n"));
  EXPECT_THAT(output_,
              HasSubstr("role: AUDITOR not in [CASE_WORKER, COORDINATOR]"));
  EXPECT_THAT(output_, HasSubstr("ng-ne-bilateral.textproto:18:"));
  EXPECT_THAT(output_, HasSubstr("Smallest change: role = CASE_WORKER -> "
                                 "PERMIT [STATUS NEEDS] (you may change)"));
  EXPECT_THAT(output_, HasSubstr("National rules also read: national/"));
}

TEST_F(PolicyExplainTest, APrivateRefusalSaysWhatTheAskerHears) {
  EXPECT_EQ(
      Run(std::string("--role COORDINATOR --danger NEVER_CONTACT") + kKnown),
      3);
  EXPECT_THAT(output_, HasSubstr("NEVER_CONTACT    told to the asker: no"));
  EXPECT_THAT(output_, HasSubstr("Smallest change: none"));
  EXPECT_THAT(output_, Not(HasSubstr("danger =")));
}

TEST_F(PolicyExplainTest, VerboseShowsEveryRuleAndJsonEveryField) {
  EXPECT_EQ(Run("--role COORDINATOR -v"), 3);
  EXPECT_THAT(output_, HasSubstr("referral"));
  EXPECT_THAT(output_, HasSubstr("when.consent: not known for [STATUS NEEDS]"));
  context_.json = true;
  EXPECT_EQ(Run("--role COORDINATOR"), 3);
  EXPECT_THAT(output_, HasSubstr("\"outcome\": \"DENY\""));
  EXPECT_THAT(output_, HasSubstr("\"fact\": \"when.consent\""));
  EXPECT_THAT(output_, HasSubstr("\"line\": "));
}

TEST_F(PolicyExplainTest, WordsOutsideTheVocabularyAreWrongUsage) {
  EXPECT_EQ(Run("--role KING"), 2);
  EXPECT_EQ(Run("--role COORDINATOR --used case-status"), 2);
  EXPECT_EQ(Run("--role COORDINATOR", "yesterday"), 2);
}

TEST_F(PolicyExplainTest, ARequestWithoutItsPartiesIsWrongUsage) {
  CLI::App app;
  AddPolicyCommands(app, context_);
  try {
    app.parse("policy explain --holder NG");
    FAIL() << "a request without an asker was judged";
  } catch (const CLI::Error& ended) {
    EXPECT_EQ(ended.get_exit_code(), 2);
    EXPECT_THAT(ended.what(), HasSubstr("--asker must be given"));
  }
}

TEST_F(PolicyExplainTest, WithoutARecordTheAskerChecksAtHome) {
  EXPECT_EQ(Run("--role COORDINATOR --no-record"), 0) << output_;
  EXPECT_EQ(Run("--role COORDINATOR --no-record --used case-status=200"), 3);
  EXPECT_THAT(output_, HasSubstr("Limit: ng-ne-bilateral/case-status 200 of "
                                 "200 a day; free again at "
                                 "2026-11-26T00:00:00Z"));
}

}  // namespace
}  // namespace comity
