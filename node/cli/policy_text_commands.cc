#include <cstdio>

#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/policy_test_run.h"

namespace comity {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

// --json prints one object of stable names (policy.md section 6).
Struct NewJson() {
  Struct json;
  (*json.mutable_fields())["schema"].set_string_value("comity.cli.v1");
  return json;
}

Value& Field(Struct& json, const char* name) {
  return (*json.mutable_fields())[name];
}

void SetPlace(const std::string& file, FilePlace place, Struct& json) {
  Field(json, "file").set_string_value(file);
  Field(json, "line").set_number_value(place.line);
  Field(json, "column").set_number_value(place.column);
}

std::string PlaceText(const std::string& file, FilePlace place) {
  return absl::StrCat(file, ":", place.line, ":", place.column);
}

Struct ToJson(const PolicyTestRun& run) {
  Struct json = NewJson();
  auto* cases = Field(json, "cases").mutable_list_value();
  for (const TestedCase& tested : run.cases) {
    Struct& one = *cases->add_values()->mutable_struct_value();
    Field(one, "name").set_string_value(tested.name);
    Field(one, "passed").set_bool_value(tested.passed());
    SetPlace(tested.file, tested.place, one);
    auto* differences = Field(one, "differences").mutable_list_value();
    for (const Difference& difference : tested.differences) {
      Struct& each = *differences->add_values()->mutable_struct_value();
      Field(each, "what").set_string_value(difference.what);
      Field(each, "expected").set_string_value(difference.expected);
      Field(each, "got").set_string_value(difference.got);
    }
  }
  auto* rules = Field(json, "rules").mutable_list_value();
  for (const CoveredRule& rule : run.rules) {
    Struct& one = *rules->add_values()->mutable_struct_value();
    Field(one, "id").set_string_value(rule.id);
    Field(one, "covered").set_bool_value(rule.covered);
    SetPlace(rule.file, rule.place, one);
  }
  Field(json, "failed").set_number_value(static_cast<double>(run.failed()));
  return json;
}

void PrintTap(const PolicyTestRun& run) {
  printf("TAP version 14\n1..%zu\n", run.cases.size());
  size_t number = 0;
  for (const TestedCase& tested : run.cases) {
    printf("%s %zu - %s\n", tested.passed() ? "ok" : "not ok", ++number,
           tested.name.c_str());
    if (tested.passed()) continue;
    printf("  # at %s\n", PlaceText(tested.file, tested.place).c_str());
    for (const Difference& difference : tested.differences) {
      printf("  # %s: expected %s, got %s\n", difference.what.c_str(),
             difference.expected.c_str(), difference.got.c_str());
    }
  }
  printf("# %zu of %zu rules decided a case\n", run.covered(),
         run.rules.size());
  for (const CoveredRule& rule : run.rules) {
    if (rule.covered) continue;
    printf("# no case is decided by %s, %s\n", rule.id.c_str(),
           PlaceText(rule.file, rule.place).c_str());
  }
}

absl::Status Test(const std::vector<std::string>& paths, bool require_coverage,
                  CommandContext& context) {
  ASSIGN_OR_RETURN(const PolicyTestRun run, RunPolicyTests(paths));
  if (!context.PrintedJson(ToJson(run))) PrintTap(run);
  if (run.failed() > 0) {
    return ReasonError(
        ErrorReason::kPolicyInvalid,
        absl::StrCat(run.failed(), " of ", run.cases.size(),
                     " cases did not come out as expected; mend the policy or "
                     "the case"));
  }
  if (require_coverage && run.covered() < run.rules.size()) {
    return ReasonError(
        ErrorReason::kPolicyInvalid,
        absl::StrCat(run.rules.size() - run.covered(),
                     " rules decided no case; add cases for them"));
  }
  return absl::OkStatus();
}

void AddTest(CLI::App& policy, CommandContext& context) {
  auto paths = std::make_shared<std::vector<std::string>>();
  auto require_coverage = std::make_shared<bool>(false);
  CLI::App* verb =
      AddVerb(policy, "test", "Decide the cases of test files, without a node",
              "  comity policy test policy/\n"
              "  comity policy test --require-coverage ng-ne.test.textproto",
              [paths, require_coverage, &context] {
                return Test(*paths, *require_coverage, context);
              });
  verb->add_option("paths", *paths,
                   "Test files (*.test.textproto), policy files, directories")
      ->required();
  verb->add_flag("--require-coverage", *require_coverage,
                 "Fail if a rule decided no case");
}

}  // namespace

void AddPolicyTextCommands(CLI::App& policy, CommandContext& context) {
  AddTest(policy, context);
}

}  // namespace comity
