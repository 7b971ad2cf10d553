// What asking many members for a table costs beside the slowest of them, and
// when a member that says nothing is named.
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "comity/policy/v1/policy.pb.h"
#include "node/base/clock.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/report.h"
#include "tests/benchmark/serving_process.h"
#include "tests/benchmark/ticking.h"
#include "tests/support/node_config.h"
#include "tests/support/silent_server.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;

// Those that answer, and one that does not.
const char* const kMembers[] = {"BF", "BJ", "CI", "CM", "CV", "GA", "GH",
                                "GM", "GN", "GW", "LR", "ML", "MR", "NE",
                                "NG", "SL", "SN", "TD", "TG"};
constexpr char kDead[] = "ST";
// What the commission's analyst waits for, and what the node keeps of it for
// itself (service/operator_gate.cc): the rest is what members are given.
constexpr std::chrono::seconds kPatience{3};
constexpr absl::Duration kOwnWork = absl::Milliseconds(500);

// The ready agreement, with these members and no others.
std::string Agreement() {
  policy::v1::PolicyFile file;
  if (!google::protobuf::TextFormat::ParseFromString(
          ReadyPolicy("agreements/ecowas-counts.textproto"), &file) ||
      file.agreement().group_size() != 1) {
    Must(absl::InternalError("is not as it was"), "ecowas-counts.textproto");
  }
  std::vector<std::string> codes(std::begin(kMembers), std::end(kMembers));
  codes.emplace_back(kDead);
  policy::v1::Agreement& agreement = *file.mutable_agreement();
  policy::v1::Group& group = *agreement.mutable_group(0);
  agreement.clear_party();
  group.clear_member();
  for (const std::string& code : codes) {
    agreement.add_party(code);
    group.add_member()->set_participant(code);
  }
  agreement.add_party("ECOWAS");
  for (policy::v1::Grant& grant : *agreement.mutable_grant()) {
    grant.clear_holder();
    grant.add_holder(absl::StrCat("@", group.id()));
  }
  std::string text;
  google::protobuf::TextFormat::PrintToString(file, &text);
  return text;
}

// Twenty nodes share two cores: none needs many threads.
void Narrow(NodeConfig& config) { config.operator_threads = 2; }

// All members call the commission from one host.
void LetAllIn(NodeConfig& config) { config.max_connections_per_host = 256; }

// A member's node: prepared in this process, served by one of its own.
class MemberNode {
 public:
  MemberNode(const std::string& code, const Clock& clock)
      : clock_(clock), node_(code, clock.Now()) {
    Must(ChangeConfig(node_, Narrow), code);
  }
  TestParticipant& node() { return node_; }

  void Join(const TestParticipant& commission, const std::string& agreement) {
    Must(node_.Start(clock_), "a member's node");
    Must(node_.Pair(commission), "a member adds the commission");
    const std::string local = absl::StrReplaceAll(
        ReadyPolicy("local/ne.textproto"),
        {{"node: \"NE\"",
          absl::StrCat("node: \"", node_.code().text(), "\"")}});
    Must(node_.ActivateTexts({agreement, local}), "a member's policies");
    CommandContext& person = node_.As("ORG", Role::kStatistician, "publisher");
    ops::PublishPeriodRequest publish;
    publish.set_request_id(person.NewRequestId());
    publish.set_period("2018");
    Must(person
             .Call<ops::TableService, ops::PublishPeriodResponse>(
                 &ops::TableService::Stub::PublishPeriod, publish)
             .status(),
         "a member's period");
    node_.Stop();
  }
  void Serve() { process_.emplace(node_.directory()); }

 private:
  const Clock& clock_;
  TestParticipant node_;
  std::optional<ServingProcess> process_;
};

class Region {
 public:
  Region() {
    const std::string agreement = Agreement();
    Must(ChangeConfig(commission_, LetAllIn), "the commission's configuration");
    Must(commission_.Start(clock_), "the commission's node");
    for (const char* code : kMembers) {
      members_.push_back(std::make_unique<MemberNode>(code, clock_));
      members_.back()->Join(commission_, agreement);
      Must(commission_.Pair(members_.back()->node()), code);
    }
    Must(commission_.Pair(dead_), kDead);
    Must(commission_.ActivateTexts(
             {agreement, ReadyPolicy("local/ecowas.textproto")}),
         "the commission's policies");
    for (const auto& member : members_) member->Serve();
    // gRPC reads changed anchors once a second; a restart reads them now, and
    // finds the members where they are.
    commission_.Stop();
    Must(commission_.Start(clock_), "the commission's node");
    ticking_.emplace([this] { commission_.Tick(); });
  }

  // How long a table of these members takes. All must answer but the dead one,
  // which must not.
  double AskUs(const std::vector<std::string>& codes) {
    CommandContext& analyst =
        commission_.As("ORG", Role::kCommission, "analyst");
    ops::RequestTableRequest request;
    request.set_request_id(analyst.NewRequestId());
    for (const std::string& code : codes) request.add_members(code);
    request.set_period("2018");
    request.add_dimensions("sex");
    const absl::Time start = absl::Now();
    const auto response =
        analyst.Call<ops::TableService, ops::RequestTableResponse>(
            &ops::TableService::Stub::RequestTable, request, kPatience);
    const double took = absl::ToDoubleMicroseconds(absl::Now() - start);
    Must(response.status(), "a table");
    for (const auto& member : response->members()) {
      if (member.has_table() == (member.participant() == kDead)) {
        Must(absl::InternalError(member.reason() + " " + member.message()),
             member.participant());
      }
    }
    return took;
  }

 private:
  const SystemClock clock_;
  TestParticipant commission_{"ECOWAS", clock_.Now(), true};
  TestParticipant dead_{kDead, clock_.Now()};
  const BlackHole black_hole_{dead_.card().endpoints[0]};
  std::vector<std::unique_ptr<MemberNode>> members_;
  std::optional<Ticking> ticking_;
};

// The median of so many tables.
double MedianUs(Region& region, const std::vector<std::string>& codes,
                int times) {
  std::vector<double> took;
  for (int i = 0; i < times; ++i) took.push_back(region.AskUs(codes));
  return Percentile(std::move(took), 0.5);
}

int Main(int argc, char** argv) {
  Report report("fanout", argc, argv);
  PrepareTransport();
  const int times = report.quick() ? 5 : 20;
  Region region;
  std::vector<std::string> live(std::begin(kMembers), std::end(kMembers));
  // Connections are made, and the answers are stored from here on.
  region.AskUs(live);
  double slowest = 0;
  for (const std::string& code : live) {
    slowest = std::max(slowest, MedianUs(region, {code}, times));
  }
  const double all = MedianUs(region, live, times);
  // Members would have cores of their own; here all share this machine's.
  report.Figure("slowest of 19 members, alone", slowest / 1000, "ms");
  report.Figure("19 members at once, sharing the cores", all / 1000, "ms");
  report.Ratio("19 members at once / the slowest alone", all / slowest,
               Better::kLess, 1.5);
  report.Ratio("19 members at once / one after the other",
               all / (slowest * static_cast<double>(live.size())),
               Better::kLess);
  std::vector<std::string> with_dead = live;
  with_dead.emplace_back(kDead);
  // A connection that was given up meanwhile may tell sooner: the worst counts.
  const double given_us =
      absl::ToDoubleMicroseconds(absl::FromChrono(kPatience) - kOwnWork);
  double named = 0;
  for (int i = 0; i < (report.quick() ? 2 : 5); ++i) {
    named = std::max(named, region.AskUs(with_dead));
  }
  report.Figure("the dead member is named, after the members' deadline",
                (named - given_us) / 1000, "ms", Better::kLess, 50);
  return report.Finish();
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) {
  comity::ServeIfAsked(argc, argv);
  return comity::Main(argc, argv);
}
