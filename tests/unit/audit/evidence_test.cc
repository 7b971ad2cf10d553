#include "node/audit/evidence.h"

#include <atomic>
#include <thread>
#include <vector>

#include "node/audit/commit_writer.h"
#include "node/crypto/hash.h"
#include "node/store/open_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

class EvidenceTest : public testing::Test {
 protected:
  // A question of NG for NE, logged; with its proof.
  absl::StatusOr<Message> Send() {
    const UnprovedMessage message =
        MakeMessage(MessageKind::kCaseQuestion, ng_, ne_, NewUuid(random_), "",
                    "T", "payload", clock_.Now(), random_);
    ASSIGN_OR_RETURN(auto entries, writer_.Commit([&](CommitScope& scope) {
      return scope.Append("comity/NG/NE", FormatMessageLeaf(message.leaf), "")
          .status();
    }));
    return ProvedMessage(message, entries[0].proof);
  }

  absl::StatusOr<VerifiedMessage> Verify(Message message) {
    return VerifyMessage(std::move(message), MessageKind::kCaseQuestion, ng_,
                         ne_, signer_.public_key(), cache_);
  }

  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  const ParticipantCode ne_ = *ParticipantCode::Create("NE");
  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  std::unique_ptr<Store> store_{*OpenStore(
      directory_.Path("s.db"), SecretBytes(std::string(32, 'k')), random_)};
  SigningKey key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  LogSigner signer_{key_};
  CommitWriter writer_{*store_, signer_, clock_};
  CheckpointCache cache_;
};

TEST_F(EvidenceTest, AMessagesPlaceIsThatOfItsEntry) {
  for (uint64_t i = 0; i < 5; ++i) {
    ASSERT_OK_AND_ASSIGN(Message message, Send());
    ASSERT_OK_AND_ASSIGN(const VerifiedMessage verified, Verify(message));
    EXPECT_EQ(verified.index, i);
    EXPECT_EQ(verified.head.size, i + 1);
    EXPECT_EQ(ParseLogProof(message.proof)->checkpoint,
              verified.head.checkpoint);
  }
}

// A head is verified once and then remembered, as it was signed.
TEST_F(EvidenceTest, AHeadThatVerifiedVouchesForNoOther) {
  const Checkpoint head{"comity/NG/NE", 7, Sha256("root")};
  const std::string note = SignCheckpoint(head, key_);
  const auto open = [this](const std::string& text, const char* origin) {
    return cache_.Open(text, origin, key_.public_key());
  };
  const std::string larger = SignCheckpoint({head.origin, 8, head.root}, key_);
  const std::string body = larger.substr(0, larger.find("\n\n"));
  const std::string signature = note.substr(note.find("\n\n"));
  const SigningKey other = SigningKey::Generate(KeyAlgorithm::kEd25519);
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const Checkpoint opened, open(note, "comity/NG/NE"));
    EXPECT_EQ(opened.size, 7u);
    EXPECT_EQ(opened.root, head.root);
    EXPECT_THAT(open(body + signature, "comity/NG/NE"),
                FailsWith(ErrorReason::kEvidenceInvalid));
    EXPECT_THAT(open(note, "comity/NG/TG"),
                FailsWith(ErrorReason::kEvidenceInvalid));
    EXPECT_THAT(cache_.Open(note, "comity/NG/NE", other.public_key()),
                FailsWith(ErrorReason::kEvidenceInvalid));
  }
}

// Messages under one head come at once: whoever waits for its signature has
// the same answer, and a signature that does not verify holds up nobody.
TEST_F(EvidenceTest, AHeadThatManyBringAtOnceOpensForAll) {
  std::atomic<int> opened = 0;
  std::atomic<int> refused = 0;
  for (uint64_t size = 1; size <= 20; ++size) {
    const std::string note =
        SignCheckpoint({"comity/NG/NE", size, Sha256("root")}, key_);
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        const auto head =
            i < 4 ? cache_.Open(note, "comity/NG/NE", key_.public_key())
                  : cache_.Open(note, "comity/NG/TG", key_.public_key());
        if (head.ok() && head->size == size) ++opened;
        if (ReasonOf(head.status()) == ErrorReason::kEvidenceInvalid) ++refused;
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(opened, 80);
  EXPECT_EQ(refused, 80);
}

}  // namespace
}  // namespace comity
