#include "node/audit/own_anchor.h"

#include "node/audit/own_log.h"
#include "node/audit/witness.h"
#include "node/store/open_store.h"
#include "node/wire/anchor.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::HasSubstr;

constexpr const char* kToNigeria = "comity/NE/NG";
constexpr const char* kToTogo = "comity/NE/TG";

// A store of Niger's, with its own log and those for two partners.
struct NigersStore {
  NigersStore(const Clock& clock, RandomSource& random_in)
      : random(random_in),
        store(*OpenStore(directory.Path("s.db"),
                         SecretBytes(std::string(32, 'k')), random)),
        writer(*store, signer, clock) {}

  // Entries of the own log, each in a commit of its own.
  void LogOwn(int count) {
    for (int i = 0; i < count; ++i) {
      OwnEntry entry;
      entry.time = absl::FromUnixSeconds(1790000000);
      entry.actor = "node";
      EXPECT_OK(writer.Commit([&](CommitScope& scope) {
        return AppendOwn(self, entry, random, scope).status();
      }));
    }
  }
  void Anchor() {
    EXPECT_OK(writer.Commit([&](CommitScope& scope) {
      return AppendAnchors(self, {ng, tg}, random, scope);
    }));
  }
  LeafRow LastOf(const std::string& log) {
    const uint64_t size = store->ReadLogHead(log)->size;
    return (*store->ReadLeaves(log, size - 1, 1, true))[0];
  }
  AnchorVerdict Check(AnchorsLookedAt which = AnchorsLookedAt::kAll) {
    return *CheckAnchors(*store, self, which);
  }
  // What the partner log of another store holds, beside this own log.
  void TakePartnerLog(NigersStore& other) {
    const LeafRow row = other.LastOf(kToNigeria);
    EXPECT_OK(writer.Commit([&](CommitScope& scope) {
      return scope.Append(kToNigeria, row.leaf, row.opening).status();
    }));
  }

  const ParticipantCode self = *ParticipantCode::Create("NE");
  const ParticipantCode ng = *ParticipantCode::Create("NG");
  const ParticipantCode tg = *ParticipantCode::Create("TG");
  RandomSource& random;
  TestDirectory directory;
  LogSigner signer{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  std::unique_ptr<Store> store;
  CommitWriter writer;
};

class OwnAnchorTest : public testing::Test {
 protected:
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  NigersStore niger_{clock_, random_};
  NigersStore other_{clock_, random_};
};

TEST_F(OwnAnchorTest, AnOwnLogThatOnlyGrewAgreesWithItsAnchors) {
  niger_.Anchor();
  EXPECT_EQ(niger_.store->ReadLogHead(kToNigeria)->size, 0u);
  for (int i = 0; i < 3; ++i) {
    niger_.LogOwn(5);
    niger_.Anchor();
  }
  niger_.LogOwn(1);
  const AnchorVerdict all = niger_.Check();
  EXPECT_OK(all.status);
  EXPECT_EQ(all.anchors, 6u);
  EXPECT_EQ(all.size, 15u);
  const AnchorVerdict newest = niger_.Check(AnchorsLookedAt::kNewest);
  EXPECT_OK(newest.status);
  EXPECT_EQ(newest.anchors, 2u);
  EXPECT_EQ(newest.size, 15u);
  EXPECT_EQ(*ReadAnchoredSize(*niger_.store, niger_.ng), 3u);
}

TEST_F(OwnAnchorTest, ItsEndCutOffIsNoticed) {
  niger_.LogOwn(5);
  niger_.Anchor();
  other_.LogOwn(4);
  other_.TakePartnerLog(niger_);
  for (const AnchorsLookedAt which :
       {AnchorsLookedAt::kNewest, AnchorsLookedAt::kAll}) {
    const AnchorVerdict verdict = other_.Check(which);
    EXPECT_THAT(verdict.status, FailsWith(ErrorReason::kIntegrityFailure));
    EXPECT_THAT(std::string(verdict.status.message()),
                HasSubstr("the own log has 4 entries, and 5 were anchored in "
                          "comity/NE/NG"));
  }
}

TEST_F(OwnAnchorTest, OtherEntriesInPlaceOfThoseCutOffAreNoticed) {
  niger_.LogOwn(5);
  niger_.Anchor();
  other_.LogOwn(7);
  other_.TakePartnerLog(niger_);
  EXPECT_THAT(other_.Check().status, FailsWith(ErrorReason::kIntegrityFailure));
}

TEST_F(OwnAnchorTest, AnOpeningThatIsNotTheAnchorsIsNoticed) {
  niger_.LogOwn(5);
  niger_.Anchor();
  LeafRow row = niger_.LastOf(kToNigeria);
  ASSERT_OK_AND_ASSIGN(const MessageLeaf leaf, ParseMessageLeaf(row.leaf));
  EXPECT_OK(OpenAnchor(leaf, row.opening));
  for (size_t at = 0; at < row.opening.size(); ++at) {
    std::string changed = row.opening;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_THAT(OpenAnchor(leaf, changed),
                FailsWith(ErrorReason::kIntegrityFailure));
  }
  EXPECT_THAT(OpenAnchor(leaf, ""), FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(OpenAnchor(leaf, row.opening + "x"),
              FailsWith(ErrorReason::kIntegrityFailure));
}

// Two partners may compare what they hold, and a partner one hour with the
// next.
TEST_F(OwnAnchorTest, AnAnchorTellsNothingOfTheOwnLog) {
  niger_.LogOwn(5);
  niger_.Anchor();
  const auto to_nigeria = ParseMessageLeaf(niger_.LastOf(kToNigeria).leaf);
  const auto to_togo = ParseMessageLeaf(niger_.LastOf(kToTogo).leaf);
  EXPECT_EQ(to_nigeria->commitment, to_togo->commitment);
  EXPECT_EQ(to_nigeria->request_id, to_togo->request_id);
  niger_.Anchor();
  // Not even that nothing happened since.
  EXPECT_NE(ParseMessageLeaf(niger_.LastOf(kToNigeria).leaf)->commitment,
            to_nigeria->commitment);
}

TEST_F(OwnAnchorTest, NothingIsAddedToALogThatLostWhatItsPartnerHolds) {
  niger_.LogOwn(1);
  niger_.Anchor();
  const std::string note = niger_.store->ReadLogHead(kToNigeria)->checkpoint;
  ASSERT_OK(niger_.writer.Commit([&](CommitScope& scope) {
    return PutLostHead(scope.store(), niger_.ng, note);
  }));
  niger_.Anchor();
  EXPECT_EQ(niger_.store->ReadLogHead(kToNigeria)->size, 1u);
  EXPECT_EQ(niger_.store->ReadLogHead(kToTogo)->size, 2u);
}

}  // namespace
}  // namespace comity
