#include "node/cli/table_count.h"

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/cli/table_ask.h"
#include "node/domain/measure.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Tables = pb::TableService;

// The first count after a start reads every case.
constexpr std::chrono::seconds kLongest(120);

struct CountOptions {
  std::vector<std::string> by;
  std::vector<std::string> where;
  std::string measure;
};

void PrintCounts(const pb::CountTableResponse& response) {
  const bool quantile =
      QuantileOf(MeasureNamed(response.measure())).has_value();
  std::vector<std::vector<std::string>> rows(1);
  rows[0].assign(response.dimensions().begin(), response.dimensions().end());
  rows[0].push_back(response.unit());
  if (quantile) rows[0].emplace_back("told of");
  for (const pb::CountedCell& cell : response.cells()) {
    std::vector<std::string> row(cell.codes().begin(), cell.codes().end());
    row.push_back(absl::StrCat(cell.value()));
    if (quantile) row.push_back(absl::StrCat(cell.counted()));
    rows.push_back(std::move(row));
  }
  PrintTable(rows);
  printf(
      "exact, as it is now, and not protected: it is not for others; comity "
      "table publish gives them protected figures\n");
}

absl::Status Count(const CountOptions& options, CommandContext& context) {
  pb::CountTableRequest request;
  for (const std::string& dimension : options.by) {
    request.add_dimensions(dimension);
  }
  request.set_measure(options.measure);
  RETURN_IF_ERROR(ReadWhere(options.where, *request.mutable_period(),
                            *request.mutable_filters()));
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Tables, pb::CountTableResponse>(
                       &Tables::Stub::CountTable, request, kLongest)));
  if (!context.PrintedJson(response)) PrintCounts(response);
  return absl::OkStatus();
}

}  // namespace

void AddTableCountVerb(CLI::App& table_noun, CommandContext& context) {
  auto options = std::make_shared<CountOptions>();
  CLI::App* count = AddVerb(
      table_noun, "count", "Count the own cases as they are now, at home",
      "  comity table count --by sex,age_group --where year=2026\n"
      "  comity table count --by citizenship,exploitation,sex,age_group "
      "--where year=2026\n"
      "  comity table count --by sex --where year=2026 --where "
      "\"exploitation=ForcedLabour|Servitude\"\n"
      "  comity table count --measure MEDIAN_ACCEPTANCE_DAYS --by partner "
      "--where year=2026",
      [options, &context] { return Count(*options, context); });
  count->add_option("--by", options->by, "Dimensions, at most 4")
      ->delimiter(',');
  count->add_option("--where", options->where,
                    "year=2026, and column=value or column=value|value");
  count
      ->add_option("--measure", options->measure,
                   "What is told of each cell; left out: counts of persons")
      ->check(CLI::IsMember(MeasureNames()));
}

}  // namespace comity
