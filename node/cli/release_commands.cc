#include "node/cli/release_commands.h"

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/all_pages.h"
#include "node/cli/comparison_output.h"
#include "node/cli/release_compare.h"
#include "node/cli/table_output.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Tables = pb::TableService;

absl::StatusOr<pb::GetReleaseResponse> Fetch(uint32_t number,
                                             CommandContext& context) {
  pb::GetReleaseRequest request;
  request.set_number(number);
  return context.Call<Tables, pb::GetReleaseResponse>(&Tables::Stub::GetRelease,
                                                      request);
}

absl::Status List(CommandContext& context) {
  ASSIGN_OR_RETURN(
      const auto response,
      (CallAll<Tables, pb::ListReleasesResponse>(
          context, &Tables::Stub::ListReleases, pb::ListReleasesRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (response.releases().empty()) {
    printf(
        "nothing was kept; comity table ask and comity indicator ask keep "
        "an answer with --save\n");
    return absl::OkStatus();
  }
  std::vector<std::vector<std::string>> rows = {
      {"release", "saved", "period", "table", "answered", "follows"}};
  for (const pb::Release& release : response.releases()) {
    rows.push_back(
        {absl::StrCat(release.number()), TimeText(release.saved_at()),
         release.period(),
         release.indicator().empty() ? release.question() : release.indicator(),
         absl::StrCat(release.answered_size(), " of ",
                      release.answered_size() + release.missing_size()),
         release.follows() == 0 ? "-" : absl::StrCat(release.follows())});
  }
  PrintTable(rows);
  return absl::OkStatus();
}

absl::Status Show(uint32_t number, CommandContext& context) {
  ASSIGN_OR_RETURN(const pb::GetReleaseResponse response,
                   Fetch(number, context));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("release %u, %s\n%s\n", response.release().number(),
         TimeText(response.release().saved_at()).c_str(),
         response.release().citation().c_str());
  PrintTableAnswer(response.table());
  return absl::OkStatus();
}

absl::Status Export(uint32_t number, const std::string& output,
                    CommandContext& context) {
  RETURN_IF_ERROR(CheckTableFile(output));
  ASSIGN_OR_RETURN(const pb::GetReleaseResponse response,
                   Fetch(number, context));
  RETURN_IF_ERROR(WriteTableFile(output, response.table()));
  if (!context.PrintedJson({{"file", output}}) && !context.quiet) {
    printf("wrote %s\n", output.c_str());
  }
  return absl::OkStatus();
}

struct ComparedReleases {
  std::vector<uint32_t> numbers;
  bool members_in_all = false;
};

absl::Status Compare(const ComparedReleases& which, CommandContext& context) {
  std::vector<pb::GetReleaseResponse> releases;
  for (const uint32_t number : which.numbers) {
    ASSIGN_OR_RETURN(pb::GetReleaseResponse release, Fetch(number, context));
    releases.push_back(std::move(release));
  }
  ASSIGN_OR_RETURN(const AnswerComparison comparison,
                   CompareReleases(releases, which.members_in_all));
  if (context.PrintedJson(ComparisonJson(comparison))) return absl::OkStatus();
  for (const pb::GetReleaseResponse& release : releases) {
    printf("%s\n", release.release().citation().c_str());
  }
  const auto& dimensions = releases[0].table().dimensions();
  PrintComparison({dimensions.begin(), dimensions.end()}, comparison);
  return absl::OkStatus();
}

void AddCompareVerb(CLI::App& noun, CommandContext& context) {
  auto which = std::make_shared<ComparedReleases>();
  CLI::App* compare =
      AddVerb(noun, "compare", "Compare 2 to 30 releases of one table",
              "  comity release compare 1 2\n"
              "  comity release compare 1 2 5 --members-in-all",
              [which, &context] { return Compare(*which, context); });
  compare->add_option("NUMBERS", which->numbers, "As comity release list shows")
      ->required()
      ->expected(static_cast<int>(kFewestCompared),
                 static_cast<int>(kMostCompared));
  compare->add_flag("--members-in-all", which->members_in_all,
                    "Count only members that answered all of them");
}

}  // namespace

void AddReleaseCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun =
      app.add_subcommand("release", "Regional answers that were kept");
  noun->require_subcommand(1);
  AddVerb(*noun, "list", "List the releases, newest first",
          "  comity release list", [&context] { return List(context); });
  auto number = std::make_shared<uint32_t>(0);
  CLI::App* show = AddVerb(
      *noun, "show", "Show one as it was kept", "  comity release show 3",
      [number, &context] { return Show(*number, context); });
  show->add_option("NUMBER", *number, "As comity release list shows")
      ->required();
  auto output = std::make_shared<std::string>();
  CLI::App* exported = AddVerb(
      *noun, "export", "Write one to a file",
      "  comity release export 3 --output victims.csv\n"
      "  comity release export 3 --output victims.html",
      [number, output, &context] { return Export(*number, *output, context); });
  exported->add_option("NUMBER", *number, "As comity release list shows")
      ->required();
  exported->add_option("--output", *output, "FILE.csv, FILE.html or FILE.json")
      ->required();
  AddCompareVerb(*noun, context);
}

}  // namespace comity
