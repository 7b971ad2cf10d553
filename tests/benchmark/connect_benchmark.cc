// What the first call to a partner costs, from reading the own key on, and one
// over a connection that stands, beside gRPC's own.
#include <functional>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "node/peer/grpc_peers.h"
#include "tests/benchmark/border_pair.h"
#include "tests/benchmark/echo.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/report.h"

namespace comity {
namespace {

namespace fed = federation::v1;

// Nigeria's side of connections to Niger's real node.
class NigeriasSide {
 public:
  NigeriasSide() {
    partners_.Set(std::make_shared<PartnerTable>(
        std::vector<ParticipantCard>{pair_.ne().card()}));
  }

  std::unique_ptr<GrpcPeers> NewPeers() {
    return std::make_unique<GrpcPeers>(Own(), partners_, pair_.clock());
  }
  // The lightest call: it is answered without an entry.
  void Shake(GrpcPeers& peers) {
    const auto peer = peers.Find(pair_.ne().code());
    Must(peer.status(), "Niger's node");
    HandshakeFacts facts;
    facts.now = pair_.clock().Now();
    Must((*peer)->Handshake(facts, absl::Seconds(10)).status(), "a handshake");
  }
  TlsFiles Own() { return TlsFilesOf(pair_.ng(), pair_.ne().card()); }
  TlsFiles Theirs() { return TlsFilesOf(pair_.ne(), pair_.ng().card()); }

 private:
  BorderPair pair_{/*with_nigeria=*/false};
  PartnerTableHolder partners_;
};

double Us(const std::function<void()>& act) {
  const absl::Time start = absl::Now();
  act();
  return absl::ToDoubleMicroseconds(absl::Now() - start);
}

int Main(int argc, char** argv) {
  Report report("connect", argc, argv);
  PrepareTransport();
  NigeriasSide nigeria;
  // A handshake's messages are small.
  fed::AnswerCaseQueryRequest request;
  request.mutable_question()->set_payload(std::string(16, 'x'));
  fed::AnswerCaseQueryResponse response;
  response.mutable_answer()->set_payload(std::string(128, 'x'));
  Echo echo(nigeria.Theirs(), nigeria.Own(), request, response);
  const int connections = report.quick() ? 30 : 100;
  std::vector<double> ours;
  std::vector<double> bare;
  std::vector<double> resumed;
  absl::Status resuming;
  // Interleaved: a busy moment of the machine hits both alike.
  for (int i = 0; i < connections + 5; ++i) {
    std::unique_ptr<GrpcPeers> peers = nigeria.NewPeers();
    const double took = Us([&] { nigeria.Shake(*peers); });
    peers.reset();
    const double took_bare =
        Us([&] { Must(echo.CallOverNewConnection(), "a bare first call"); });
    const double took_resumed = Us([&] {
      // What does not work leaves the rest as it is.
      if (resuming.ok()) resuming = echo.CallOverNewConnection(true);
    });
    // The first ones load code and keys.
    if (i < 5) continue;
    ours.push_back(took);
    bare.push_back(took_bare);
    resumed.push_back(took_resumed);
  }
  report.Figure("cold connection and first call, p50",
                Percentile(ours, 0.5) / 1000, "ms");
  report.Figure("cold connection and first call, p99",
                Percentile(ours, 0.99) / 1000, "ms");
  report.Figure("gRPC's own, p50", Percentile(bare, 0.5) / 1000, "ms");
  report.Ratio("cold connection and first call / gRPC's own",
               Percentile(ours, 0.5) / Percentile(bare, 0.5), Better::kLess,
               1.5);
  const std::unique_ptr<GrpcPeers> standing = nigeria.NewPeers();
  const absl::Duration duration = absl::Seconds(report.quick() ? 3 : 6);
  const LoadResult call = RunLoad(1, duration, [&](int) {
    nigeria.Shake(*standing);
    return absl::OkStatus();
  });
  const LoadResult bare_call =
      RunLoad(1, duration, [&](int thread) { return echo.Call(thread); });
  Must(bare_call.failure, "a bare call");
  report.Figure("call over a standing connection, p50", call.p50_us, "us");
  report.Ratio("call over a standing connection / gRPC's own",
               call.p50_us / bare_call.p50_us, Better::kLess);
  Must(resuming, "a bare call that resumes its session");
  // A node keeps no sessions: each of its connections is a whole handshake.
  report.Figure("gRPC's own with a session cache, p50",
                Percentile(resumed, 0.5) / 1000, "ms");
  report.Ratio(
      "cold connection and first call / gRPC's own with a session cache",
      Percentile(ours, 0.5) / Percentile(resumed, 0.5), Better::kLess, 1.5);
  return report.Finish();
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) { return comity::Main(argc, argv); }
