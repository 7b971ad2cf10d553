#include "node/cli/app.h"

#include <filesystem>
#include <fstream>
#include <regex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "node/cli/completion.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<CLI::App*> VerbsOf(CLI::App& app) {
  return app.get_subcommands([](CLI::App*) { return true; });
}

std::vector<CLI::App*> LeavesOf(CLI::App& app) {
  std::vector<CLI::App*> leaves;
  for (CLI::App* verb : VerbsOf(app)) {
    for (CLI::App* leaf : LeavesOf(*verb)) leaves.push_back(leaf);
  }
  if (leaves.empty()) leaves.push_back(&app);
  return leaves;
}

// The words of a line of shell: quotes are taken off, what stands after a
// comment, a pipe or a redirection is not the command's.
std::vector<std::string> WordsOf(const std::string& line) {
  std::vector<std::string> words;
  const std::regex word(R"re('[^']*'|"[^"]*"|\S+)re");
  for (std::sregex_iterator at(line.begin(), line.end(), word), end; at != end;
       ++at) {
    std::string text = at->str();
    if (text[0] == '#' || text[0] == '|' || text[0] == '>' || text[0] == '&') {
      break;
    }
    if (text[0] == '\'' || text[0] == '"')
      text = text.substr(1, text.size() - 2);
    words.push_back(text);
  }
  return words;
}

// Expects that the line, which starts with "comity", is understood. It runs, in
// an empty directory and without a profile, and may fail at that.
void ExpectParses(const std::string& line) {
  CommandContext context;
  const auto app = MakeApp(context);
  std::vector<std::string> words = WordsOf(line);
  ASSERT_FALSE(words.empty());
  words.erase(words.begin());
  std::reverse(words.begin(), words.end());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  std::string failure;  // said once the output is given back
  try {
    app->parse(std::move(words));
  } catch (const CommandFailed& failed) {
    if (ReasonOf(failed.status()) == ErrorReason::kInternal) {
      failure = failed.what();
    }
  } catch (const CLI::Error& wrong) {
    failure = wrong.what();
  }
  testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(failure, "") << line;
}

// Commands run in a directory that is gone afterwards.
class AppTest : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("COMITY_PROFILE");
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(directory_.path());
  }
  void TearDown() override { std::filesystem::current_path(before_); }

 private:
  const TestDirectory directory_;
  std::filesystem::path before_;
};

// The lines of a file of the project, continued lines joined.
std::vector<std::string> LinesOf(const std::string& name) {
  std::ifstream file(std::string(COMITY_SOURCE_DIR "/") + name);
  std::vector<std::string> lines;
  std::string whole;
  for (std::string line; std::getline(file, line);) {
    absl::StrAppend(&whole, absl::StripLeadingAsciiWhitespace(line));
    if (absl::EndsWith(whole, "\\")) {
      whole.pop_back();
      continue;
    }
    lines.push_back(whole);
    whole.clear();
  }
  return lines;
}

struct Outcome {
  int code;
  std::string error;
};

Outcome Typed(const std::vector<std::string>& arguments) {
  testing::internal::CaptureStderr();
  CommandContext context;
  const int code = RunCommandLine(arguments, context);
  return {code, testing::internal::GetCapturedStderr()};
}

TEST_F(AppTest, EveryVerbHasHelpAndExamplesThatParse) {
  CommandContext context;
  const auto app = MakeApp(context);
  const std::vector<CLI::App*> leaves = LeavesOf(*app);
  EXPECT_GT(leaves.size(), 25u);
  for (const CLI::App* leaf : leaves) {
    SCOPED_TRACE(leaf->help());
    EXPECT_THAT(leaf->get_description(), Not(IsEmpty()));
    const std::string footer =
        absl::StrReplaceAll(leaf->get_footer(), {{"\\\n", " "}});
    ASSERT_TRUE(absl::StartsWith(footer, "Examples:\n"));
    int examples = 0;
    for (const auto line : absl::StrSplit(footer, '\n')) {
      if (!absl::StartsWith(line, "  comity")) continue;
      ++examples;
      ExpectParses(std::string(line));
    }
    EXPECT_GT(examples, 0);
    EXPECT_THAT(footer, HasSubstr(absl::StrCat(" ", leaf->get_name())));
  }
}

TEST_F(AppTest, TheCommandsOfTheReadmeAndTheQuickstartParse) {
  int commands = 0;
  const std::regex call(
      R"re(^(?:run |refused |await \S+ |await '[^']*' )?(comity .*)$)re");
  for (const char* name : {"README.md", "deploy/quickstart.sh"}) {
    for (const std::string& line : LinesOf(name)) {
      std::smatch found;
      if (!std::regex_match(line, found, call)) continue;
      // What the shell would fill in is one word.
      ExpectParses(std::regex_replace(
          found[1].str(), std::regex(R"re("?\$\([^)]*\)"?)re"), "filled-in"));
      ++commands;
    }
  }
  EXPECT_GT(commands, 50);
}

TEST_F(AppTest, AnUnknownVerbSuggestsTheNearest) {
  const Outcome noun = Typed({"--as", "case", "cse", "list"});
  EXPECT_EQ(noun.code, 2);
  EXPECT_THAT(noun.error, HasSubstr("did you mean comity case?"));
  const Outcome verb = Typed({"case", "improt", "x.csv"});
  EXPECT_EQ(verb.code, 2);
  EXPECT_THAT(verb.error, HasSubstr("did you mean comity case import?"));
  EXPECT_THAT(verb.error, HasSubstr("next: comity case --help"));
  EXPECT_THAT(Typed({"zzzzzz"}).error, HasSubstr("it has node, operator"));
}

TEST_F(AppTest, UsageErrorsExitWithTwoAndSayWhatIsMissing) {
  EXPECT_EQ(Typed({}).code, 2);
  EXPECT_THAT(Typed({"case"}).error, HasSubstr("comity case needs one of"));
  const Outcome missing = Typed({"referral", "create", "--to", "NG"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.error, HasSubstr("FIELD_MISSING"));
  EXPECT_THAT(missing.error, HasSubstr("comity referral create --help"));
  EXPECT_EQ(Typed({"case", "list", "--limit", "many"}).code, 2);
  EXPECT_EQ(Typed({"status", "--prob"}).code, 2);
}

TEST_F(AppTest, UnderJsonEveryErrorIsOneObject) {
  google::protobuf::Struct read;
  const std::vector<std::vector<std::string>> lines = {
      {"cse", "--json"},
      {"--json", "referral", "create"},
      {"--json", "--as", "/nowhere", "inbox"},
  };
  for (const auto& line : lines) {
    const Outcome failed = Typed(line);
    ASSERT_TRUE(
        google::protobuf::util::JsonStringToMessage(failed.error, &read).ok())
        << failed.error;
    EXPECT_EQ(read.fields().at("schema").string_value(), "comity.cli.v1");
  }
  EXPECT_EQ(Typed(lines[2]).code, 2);
}

// It was NOT_FOUND, and sent who mistyped a directory to the list of cases.
TEST_F(AppTest, ADirectoryThatIsNoProfileIsNamed) {
  const Outcome failed = Typed({"--as", "/nowhere", "inbox"});
  EXPECT_THAT(failed.error, HasSubstr("/nowhere holds no operator's profile"));
  EXPECT_THAT(failed.error, HasSubstr("comity operator add"));
}

TEST_F(AppTest, NothingIsAskedWithoutATerminal) {
  CommandContext context;
  EXPECT_THAT(AskPerson("sure? ", "give --yes"),
              FailsWith(ErrorReason::kFieldMissing));
}

TEST_F(AppTest, TheCompletionNamesEveryVerbAndItsOptions) {
  CommandContext context;
  const auto app = MakeApp(context);
  const std::string script = FormatBashCompletion(*app);
  for (const CLI::App* leaf : LeavesOf(*app)) {
    EXPECT_THAT(script, HasSubstr(absl::StrCat(" ", leaf->get_name(), "\"")));
  }
  EXPECT_THAT(script, HasSubstr("--accept-valid-rows"));
}

}  // namespace
}  // namespace comity
