#include "node/audit/cosigned_head.h"

#include "node/audit/commit_writer.h"
#include "node/audit/witness.h"
#include "node/crypto/hash.h"
#include "node/store/open_store.h"
#include "tests/support/fault_injecting_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::IsEmpty;
using testing::StartsWith;

// Niger witnesses Nigeria's log.
class CosignedHeadTest : public testing::Test {
 protected:
  CosignedHeadTest()
      : store_(*OpenStore(directory_.Path("s.db"),
                          SecretBytes(std::string(32, 'k')), random_)) {}

  absl::Status Observe(uint64_t size) {
    const std::string root = Sha256("root");
    return writer_
        .Commit([&](CommitScope& scope) {
          return ObserveHead(scope.store(), ng_,
                             {size, root, nigeria_.Sign(kLog, size, root)},
                             scope.now());
        })
        .status();
  }
  std::string Cosigned() {
    return *CosignProved(store_, signer_, ne_, ng_, clock_.Now());
  }
  // As Nigeria keeps what Niger cosigned.
  CosignedHead Keep(uint64_t size, absl::Time at) {
    EXPECT_OK(store_.Transact([&](StoreTransaction& tx) {
      return KeepCosigned(tx, ne_, {size, at, "a note"});
    }));
    return *ReadCosigned(store_, ne_);
  }

  static constexpr const char* kLog = "comity/NG/NE";
  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  const ParticipantCode ne_ = *ParticipantCode::Create("NE");
  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  FaultInjectingStore store_;
  const LogSigner nigeria_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  const LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519),
                          SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer_{store_, signer_, clock_};
};

TEST_F(CosignedHeadTest, NoCosignatureLeavesBeforeItsHeadIsDurable) {
  EXPECT_THAT(Cosigned(), IsEmpty());
  store_.FailNextCommits(1);
  EXPECT_THAT(Observe(1), FailsWith(ErrorReason::kLogUnwritable));
  EXPECT_THAT(Cosigned(), IsEmpty());
  ASSERT_OK(Observe(1));
  EXPECT_THAT(Cosigned(), StartsWith("comity/NG/NE\n1\n"));
}

TEST_F(CosignedHeadTest, WhoHasNoWitnessKeyCosignsNothing) {
  ASSERT_OK(Observe(1));
  EXPECT_THAT(*CosignProved(store_, nigeria_, ne_, ng_, clock_.Now()),
              IsEmpty());
}

TEST_F(CosignedHeadTest, TheLargestHeadIsKeptAndItsTimeNowAndThen) {
  const absl::Time at = clock_.Now();
  EXPECT_EQ(Keep(5, at).size, 5u);
  EXPECT_EQ(Keep(4, at + absl::Hours(1)).size, 5u);
  EXPECT_EQ(Keep(5, at + absl::Seconds(59)).at, at);
  EXPECT_EQ(Keep(5, at + absl::Seconds(60)).at, at + absl::Seconds(60));
  EXPECT_EQ(Keep(6, at).size, 6u);
  EXPECT_EQ(ReadCosigned(store_, ne_)->note, "a note");
  ASSERT_OK(store_.Transact(
      [&](StoreTransaction& tx) { return DropCosigned(tx, ne_); }));
  EXPECT_EQ(ReadCosigned(store_, ne_)->size, 0u);
}

}  // namespace
}  // namespace comity
