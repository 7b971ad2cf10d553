#include "node/cli/policy_test_run.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/cli/policy_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

std::string ReadyFiles() { return std::string(COMITY_SOURCE_DIR "/policy"); }

TEST(PolicyTestRunTest, EveryCaseOfTheReadyFilesComesOut) {
  ASSERT_OK_AND_ASSIGN(const PolicyTestRun run, RunPolicyTests({ReadyFiles()}));
  EXPECT_GE(run.cases.size(), 40u);
  for (const TestedCase& tested : run.cases) {
    EXPECT_TRUE(tested.passed())
        << tested.file << ":" << tested.place.line << " " << tested.name
        << (tested.passed()
                ? ""
                : absl::StrCat(": ", tested.differences[0].what, " expected ",
                               tested.differences[0].expected, ", got ",
                               tested.differences[0].got));
  }
}

TEST(PolicyTestRunTest, EveryRuleOfTheReadyFilesDecidesACase) {
  ASSERT_OK_AND_ASSIGN(const PolicyTestRun run, RunPolicyTests({ReadyFiles()}));
  EXPECT_GE(run.rules.size(), 20u);
  for (const CoveredRule& rule : run.rules) {
    EXPECT_TRUE(rule.covered)
        << rule.file << ":" << rule.place.line << " " << rule.id;
  }
}

// A wildcard of the shell brings them along.
TEST(PolicyTestRunTest, AFileOfCasesIsNamedWhereAPolicyIsWanted) {
  const auto refused = LoadPolicyFrom(
      ReadyFiles() + "/agreements/ng-ne-bilateral.test.textproto");
  EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(refused.status().message()),
              testing::HasSubstr("comity policy test"));
}

TEST(PolicyTestRunTest, EveryReadyFileHasATestFileBesideIt) {
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(ReadyFiles())) {
    const std::string path = entry.path().string();
    if (!absl::EndsWith(path, ".textproto") ||
        absl::EndsWith(path, ".test.textproto")) {
      continue;
    }
    const std::string stem =
        path.substr(0, path.size() - std::string(".textproto").size());
    EXPECT_TRUE(std::filesystem::exists(stem + ".test.textproto")) << path;
  }
}

class PolicyTestRunFilesTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_.path() + "/" + name) << text;
  }
  void SetUp() override {
    Write("a.textproto", R"(schema: "comity.policy.v1"
local {
  node: "AA" revision: 1 title: "L"
  allow {
    id: "read" role: [ADMIN] organisation: ["*"] operation: [POLICY_READ]
    scope: ALL
  }
  allow {
    id: "never-used" role: [ADMIN] organisation: ["*"]
    operation: [STATUS_READ] scope: ALL
  }
}
)");
  }
  std::string Tests(const std::string& outcome) {
    return absl::StrCat(R"(schema: "comity.policy.v1"
node: "AA"
file: ["a.textproto"]
time: "2026-06-01T00:00:00Z"
case {
  name: "N"
  facts {
    home { organisation: "O" person: "p" role: ADMIN operation: POLICY_READ }
  }
  expect { outcome: )",
                        outcome, " }\n}\n");
  }

  TestDirectory directory_;
};

TEST_F(PolicyTestRunFilesTest, ARuleWithoutACaseIsNotCovered) {
  Write("a.test.textproto", Tests("PERMIT"));
  ASSERT_OK_AND_ASSIGN(const PolicyTestRun run,
                       RunPolicyTests({directory_.path()}));
  EXPECT_EQ(run.failed(), 0u);
  ASSERT_EQ(run.rules.size(), 2u);
  EXPECT_TRUE(run.rules[0].covered);
  EXPECT_FALSE(run.rules[1].covered);
  EXPECT_EQ(run.rules[1].id, "local/never-used");
  EXPECT_EQ(run.rules[1].place.line, 8);
}

TEST_F(PolicyTestRunFilesTest, AFailingCaseNamesItsPlace) {
  Write("a.test.textproto", Tests("DENY"));
  ASSERT_OK_AND_ASSIGN(const PolicyTestRun run,
                       RunPolicyTests({directory_.path()}));
  EXPECT_EQ(run.failed(), 1u);
  EXPECT_EQ(run.cases[0].place.line, 5);
}

TEST_F(PolicyTestRunFilesTest, AnUntestedFileInADirectoryCountsForCoverage) {
  Write("b.textproto", R"(schema: "comity.policy.v1"
local {
  node: "BB" revision: 1 title: "L"
  allow {
    id: "b" role: [ADMIN] organisation: ["*"] operation: [POLICY_READ]
    scope: ALL
  }
}
)");
  Write("a.test.textproto", Tests("PERMIT"));
  ASSERT_OK_AND_ASSIGN(const PolicyTestRun run,
                       RunPolicyTests({directory_.path()}));
  EXPECT_EQ(run.rules.size(), 3u);
  EXPECT_EQ(run.covered(), 1u);
}

TEST_F(PolicyTestRunFilesTest, WhatCannotBeRunIsAnError) {
  EXPECT_THAT(RunPolicyTests({directory_.path()}),
              FailsWith(ErrorReason::kFieldInvalid));
  Write("a.test.textproto", "nonsense");
  EXPECT_THAT(RunPolicyTests({directory_.path()}),
              FailsWith(ErrorReason::kPolicyInvalid));
}

}  // namespace
}  // namespace comity
