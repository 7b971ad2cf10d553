#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/delivery/owed_receipts.h"
#include "node/delivery/shown_heads.h"
#include "node/store/open_store.h"
#include "node/wire/event_wire.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// What a node remembers of bundles, over its real store and writer.
class BundleStateTest : public testing::Test {
 protected:
  std::vector<uint64_t> Shown() { return *ReadShownHeads(*store_, ng_); }
  void Show(std::vector<uint64_t> sizes) {
    ASSERT_OK(store_->Transact(
        [&](StoreTransaction& tx) { return NoteShownHeads(tx, ng_, sizes); }));
  }
  void Stand(const WitnessNeeds& standing) {
    ASSERT_OK(store_->Transact(
        [&](StoreTransaction& tx) { return NoteStanding(tx, ng_, standing); }));
  }

  // A receipt of this node's, logged; its entry is the next one of the log.
  Message Receipt(const Uuid& event) {
    const UnprovedMessage message = MakeMessage(
        MessageKind::kReceipt, ne_, ng_, event, std::string(32, 'e'),
        kReceiptType, "payload", absl::FromUnixSeconds(1790000000), random_);
    const auto entries = writer_.Commit([&](CommitScope& scope) {
      return scope
          .Append(PartnerLogOrigin(ne_, ng_), FormatMessageLeaf(message.leaf),
                  "")
          .status();
    });
    return ProvedMessage(message, (*entries)[0].proof);
  }
  void Owe(uint64_t seen, const std::vector<Message>& given) {
    ASSERT_OK(store_->Transact([&](StoreTransaction& tx) {
      return OweReceipts(tx, ng_, seen, given);
    }));
  }
  std::vector<std::string> Owed() {
    std::vector<std::string> leaves;
    const std::vector<Message> owed = *ReadOwedReceipts(*store_, ng_);
    for (const Message& each : owed) {
      leaves.push_back(each.leaf);
    }
    return leaves;
  }

  const ParticipantCode ne_ = *ParticipantCode::Create("NE");
  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  std::unique_ptr<Store> store_ = *OpenStore(
      directory_.Path("s.db"), SecretBytes(std::string(32, 'k')), random_);
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer_{*store_, signer_, clock_};
};

TEST_F(BundleStateTest, TheFirstSizesAreAlwaysAmongThem) {
  EXPECT_THAT(Shown(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  Show({40, 3});
  EXPECT_THAT(Shown(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 40));
}

TEST_F(BundleStateTest, OnlyTheLastHeadsAreKept) {
  for (uint64_t size = 100; size < 200; ++size) Show({size});
  const std::vector<uint64_t> shown = Shown();
  EXPECT_THAT(shown, SizeIs(40));
  EXPECT_EQ(shown[8], 168u);
  EXPECT_EQ(shown.back(), 199u);
}

TEST_F(BundleStateTest, WhatAPartnerPassedIsForgotten) {
  Show({20, 30, 40});
  Stand({30, {50}});
  EXPECT_THAT(Shown(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 30, 40, 50));
}

TEST_F(BundleStateTest, AReceiptIsOwedUntilItsEntryWasSeen) {
  const Message first = Receipt(NewUuid(random_));
  const Message second = Receipt(NewUuid(random_));
  Owe(0, {first, second});
  EXPECT_THAT(Owed(), ElementsAre(first.leaf, second.leaf));
  // A head of size 1 covers the first entry.
  Owe(1, {});
  EXPECT_THAT(Owed(), ElementsAre(second.leaf));
  Owe(2, {});
  EXPECT_THAT(Owed(), IsEmpty());
}

TEST_F(BundleStateTest, AnEventThatComesAgainIsOwedItsReceiptOnce) {
  const Message receipt = Receipt(NewUuid(random_));
  Owe(0, {receipt});
  Owe(0, {receipt});
  EXPECT_THAT(Owed(), ElementsAre(receipt.leaf));
  // Its author saw the log that far and still lacks it.
  Owe(1, {receipt});
  EXPECT_THAT(Owed(), ElementsAre(receipt.leaf));
}

TEST_F(BundleStateTest, ReceiptsThatAreOwedAreBounded) {
  const Message receipt = Receipt(NewUuid(random_));
  std::vector<Message> many(600, receipt);
  for (Message& each : many) {
    MessageLeaf leaf = *ParseMessageLeaf(each.leaf);
    leaf.request_id = NewUuid(random_);
    each.leaf = FormatMessageLeaf(leaf);
  }
  Owe(0, many);
  EXPECT_THAT(Owed(), SizeIs(512));
  EXPECT_EQ(Owed().back(), many.back().leaf);
}

}  // namespace
}  // namespace comity
