// What a node's questions cost when they are spread over 20 partners, each with
// an agreement, a log and a store of its own.
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/benchmark/asker.h"
#include "tests/benchmark/border_pair.h"
#include "tests/benchmark/case_questions.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/made_referral.h"
#include "tests/benchmark/report.h"
#include "tests/benchmark/ticking.h"
#include "tests/support/node_config.h"

namespace comity {
namespace {

namespace fed = federation::v1;

constexpr int kPartners = 20;
constexpr int kMany = 64;

// So many partners with eight connections each come from this one host.
void WidenForAll(NodeConfig& config) {
  Widen(config);
  config.max_in_flight = 1024;
  config.max_connections_per_host = 512;
}

// One that asks Niger's node: its files, and a node's parts in this process.
struct Partner {
  Partner(const std::string& code, absl::Time now)
      : participant(code, now), agreement(UnlimitedAgreement(code)) {}

  TestParticipant participant;
  const std::string agreement;
  std::vector<fed::CaseQuestion> questions;
  std::unique_ptr<Asker> asker;
};

// Niger's real node, and all who ask it.
class Star {
 public:
  Star() {
    Must(ChangeConfig(ne_, WidenForAll), "Niger's configuration");
    Must(ne_.Start(clock_), "Niger's node");
    std::vector<std::string> policies = {ReadyPolicy("local/ne.textproto")};
    for (int i = 0; i < kPartners; ++i) {
      partners_.push_back(
          std::make_unique<Partner>(absl::StrCat("P", 10 + i), clock_.Now()));
      Must(ne_.Pair(partners_.back()->participant), "Niger adds a partner");
      policies.push_back(partners_.back()->agreement);
    }
    Must(ne_.ActivateTexts(policies), "Niger's policies");
    // gRPC reads changed anchors once a second; a restart reads them now.
    ne_.Stop();
    Must(ne_.Start(clock_), "Niger's node");
    ticking_.emplace([this] { ne_.Tick(); });
    MakeCases();
    for (const auto& each : partners_) {
      each->asker = std::make_unique<Asker>(each->participant, ne_, clock_);
      Must(each->asker->Ask(each->questions[0]), each->agreement);
    }
  }

  // Of one's own partner and its own cases.
  absl::Status Ask(int thread) {
    Partner& partner = *partners_[static_cast<size_t>(thread % kPartners)];
    const size_t turn = static_cast<size_t>(thread / kPartners);
    return partner.asker->Ask(
        partner.questions[turn % partner.questions.size()]);
  }

 private:
  void MakeCases() {
    CommandContext& coordinator = BorderPair::Coordinator(ne_, "coord");
    CommandContext& clearer = BorderPair::Coordinator(ne_, "clearer");
    for (int i = 0; i < kAskedCases; ++i) {
      Partner& partner = *partners_[static_cast<size_t>(i % kPartners)];
      const auto referral =
          MadeReferral(coordinator, clearer, absl::StrCat("C", i),
                       partner.participant.code().text());
      partner.questions.push_back(
          QuestionAbout(partner.agreement, referral.pseudonym()));
    }
  }

  const SystemClock clock_;
  TestParticipant ne_{"NE", clock_.Now()};
  std::vector<std::unique_ptr<Partner>> partners_;
  std::optional<Ticking> ticking_;
};

int Main(int argc, char** argv) {
  Report report("partners", argc, argv);
  PrepareTransport();
  Star star;
  Tell(report, absl::StrCat("query of ", kPartners, " partners, 64 at once"),
       RunLoad(kMany, absl::Seconds(report.quick() ? 4 : 12),
               [&](int thread) { return star.Ask(thread); }));
  return report.Finish();
}

}  // namespace
}  // namespace comity

int main(int argc, char** argv) { return comity::Main(argc, argv); }
