#include <algorithm>

#include "comity/federation/v1/federation_service.pb.h"
#include "comity/operators/v1/referral_service.pb.h"
#include "node/service/referral_steps.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

// What leaves Niger's node when it refuses, and what it did for it.
struct Refusal {
  std::string payload;
  std::vector<size_t> sizes;  // leaf, salt, type, openings
  int commits = 0;            // tried
  uint64_t own_entries = 0;
  uint64_t partner_entries = 0;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// Law 10 at the gate: Nigeria asks for the status of persons that Niger does
// not tell it of, each for another reason, and of nobody.
class RefusalsAtTheGateTest : public testing::Test {
 protected:
  RefusalsAtTheGateTest() {
    nodes_.to_ne->AddTap(
        [this](LinkCall call, const std::string&, const std::string* answer) {
          if (call == LinkCall::kAskCase && answer != nullptr) Keep(*answer);
        });
    flagged_ = nodes_.walk.Begin();
    EXPECT_OK(nodes_.walk.Screen(flagged_, true));
    withdrawn_ = nodes_.walk.Begin();
    EXPECT_OK(nodes_.walk.WithdrawGroups(withdrawn_, {}));
    partly_ = nodes_.walk.Begin();
    EXPECT_OK(nodes_.walk.WithdrawGroups(partly_, {v1::RECORD_GROUP_STATUS}));
    nodes_.ne.Settle();
  }

  void Keep(const std::string& answer) {
    fed::AnswerCaseQueryResponse response;
    ASSERT_TRUE(response.ParseFromString(answer));
    const fed::Envelope& envelope = response.answer();
    last_.payload = envelope.payload();
    last_.sizes = {envelope.leaf().size(), envelope.salt().size(),
                   envelope.type().size(),
                   static_cast<size_t>(envelope.openings_size())};
  }
  uint64_t Entries(const std::string& log) {
    const auto head = nodes_.ne.store().ReadLogHead(log);
    EXPECT_OK(head);
    return head.ok() ? head->size : 0;
  }
  Refusal Ask(const std::string& pseudonym) {
    last_ = Refusal();
    const int commits = nodes_.ne.store().commits();
    const uint64_t own = Entries("comity/NE");
    const uint64_t partner = Entries("comity/NE/NG");
    ops::RequestCaseRequest request;
    request.set_request_id(NewUuid(ids_).ToString());
    request.set_holder("NE");
    request.set_pseudonym(pseudonym);
    request.set_purpose("SAFE_RETURN");
    request.add_wanted(v1::RECORD_GROUP_STATUS);
    const auto response = nodes_.ng.Call(nodes_.ng.Coordinator("coord"),
                                         LocalOperation::kCaseQueryAsk,
                                         HandleRequestCase, request);
    EXPECT_OK(response);
    EXPECT_TRUE(response.ok() && response->answer().has_refusal());
    last_.commits = nodes_.ne.store().commits() - commits;
    last_.own_entries = Entries("comity/NE") - own;
    last_.partner_entries = Entries("comity/NE/NG") - partner;
    return last_;
  }

  PairOfNodes nodes_{20261218};
  SystemRandom ids_;
  WalkedReferral flagged_;
  WalkedReferral withdrawn_;
  WalkedReferral partly_;
  Refusal last_;
};

TEST_F(RefusalsAtTheGateTest, Law10WhatLeavesAndWhatIsWrittenIsTheSame) {
  const Refusal nobody = Ask(NewUuid(ids_).ToString());
  EXPECT_FALSE(nobody.payload.empty());
  EXPECT_EQ(nobody.own_entries, 1u);
  EXPECT_EQ(nobody.partner_entries, 1u);
  std::mt19937_64 chance(20261218);
  // Each question is a head that nobody proves here, of which a node keeps a
  // thousand: the many are asked in RefusalsTellNothingTest.
  const uint64_t replies =
      std::min<uint64_t>(SizeOf("COMITY_REFUSALS", 200), 500);
  for (uint64_t i = 0; i < replies; ++i) {
    const std::vector<std::string> asked = {
        NewUuid(ids_).ToString(), flagged_.pseudonym, withdrawn_.pseudonym,
        partly_.pseudonym};
    const uint64_t which = chance() % asked.size();
    ASSERT_TRUE(Ask(asked[which]) == nobody)
        << "reply " << i << " for reason " << which;
  }
}

}  // namespace
}  // namespace comity
