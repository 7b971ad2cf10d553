// What a durable log entry costs, from one writer and from 64 at once, beside
// write and fdatasync of its bytes one by one.
#include "node/audit/commit_writer.h"
#include "node/base/clock.h"
#include "node/store/open_store.h"
#include "node/wire/message_leaf.h"
#include "tests/benchmark/durable_file.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/report.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

// Entries of a partner log as a node makes them: leaf, tree, signed head, all
// in one transaction of its encrypted store.
class EntryLog {
 public:
  absl::Status Append() {
    const std::string leaf = Leaf();
    return writer_
        .Commit([&](CommitScope& scope) {
          return scope.Append("comity/NE/NG", leaf, "").status();
        })
        .status();
  }
  std::string Leaf() {
    return FormatMessageLeaf({MessageKind::kEvent, clock_.Now(), self_,
                              partner_, NewUuid(random_), std::string(32, '\0'),
                              random_.Bytes(32)});
  }

 private:
  const ParticipantCode self_ = *ParticipantCode::Create("NE");
  const ParticipantCode partner_ = *ParticipantCode::Create("NG");
  const SystemClock clock_;
  TestDirectory directory_;
  SystemRandom random_;
  const LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  const std::unique_ptr<Store> store_ = *OpenStore(
      directory_.Path("store.db"), SecretBytes(std::string(32, 'k')), random_);
  CommitWriter writer_{*store_, signer_, clock_};
};

void Measure(Report& report, int writers, std::optional<double> target) {
  const absl::Duration duration = absl::Seconds(report.quick() ? 2 : 8);
  EntryLog log;
  DurableFile file;
  const std::string leaf = log.Leaf();
  const LoadResult plain = RunLoad(writers, duration, [&](int) {
    file.Append(leaf);
    return absl::OkStatus();
  });
  const LoadResult entries =
      RunLoad(writers, duration, [&](int) { return log.Append(); });
  Must(entries.failure, "an append");
  const std::string of = absl::StrCat(" of ", writers, " at once");
  report.Figure("write and fdatasync" + of, plain.calls_per_second, "1/s",
                Better::kMore);
  report.Figure("write and fdatasync" + of + ", p50", plain.p50_us, "us");
  report.Figure("durable entries" + of, entries.calls_per_second, "1/s",
                Better::kMore);
  report.Figure("durable entries" + of + ", p50", entries.p50_us, "us");
  report.Figure("durable entries" + of + ", p99", entries.p99_us, "us");
  report.Figure("durable entries" + of + ", CPU", entries.cpu_us_per_call,
                "us");
  report.Ratio("durable entries / write and fdatasync" + of,
               entries.calls_per_second / plain.calls_per_second, Better::kMore,
               target);
}

int Main(int argc, char** argv) {
  Report report("append", argc, argv);
  Measure(report, 1, std::nullopt);
  Measure(report, 64, 10);
  return report.Finish();
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) { return comity::Main(argc, argv); }
