// What verifying a log of a million honest entries costs, in the store and as a
// file, beside hashing its entries alone.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>

#include "node/audit/log_appender.h"
#include "node/audit/log_verifier.h"
#include "node/crypto/merkle.h"
#include "node/store/open_store.h"
#include "node/wire/log_export.h"
#include "node/wire/message_leaf.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

constexpr uint64_t kEntries = 1'000'000;
constexpr int kAtOnce = 10'000;
constexpr const char* kLog = "comity/NE/NG";

// The log in a store of its own, and the same exported.
class MeasuredLog {
 public:
  MeasuredLog() {
    for (uint64_t at = 0; at < kEntries; at += kAtOnce) Write();
    std::ofstream file(path(), std::ios::binary);
    file << FormatLogExportHead(store_->ReadLogHead(kLog)->checkpoint);
    for (uint64_t at = 0; at < kEntries; at += kAtOnce) {
      for (const LeafRow& row : Read(at)) file << FormatLeafLine(row.leaf);
    }
  }

  const Store& store() const { return *store_; }
  std::string path() const { return directory_.Path("log"); }
  LogAuthor author() const { return {self_, signer_.public_key()}; }
  std::vector<LeafRow> Read(uint64_t from) const {
    return *store_->ReadLeaves(kLog, from, kAtOnce, false);
  }

 private:
  void Write() {
    store_
        ->Transact([&](StoreTransaction& tx) -> absl::Status {
          LogAppender log(tx, signer_);
          for (int i = 0; i < kAtOnce; ++i) {
            log.Append(kLog, Leaf(), "").status().IgnoreError();
          }
          log.Keep();
          return log.SignHeads();
        })
        .IgnoreError();
  }
  std::string Leaf() {
    return FormatMessageLeaf(
        {MessageKind::kEvent, absl::FromUnixSeconds(1790000000), self_,
         partner_, NewUuid(random_), std::string(32, '\0'), random_.Bytes(32)});
  }

  const ParticipantCode self_ = *ParticipantCode::Create("NE");
  const ParticipantCode partner_ = *ParticipantCode::Create("NG");
  TestDirectory directory_;
  SystemRandom random_;
  const LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  const std::unique_ptr<Store> store_ = *OpenStore(
      directory_.Path("store.db"), SecretBytes(std::string(32, 'k')), random_);
};

const MeasuredLog& Measured() {
  static const MeasuredLog log;
  return log;
}

double PeakMebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// What verifying took at most beyond what the process had taken before.
double GrownMebibytes(double before) { return PeakMebibytes() - before; }

void VerifyInStore(benchmark::State& state) {
  const MeasuredLog& log = Measured();
  const double before = PeakMebibytes();
  for (auto _ : state) {
    const auto verdict = VerifyLog(log.store(), kLog, log.author().log_keys);
    if (!verdict.ok() || !verdict->status.ok() || verdict->size != kEntries) {
      state.SkipWithError("the log does not verify");
    }
  }
  state.counters["grown_mib"] = GrownMebibytes(before);
}

void VerifyAsFile(benchmark::State& state) {
  const MeasuredLog& log = Measured();
  const double before = PeakMebibytes();
  for (auto _ : state) {
    std::ifstream file(log.path(), std::ios::binary);
    const auto summary = VerifyLogExport(file, log.author());
    if (!summary.ok() || summary->checkpoint.size != kEntries) {
      state.SkipWithError("the file does not verify");
    }
  }
  state.counters["grown_mib"] = GrownMebibytes(before);
}

// The leaves and the inner nodes, all in memory: nothing verifies faster.
void HashAlone(benchmark::State& state) {
  const std::string leaf(122, 'x');
  for (auto _ : state) {
    CompactRange range;
    for (uint64_t i = 0; i < kEntries; ++i) range.Append(LeafHash(leaf));
    benchmark::DoNotOptimize(range.Root());
  }
}

BENCHMARK(VerifyInStore)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(VerifyAsFile)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(HashAlone)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace comity

BENCHMARK_MAIN();
