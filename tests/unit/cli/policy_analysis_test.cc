#include <chrono>
#include <fstream>

#include "absl/strings/str_replace.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "node/cli/analysed_files.h"
#include "node/cli/partner_view_output.h"
#include "node/policy/policy_diff.h"
#include "node/policy/policy_lint.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::HasSubstr;

const std::string kReady = COMITY_SOURCE_DIR "/policy";

// An agreement of the test's own, so that the ready files may change.
constexpr char kAgreement[] = R"(schema: "comity.policy.v1"
agreement {
  id: "ng-ne"
  revision: 1
  title: "Test"
  party: ["NE", "NG"]
  valid_from: "2026-01-01T00:00:00Z"
  valid_until: "2030-12-31T00:00:00Z"
  grant {
    id: "status"
    holder: ["NE", "NG"]
    asker: ["NE", "NG"]
    role: [COORDINATOR]
    operation: [CASE_QUERY]
    purpose: [PROTECTION]
    basis: [CONSENT]
    when { consent: [GIVEN] }
    release: [STATUS, DEMOGRAPHIC]
    duties {
      redact { field: DEMOGRAPHIC how: AGE_BAND_5 }
      max_per_day: 200
    }
  }
}
)";

// One run of the program with what it printed.
struct CommandRun {
  int exit_code = 0;
  std::string out;
  std::string err;
};

CommandRun Comity(const std::string& line) {
  CLI::App app("comity");
  app.fallthrough();
  CommandContext context;
  app.add_flag("--json", context.json);
  AddPolicyCommands(app, context);
  CommandRun run;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    app.parse(line);
  } catch (const CLI::Error& error) {
    run.exit_code = error.get_exit_code();
  }
  run.out = testing::internal::GetCapturedStdout();
  run.err = testing::internal::GetCapturedStderr();
  return run;
}

class PolicyAnalysisTest : public testing::Test {
 protected:
  // The path of kAgreement, and of the same with one text replaced.
  std::string Original() { return Write("original.textproto", kAgreement); }
  std::string Candidate(const std::string& from, const std::string& to) {
    return Write("candidate.textproto",
                 absl::StrReplaceAll(kAgreement, {{from, to}}));
  }
  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_.Path(name)) << text;
    return directory_.Path(name);
  }

  TestDirectory directory_;
};

TEST_F(PolicyAnalysisTest, DiffOfTheSameFilesEndsWithZero) {
  const CommandRun run = Comity("policy diff " + kReady + " " + kReady);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("0 widened, 0 narrowed"));
}

TEST_F(PolicyAnalysisTest, DiffEndsWithThreeIfAnythingIsWidened) {
  const std::string wider = Candidate("DEMOGRAPHIC]", "DEMOGRAPHIC, MEDICAL]");
  const CommandRun run =
      Comity("policy diff " + Original() + " " + wider + " --at 2026-12-01");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out,
              HasSubstr("WIDENED ng-ne: NE, NG may now tell MEDICAL "
                        "to each other's COORDINATOR, for CASE_QUERY"));
  const CommandRun reverse =
      Comity("policy diff " + wider + " " + Original() + " --at 2026-12-01");
  EXPECT_EQ(reverse.exit_code, 0);
  EXPECT_THAT(reverse.out, HasSubstr("NARROWED"));
}

// One revised file against all that is in force loses no other file's denials.
TEST_F(PolicyAnalysisTest, ACandidateStandsBesideWhatItDoesNotReplace) {
  CommandContext context;
  auto active = ReadAnalysedFiles({kReady}, context);
  ASSERT_OK(active);
  auto candidate = ReadAnalysedFiles(
      {Write("next.textproto",
             absl::StrReplaceAll(kAgreement,
                                 {{"\"ng-ne\"", "\"ng-ne-bilateral\""}}))},
      context);
  ASSERT_OK(candidate);
  candidate->TakeOver(*active);
  EXPECT_EQ(candidate->agreements.size(), active->agreements.size());
  EXPECT_EQ(candidate->nationals.size(), active->nationals.size());
  EXPECT_EQ(candidate->locals.size(), active->locals.size());
  EXPECT_EQ(candidate->agreements[0].id, "ng-ne-bilateral");
  EXPECT_EQ(candidate->agreements[0].title, "Test");
}

TEST_F(PolicyAnalysisTest, JsonNamesItsSchemaAndAWitness) {
  const CommandRun run =
      Comity("--json policy diff " + Original() + " " +
             Candidate("max_per_day: 200", "max_per_day: 500"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  google::protobuf::Struct read;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(run.out, &read);
  ASSERT_TRUE(parsed.ok()) << parsed.ToString() << run.out;
  EXPECT_EQ(read.fields().at("schema").string_value(), "comity.cli.v1");
  const auto& changes = read.fields().at("changes").list_value();
  ASSERT_GE(changes.values_size(), 1);
  const auto& change = changes.values(0).struct_value().fields();
  EXPECT_EQ(change.at("kind").string_value(), "WEAKER");
  EXPECT_EQ(change.at("witness")
                .struct_value()
                .fields()
                .at("operation")
                .string_value(),
            "CASE_QUERY");
}

TEST_F(PolicyAnalysisTest, TheReadyFilesHoldNoMistake) {
  const CommandRun run =
      Comity("policy lint " + kReady + " --strict --at 2026-12-01");
  EXPECT_EQ(run.exit_code, 0) << run.out;
}

TEST_F(PolicyAnalysisTest, StrictLintEndsWithThree) {
  const std::string idle = Candidate("[STATUS, DEMOGRAPHIC]", "[STATUS]");
  EXPECT_EQ(Comity("policy lint " + idle).exit_code, 0);
  const CommandRun run = Comity("policy lint " + idle + " --strict");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("candidate.textproto:20:7: warning:"));
  EXPECT_THAT(run.out, HasSubstr("[field-unreleased]"));
  EXPECT_THAT(Comity("policy lint " + Original() + " --previous " + idle).out,
              HasSubstr("[broader-than-before]"));
}

TEST_F(PolicyAnalysisTest, PartnerViewShowsTheMatrixInBothAlphabets) {
  const std::string line = "policy partner-view NE --at 2026-12-01 --files ";
  EXPECT_EQ(Comity(line + Original()).exit_code, 2);  // whose side?
  setenv("LC_ALL", "C.UTF-8", 1);
  const CommandRun run = Comity(line + Original() + " --node NG");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("CASE_QUERY\t◐\t◐5y\n"));
  EXPECT_THAT(run.out, HasSubstr("when:     consent is GIVEN\n"));
  setenv("LC_ALL", "C", 1);
  EXPECT_THAT(Comity(line + Original() + " --node NG").out,
              HasSubstr("CASE_QUERY\to\to5y\n"));
  EXPECT_EQ(Comity("policy partner-view XX --node NG --files " + Original())
                .exit_code,
            6);
}

TEST_F(PolicyAnalysisTest, RefusesTheSameFileTwice) {
  CommandContext context;
  EXPECT_EQ(
      ReasonOf(ReadAnalysedFiles({Original(), Original()}, context).status()),
      ErrorReason::kPolicyInvalid);
}

// Every grant is given to one role more; what the comparison takes is printed.
TEST_F(PolicyAnalysisTest, TheReadyFilesAreComparedInUnderASecond) {
  CommandContext context;
  const auto files = ReadAnalysedFiles({kReady}, context);
  ASSERT_THAT(files.status(), IsOk());
  std::vector<Agreement> wider = files->agreements;
  for (Agreement& agreement : wider) {
    for (Grant& grant : agreement.grants) {
      grant.role = grant.role.With(Role::kStatistician);
    }
  }
  const auto start = std::chrono::steady_clock::now();
  const auto diff = DiffPolicies(files->Policies(),
                                 HolderPolicies(wider, files->nationals), {});
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  ASSERT_THAT(diff.status(), IsOk());
  EXPECT_TRUE(diff->widened());
  printf("compared %zu classes in %.4f s\n", diff->classes, took.count());
  EXPECT_LT(took.count(), 1.0);
}

}  // namespace
}  // namespace comity
