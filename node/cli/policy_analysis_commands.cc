#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/cli/analysed_files.h"
#include "node/cli/command.h"
#include "node/cli/fact_json.h"
#include "node/cli/partner_view_output.h"
#include "node/policy/partner_view.h"
#include "node/policy/policy_diff.h"
#include "node/policy/policy_lint.h"

namespace comity {
namespace {

using google::protobuf::Struct;
using Paths = std::vector<std::string>;

Struct DiffJson(const PolicyDiff& diff) {
  Struct object;
  JsonField(object, "widened").set_bool_value(diff.widened());
  JsonField(object, "classes")
      .set_number_value(static_cast<double>(diff.classes));
  JsonField(object, "changes").mutable_list_value();
  for (const PolicyChange& change : diff.changes) {
    Struct& one = AddJsonObject(object, "changes");
    JsonField(one, "kind").set_string_value(Name(change.kind));
    JsonField(one, "agreement").set_string_value(change.agreement);
    JsonField(one, "demand").set_string_value(change.demand);
    JsonField(one, "sentence").set_string_value(Sentence(diff.axes, change));
    JsonField(one, "classes")
        .set_number_value(static_cast<double>(change.classes));
    *JsonField(one, "facts").mutable_struct_value() =
        BoxJson(diff.axes, change.box);
    *JsonField(one, "witness").mutable_struct_value() =
        PointJson(change.witness);
    *JsonField(one, "before").mutable_struct_value() =
        AnswerJson(change.before);
    *JsonField(one, "after").mutable_struct_value() = AnswerJson(change.after);
  }
  JsonField(object, "deadlines").mutable_list_value();
  for (const DeadlineChange& change : diff.deadlines) {
    Struct& one = AddJsonObject(object, "deadlines");
    JsonField(one, "agreement").set_string_value(change.agreement);
    JsonField(one, "name").set_string_value(change.name);
    JsonField(one, "before").set_string_value(change.before);
    JsonField(one, "after").set_string_value(change.after);
  }
  return object;
}

void PrintDiff(const PolicyDiff& diff, double seconds) {
  for (const PolicyChange& change : diff.changes) {
    printf("%s %s\n", Name(change.kind), Sentence(diff.axes, change).c_str());
  }
  for (const DeadlineChange& change : diff.deadlines) {
    printf("DEADLINE %s\n", Sentence(change).c_str());
  }
  printf(
      "%zu widened, %zu narrowed, %zu duties weaker, %zu stronger, approvals "
      "%zu fewer, %zu more; %s classes compared in %.2f s\n",
      diff.Count(ChangeKind::kWidened), diff.Count(ChangeKind::kNarrowed),
      diff.Count(ChangeKind::kWeaker), diff.Count(ChangeKind::kStronger),
      diff.Count(ChangeKind::kFewerApprovals),
      diff.Count(ChangeKind::kMoreApprovals), Thousands(diff.classes).c_str(),
      seconds);
}

absl::Status Diff(const std::string& before, const std::string& after,
                  const std::string& at, CommandContext& context) {
  ASSIGN_OR_RETURN(const absl::Time since, ReadInstant(at));
  ASSIGN_OR_RETURN(const AnalysedFiles was,
                   ReadAnalysedFiles({before}, context));
  ASSIGN_OR_RETURN(AnalysedFiles is, ReadAnalysedFiles({after}, context));
  if (before == "active") is.TakeOver(was);
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(const PolicyDiff diff,
                   DiffPolicies(was.Policies(), is.Policies(), {since}));
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  if (!context.PrintedJson(DiffJson(diff))) PrintDiff(diff, took.count());
  if (!diff.widened()) return absl::OkStatus();
  return ReasonError(ErrorReason::kPolicyInvalid,
                     absl::StrCat(after, " tells what ", before,
                                  " does not; make sure that each WIDENED "
                                  "line was decided"));
}

struct LintCommand {
  Paths files;
  Paths previous;
  std::string at;
  uint32_t approvers = 0;
  bool strict = false;
};

Struct LintJson(const std::vector<LintFinding>& findings) {
  Struct object;
  JsonField(object, "findings").mutable_list_value();
  for (const LintFinding& finding : findings) {
    Struct& one = AddJsonObject(object, "findings");
    JsonField(one, "code").set_string_value(finding.code);
    JsonField(one, "safeguard").set_bool_value(finding.safeguard);
    JsonField(one, "file").set_string_value(finding.file);
    JsonField(one, "line").set_number_value(finding.place.line);
    JsonField(one, "column").set_number_value(finding.place.column);
    JsonField(one, "message").set_string_value(finding.message);
    JsonField(one, "suggestion").set_string_value(finding.suggestion);
    if (finding.witness.has_value()) {
      *JsonField(one, "witness").mutable_struct_value() =
          PointJson(*finding.witness);
    }
  }
  return object;
}

absl::Status Lint(const LintCommand& command, CommandContext& context) {
  LintOptions options;
  ASSIGN_OR_RETURN(options.now, ReadInstant(command.at));
  options.approvers = command.approvers;
  ASSIGN_OR_RETURN(const AnalysedFiles files,
                   ReadAnalysedFiles(command.files, context));
  ASSIGN_OR_RETURN(const AnalysedFiles before,
                   ReadAnalysedFiles(command.previous, context));
  const HolderPolicies previous = before.Policies();
  if (!command.previous.empty()) options.previous = &previous;
  ASSIGN_OR_RETURN(const std::vector<LintFinding> findings,
                   LintPolicies(files.Policies(), files.locals, options));
  const auto warnings = std::count_if(
      findings.begin(), findings.end(),
      [](const LintFinding& finding) { return !finding.safeguard; });
  if (!context.PrintedJson(LintJson(findings))) {
    for (const LintFinding& finding : findings) {
      printf("%s\n", OnOneLine(finding.ToString()).c_str());
    }
    printf("%td warning(s), %td note(s)\n", warnings,
           static_cast<ptrdiff_t>(findings.size()) - warnings);
  }
  if (warnings == 0 || !command.strict) return absl::OkStatus();
  return ReasonError(ErrorReason::kPolicyInvalid,
                     "there are warnings, and --strict takes them for errors");
}

// Whether the terminal's locale can show more than ASCII.
bool IsUtf8Locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets variables here
    const char* value = getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string locale = value;
    std::transform(locale.begin(), locale.end(), locale.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    return locale.find("UTF-8") != std::string::npos ||
           locale.find("UTF8") != std::string::npos;
  }
  return false;
}

struct ViewCommand {
  std::string partner;
  Paths files;
  std::string node;
  std::string at;
};

// The holder whose side is shown.
absl::StatusOr<std::string> HolderOf(const ViewCommand& command,
                                     const AnalysedFiles& files,
                                     const CommandContext& context) {
  if (!command.node.empty()) return command.node;
  if (command.files.empty()) {
    ASSIGN_OR_RETURN(const Profile profile, context.ReadProfile());
    return profile.participant;
  }
  const std::string only = files.OnlyNode();
  if (!only.empty()) return only;
  return ReasonError(ErrorReason::kFieldMissing,
                     "the files are not those of one node; say whose side to "
                     "show: --node NG");
}

absl::Status View(const ViewCommand& command, CommandContext& context) {
  ASSIGN_OR_RETURN(const absl::Time at, ReadInstant(command.at));
  ASSIGN_OR_RETURN(
      const AnalysedFiles files,
      ReadAnalysedFiles(command.files.empty() ? Paths{"active"} : command.files,
                        context));
  ASSIGN_OR_RETURN(const std::string node, HolderOf(command, files, context));
  ASSIGN_OR_RETURN(const PartnerView view,
                   ViewPartner(files.Policies(), node, command.partner, at));
  if (context.PrintedJson(ViewJson(view))) return absl::OkStatus();
  const bool utf8 = IsUtf8Locale();
  printf("What %s can be told by %s\n", view.asker.c_str(),
         view.holder.c_str());
  PrintTable(MatrixOf(view, utf8));
  printf("%s\n%s%s", LegendOf(utf8).c_str(), DetailsOf(view).c_str(),
         DeadlinesOf(view).c_str());
  return absl::OkStatus();
}

void AddDiff(CLI::App& policy, CommandContext& context) {
  struct Names {
    std::string before;
    std::string after;
    std::string at;
  };
  auto names = std::make_shared<Names>();
  CLI::App* diff = AddVerb(
      policy, "diff", "Say who could see what under NEW, and what no longer",
      "  comity policy diff active candidate/\n"
      "  comity policy diff policy/ policy-2/ --json",
      [names, &context] {
        return Diff(names->before, names->after, names->at, context);
      });
  diff->add_option("old", names->before,
                   "File or directory; \"active\": in force at the own node, "
                   "where NEW takes the place of what it is a revision of")
      ->required();
  diff->add_option("new", names->after, "File or directory")->required();
  diff->add_option("--at", names->at,
                   "Compare from this time on (2026-12-21); default: now");
}

void AddLint(CLI::App& policy, CommandContext& context) {
  auto command = std::make_shared<LintCommand>();
  CLI::App* lint = AddVerb(
      policy, "lint", "Look for rules that are allowed and look like mistakes",
      "  comity policy lint policy/\n"
      "  comity policy lint candidate/ --previous active --strict",
      [command, &context] { return Lint(*command, context); });
  lint->add_option("files", command->files, "Files and directories")
      ->required();
  lint->add_option("--previous", command->previous,
                   "What is in force so far; say what became broader");
  lint->add_option("--at", command->at, "Judge ends at this time");
  lint->add_option("--approvers", command->approvers,
                   "How many persons can approve at a node");
  lint->add_flag("--strict", command->strict, "Warnings are errors");
}

void AddView(CLI::App& policy, CommandContext& context) {
  auto command = std::make_shared<ViewCommand>();
  CLI::App* view = AddVerb(
      policy, "partner-view", "Show all that one partner can ask of a node",
      "  comity policy partner-view NE\n"
      "  comity policy partner-view NE --files policy/ --node NG",
      [command, &context] { return View(*command, context); });
  view->add_option("partner", command->partner, "The partner's code")
      ->required();
  view->add_option("--files", command->files,
                   "Files and directories; default: in force at the own node");
  view->add_option("--node", command->node, "Whose side to show");
  view->add_option("--at", command->at, "On this day; default: now");
}

}  // namespace

void AddPolicyAnalysisCommands(CLI::App& policy, CommandContext& context) {
  AddDiff(policy, context);
  AddLint(policy, context);
  AddView(policy, context);
}

}  // namespace comity
