#include "absl/strings/str_cat.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/all_pages.h"
#include "node/cli/command.h"
#include "node/cli/table_ask.h"
#include "node/cli/table_count.h"
#include "node/cli/table_reconcile.h"
#include "node/domain/measure.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Tables = pb::TableService;

struct PublishOptions {
  std::string period;
  std::vector<std::string> without;
};

absl::Status Publish(const PublishOptions& options, CommandContext& context) {
  pb::PublishPeriodRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_period(options.period);
  for (const std::string& column : options.without) {
    request.add_not_collected(column);
  }
  ASSIGN_OR_RETURN(
      const auto response,
      (context.Call<Tables, pb::PublishPeriodResponse>(
          &Tables::Stub::PublishPeriod, request, std::chrono::seconds(120))));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("published %s, revision %u (entry %s)\n",
         response.published().period().c_str(), response.published().revision(),
         response.audit_entry_id().c_str());
  if (response.left_out() > 0) {
    printf("  without %llu case(s) that national rules keep from counts\n",
           static_cast<unsigned long long>(response.left_out()));
  }
  return absl::OkStatus();
}

absl::Status Periods(CommandContext& context) {
  ASSIGN_OR_RETURN(
      const auto response,
      (CallAll<Tables, pb::ListPeriodsResponse>(
          context, &Tables::Stub::ListPeriods, pb::ListPeriodsRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  for (const pb::PublishedPeriod& period : response.periods()) {
    printf("%s revision %u%s\n", period.period().c_str(), period.revision(),
           period.closed() ? "  closed: a person was erased or is counted no "
                             "more; publish the next"
                           : "");
  }
  return absl::OkStatus();
}

}  // namespace

void AddTableCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand("table", "Published periods and tables");
  noun->require_subcommand(1);
  auto published = std::make_shared<PublishOptions>();
  CLI::App* publish = AddVerb(
      *noun, "publish", "Publish a year of the own state",
      "  comity table publish --period 2018\n"
      "  comity table publish --period 2018 --without recruiter,industry",
      [published, &context] { return Publish(*published, context); });
  publish->add_option("--period", published->period, "A year that has ended")
      ->required();
  publish
      ->add_option(
          "--without", published->without,
          "Columns that the state does not collect, or \"referrals\": asked "
          "for them, it says so instead of giving zeros")
      ->delimiter(',');

  auto options = std::make_shared<AskOptions>();
  CLI::App* ask = AddVerb(
      *noun, "ask", "Ask members for counts and add them",
      "  comity table ask --from NG,NE --by sex --where year=2018\n"
      "  comity table ask --from @ecowas --by sex --where year=2018\n"
      "  comity table ask --from NG,NE --by sex,age_group --where year=2018 "
      "--output victims.csv\n"
      "  comity table ask --from @ecowas --by citizenship,exploitation_country "
      "--where year=2018 --save --output flows.html\n"
      "  comity table ask --from NG --measure REFERRALS --by decision,partner "
      "--where year=2018\n"
      "  comity table ask --from NG --measure MEDIAN_ACCEPTANCE_DAYS "
      "--by partner --where year=2018",
      [options, &context] { return AskTable(*options, context); });
  AddAskOptions(*ask, *options);
  ask->add_option("--measure", options->measure,
                  "What is told of each cell; left out: counts of persons")
      ->check(CLI::IsMember(MeasureNames()));
  ask->add_option("--by", options->by, "Dimensions, at most 3")->delimiter(',');
  ask->add_option("--where", options->where, "year=2018, and column=value");
  AddVerb(*noun, "periods", "List the published periods",
          "  comity table periods", [&context] { return Periods(context); });
  AddTableCountVerb(*noun, context);
  AddTableReconcileVerb(*noun, context);
  AddTableAuditVerb(*noun, context);
}

}  // namespace comity
