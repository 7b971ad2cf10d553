#include "node/audit/commit_writer.h"
#include "node/crypto/note.h"
#include "node/store/open_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kLog = "comity/NE/NG";
constexpr const char* kOther = "comity/NE";

class LogSignerTest : public testing::Test {
 protected:
  void Append(const char* log) {
    ASSERT_OK(writer_.Commit([&](CommitScope& scope) {
      return scope.Append(log, "an entry", "").status();
    }));
  }
  Checkpoint HeadBy(const char* log, const SigningKey& key) {
    const auto head = OpenCheckpoint(store_->ReadLogHead(log)->checkpoint, log,
                                     key.public_key());
    EXPECT_OK(head);
    return head.ok() ? *head : Checkpoint();
  }
  absl::Status Renew() {
    return store_->Transact(
        [&](StoreTransaction& tx) { return RenewHeads(tx, signer_); });
  }

  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  const SigningKey old_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const SigningKey next_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  std::unique_ptr<Store> store_ = *OpenStore(
      directory_.Path("s.db"), SecretBytes(std::string(32, 'k')), random_);
  LogSigner signer_{old_, old_};
  CommitWriter writer_{*store_, signer_, clock_};
};

TEST_F(LogSignerTest, BothKeysSignWhileOneReplacesTheOther) {
  EXPECT_FALSE(signer_.Replace({old_, std::nullopt, old_}));
  EXPECT_TRUE(signer_.Replace({old_, next_, old_, next_}));
  // Which of them the card names changes nothing.
  EXPECT_FALSE(signer_.Replace({next_, old_, next_, old_}));
  const std::string note = signer_.Sign(kLog, 1, std::string(32, 'r'));
  EXPECT_TRUE(signer_.HasSigned(kLog, note));
  const std::string cosigned =
      signer_.Cosign(note, "comity/NE/witness", clock_.Now());
  for (const SigningKey& key : {old_, next_}) {
    EXPECT_OK(OpenCheckpoint(cosigned, kLog, key.public_key()));
    EXPECT_EQ(*CosignedAt(cosigned, "comity/NE/witness", key.public_key()),
              clock_.Now());
  }
  EXPECT_FALSE(
      signer_.Replace({next_, std::nullopt, next_, {}, {old_.public_key()}}));
  const std::string later = signer_.Sign(kLog, 2, std::string(32, 's'));
  EXPECT_FALSE(OpenCheckpoint(later, kLog, old_.public_key()).ok());
  // What it signed before is its own still.
  EXPECT_OK(
      OpenCheckpoint(SignCheckpoint({kLog, 1, std::string(32, 'r')}, old_),
                     kLog, signer_.verify_keys()));
}

TEST_F(LogSignerTest, HeadsThatAreThereGetTheSignatureOfAKeyThatJoins) {
  Append(kLog);
  Append(kOther);
  const Checkpoint before = HeadBy(kLog, old_);
  EXPECT_THAT(*LogsToRenew(*store_, signer_), IsEmpty());
  signer_.Replace({next_, old_});
  Append(kOther);
  EXPECT_THAT(*LogsToRenew(*store_, signer_), ElementsAre(kLog));
  ASSERT_OK(Renew());
  EXPECT_THAT(*LogsToRenew(*store_, signer_), IsEmpty());
  for (const SigningKey& key : {old_, next_}) {
    EXPECT_EQ(HeadBy(kLog, key).root, before.root);
    EXPECT_EQ(HeadBy(kLog, key).size, 1u);
    EXPECT_EQ(HeadBy(kOther, key).size, 2u);
  }
}

TEST_F(LogSignerTest, NothingIsSignedThatWasNotSignedBefore) {
  Append(kLog);
  const auto put = [&](const Checkpoint& head, const SigningKey& key) {
    ASSERT_OK(store_->Transact([&](StoreTransaction& tx) {
      return tx.PutLogHead(kLog, {head.size, SignCheckpoint(head, key)});
    }));
  };
  signer_.Replace({next_, old_});
  // Of entries that are not there.
  put({kLog, 1, std::string(32, 'r')}, old_);
  EXPECT_THAT(Renew(), FailsWith(ErrorReason::kIntegrityFailure));
  // By a stranger's key.
  put({kLog, 1, std::string(32, 'r')},
      SigningKey::Generate(KeyAlgorithm::kEd25519));
  EXPECT_THAT(*LogsToRenew(*store_, signer_), IsEmpty());
}

}  // namespace
}  // namespace comity
