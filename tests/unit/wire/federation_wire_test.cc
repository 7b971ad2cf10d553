#include "node/wire/federation_wire.h"

#include "node/crypto/random.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;

// Mail that is collected, as it crosses the line.
class MailWireTest : public testing::Test {
 protected:
  Message AMessage(MessageKind kind) {
    const UnprovedMessage made =
        MakeMessage(kind, *ParticipantCode::Create("NE"),
                    *ParticipantCode::Create("NG"), NewUuid(random_), "", "T",
                    "payload", absl::FromUnixSeconds(1790000000), random_);
    return {FormatMessageLeaf(made.leaf),
            made.type,
            made.payload,
            made.salt,
            "a proof",
            {}};
  }

  SystemRandom random_;
};

TEST_F(MailWireTest, ARequestReadsBack) {
  MailRequest request;
  request.receipts = {AMessage(MessageKind::kReceipt)};
  request.max_events = 3;
  request.held_up = {NewUuid(random_), NewUuid(random_)};
  ASSERT_OK_AND_ASSIGN(const MailRequest read,
                       ParseMailRequest(FormatMailRequest(request)));
  ASSERT_EQ(read.receipts.size(), 1u);
  EXPECT_EQ(read.receipts[0].leaf, request.receipts[0].leaf);
  EXPECT_EQ(read.max_events, 3u);
  EXPECT_EQ(read.held_up, request.held_up);
}

TEST_F(MailWireTest, NobodyIsGivenMoreThanEightAtOnce) {
  for (const uint32_t asked : {0u, 8u, 9u, 4000000000u}) {
    fed::CollectEventsRequest request;
    request.set_max_events(asked);
    ASSERT_OK_AND_ASSIGN(const MailRequest read, ParseMailRequest(request));
    EXPECT_EQ(read.max_events, 8u) << asked;
  }
}

TEST_F(MailWireTest, MoreThanACallCarriesIsRefused) {
  fed::CollectEventsRequest receipts;
  fed::CollectEventsResponse events;
  for (int i = 0; i < 9; ++i) {
    *receipts.add_receipts() = FormatEnvelope(AMessage(MessageKind::kReceipt));
    *events.add_events() = FormatEnvelope(AMessage(MessageKind::kEvent));
  }
  EXPECT_THAT(ParseMailRequest(receipts),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(ParseCollectedMail(events),
              FailsWith(ErrorReason::kFieldInvalid));
  fed::CollectEventsRequest held;
  for (int i = 0; i < 65; ++i) {
    held.add_held_up_event_ids(NewUuid(random_).ToBytes());
  }
  EXPECT_THAT(ParseMailRequest(held), FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(MailWireTest, WhatIsNoIdOrNoMessageIsRefused) {
  fed::CollectEventsRequest request;
  request.add_held_up_event_ids("short");
  EXPECT_THAT(ParseMailRequest(request), FailsWith(ErrorReason::kFieldInvalid));
  fed::CollectEventsRequest empty;
  empty.add_receipts();
  EXPECT_THAT(ParseMailRequest(empty),
              FailsWith(ErrorReason::kEvidenceMissing));
}

TEST_F(MailWireTest, AnAnswerReadsBack) {
  CollectedMail mail;
  mail.events = {AMessage(MessageKind::kEvent), AMessage(MessageKind::kEvent)};
  mail.more = true;
  ASSERT_OK_AND_ASSIGN(const CollectedMail read,
                       ParseCollectedMail(FormatCollectedMail(mail)));
  ASSERT_EQ(read.events.size(), 2u);
  EXPECT_EQ(read.events[1].leaf, mail.events[1].leaf);
  EXPECT_TRUE(read.more);
}

TEST(ExchangeWireTest, WhatAWitnessStatesReadsBack) {
  CheckpointExchange exchange;
  exchange.cosigned_checkpoint = "a note";
  exchange.forks = {{"held", "shown"}};
  exchange.wanted_entries = {3, 7};
  ASSERT_OK_AND_ASSIGN(CheckpointExchange read,
                       ParseExchange(FormatExchangeRequest(exchange)));
  EXPECT_EQ(read.cosigned_checkpoint, "a note");
  ASSERT_EQ(read.forks.size(), 1u);
  EXPECT_EQ(read.forks[0].held, "held");
  EXPECT_EQ(read.forks[0].shown, "shown");
  EXPECT_EQ(read.wanted_entries, exchange.wanted_entries);
  exchange.entries = {{7, "leaf", "proof"}};
  ASSERT_OK_AND_ASSIGN(read, ParseExchange(FormatExchangeResponse(exchange)));
  ASSERT_EQ(read.entries.size(), 1u);
  EXPECT_EQ(read.entries[0].index, 7u);
  EXPECT_EQ(read.entries[0].proof, "proof");
  // Who states nothing sends what nodes always sent.
  EXPECT_FALSE(FormatExchangeRequest(CheckpointExchange()).has_statement());
}

TEST(ExchangeWireTest, MoreThanAWitnessMayStateIsRefused) {
  CheckpointExchange forks;
  forks.forks = std::vector<ForkNotes>(3, {"held", "shown"});
  EXPECT_THAT(ParseExchange(FormatExchangeRequest(forks)),
              FailsWith(ErrorReason::kFieldInvalid));
  CheckpointExchange note;
  note.cosigned_checkpoint = std::string(5000, 'n');
  EXPECT_THAT(ParseExchange(FormatExchangeResponse(note)),
              FailsWith(ErrorReason::kFieldInvalid));
  CheckpointExchange wanted;
  wanted.wanted_entries = std::vector<uint64_t>(129, 1);
  EXPECT_THAT(ParseExchange(FormatExchangeRequest(wanted)),
              FailsWith(ErrorReason::kFieldInvalid));
}

// News of certificates, as they cross the line.
TEST(TrustNewsWireTest, NewsReadBackBothWaysAndNothingTellsNothing) {
  CheckpointExchange exchange;
  EXPECT_FALSE(FormatExchangeRequest(exchange).has_trust_news());
  exchange.news = {"a card", "a list", 2, 3};
  for (const auto& read : {ParseExchange(FormatExchangeRequest(exchange)),
                           ParseExchange(FormatExchangeResponse(exchange))}) {
    ASSERT_OK(read);
    EXPECT_EQ(read->news.card, "a card");
    EXPECT_EQ(read->news.revocations, "a list");
    EXPECT_EQ(read->news.held_card, 2u);
    EXPECT_EQ(read->news.held_revocations, 3u);
  }
  ASSERT_OK_AND_ASSIGN(const CheckpointExchange silent,
                       ParseExchange(fed::ExchangeCheckpointsRequest()));
  EXPECT_EQ(silent.news.held_card, 0u);
}

TEST(TrustNewsWireTest, MoreThanARequestHoldsIsRefused) {
  for (const size_t card : {size_t{4} * 1024, size_t{4} * 1024 + 1}) {
    CheckpointExchange exchange;
    exchange.news = {std::string(card, 'c'), "", 1, 0};
    EXPECT_EQ(ParseExchange(FormatExchangeRequest(exchange)).ok(),
              card <= size_t{4} * 1024);
    exchange.news = {"", std::string(2 * card, 'r'), 1, 0};
    EXPECT_EQ(ParseExchange(FormatExchangeRequest(exchange)).ok(),
              card <= size_t{4} * 1024);
  }
}

}  // namespace
}  // namespace comity
