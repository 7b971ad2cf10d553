#include <cstdio>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "google/protobuf/struct.pb.h"
#include "node/base/clock.h"
#include "node/base/error_reason.h"
#include "node/cli/all_pages.h"
#include "node/cli/command.h"
#include "node/cli/policy_files.h"
#include "node/cli/policy_test_run.h"
#include "node/identity/private_file.h"
#include "node/wire/policy_labels.h"
#include "node/wire/policy_template.h"

namespace comity {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

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
  Struct json;
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

struct NewFile {
  std::string name;
  TemplateValues values;
  std::string from;
  std::string until;
  std::string output;
};

absl::Status New(const NewFile& wanted, CommandContext& context) {
  TemplateValues values = wanted.values;
  if (!wanted.from.empty()) {
    ASSIGN_OR_RETURN(values.from, ParseDay(wanted.from));
  }
  // An emergency holds from now on unless it is to begin later.
  if (wanted.from.empty() && wanted.name == "emergency") {
    values.from =
        absl::FromUnixSeconds(absl::ToUnixSeconds(SystemClock().Now()));
  }
  if (!wanted.until.empty()) {
    ASSIGN_OR_RETURN(values.until, ParseDay(wanted.until));
  }
  ASSIGN_OR_RETURN(const std::string text, FillTemplate(wanted.name, values));
  if (wanted.output.empty()) {
    printf("%s", text.c_str());
    return absl::OkStatus();
  }
  std::error_code error;
  if (std::filesystem::exists(wanted.output, error)) {
    return ReasonError(
        ErrorReason::kAlreadyExists,
        absl::StrCat(wanted.output, " is there already; name another file"));
  }
  RETURN_IF_ERROR(WritePublicFile(wanted.output, text));
  Struct json;
  Field(json, "file").set_string_value(wanted.output);
  if (context.PrintedJson(json)) return absl::OkStatus();
  printf("wrote %s\nread it: comity policy show %s\n", wanted.output.c_str(),
         wanted.output.c_str());
  return absl::OkStatus();
}

void AddNew(CLI::App& policy, CommandContext& context) {
  auto wanted = std::make_shared<NewFile>();
  CLI::App* verb = AddVerb(
      policy, "new", "Make a policy file from a template",
      "  comity policy new --template bilateral --party NG,TD --id ng-td \\\n"
      "      --title 'Nigeria-Chad referral' --from 2027-01-01 \\\n"
      "      --until 2029-12-31 --output ng-td.textproto",
      [wanted, &context] { return New(*wanted, context); });
  verb->add_option("--template", wanted->name, "Which template")
      ->required()
      ->check(CLI::IsMember(TemplateNames()));
  TemplateValues& values = wanted->values;
  verb->add_option("--party", values.party,
                   "Codes of the parties; one node for national and local")
      ->required()
      ->delimiter(',');
  verb->add_option("--from", wanted->from,
                   "First day, such as 2027-01-01; an emergency begins now if "
                   "it is left out");
  verb->add_option("--until", wanted->until,
                   "Day on which it no longer holds; an emergency lasts 30 "
                   "days if it is left out, at most 90");
  verb->add_option("--id", values.id,
                   "Stable name of an agreement; an emergency's is made of "
                   "the parties if it is left out");
  verb->add_option("--title", values.title, "What it is about")->required();
  verb->add_option("--instrument", values.instrument,
                   "The legal instrument behind it");
  verb->add_option("--commission", values.commission,
                   "Who asks the parties for counts");
  verb->add_option("--organisation", values.organisation,
                   "Organisations that may receive (ngo)")
      ->delimiter(',');
  verb->add_option("--output", wanted->output,
                   "File to write; left out: to the terminal");
}

absl::StatusOr<std::string> ShownAs(const std::string& form,
                                    const std::string& language,
                                    const PolicyFileBody& body) {
  if (form == "flat") return body.flat_form;
  ASSIGN_OR_RETURN(const Phrasebook phrasebook, LoadPhrasebook(language));
  return RenderPlainText(body, phrasebook);
}

struct NamedText {
  std::string file;
  std::string text;
};

// The text in force on the own node of an agreement's id, "national" or
// "local".
absl::StatusOr<NamedText> ReadInForce(const std::string& id,
                                      CommandContext& context) {
  using Policies = operators::v1::PolicyService;
  operators::v1::ListPoliciesRequest request;
  request.set_with_text(true);
  ASSIGN_OR_RETURN(const auto response,
                   (CallAll<Policies, operators::v1::ListPoliciesResponse>(
                       context, &Policies::Stub::ListPolicies, request)));
  for (const operators::v1::ActivePolicy& policy : response.active()) {
    if (policy.policy_id() == id || policy.kind() == id) {
      return NamedText{id, policy.text()};
    }
  }
  return ReasonError(ErrorReason::kNotFound,
                     absl::StrCat("there is no file ", id,
                                  " and no policy of that name in force; see "
                                  "comity policy list"));
}

// What `path` names: a file, every file of a directory, or what is in force on
// the own node.
absl::StatusOr<std::vector<NamedText>> ReadNamed(const std::string& path,
                                                 CommandContext& context) {
  std::vector<NamedText> texts;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    ASSIGN_OR_RETURN(NamedText in_force, ReadInForce(path, context));
    texts.push_back(std::move(in_force));
    return texts;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> files,
                   ListPolicyFiles({path}));
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(std::string text, ReadPublicFile(file));
    texts.push_back({file, std::move(text)});
  }
  return texts;
}

absl::Status Show(const std::vector<std::string>& paths,
                  const std::string& form, const std::string& language,
                  CommandContext& context) {
  Struct json;
  auto* list = Field(json, "files").mutable_list_value();
  std::string text;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const std::vector<NamedText> named,
                     ReadNamed(path, context));
    for (const NamedText& one : named) {
      ASSIGN_OR_RETURN(const PolicyFileBody body,
                       LoadPolicyText(one.file, one.text));
      ASSIGN_OR_RETURN(const std::string shown, ShownAs(form, language, body));
      absl::StrAppend(&text, text.empty() ? "" : "\n", shown);
      Struct& each = *list->add_values()->mutable_struct_value();
      Field(each, "file").set_string_value(one.file);
      Field(each, "digest")
          .set_string_value(absl::BytesToHexString(body.digest));
      Field(each, "as").set_string_value(form);
      Field(each, "text").set_string_value(shown);
    }
  }
  if (!context.PrintedJson(json)) printf("%s", text.c_str());
  return absl::OkStatus();
}

void AddShow(CLI::App& policy, CommandContext& context) {
  auto paths = std::make_shared<std::vector<std::string>>();
  auto form = std::make_shared<std::string>("text");
  auto language = std::make_shared<std::string>("en");
  CLI::App* verb = AddVerb(
      policy, "show", "Show files as the text that people sign",
      "  comity policy show --lang fr policy/agreements/ng-ne.textproto\n"
      "  comity policy show --as flat ng-ne.textproto  (what is hashed)\n"
      "  comity policy show ng-ne-bilateral            (what is in force here)",
      [paths, form, language, &context] {
        return Show(*paths, *form, *language, context);
      });
  verb->add_option("paths", *paths,
                   "Policy files, directories, or names of what is in force")
      ->required();
  verb->add_option("--as", *form, "text: plain language; flat: what is hashed")
      ->check(CLI::IsMember({"text", "flat"}));
  verb->add_option("--lang", *language, "Language of the text")
      ->check(CLI::IsMember(LabelLanguages()));
}

absl::Status Digest(const std::vector<std::string>& paths,
                    CommandContext& context) {
  ASSIGN_OR_RETURN(const std::vector<std::string> files,
                   ListPolicyFiles(paths));
  Struct json;
  auto* list = Field(json, "files").mutable_list_value();
  std::vector<std::string> lines;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const PolicyFileBody body, LoadPolicyFrom(file));
    lines.push_back(
        absl::StrCat(absl::BytesToHexString(body.digest), "  ", file, "\n"));
    *list->add_values()->mutable_struct_value() = PolicyFileJson(file, body);
  }
  if (context.PrintedJson(json)) return absl::OkStatus();
  for (const std::string& line : lines) printf("%s", line.c_str());
  return absl::OkStatus();
}

void AddDigest(CLI::App& policy, CommandContext& context) {
  auto paths = std::make_shared<std::vector<std::string>>();
  CLI::App* verb = AddVerb(
      policy, "digest", "Print the digests that parties compare",
      "  comity policy digest policy/agreements/ng-ne-bilateral.textproto",
      [paths, &context] { return Digest(*paths, context); });
  verb->add_option("paths", *paths, "Policy files and directories")->required();
}

}  // namespace

void AddPolicyTextCommands(CLI::App& policy, CommandContext& context) {
  AddTest(policy, context);
  AddNew(policy, context);
  AddShow(policy, context);
  AddDigest(policy, context);
}

}  // namespace comity
