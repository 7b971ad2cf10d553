#include "node/service/federation_gate.h"

#include "node/service/case_answer.h"
#include "tests/support/exchanging_side.h"
#include "tests/support/self_made_card.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class FederationGateTest : public testing::Test {
 protected:
  static ParticipantCode Code(const std::string& text) {
    return *ParticipantCode::Create(text);
  }

  ServiceParts parts_;
  FederationGate gate_{parts_.node};
};

// Law 12.
TEST_F(FederationGateTest, Law12OnePartnerHasSixtyFourPlaces) {
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(gate_.Enter(Code("NG"))) << i;
  EXPECT_FALSE(gate_.Enter(Code("NG")));
  EXPECT_TRUE(gate_.Enter(Code("TG")));
  gate_.Leave(Code("NG"));
  EXPECT_TRUE(gate_.Enter(Code("NG")));
  EXPECT_FALSE(gate_.Enter(Code("NG")));
}

// Four places are kept for each of the five.
TEST_F(FederationGateTest, Law12AllPartnersTogetherHave256Places) {
  const VerifyKey key =
      SigningKey::Generate(KeyAlgorithm::kEd25519).public_key();
  std::vector<ParticipantCard> cards;
  for (const char* code : {"BJ", "GH", "ML", "NG", "TG"}) {
    cards.push_back(
        SelfMadeCard(Code(code), key, parts_.clock.Now(), parts_.random));
  }
  parts_.partners.Set(std::make_shared<const PartnerTable>(std::move(cards)));
  for (const char* code : {"BJ", "GH", "NG"}) {
    for (int i = 0; i < 64; ++i) EXPECT_TRUE(gate_.Enter(Code(code)));
  }
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(gate_.Enter(Code("TG")));
  EXPECT_FALSE(gate_.Enter(Code("TG")));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(gate_.Enter(Code("ML")));
  EXPECT_FALSE(gate_.Enter(Code("ML")));
  gate_.Leave(Code("BJ"));
  EXPECT_TRUE(gate_.Enter(Code("ML")));
}

// Law 12.
TEST_F(FederationGateTest, Law12WhatACallCostsIsItsPartnersDebt) {
  ASSERT_TRUE(gate_.Enter(Code("NG")));
  gate_.Leave(Code("NG"));
  gate_.Charge(Code("NG"), 1000000);
  EXPECT_FALSE(gate_.Enter(Code("NG")));
  EXPECT_TRUE(gate_.Enter(Code("TG")));
}

// A refusal costs nothing; were its repetition free, whoever asks at the end of
// a limit's day, or while approvals are missing, would be released for nothing.
TEST_F(FederationGateTest, Law7ARepeatedQuestionIsChargedOnceItIsAnswered) {
  ExchangingSide nigeria("NG", parts_.clock, parts_.random);
  parts_.partners.Set(
      std::make_shared<PartnerTable>(std::vector<ParticipantCard>{
          SelfMadeCard(nigeria.code, nigeria.signer.public_key(),
                       parts_.clock.Now(), parts_.random)}));
  bool allowed = false;
  int charged = 0;
  const QuestionMethod method{
      MessageKind::kCaseQuestion,
      MessageKind::kCaseAnswer,
      "Question",
      "Answer",
      [&](const FederationCall& call, const StoreReader&) {
        FederationAnswer answer;
        answer.engine = parts_.policy.Get(call.now);
        answer.payload = allowed ? "released" : "refused";
        if (allowed) {
          answer.note = ReleaseNote{call.caller.participant, true, "RELEASED"};
          answer.effect = [&charged](CommitScope&) {
            ++charged;
            return absl::OkStatus();
          };
        }
        return absl::StatusOr<FederationAnswer>(answer);
      },
      [](const absl::Status& why) { return why.ToString(); }};
  const UnprovedMessage asked =
      MakeMessage(MessageKind::kCaseQuestion, nigeria.code, parts_.self,
                  NewUuid(parts_.random), "", "Question", "whose case?",
                  parts_.clock.Now(), parts_.random);
  const auto entries = nigeria.writer.Commit([&](CommitScope& scope) {
    return scope
        .Append(PartnerLogOrigin(nigeria.code, parts_.self),
                FormatMessageLeaf(asked.leaf), "")
        .status();
  });
  ASSERT_OK(entries);
  const Message question = ProvedMessage(asked, (*entries)[0].proof);
  const auto ask = [&] {
    std::string told;
    gate_.Answer(method, Caller{nigeria.code, true, "", Role::kUnset, "", ""},
                 question, [&told](absl::StatusOr<Message> answer) {
                   told = answer.ok() ? answer->payload
                                      : answer.status().ToString();
                 });
    parts_.writer.AwaitNone();
    return told;
  };
  EXPECT_EQ(ask(), "refused");
  EXPECT_EQ(ask(), "refused");
  allowed = true;
  EXPECT_EQ(ask(), "released");
  EXPECT_EQ(charged, 1);
  EXPECT_EQ(ask(), "released");
  EXPECT_EQ(charged, 1);
}

// Whatever an answer's size, what leaves is a multiple of its class.
TEST_F(FederationGateTest, PaddingReachesEverySizeClassExactly) {
  for (size_t size = 0; size < 5000; ++size) {
    const size_t padding = PaddingFor(size, 2048).size();
    const size_t length_bytes = padding < 128 ? 1 : padding < 16384 ? 2 : 3;
    EXPECT_EQ((size + 1 + length_bytes + padding) % 2048, 0u) << size;
  }
}

}  // namespace
}  // namespace comity
