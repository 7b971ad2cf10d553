#include "node/cli/app.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/edit_distance.h"
#include "node/base/error_reason.h"
#include "node/cli/backup_commands.h"
#include "node/cli/budget_commands.h"
#include "node/cli/bundle_commands.h"
#include "node/cli/failure.h"
#include "node/cli/indicator_commands.h"
#include "node/cli/release_commands.h"

namespace comity {
namespace {

std::vector<std::string> VerbsOf(const CLI::App& app) {
  std::vector<std::string> verbs;
  for (const CLI::App* each : app.get_subcommands(
           [](const CLI::App* any) { return any != nullptr; })) {
    verbs.push_back(each->get_name());
  }
  return verbs;
}

// How far the arguments name nouns and verbs, and the word that is none.
struct Place {
  const CLI::App* app;
  std::string command;  // "comity case import"
  std::string unknown;
};

Place FindPlace(const CLI::App& root, const std::vector<std::string>& words) {
  Place place{&root, root.get_name(), ""};
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (absl::StartsWith(word, "-")) {
      const CLI::Option* option = root.get_option_no_throw(word);
      if (option != nullptr && option->get_items_expected_max() > 0) ++i;
      continue;
    }
    const std::vector<std::string> verbs = VerbsOf(*place.app);
    if (verbs.empty()) return place;
    if (std::find(verbs.begin(), verbs.end(), word) == verbs.end()) {
      place.unknown = word;
      return place;
    }
    place.app = place.app->get_subcommand(word);
    absl::StrAppend(&place.command, " ", word);
  }
  return place;
}

// What is wrong with a command line that does not parse.
absl::Status UsageError(const CLI::ParseError& wrong, const Place& place) {
  const std::vector<std::string> verbs = VerbsOf(*place.app);
  if (!place.unknown.empty()) {
    const std::string nearest = NearestWord(place.unknown, verbs);
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat(place.command, " has no \"", place.unknown, "\"; ",
                     nearest.empty()
                         ? absl::StrCat("it has ", absl::StrJoin(verbs, ", "))
                         : absl::StrCat("did you mean ", place.command, " ",
                                        nearest, "?")));
  }
  if (!verbs.empty()) {
    return ReasonError(ErrorReason::kFieldMissing,
                       absl::StrCat(place.command, " needs one of ",
                                    absl::StrJoin(verbs, ", ")));
  }
  const bool missing =
      dynamic_cast<const CLI::RequiredError*>(&wrong) != nullptr;
  return ReasonError(
      missing ? ErrorReason::kFieldMissing : ErrorReason::kFieldInvalid,
      wrong.what());
}

void PrintFailure(const absl::Status& status, const std::string& command,
                  bool json) {
  fflush(stdout);
  fprintf(stderr, "%s", FormatFailure(status, command, json).c_str());
}

}  // namespace

std::string NearestWord(const std::string& word,
                        const std::vector<std::string>& verbs) {
  std::string nearest;
  size_t best = std::min<size_t>(3, word.size() / 2 + 1);
  for (const std::string& verb : verbs) {
    const size_t distance = EditDistance(word, verb);
    if (distance >= best) continue;
    best = distance;
    nearest = verb;
  }
  return nearest;
}

std::unique_ptr<CLI::App> MakeApp(CommandContext& context) {
  auto app = std::make_unique<CLI::App>(
      "comity: refer trafficked persons across borders, ask partners, and keep "
      "proof.\nEvery command that talks to the own node needs a profile: --as "
      "DIR or COMITY_PROFILE.",
      "comity");
  app->require_subcommand(1);
  app->fallthrough();
  app->add_option("--as", context.profile,
                  "Directory of the operator's profile");
  app->add_flag("-q,--quiet", context.quiet,
                "No messages, only results and errors");
  app->add_flag("--json", context.json, "Print results and errors as JSON");
  app->footer(
      "Exit codes: 0 done, 1 internal, 2 usage, 3 refused by policy, 4 "
      "approvals "
      "needed,\n5 unreachable, 6 not found or refused without a reason, 7 "
      "conflict, 8 integrity.");
  AddNodeCommands(*app, context);
  AddBackupCommands(*app, context);
  AddPartnerCommands(*app, context);
  AddPolicyCommands(*app, context);
  AddCaseCommands(*app, context);
  AddReferralCommands(*app, context);
  AddConsentCommands(*app, context);
  AddBundleCommands(*app, context);
  AddSubjectCommands(*app, context);
  AddRetentionCommands(*app, context);
  AddTableCommands(*app, context);
  AddBudgetCommands(*app, context);
  AddIndicatorCommands(*app, context);
  AddReleaseCommands(*app, context);
  AddOversightCommands(*app, context);
  AddAuditCommands(*app, context);
  AddStatusCommands(*app, context);
  AddCompletionCommand(*app, context);
  return app;
}

int RunCommandLine(const std::vector<std::string>& arguments,
                   CommandContext& context) {
  const auto app = MakeApp(context);
  // An option that stands after the mistake is not read by the parser.
  const bool json = std::find(arguments.begin(), arguments.end(), "--json") !=
                    arguments.end();
  try {
    app->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& wanted) {
    return app->exit(wanted);
  } catch (const CLI::ParseError& wrong) {
    const Place place = FindPlace(*app, arguments);
    const absl::Status status = UsageError(wrong, place);
    PrintFailure(status, place.command, json);
    return ExitCode(status);
  } catch (const CommandFailed& failed) {
    PrintFailure(failed.status(), failed.command(), context.json);
    return failed.get_exit_code();
  }
  return 0;
}

}  // namespace comity
