#include "node/cli/indicator_trend.h"

#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/cli/comparison_output.h"
#include "node/cli/table_progress.h"
#include "node/wire/indicators.h"

namespace comity {
namespace {

namespace pb = operators::v1;

struct TrendOptions {
  std::string indicator;
  std::vector<std::string> from;
  std::vector<std::string> years;
  std::string agreement;
  bool members_in_all = false;
};

absl::Status NoYears() {
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("name ", kFewestCompared, " to ", kMostCompared,
                   " years: --years 2014-2018, or --years "
                   "2014,2016"));
}

// A year of four digits.
bool ReadYear(absl::string_view text, int& year) {
  constexpr int kFirst = 1000;
  constexpr int kLast = 9999;
  return absl::SimpleAtoi(text, &year) && year >= kFirst && year <= kLast;
}

absl::StatusOr<pb::RequestTableResponse> AskYear(const TrendOptions& options,
                                                 const std::string& year,
                                                 CommandContext& context) {
  pb::RequestTableRequest request;
  request.set_request_id(context.NewRequestId());
  for (const std::string& member : options.from) request.add_members(member);
  request.set_indicator(options.indicator);
  request.set_period(year);
  request.set_agreement_id(options.agreement);
  ASSIGN_OR_RETURN(auto response, AskMembers(request, context));
  if (!context.quiet) {
    fprintf(stderr, "%s: %u of %d members answered\n", year.c_str(),
            response.answered(), response.members_size());
  }
  return response;
}

void PrintTrend(const policy::v1::Indicator& indicator,
                const AnswerComparison& trend,
                const std::vector<pb::RequestTableResponse>& answers) {
  printf("%s, %s\n%s\n", IndicatorName(indicator).c_str(),
         indicator.title().c_str(), indicator.definition().c_str());
  const auto& dimensions = answers[0].dimensions();
  PrintComparison({dimensions.begin(), dimensions.end()}, trend);
  for (const std::string& note : indicator.note()) {
    printf("note: %s\n", note.c_str());
  }
  if (indicator.has_share_of()) {
    printf("note: comity indicator ask tells the shares of each year\n");
  }
}

absl::Status Trend(const TrendOptions& options, CommandContext& context) {
  // Said before any partner is asked.
  ASSIGN_OR_RETURN(const policy::v1::Indicator indicator,
                   FindIndicator(options.indicator));
  RETURN_IF_ERROR(CheckCollected(indicator));
  ASSIGN_OR_RETURN(const std::vector<std::string> years,
                   ReadYears(options.years));
  std::vector<pb::RequestTableResponse> answers;
  for (const std::string& year : years) {
    ASSIGN_OR_RETURN(pb::RequestTableResponse answer,
                     AskYear(options, year, context));
    answers.push_back(std::move(answer));
  }
  std::vector<NamedAnswer> named;
  for (size_t i = 0; i < years.size(); ++i) {
    named.push_back({years[i], answers[i]});
  }
  ASSIGN_OR_RETURN(const AnswerComparison trend,
                   CompareAnswers(named, options.members_in_all));
  if (context.PrintedJson(ComparisonJson(trend))) return absl::OkStatus();
  PrintTrend(indicator, trend, answers);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadYears(
    const std::vector<std::string>& written) {
  std::set<int> years;
  for (const std::string& each : written) {
    const std::vector<std::string> ends =
        absl::StrSplit(each, absl::MaxSplits('-', 1));
    int first = 0;
    int last = 0;
    if (!ReadYear(ends.front(), first) || !ReadYear(ends.back(), last) ||
        last < first || last - first >= static_cast<int>(kMostCompared)) {
      return NoYears();
    }
    for (int year = first; year <= last; ++year) years.insert(year);
  }
  if (years.size() < kFewestCompared || years.size() > kMostCompared) {
    return NoYears();
  }
  std::vector<std::string> texts;
  texts.reserve(years.size());
  for (const int year : years) texts.push_back(absl::StrCat(year));
  return texts;
}

void AddTrendVerb(CLI::App& indicator_noun, CommandContext& context) {
  auto options = std::make_shared<TrendOptions>();
  CLI::App* trend = AddVerb(
      indicator_noun, "trend", "Ask members for one in several years",
      "  comity indicator trend Q1 --from NG,NE --years 2014-2018\n"
      "  comity indicator trend Q4 --from @ecowas --years 2014,2016,2018 "
      "--members-in-all",
      [options, &context] { return Trend(*options, context); });
  trend->add_option("INDICATOR", options->indicator, "Such as Q1, or Q1/1")
      ->required();
  trend
      ->add_option("--from", options->from,
                   "Members, or @group: who is in it at each year's end")
      ->required()
      ->delimiter(',');
  trend
      ->add_option("--years", options->years,
                   "2 to 30 published years, 2014-2018 or 2014,2016")
      ->required()
      ->delimiter(',');
  trend->add_option("--agreement", options->agreement,
                    "If more than one grants it");
  trend->add_flag("--members-in-all", options->members_in_all,
                  "Count only members that answered for every year");
}

}  // namespace comity
