// What counting a table over a million cases costs, beside SQLite's GROUP BY
// over the same rows, as integers, in memory.
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <random>
#include <vector>

#include "node/domain/table_columns.h"
#include "node/tabulation/column_table.h"

namespace comity {
namespace {

constexpr size_t kCases = 1'000'000;
const char* const kColumns[] = {"age_broad", "exploitation", "sex"};

// One case in five has a second form of exploitation; codes are skewed as real
// ones are, each half as frequent as the one before.
std::vector<CodedCase> Population() {
  std::mt19937_64 chance(2018);
  const auto skewed = [&chance](const std::vector<std::string>& codes) {
    size_t at = 0;
    while (at + 1 < codes.size() && chance() % 2 == 0) ++at;
    return codes[at];
  };
  std::vector<CodedCase> cases(kCases);
  for (CodedCase& coded : cases) {
    const std::string id = std::to_string(chance()) + "................";
    coded.case_id = *Uuid::FromBytes(id.substr(0, 16));
    coded.year = 2018;
    for (const TableColumn& column : AllTableColumns()) {
      if (column.unit != CountedUnit::kPerson) continue;
      auto& codes = coded.columns[column.name];
      codes = {column.IsOpen() ? "NE" : skewed(column.codes)};
      if (!column.IsOpen() && column.several && chance() % 5 == 0) {
        codes.push_back(skewed(column.codes));
        if (codes[0] == codes[1]) codes.pop_back();
      }
    }
  }
  return cases;
}

const std::vector<CodedCase>& Cases() {
  static const auto* cases = new std::vector<CodedCase>(Population());
  return *cases;
}

TableQuestion Question() {
  return *TableQuestion::Create("2018",
                                {std::begin(kColumns), std::end(kColumns)}, {});
}

void CountInColumns(benchmark::State& state) {
  std::mt19937_64 chance(1);
  const PeriodColumns columns = PeriodColumns::Of(
      Cases(), 2018, [&chance](const Uuid&) { return chance(); });
  const TableQuestion question = Question();
  uint64_t persons = 0;
  for (auto _ : state) {
    const ExactTable table = columns.Count(question);
    persons = table.cells.back().persons;
    benchmark::DoNotOptimize(persons);
  }
  state.counters["persons"] = static_cast<double>(persons);
  state.counters["bytes_per_case"] =
      static_cast<double>(columns.BytesOfPerson());
  state.counters["stored_bytes_per_case"] =
      static_cast<double>(columns.Serialize().size()) / kCases;
}

// One row for each person and form, as a relational table would have it.
sqlite3* FilledDatabase() {
  sqlite3* database = nullptr;
  sqlite3_open(":memory:", &database);
  sqlite3_exec(database,
               "CREATE TABLE cases (a INTEGER, e INTEGER, s INTEGER); BEGIN",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO cases VALUES (?, ?, ?)", -1,
                     &insert, nullptr);
  const auto number = [](const char* name, const std::string& code) {
    const auto& codes = FindTableColumn(name)->codes;
    return static_cast<int>(std::lower_bound(codes.begin(), codes.end(), code) -
                            codes.begin());
  };
  for (const CodedCase& coded : Cases()) {
    for (const std::string& form : coded.columns.at("exploitation")) {
      sqlite3_bind_int(insert, 1,
                       number("age_broad", coded.columns.at("age_broad")[0]));
      sqlite3_bind_int(insert, 2, number("exploitation", form));
      sqlite3_bind_int(insert, 3, number("sex", coded.columns.at("sex")[0]));
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
  }
  sqlite3_finalize(insert);
  sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
  return database;
}

void GroupBy(benchmark::State& state) {
  sqlite3* database = FilledDatabase();
  sqlite3_stmt* query = nullptr;
  sqlite3_prepare_v2(database,
                     "SELECT a, e, s, count(*) FROM cases GROUP BY a, e, s", -1,
                     &query, nullptr);
  int rows = 0;
  for (auto _ : state) {
    rows = 0;
    while (sqlite3_step(query) == SQLITE_ROW) ++rows;
    sqlite3_reset(query);
  }
  state.counters["cells"] = rows;
  sqlite3_finalize(query);
  sqlite3_close(database);
}

BENCHMARK(CountInColumns)->Unit(benchmark::kMillisecond);
BENCHMARK(GroupBy)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace comity

BENCHMARK_MAIN();
