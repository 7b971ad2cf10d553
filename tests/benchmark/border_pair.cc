#include "tests/benchmark/border_pair.h"

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "node/wire/policy_file.h"
#include "tests/benchmark/made_referral.h"
#include "tests/support/node_config.h"

namespace comity {
namespace {

namespace ops = operators::v1;

std::string UnlimitedAgreement() {
  return absl::StrReplaceAll(
      ReadyPolicy("agreements/ng-ne-bilateral.textproto"),
      {{"max_per_day: 200", "max_per_day: 100000000"}});
}

// A partner that is to be measured may call as often as it can, and its
// exchanges of checkpoints have a place beside 64 questions.
void Widen(NodeConfig& config) {
  config.max_in_flight_per_partner = 128;
  config.operator_threads = 64;
  // Connections that are made to be measured come from one host.
  config.max_connections_per_host = 128;
}

}  // namespace

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
  ticking_ = std::thread([this] { Tick(); });
}

BorderPair::~BorderPair() {
  stopping_ = true;
  ticking_.join();
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

void BorderPair::Tick() {
  while (!stopping_) {
    ne_.Tick();
    if (with_nigeria_) ng_.Tick();
    absl::SleepFor(absl::Milliseconds(500));
  }
}

ops::Referral BorderPair::MakeReferral(const std::string& reference) {
  return MadeReferral(Coordinator(ne_, "coord"), Coordinator(ne_, "clearer"),
                      reference);
}

federation::v1::CaseQuestion BorderPair::QuestionAbout(
    const ops::Referral& draft) const {
  federation::v1::CaseQuestion question;
  question.set_agreement_id("ng-ne-bilateral");
  question.set_agreement_digest(
      LoadPolicyFile("a.textproto", agreement_).body->digest);
  question.set_purpose("SAFE_RETURN");
  question.set_basis("CONSENT");
  question.set_role("COORDINATOR");
  question.set_organisation("ORG");
  question.set_pseudonym(Uuid::Parse(draft.pseudonym())->ToBytes());
  question.add_wanted(v1::RECORD_GROUP_STATUS);
  question.add_wanted(v1::RECORD_GROUP_NEEDS);
  return question;
}

}  // namespace comity
