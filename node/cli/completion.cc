#include "node/cli/completion.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"

namespace comity {
namespace {

struct Paths {
  std::vector<std::string> nouns;  // `"comity case") ` patterns that go deeper
  std::string cases;               // one branch for each path
};

std::vector<const CLI::App*> VerbsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

void Collect(const CLI::App& app, const std::string& path, Paths& paths) {
  std::vector<std::string> words;
  for (const CLI::App* verb : VerbsOf(app)) {
    words.push_back(verb->get_name());
    const std::string below = absl::StrCat(path, " ", verb->get_name());
    paths.nouns.push_back(absl::StrCat("\"", below, "\""));
    Collect(*verb, below, paths);
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      words.push_back("--" + name);
    }
  }
  absl::StrAppend(&paths.cases, "    \"", path, "\") words='",
                  absl::StrJoin(words, " "), "' ;;\n");
}

}  // namespace

std::string FormatBashCompletion(const CLI::App& app) {
  Paths paths;
  Collect(app, app.get_name(), paths);
  return absl::StrCat(
      "# Completes comity in bash: source <(comity completion bash)\n"
      "_comity() {\n"
      "  local path=comity word words='' current=${COMP_WORDS[COMP_CWORD]}\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$path $word\" in\n      ",
      absl::StrJoin(paths.nouns, " | \\\n      "),
      ")\n        path=\"$path $word\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case $path in\n",
      paths.cases,
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
      "}\n"
      "complete -o default -F _comity comity\n");
}

void AddCompletionCommand(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand("completion", "Completion for shells");
  noun->require_subcommand(1);
  AddVerb(*noun, "bash", "Print the completion script for bash",
          "  comity completion bash > comity.bash", [&app] {
            printf("%s", FormatBashCompletion(app).c_str());
            return absl::OkStatus();
          });
  AddVerb(app, "version", "Print the version of this program",
          "  comity version", [&context] {
            if (!context.PrintedJson({{"version", COMITY_VERSION}})) {
              printf("comity %s\n", COMITY_VERSION);
            }
            return absl::OkStatus();
          });
}

}  // namespace comity
