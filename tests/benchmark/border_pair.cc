#include "tests/benchmark/border_pair.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/benchmark/made_referral.h"
#include "tests/support/node_config.h"

namespace comity {

namespace ops = operators::v1;

std::string UnlimitedAgreement(const std::string& partner) {
  return absl::StrReplaceAll(
      ReadyPolicy("agreements/ng-ne-bilateral.textproto"),
      {{"max_per_day: 200", "max_per_day: 100000000"},
       {"\"NG\"", absl::StrCat("\"", partner, "\"")},
       {"\"ng-ne-bilateral\"",
        absl::StrCat("\"", absl::AsciiStrToLower(partner),
                     "-ne-bilateral\"")}});
}

void Widen(NodeConfig& config) {
  config.max_in_flight_per_partner = 128;
  config.max_calls_per_second_per_partner = kMoreThanAnyLoad;
  config.operator_threads = 64;
  // Connections that are made to be measured come from one host.
  config.max_connections_per_host = 128;
}

BorderPair::BorderPair(bool with_nigeria, int calls_per_second)
    : with_nigeria_(with_nigeria), agreement_(UnlimitedAgreement()) {
  const auto widen = [calls_per_second](NodeConfig& config) {
    Widen(config);
    config.max_calls_per_second_per_partner = calls_per_second;
  };
  Must(ChangeConfig(ne_, widen), "Niger's configuration");
  Must(ChangeConfig(ng_, widen), "Nigeria's configuration");
  Start();
  Must(ne_.Pair(ng_), "Niger adds Nigeria");
  Must(ne_.ActivateTexts({agreement_, ReadyPolicy("local/ne.textproto")}),
       "Niger's policies");
  if (with_nigeria_) {
    Must(ng_.Pair(ne_), "Nigeria adds Niger");
    Must(ng_.ActivateTexts({agreement_, ReadyPolicy("local/ng.textproto")}),
         "Nigeria's policies");
  }
  // gRPC reads changed anchors once a second; a restart reads them now.
  ne_.Stop();
  ng_.Stop();
  Start();
  ticking_.emplace([this] {
    ne_.Tick();
    if (with_nigeria_) ng_.Tick();
  });
}

void BorderPair::Close() {
  ticking_.reset();
  ne_.Stop();
  ng_.Stop();
}

void BorderPair::Start() {
  const auto opener = [this](const std::string& path, const SecretBytes& key,
                             RandomSource& random) {
    auto opened = OpenStore(path, key, random);
    if (opened.ok()) ne_store_ = opened->get();
    return opened;
  };
  Must(ne_.Start(clock_, opener), "Niger's node");
  if (with_nigeria_) Must(ng_.Start(clock_), "Nigeria's node");
}

ops::Referral BorderPair::MakeReferral(const std::string& reference) {
  return MadeReferral(Coordinator(ne_, "coord"), Coordinator(ne_, "clearer"),
                      reference);
}

}  // namespace comity
