#include <bit>
#include <optional>
#include <random>
#include <sstream>

#include "node/audit/log_appender.h"
#include "node/audit/log_verifier.h"
#include "node/audit/witness.h"
#include "node/crypto/merkle.h"
#include "node/store/open_store.h"
#include "node/store/sqlite/database.h"
#include "node/wire/log_export.h"
#include "node/wire/message_leaf.h"
#include "tests/proof/proof_size.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

// Of each kind of place; tests/run.sh --full makes 10,000.
constexpr uint64_t kUsualEdits = 1000;
constexpr uint64_t kSeed = 20261130;
constexpr size_t kEntries = 48;
constexpr const char* kLog = "comity/NE/NG";

// The complete subtrees of a log in memory.
class MemoryTree : public NodeReader {
 public:
  void Append(absl::string_view leaf) {
    for (MerkleNode& node : range_.Append(LeafHash(leaf))) {
      if (levels_.size() <= node.level) levels_.emplace_back();
      levels_[node.level].push_back(std::move(node.hash));
    }
  }
  absl::StatusOr<std::string> ReadNode(uint32_t level,
                                       uint64_t index) const override {
    return levels_.at(level).at(index);
  }
  std::string Root(uint64_t size) const { return *RootOf(size, *this); }
  uint64_t size() const { return range_.size(); }

 private:
  CompactRange range_;
  std::vector<std::vector<std::string>> levels_;
};

// What happens to a log, by the seed alone.
class EditedLogTest : public testing::Test {
 protected:
  EditedLogTest() {
    while (leaves_.size() < kEntries) leaves_.push_back(AnyLeaf());
  }

  uint64_t Below(uint64_t limit) { return chance_() % limit; }
  std::string AnyBytes(size_t size) {
    std::string bytes;
    while (bytes.size() < size) bytes += static_cast<char>(chance_());
    return bytes;
  }
  // An entry that could have been logged.
  std::string AnyLeaf() {
    return FormatMessageLeaf({static_cast<MessageKind>(1 + Below(8)),
                              absl::FromUnixMillis(static_cast<int64_t>(
                                  1790000000000 + Below(1000000))),
                              self_, partner_, *Uuid::FromBytes(AnyBytes(16)),
                              AnyBytes(32), AnyBytes(32)});
  }
  void FlipABit(std::string& bytes) {
    char& byte = bytes[Below(bytes.size())];
    byte = static_cast<char>(byte ^ (1 << Below(8)));
  }
  // Two places of a log, the first one smaller.
  std::pair<size_t, size_t> TwoPlaces(size_t size) {
    size_t first = Below(size - 1);
    size_t second = first + 1 + Below(size - 1 - first);
    return {first, second};
  }
  static uint64_t Edits() { return SizeOf("COMITY_EDITS", kUsualEdits); }

  // The signed head of a tree of these leaves.
  static std::string HeadOf(const std::vector<std::string>& leaves,
                            absl::string_view origin, const SigningKey& key) {
    MemoryTree tree;
    for (const std::string& leaf : leaves) tree.Append(leaf);
    return SignCheckpoint(
        {std::string(origin), tree.size(), tree.Root(tree.size())}, key);
  }

  const uint64_t seed_ = SizeOf("COMITY_SEED", kSeed);
  std::mt19937_64 chance_{seed_};
  const ParticipantCode self_ = *ParticipantCode::Create("NE");
  const ParticipantCode partner_ = *ParticipantCode::Create("NG");
  const SigningKey key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const SigningKey stranger_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  std::vector<std::string> leaves_;
};

// A log as a file.
class EditedExportTest : public EditedLogTest {
 protected:
  static std::string FileOf(const std::vector<std::string>& leaves,
                            absl::string_view head) {
    std::string file = FormatLogExportHead(head);
    for (const std::string& leaf : leaves) file += FormatLeafLine(leaf);
    return file;
  }
  bool Verifies(const std::string& text) const {
    std::istringstream file(text);
    return VerifyLogExport(file, {self_, key_.public_key()}).ok();
  }

  // The file after one edit; `edited` says which.
  std::string Edit(std::string* edited) {
    std::vector<std::string> leaves = leaves_;
    const auto [first, second] = TwoPlaces(kEntries);
    std::string file = file_;
    switch (Below(10)) {
      case 0:
        *edited = "a bit of the file";
        FlipABit(file);
        return file;
      case 1:
        *edited = "the file's end";
        return file.substr(0, Below(file.size()));
      case 2:
        *edited = "two entries swapped";
        std::swap(leaves[first], leaves[second]);
        break;
      case 3:
        *edited = "an entry removed";
        leaves.erase(leaves.begin() + static_cast<std::ptrdiff_t>(second));
        break;
      case 4:
        *edited = "an entry twice";
        leaves.insert(leaves.begin() + static_cast<std::ptrdiff_t>(first),
                      leaves[second]);
        break;
      case 5:
        *edited = "another entry in its place";
        leaves[first] = AnyLeaf();
        break;
      case 6:
        *edited = "an entry added";
        leaves.push_back(AnyLeaf());
        break;
      case 7:
        *edited = "the last entries removed";
        leaves.resize(second);
        break;
      case 8:
        *edited = "another entry, signed by a stranger";
        leaves[first] = AnyLeaf();
        return FileOf(leaves, HeadOf(leaves, kLog, stranger_));
      default:
        *edited = "the head of the log for another partner";
        return FileOf(leaves, HeadOf(leaves, "comity/NE/BJ", key_));
    }
    return FileOf(leaves, head_);
  }

  const std::string head_ = HeadOf(leaves_, kLog, key_);
  const std::string file_ = FileOf(leaves_, head_);
};

TEST_F(EditedExportTest, EveryEditIsFoundAndNoHonestFileRefused) {
  SCOPED_TRACE(testing::Message() << "COMITY_SEED=" << seed_);
  ASSERT_TRUE(Verifies(file_));
  for (uint64_t i = 0; i < Edits(); ++i) {
    std::string edited;
    const std::string file = Edit(&edited);
    ASSERT_NE(file, file_) << edited;
    ASSERT_FALSE(Verifies(file)) << "edit " << i << ": " << edited;
  }
  for (size_t size = 1; size <= kEntries; ++size) {
    const std::vector<std::string> part(
        leaves_.begin(), leaves_.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_TRUE(Verifies(FileOf(part, HeadOf(part, kLog, key_)))) << size;
  }
}

// A log in the store of a node, and somebody at the files of that store.
class EditedStoreTest : public EditedLogTest {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(store_, OpenStore(path_, store_key_, random_));
    ASSERT_OK(store_->Transact([&](StoreTransaction& tx) -> absl::Status {
      LogAppender log(tx, signer_);
      for (const std::string& leaf : leaves_) {
        RETURN_IF_ERROR(log.Append(kLog, leaf, "").status());
      }
      log.Keep();
      return log.SignHeads();
    }));
    ASSERT_OK_AND_ASSIGN(editor_, SqliteDatabase::Open(path_, false));
    ASSERT_OK(
        editor_->Execute("PRAGMA synchronous=OFF;"
                         "CREATE TABLE kept_leaves AS SELECT * FROM log_leaves;"
                         "CREATE TABLE kept_nodes AS SELECT * FROM log_nodes;"
                         "CREATE TABLE kept_logs AS SELECT * FROM logs;"));
  }
  absl::Status PutBack() {
    return editor_->Execute(
        "BEGIN;"
        "DELETE FROM log_leaves; INSERT INTO log_leaves SELECT * FROM "
        "kept_leaves;"
        "DELETE FROM log_nodes; INSERT INTO log_nodes SELECT * FROM kept_nodes;"
        "DELETE FROM logs; INSERT INTO logs SELECT * FROM kept_logs;"
        "COMMIT;");
  }

  absl::Status Found() const {
    const auto verdict = VerifyLog(*store_, kLog, key_.public_key());
    return verdict.ok() ? verdict->status : verdict.status();
  }

  absl::Status PutLeaf(size_t index, const std::string& leaf) {
    return editor_->Run("UPDATE log_leaves SET leaf = ? WHERE leaf_index = ?",
                        leaf, index);
  }
  absl::Status PutHead(uint64_t size, const std::string& checkpoint) {
    return editor_->Run("UPDATE logs SET size = ?, checkpoint = ?", size,
                        checkpoint);
  }
  absl::Status FlipANode() {
    std::string hash;
    int64_t level = 0;
    int64_t index = 0;
    {
      ASSIGN_OR_RETURN(SqliteStatement row,
                       editor_->Query("SELECT level, node_index, hash FROM "
                                      "log_nodes LIMIT 1 OFFSET ?",
                                      Below(kEntries >> kLowestKeptLevel)));
      RETURN_IF_ERROR(row.Step().status());
      level = row.Int(0);
      index = row.Int(1);
      hash = row.Blob(2);
    }
    FlipABit(hash);
    return editor_->Run(
        "UPDATE log_nodes SET hash = ? WHERE level = ? AND node_index = ?",
        hash, level, index);
  }
  // Everything but the signature fits the changed leaf.
  absl::Status Rebuild(const std::vector<std::string>& leaves,
                       const SigningKey& key) {
    CompactRange range;
    for (const std::string& leaf : leaves) {
      RETURN_IF_ERROR(PutLeaf(range.size(), leaf));
      for (const MerkleNode& node : range.Append(LeafHash(leaf))) {
        RETURN_IF_ERROR(editor_->Run(
            "UPDATE log_nodes SET hash = ? WHERE level = ? AND node_index = ?",
            node.hash, node.level, node.index));
      }
    }
    return PutHead(leaves.size(), HeadOf(leaves, kLog, key));
  }

  // The partner's log grows from `held` to its end, and proves it.
  absl::Status Grow(StoreTransaction& tx, const MemoryTree& tree,
                    uint64_t held) const {
    ASSIGN_OR_RETURN(std::vector<std::string> hashes,
                     ConsistencyProof(held, tree.size(), tree));
    return ApplyProofs(tx, partner_,
                       {tree.size(), tree.Root(tree.size()), "note"},
                       {{held, tree.size(), std::move(hashes)}});
  }

  absl::Status Edit(std::string* edited) {
    const auto [first, second] = TwoPlaces(kEntries);
    std::vector<std::string> leaves = leaves_;
    switch (Below(10)) {
      case 0:
        *edited = "a bit of an entry";
        FlipABit(leaves[first]);
        return PutLeaf(first, leaves[first]);
      case 1:
        *edited = "a bit of the tree";
        return FlipANode();
      case 2:
        *edited = "two entries swapped";
        RETURN_IF_ERROR(PutLeaf(first, leaves[second]));
        return PutLeaf(second, leaves[first]);
      case 3:
        *edited = "an entry removed";
        return editor_->Run("DELETE FROM log_leaves WHERE leaf_index = ?",
                            second);
      case 4:
        *edited = "an entry in place of another";
        return PutLeaf(first, leaves[second]);
      case 5:
        *edited = "an entry behind the end";
        return editor_->Run("INSERT INTO log_leaves VALUES (1, ?, ?, x'')",
                            kEntries + Below(3), AnyLeaf());
      case 6:
        *edited = "another size";
        return PutHead(kEntries - 1 + 2 * Below(2), head_);
      case 7: {
        *edited = "a bit of the head";
        std::string head = head_;
        FlipABit(head);
        return PutHead(kEntries, head);
      }
      case 8:
        *edited = "an older head";
        leaves.resize(second);
        return PutHead(second, HeadOf(leaves, kLog, key_));
      default:
        *edited = "another entry, signed by a stranger";
        leaves[first] = AnyLeaf();
        return Rebuild(leaves, stranger_);
    }
  }

  TestDirectory directory_;
  const std::string path_ = directory_.Path("store.db");
  const SecretBytes store_key_{std::string(32, 'k')};
  SystemRandom random_;
  const LogSigner signer_{key_};
  const std::string head_ = HeadOf(leaves_, kLog, key_);
  std::unique_ptr<Store> store_;
  std::unique_ptr<SqliteDatabase> editor_;
};

TEST_F(EditedStoreTest, EveryEditIsFoundAndNoHonestStoreRefused) {
  SCOPED_TRACE(testing::Message() << "COMITY_SEED=" << seed_);
  for (uint64_t i = 0; i < Edits(); ++i) {
    ASSERT_OK(Found()) << "false alarm after edit " << i;
    std::string edited;
    ASSERT_OK(editor_->Execute("BEGIN"));
    ASSERT_OK(Edit(&edited)) << edited;
    ASSERT_OK(editor_->Execute("COMMIT"));
    ASSERT_FALSE(Found().ok()) << "edit " << i << ": " << edited;
    ASSERT_OK(PutBack());
  }
  EXPECT_OK(Found());
}

// Forks are told of in the node's messages, each one.
class SilencedMessages {
 public:
  SilencedMessages() { testing::internal::CaptureStderr(); }
  ~SilencedMessages() { testing::internal::GetCapturedStderr(); }
  SilencedMessages(const SilencedMessages&) = delete;
  SilencedMessages& operator=(const SilencedMessages&) = delete;
};

// Somebody with the log key writes another history. Its own node's log cannot
// tell; whoever holds a head of the first one can, in either direction.
TEST_F(EditedStoreTest, EveryForkIsFoundByAHeadOfTheOtherHistory) {
  SCOPED_TRACE(testing::Message() << "COMITY_SEED=" << seed_);
  const SilencedMessages silenced;
  MemoryTree first;
  for (const std::string& leaf : leaves_) first.Append(leaf);
  for (uint64_t i = 0; i < Edits(); ++i) {
    const std::pair<size_t, size_t> places = TwoPlaces(kEntries + 1);
    const size_t forked = places.first;
    const size_t held = places.second;
    MemoryTree second;
    const uint64_t size = held + Below(20);
    for (uint64_t at = 0; at < size; ++at) {
      second.Append(at < forked ? leaves_[at] : AnyLeaf());
    }
    const PeerHead newest{size, second.Root(size), "note"};
    ASSERT_OK_AND_ASSIGN(const auto forged,
                         ConsistencyProof(held, size, second));
    absl::Status judged;
    absl::Status honest;
    std::optional<absl::Status> by_way;
    // Undone each time: only what it says counts.
    const PeerHead known{held, first.Root(held), "note"};
    store_
        ->Transact([&](StoreTransaction& tx) -> absl::Status {
          RETURN_IF_ERROR(tx.PutPeerHead(partner_, known));
          honest = Grow(tx, first, held);
          RETURN_IF_ERROR(tx.PutPeerHead(partner_, known));
          judged = ApplyProofs(tx, partner_, newest, {{held, size, forged}});
          if (held > 1 && std::has_single_bit(held) && size > held + 1) {
            ASSIGN_OR_RETURN(std::vector<std::string> beyond,
                             ConsistencyProof(held + 1, size, second));
            by_way = ApplyProofs(
                tx, partner_, newest,
                {{held, held + 1, {}}, {held + 1, size, std::move(beyond)}});
          }
          return ReasonError(ErrorReason::kInternal, "not kept");
        })
        .IgnoreError();
    ASSERT_OK(honest) << "false alarm at " << held;
    // The root of a whole subtree is not in a proof: nothing contradicts it,
    // until the proof goes by way of the next size.
    const bool contradicted = held == size || !std::has_single_bit(held);
    ASSERT_THAT(judged,
                FailsWith(contradicted ? ErrorReason::kLogForked
                                       : ErrorReason::kConsistencyUnproved))
        << "fork " << i << " at " << forked << ", held " << held << ", size "
        << size;
    if (by_way.has_value()) {
      ASSERT_THAT(*by_way, FailsWith(ErrorReason::kLogForked))
          << "fork " << i << " at " << forked << ", held " << held << ", size "
          << size;
    }
    // A partner shows the head that it got from the other history.
    ASSERT_FALSE(
        *LeadsTo(*store_, kLog, key_.public_key(),
                 SignCheckpoint({kLog, held, second.Root(held)}, key_)));
    ASSERT_TRUE(*LeadsTo(*store_, kLog, key_.public_key(),
                         SignCheckpoint({kLog, held, first.Root(held)}, key_)));
  }
}

}  // namespace
}  // namespace comity
