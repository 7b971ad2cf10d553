#include "node/cli/policy_test_run.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/output.h"
#include "node/cli/policy_files.h"
#include "node/identity/private_file.h"
#include "node/wire/policy_tests.h"

namespace comity {
namespace {

// Rules by file and id, so that a rule that several tests use counts once.
using Coverage = std::map<std::pair<std::string, std::string>, CoveredRule>;

template <typename Rule>
void AddRule(const std::string& file, const std::string& prefix,
             const Rule& rule, Coverage& coverage) {
  const std::string id = absl::StrCat(prefix, "/", rule.id);
  coverage.emplace(std::make_pair(file, id),
                   CoveredRule{file, rule.places.rule, id, false});
}

void AddRules(const PolicyFileBody& body, const std::string& file,
              Coverage& coverage) {
  if (const auto* agreement = std::get_if<Agreement>(&body.body)) {
    for (const Grant& grant : agreement->grants) {
      AddRule(file, agreement->id, grant, coverage);
    }
  } else if (const auto* national = std::get_if<NationalRules>(&body.body)) {
    for (const Deny& deny : national->denies) {
      AddRule(file, "national", deny, coverage);
    }
    for (const Require& require : national->requires_) {
      AddRule(file, "national", require, coverage);
    }
  } else if (const auto* local = std::get_if<LocalAccess>(&body.body)) {
    for (const LocalGrant& grant : local->grants) {
      AddRule(file, "local", grant, coverage);
    }
  }
}

// The same file by whatever path it is named, as short as it can be written.
std::string Canonical(const std::string& path) {
  std::error_code error;
  const auto relative = std::filesystem::proximate(path, error);
  return error ? path : relative.lexically_normal().string();
}

absl::Status FailFindings(const std::string& file,
                          const std::vector<PolicyFinding>& findings) {
  for (const PolicyFinding& finding : findings) {
    fprintf(stderr, "%s\n", OnOneLine(finding.ToString()).c_str());
  }
  return ReasonError(
      ErrorReason::kPolicyInvalid,
      absl::StrCat(file, " cannot be run; mend what is named above"));
}

absl::Status RunFile(const std::string& file, PolicyTestRun& run,
                     Coverage& coverage) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(file));
  const PolicyTestResult loaded = LoadPolicyTests(file, text);
  if (!loaded.tests.has_value()) return FailFindings(file, loaded.findings);
  const PolicyTestFile& tests = *loaded.tests;
  std::vector<PolicyFileBody> bodies;
  std::vector<std::string> files;
  for (const std::string& named : tests.files) {
    files.push_back(Canonical(
        (std::filesystem::path(file).parent_path() / named).string()));
    ASSIGN_OR_RETURN(PolicyFileBody body, LoadPolicyFrom(files.back()));
    AddRules(body, files.back(), coverage);
    bodies.push_back(std::move(body));
  }
  ASSIGN_OR_RETURN(PolicySet set, AssemblePolicySet(tests.node, bodies));
  const auto faults = CheckAgainstSet(file, tests, set);
  if (!faults.empty()) return FailFindings(file, faults);
  const PolicyEngine engine(std::move(set), 1);
  for (const PolicyCase& tested : tests.cases) {
    CaseResult result = RunCase(engine, tested);
    for (const std::string& rule : result.decided) {
      for (const std::string& of : files) {
        const auto found = coverage.find({of, rule});
        if (found != coverage.end()) found->second.covered = true;
      }
    }
    run.cases.push_back(
        {file, tested.place, tested.name, std::move(result.differences)});
  }
  return absl::OkStatus();
}

// The test files among `paths`; the others stay in `others`.
absl::StatusOr<std::vector<std::string>> ListTestFiles(
    const std::vector<std::string>& paths, std::vector<std::string>& others) {
  std::vector<std::string> tests;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      (absl::EndsWith(path, kPolicyTestSuffix) ? tests : others)
          .push_back(path);
      continue;
    }
    others.push_back(path);
    using Walk = std::filesystem::recursive_directory_iterator;
    for (Walk at(path, error); !error && at != Walk(); at.increment(error)) {
      const std::string name = at->path().string();
      if (absl::EndsWith(name, kPolicyTestSuffix)) tests.push_back(name);
    }
    if (error) return CannotReadAll(path, error);
  }
  std::sort(tests.begin(), tests.end());
  if (tests.empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "there is no test file (*.test.textproto) among the "
                       "paths; policy/README.md shows one");
  }
  return tests;
}

}  // namespace

size_t PolicyTestRun::failed() const {
  return static_cast<size_t>(
      std::count_if(cases.begin(), cases.end(),
                    [](const TestedCase& one) { return !one.passed(); }));
}

size_t PolicyTestRun::covered() const {
  return static_cast<size_t>(
      std::count_if(rules.begin(), rules.end(),
                    [](const CoveredRule& rule) { return rule.covered; }));
}

absl::StatusOr<PolicyTestRun> RunPolicyTests(
    const std::vector<std::string>& paths) {
  std::vector<std::string> others;
  ASSIGN_OR_RETURN(const std::vector<std::string> tests,
                   ListTestFiles(paths, others));
  PolicyTestRun run;
  Coverage coverage;
  ASSIGN_OR_RETURN(const std::vector<std::string> policies,
                   ListPolicyFiles(others));
  for (const std::string& file : policies) {
    ASSIGN_OR_RETURN(const PolicyFileBody body, LoadPolicyFrom(file));
    AddRules(body, Canonical(file), coverage);
  }
  for (const std::string& file : tests) {
    RETURN_IF_ERROR(RunFile(file, run, coverage));
  }
  for (auto& [key, rule] : coverage) run.rules.push_back(std::move(rule));
  std::sort(run.rules.begin(), run.rules.end(),
            [](const CoveredRule& a, const CoveredRule& b) {
              return std::tie(a.file, a.place.line) <
                     std::tie(b.file, b.place.line);
            });
  return run;
}

}  // namespace comity
