#include "node/cli/indicator_commands.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/struct.pb.h"
#include "node/cli/fact_json.h"
#include "node/cli/indicator_trend.h"
#include "node/cli/table_ask.h"
#include "node/domain/measure.h"
#include "node/wire/indicators.h"

namespace comity {
namespace {

using policy::v1::Indicator;

absl::Status List(CommandContext& context) {
  ASSIGN_OR_RETURN(const std::vector<Indicator> all, AllIndicators());
  google::protobuf::Struct object;
  std::vector<std::vector<std::string>> rows;
  for (const Indicator& indicator : all) {
    auto& one = AddJsonObject(object, "indicators");
    JsonField(one, "code").set_string_value(indicator.code());
    JsonField(one, "version").set_number_value(indicator.version());
    JsonField(one, "title").set_string_value(indicator.title());
    JsonField(one, "collected").set_bool_value(!indicator.has_not_collected());
    rows.push_back({IndicatorName(indicator), indicator.title(),
                    indicator.has_not_collected() ? "not collected" : ""});
  }
  if (!context.PrintedJson(object)) PrintTable(rows);
  return absl::OkStatus();
}

Measure MeasureOf(const Indicator& indicator) {
  return indicator.has_measure() ? static_cast<Measure>(indicator.measure())
                                 : Measure::kPersons;
}

void PrintTableOf(const Indicator& indicator) {
  printf("measure: %s (%s)\n", std::string(Name(MeasureOf(indicator))).c_str(),
         MeasureWords(MeasureOf(indicator)).c_str());
  printf("dimensions: %s\n",
         absl::StrJoin(indicator.dimension(), ", ").c_str());
  if (!indicator.where().empty()) {
    printf("where: %s\n", absl::StrJoin(indicator.where(), ", ").c_str());
  }
  if (indicator.has_share_of()) {
    printf("shares of: %s\n", indicator.share_of().c_str());
  }
  printf("%s: %s\n",
         QuantileOf(MeasureOf(indicator)).has_value() ? "told of"
                                                      : "denominator of shares",
         indicator.denominator().c_str());
}

absl::Status Show(const std::string& id, CommandContext& context) {
  ASSIGN_OR_RETURN(const Indicator indicator, FindIndicator(id));
  if (context.PrintedJson(indicator)) return absl::OkStatus();
  printf("%s, version %u: %s\n%s\npopulation: %s\n", indicator.code().c_str(),
         indicator.version(), indicator.title().c_str(),
         indicator.definition().c_str(), indicator.population().c_str());
  if (indicator.has_not_collected()) {
    printf("not collected: %s\n", indicator.not_collected().c_str());
  } else {
    PrintTableOf(indicator);
  }
  for (const std::string& note : indicator.note()) {
    printf("note: %s\n", note.c_str());
  }
  return absl::OkStatus();
}

struct Question {
  std::string year;
  AskOptions options;
};

absl::Status Ask(const Question& question, CommandContext& context) {
  // Said before any partner is asked, and without a node.
  ASSIGN_OR_RETURN(const Indicator indicator,
                   FindIndicator(question.options.indicator));
  RETURN_IF_ERROR(CheckCollected(indicator));
  AskOptions options = question.options;
  options.where = {absl::StrCat("year=", question.year)};
  return AskTable(options, context);
}

}  // namespace

void AddIndicatorCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun =
      app.add_subcommand("indicator", "Tables that have a name and definition");
  noun->require_subcommand(1);
  AddVerb(*noun, "list", "List the indicators", "  comity indicator list",
          [&context] { return List(context); });
  auto id = std::make_shared<std::string>();
  CLI::App* show = AddVerb(*noun, "show", "Show the definition of one",
                           "  comity indicator show Q2",
                           [id, &context] { return Show(*id, context); });
  show->add_option("INDICATOR", *id, "Such as Q2")->required();
  auto question = std::make_shared<Question>();
  CLI::App* ask =
      AddVerb(*noun, "ask", "Ask members for one and add the answers",
              "  comity indicator ask Q2 --from NG,NE --year 2018\n"
              "  comity indicator ask Q13 --from @ecowas --year 2018 --save "
              "--output corridors.html",
              [question, &context] { return Ask(*question, context); });
  ask->add_option("INDICATOR", question->options.indicator,
                  "Such as Q2, or Q2/1 for one version")
      ->required();
  ask->add_option("--year", question->year, "A published year")->required();
  AddAskOptions(*ask, question->options);
  AddTrendVerb(*noun, context);
}

}  // namespace comity
