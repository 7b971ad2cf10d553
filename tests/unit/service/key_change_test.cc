#include "node/service/key_change.h"

#include "node/audit/own_anchor.h"
#include "node/service/anchoring.h"
#include "node/service/trust_change.h"
#include "tests/support/self_made_card.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

constexpr const char* kOwn = "comity/NE";
constexpr const char* kToNigeria = "comity/NE/NG";

class KeyChangeTest : public testing::Test {
 protected:
  KeyChangeTest() {
    parts_.partners.Set(std::make_shared<PartnerTable>(
        std::vector<ParticipantCard>{SelfMadeCard(
            *ParticipantCode::Create("NG"),
            SigningKey::Generate(KeyAlgorithm::kEd25519).public_key(),
            parts_.clock.Now(), parts_.random)}));
  }

  void SetUp() override {
    ASSERT_OK(anchoring_.Start());
    ASSERT_OK(parts_.writer.Commit([&](CommitScope& scope) {
      return AppendTrustChange(parts_.node, "before", scope);
    }));
  }
  void Change(const std::vector<std::string>& notes) {
    ASSERT_OK(parts_.writer.Commit([&](CommitScope& scope) {
      return AppendKeyChange(parts_.node, notes, scope);
    }));
  }
  // What was queued is done then.
  static void Tick(Anchoring& anchoring, ServiceParts& parts) {
    anchoring.Tick();
    ASSERT_OK(
        parts.writer.Commit([](CommitScope&) { return absl::OkStatus(); }));
  }
  uint64_t SizeOf(const char* log) {
    return parts_.store.ReadLogHead(log)->size;
  }
  // The largest own log that an anchor tells of.
  uint64_t Anchored() {
    const auto verdict =
        CheckAnchors(parts_.store, parts_.self, AnchorsLookedAt::kAll);
    EXPECT_OK(verdict);
    EXPECT_OK(verdict->status);
    return verdict->size;
  }

  ServiceParts parts_;
  Anchoring anchoring_{parts_.node, [this] { ++woken_; }};
  int woken_ = 0;
};

TEST_F(KeyChangeTest, ItIsAnchoredBeforeAndBehind) {
  Change({"own card 2 in force", "own list 1"});
  EXPECT_EQ(SizeOf(kOwn), 3u);
  EXPECT_EQ(SizeOf(kToNigeria), 1u);
  EXPECT_EQ(Anchored(), 1u);
  Tick(anchoring_, parts_);
  EXPECT_EQ(SizeOf(kToNigeria), 2u);
  EXPECT_EQ(Anchored(), 3u);
  EXPECT_EQ(woken_, 1);
  Tick(anchoring_, parts_);
  EXPECT_EQ(SizeOf(kToNigeria), 2u);
}

TEST_F(KeyChangeTest, ARestartAnchorsWhatTheOneBeforeLeftOpen) {
  Change({"own card 2 in force"});
  Anchoring restarted(parts_.node, [] {});
  ASSERT_OK(restarted.Start());
  Tick(restarted, parts_);
  EXPECT_EQ(Anchored(), 2u);
}

TEST_F(KeyChangeTest, WhatPartnersAreNotToldOfIsNotAnchored) {
  Change({});
  NoteTrustChange(parts_.node, "certificates revoked of somebody");
  Tick(anchoring_, parts_);
  EXPECT_EQ(SizeOf(kOwn), 2u);
  EXPECT_EQ(SizeOf(kToNigeria), 0u);
}

}  // namespace
}  // namespace comity
