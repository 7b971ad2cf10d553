// What one decision costs at 10 to 10,000 rules, beside an empty call and a
// linear reading of the same rules, over one balanced mix of requests.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/policy/dimensions.h"
#include "node/policy/judge.h"
#include "tests/support/encoded_case.h"
#include "tests/support/random_policy.h"

namespace comity {
namespace {

constexpr size_t kCases = 1000;
constexpr size_t kParticipants = 30;
// Denials that name neither asker nor operation are read in every decision; a
// country has some, whatever the number of its partners.
constexpr size_t kMostGeneral = 30;

// NG, and other members of a region.
std::vector<std::string> Members() {
  std::vector<std::string> codes = {"NG"};
  while (codes.size() < kParticipants) {
    codes.push_back(absl::StrCat("M", codes.size()));
  }
  return codes;
}

// One regional agreement and one national file with `rules` rules together:
// nine grants to one national rule, each about one or two partners, with the
// conditions, groups and duties of the random policies of the tests.
class Federation {
 public:
  explicit Federation(size_t rules) : source_(rules), random_(rules) {
    agreement_ = source_.NextSet().agreements[0];
    agreement_.party = Members();
    agreement_.duties = Duties();
    agreement_.grants.clear();
    national_.node = "NG";
    national_.groups = agreement_.groups;
    while (agreement_.grants.size() + NationalSize() < rules) {
      PolicySet more = source_.NextSet();
      for (Grant& grant : more.agreements[0].grants) Add(grant, rules);
      if (!more.national.has_value()) continue;
      for (Deny& deny : more.national->denies) Add(deny, rules);
      for (Require& require : more.national->requires_) Add(require, rules);
    }
  }

  PolicySet Set() const { return {{agreement_}, national_, std::nullopt}; }

 private:
  size_t NationalSize() const {
    return national_.denies.size() + national_.requires_.size();
  }
  std::vector<std::string> OneOrTwo() {
    std::vector<std::string> codes = {Members()[1 + random_() % 29]};
    if (random_() % 2 == 0) codes.push_back(Members()[1 + random_() % 29]);
    return codes;
  }
  void Add(Grant& grant, size_t rules) {
    if (agreement_.grants.size() >= rules - rules / 10) return;
    grant.id = absl::StrCat("g", agreement_.grants.size());
    grant.holder = {"NG"};
    grant.asker = OneOrTwo();
    if (random_() % 4 == 0) grant.asker.push_back("@region");
    agreement_.grants.push_back(std::move(grant));
  }
  void Add(Deny& deny, size_t rules) {
    if (NationalSize() >= rules / 10) return;
    deny.id = absl::StrCat("d", national_.denies.size());
    if (!deny.asker.empty() || ++general_ > kMostGeneral) {
      deny.asker = OneOrTwo();
    }
    national_.denies.push_back(std::move(deny));
  }
  void Add(Require& require, size_t rules) {
    if (NationalSize() >= rules / 10) return;
    require.id = absl::StrCat("r", national_.requires_.size());
    if (!require.asker.empty() || ++general_ > kMostGeneral) {
      require.asker = OneOrTwo();
    }
    national_.requires_.push_back(std::move(require));
  }

  RandomPolicy source_;
  std::mt19937_64 random_;
  Agreement agreement_;
  NationalRules national_;
  size_t general_ = 0;
};

// A compiled set with its mix: half permits, the rest holds and refusals as
// they come.
struct Workload {
  explicit Workload(size_t rules) : policy(Federation(rules).Set()) {
    std::mt19937_64 random(7);
    size_t permits = 0;
    for (int tries = 0; cases.size() < kCases && tries < 50000; ++tries) {
      std::string bytes(80, '\0');
      // Half the facts are what a rule asks for.
      for (char& byte : bytes) {
        if (random() % 2 == 0) byte = static_cast<char>(random() % 256);
      }
      RandomCase one = DecodeCase(policy, bytes);
      const bool permit =
          Judge(policy, one.request, one.record, one.state).outcome ==
          Outcome::kPermit;
      size_t& count = permit ? permits : refusals;
      if (count >= kCases / 2) continue;
      ++count;
      cases.push_back(std::move(one));
    }
    std::shuffle(cases.begin(), cases.end(), random);
  }

  CompiledPolicy policy;
  std::vector<RandomCase> cases;
  size_t refusals = 0;
};

const Workload& WorkloadOf(int64_t rules) {
  static auto* const made = new std::map<int64_t, std::unique_ptr<Workload>>();
  auto& workload = (*made)[rules];
  if (workload == nullptr) {
    workload = std::make_unique<Workload>(static_cast<size_t>(rules));
  }
  return *workload;
}

[[gnu::noinline]] Decision DecideNothing(const CompiledPolicy& policy,
                                         const RandomCase& one) {
  benchmark::DoNotOptimize(&policy);
  benchmark::DoNotOptimize(&one);
  return Decision();
}

[[gnu::noinline]] Decision Decide(const CompiledPolicy& policy,
                                  const RandomCase& one) {
  return Judge(policy, one.request, one.record, one.state);
}

// What an engine without an index begins with: which rules fit.
[[gnu::noinline]] size_t ReadLinearly(const CompiledPolicy& policy,
                                      const RandomCase& one) {
  size_t fits = 0;
  for (const RuleInfo& rule : policy.rules()) {
    if (rule.grant != nullptr) {
      fits += FitsAll(*rule.agreement, *rule.grant, one.request) ? 1 : 0;
    } else if (rule.deny != nullptr) {
      fits += FitsAll(*policy.set().national, *rule.deny, one.request) ? 1 : 0;
    } else {
      fits +=
          FitsAll(*policy.set().national, *rule.require, one.request) ? 1 : 0;
    }
  }
  return fits;
}

// Times single calls, clock reads included, for p50 and p99 of the mix.
template <typename Call>
void AddPercentiles(benchmark::State& state, const Workload& workload,
                    const Call& call) {
  std::vector<double> nanoseconds;
  for (int pass = 0; pass < 20; ++pass) {
    for (const RandomCase& one : workload.cases) {
      const auto start = std::chrono::steady_clock::now();
      benchmark::DoNotOptimize(call(workload.policy, one));
      const std::chrono::duration<double, std::nano> took =
          std::chrono::steady_clock::now() - start;
      nanoseconds.push_back(took.count());
    }
  }
  std::sort(nanoseconds.begin(), nanoseconds.end());
  state.counters["p50_ns"] = nanoseconds[nanoseconds.size() / 2];
  state.counters["p99_ns"] = nanoseconds[nanoseconds.size() * 99 / 100];
  state.counters["permits"] =
      1 - static_cast<double>(workload.refusals) /
              static_cast<double>(workload.cases.size());
}

template <typename Call>
void RunLoop(benchmark::State& state, const Call& call) {
  const Workload& workload = WorkloadOf(state.range(0));
  size_t next = 0;
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(call(workload.policy, workload.cases[next]));
    if (++next == workload.cases.size()) next = 0;
  }
}

template <typename Call>
void RunBoth(benchmark::State& state, const Call& call) {
  RunLoop(state, call);
  AddPercentiles(state, WorkloadOf(state.range(0)), call);
}

void EmptyCall(benchmark::State& state) { RunBoth(state, DecideNothing); }
void FullDecision(benchmark::State& state) { RunBoth(state, Decide); }
void LinearReading(benchmark::State& state) { RunLoop(state, ReadLinearly); }

BENCHMARK(EmptyCall)->RangeMultiplier(10)->Range(10, 10000);
BENCHMARK(FullDecision)
    ->Name("Decision")
    ->RangeMultiplier(10)
    ->Range(10, 10000);
BENCHMARK(LinearReading)->RangeMultiplier(10)->Range(10, 10000);

}  // namespace
}  // namespace comity

BENCHMARK_MAIN();
