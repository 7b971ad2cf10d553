// What counting a table over a million cases costs, beside SQLite's GROUP BY
// over the same rows, as integers, in memory. With --rows=FILE it writes these
// rows first, for somebody else's GROUP BY (postgres.py).
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "node/domain/table_columns.h"
#include "node/tabulation/column_table.h"

namespace comity {
namespace {

constexpr int64_t kCases = 1'000'000;
// A table has the first ones: each person counts once for each of her forms
// whatever else is asked, and so does a row.
const char* const kColumns[] = {"exploitation", "age_broad", "sex"};

// One case in five has a second form of exploitation; codes are skewed as real
// ones are, each half as frequent as the one before.
std::vector<CodedCase> Population() {
  std::mt19937_64 chance(2018);
  const auto skewed = [&chance](const std::vector<std::string>& codes) {
    size_t at = 0;
    while (at + 1 < codes.size() && chance() % 2 == 0) ++at;
    return codes[at];
  };
  std::vector<CodedCase> cases(static_cast<size_t>(kCases));
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

std::vector<std::string> Dimensions(int64_t number) {
  return {std::begin(kColumns), std::begin(kColumns) + number};
}

// Of the first ones; made once, for a benchmark is called again and again.
const PeriodColumns& ColumnsOf(int64_t cases) {
  static auto* const made = new std::map<int64_t, PeriodColumns>();
  const auto found = made->find(cases);
  if (found != made->end()) return found->second;
  std::mt19937_64 chance(1);
  const auto record_key = [&chance](const Uuid&) { return chance(); };
  // All of them are too many to be there twice.
  if (cases == kCases) {
    return made->emplace(cases, PeriodColumns::Of(Cases(), 2018, record_key))
        .first->second;
  }
  const std::vector<CodedCase> some(Cases().begin(), Cases().begin() + cases);
  return made->emplace(cases, PeriodColumns::Of(some, 2018, record_key))
      .first->second;
}

// Arguments: dimensions, cases.
void CountInColumns(benchmark::State& state) {
  const PeriodColumns& columns = ColumnsOf(state.range(1));
  const TableQuestion question =
      *TableQuestion::Create("2018", Dimensions(state.range(0)), {});
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
      static_cast<double>(columns.Serialize().size()) /
      static_cast<double>(state.range(1));
}

// One row for each person and form, as a relational table would have it.
struct CodeRow {
  int age;
  int exploitation;
  int sex;
};

void ForEachRow(const std::function<void(const CodeRow&)>& take) {
  const auto number = [](const char* name, const std::string& code) {
    const auto& codes = FindTableColumn(name)->codes;
    return static_cast<int>(std::find(codes.begin(), codes.end(), code) -
                            codes.begin());
  };
  for (const CodedCase& coded : Cases()) {
    for (const std::string& form : coded.columns.at("exploitation")) {
      take({number("age_broad", coded.columns.at("age_broad")[0]),
            number("exploitation", form),
            number("sex", coded.columns.at("sex")[0])});
    }
  }
}

sqlite3* FilledDatabase() {
  sqlite3* database = nullptr;
  sqlite3_open(":memory:", &database);
  sqlite3_exec(database,
               "CREATE TABLE cases (a INTEGER, e INTEGER, s INTEGER); BEGIN",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO cases VALUES (?, ?, ?)", -1,
                     &insert, nullptr);
  ForEachRow([insert](const CodeRow& row) {
    sqlite3_bind_int(insert, 1, row.age);
    sqlite3_bind_int(insert, 2, row.exploitation);
    sqlite3_bind_int(insert, 3, row.sex);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  });
  sqlite3_finalize(insert);
  sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
  return database;
}

// Argument: dimensions.
void GroupBy(benchmark::State& state) {
  static sqlite3* const database = FilledDatabase();
  const std::string columns = std::string("e, a, s").substr(
      0, static_cast<size_t>(state.range(0)) * 3 - 2);
  const std::string text =
      "SELECT " + columns + ", count(*) FROM cases GROUP BY " + columns;
  sqlite3_stmt* query = nullptr;
  sqlite3_prepare_v2(database, text.c_str(), -1, &query, nullptr);
  int rows = 0;
  for (auto _ : state) {
    rows = 0;
    while (sqlite3_step(query) == SQLITE_ROW) ++rows;
    sqlite3_reset(query);
  }
  if (rows == 0) state.SkipWithError("SQLite counted nothing");
  state.counters["cells"] = rows;
  sqlite3_finalize(query);
}

BENCHMARK(CountInColumns)
    ->Args({1, kCases})
    ->Args({2, kCases})
    ->Args({3, kCases})
    ->Args({3, kCases / 10})
    ->Args({3, kCases / 100})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(GroupBy)->DenseRange(1, 3)->Unit(benchmark::kMillisecond);

// False if the file cannot be written.
bool WriteRows(const std::string& path) {
  std::ofstream file(path);
  ForEachRow([&file](const CodeRow& row) {
    file << row.age << "," << row.exploitation << "," << row.sex << "\n";
  });
  file.flush();
  return file.good();
}

int Main(int argc, char** argv) {
  constexpr char kRows[] = "--rows=";
  benchmark::Initialize(&argc, argv);
  if (argc > 1 && std::string(argv[1]).starts_with(kRows)) {
    if (!WriteRows(argv[1] + sizeof(kRows) - 1)) return 1;
  } else if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  return benchmark::RunSpecifiedBenchmarks() > 0 ? 0 : 1;
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) { return comity::Main(argc, argv); }
