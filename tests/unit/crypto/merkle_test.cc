#include "node/crypto/merkle.h"

#include <bit>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class GrowingTree : public NodeReader {
 public:
  void Append(const std::string& data) {
    auto added = AppendLeaf(size_, LeafHash(data), *this);
    for (MerkleNode& node : *added)
      nodes_[{node.level, node.index}] = node.hash;
    roots_.push_back(*RootOf(++size_, *this));
  }
  absl::StatusOr<std::string> ReadNode(uint32_t level,
                                       uint64_t index) const override {
    const auto found = nodes_.find({level, index});
    if (found == nodes_.end()) return absl::NotFoundError("no node");
    return found->second;
  }
  const std::string& root(uint64_t size) const { return roots_[size - 1]; }

 private:
  std::map<std::pair<uint32_t, uint64_t>, std::string> nodes_;
  std::vector<std::string> roots_;
  uint64_t size_ = 0;
};

class MerkleTest : public testing::Test {
 protected:
  static constexpr uint64_t kSize = 70;
  MerkleTest() {
    for (uint64_t i = 0; i < kSize; ++i) tree_.Append(absl::StrCat("leaf", i));
  }
  GrowingTree tree_;
};

TEST_F(MerkleTest, EveryInclusionProofVerifiesAndEveryMutationFails) {
  for (uint64_t size = 1; size <= kSize; ++size) {
    for (uint64_t index = 0; index < size; index += 3) {
      const std::string leaf = LeafHash(absl::StrCat("leaf", index));
      ASSERT_OK_AND_ASSIGN(auto proof, InclusionProof(index, size, tree_));
      ASSERT_OK(VerifyInclusion(leaf, index, size, proof, tree_.root(size)));
      EXPECT_FALSE(
          VerifyInclusion(leaf, index + 1, size, proof, tree_.root(size)).ok());
      if (proof.empty()) continue;
      proof[proof.size() / 2][7] ^= 1;
      EXPECT_THAT(VerifyInclusion(leaf, index, size, proof, tree_.root(size)),
                  FailsWith(ErrorReason::kEvidenceInvalid));
    }
  }
}

TEST_F(MerkleTest, EveryConsistencyProofVerifiesAndEveryMutationFails) {
  for (uint64_t large = 1; large <= kSize; ++large) {
    for (uint64_t small = 1; small <= large; ++small) {
      ASSERT_OK_AND_ASSIGN(auto proof, ConsistencyProof(small, large, tree_));
      ASSERT_OK(VerifyConsistency(small, large, tree_.root(small),
                                  tree_.root(large), proof));
      EXPECT_FALSE(VerifyConsistency(small, large, tree_.root(large),
                                     LeafHash("other"), proof)
                       .ok());
      if (proof.empty()) continue;
      proof.back()[0] ^= 1;
      EXPECT_FALSE(VerifyConsistency(small, large, tree_.root(small),
                                     tree_.root(large), proof)
                       .ok());
    }
  }
}

// By what its owner itself proves of the tree that it has instead.
TEST_F(MerkleTest, AProofOfAnotherTreeContradictsAllButWholeOldTrees) {
  const std::string other = LeafHash("other");
  for (uint64_t large = 2; large <= kSize; ++large) {
    for (uint64_t small = 1; small < large; ++small) {
      ASSERT_OK_AND_ASSIGN(auto proof, ConsistencyProof(small, large, tree_));
      EXPECT_FALSE(ContradictsConsistency(small, large, tree_.root(small),
                                          tree_.root(large), proof));
      EXPECT_EQ(
          ContradictsConsistency(small, large, other, tree_.root(large), proof),
          !std::has_single_bit(small))
          << small << " of " << large;
      // What leads to no signed root shows nothing.
      for (std::string& hash : proof) {
        hash[0] ^= 1;
        EXPECT_FALSE(ContradictsConsistency(small, large, tree_.root(small),
                                            tree_.root(large), proof));
        hash[0] ^= 1;
      }
      proof.push_back(other);
      EXPECT_FALSE(ContradictsConsistency(small, large, tree_.root(small),
                                          tree_.root(large), proof));
    }
  }
  EXPECT_FALSE(ContradictsConsistency(0, 3, other, tree_.root(3), {other}));
  EXPECT_FALSE(ContradictsConsistency(3, 3, other, tree_.root(3), {}));
  EXPECT_FALSE(ContradictsConsistency(3, 4, other, tree_.root(4), {"short"}));
}

// What no proof of the whole tree itself tells.
TEST_F(MerkleTest, AProofOfTheSizeBehindAWholeTreeNamesItsRoot) {
  for (uint64_t whole = 2; whole + 1 < kSize; whole *= 2) {
    for (uint64_t large = whole + 2; large <= kSize; ++large) {
      ASSERT_OK_AND_ASSIGN(auto proof,
                           ConsistencyProof(whole + 1, large, tree_));
      ASSERT_OK_AND_ASSIGN(
          const std::string root,
          WholeRootInside(whole, large, tree_.root(large), proof));
      EXPECT_EQ(root, tree_.root(whole)) << whole << " of " << large;
      for (std::string& hash : proof) {
        hash[0] ^= 1;
        EXPECT_THAT(WholeRootInside(whole, large, tree_.root(large), proof),
                    FailsWith(ErrorReason::kEvidenceInvalid));
        hash[0] ^= 1;
      }
    }
  }
  for (const uint64_t size : std::vector<uint64_t>{0, 1, 3, 6}) {
    EXPECT_THAT(WholeRootInside(size, 8, tree_.root(8), {}),
                FailsWith(ErrorReason::kEvidenceInvalid));
  }
}

TEST_F(MerkleTest, RefusesAnIndexOutsideTheTree) {
  EXPECT_THAT(InclusionProof(5, 5, tree_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(ConsistencyProof(0, 5, tree_),
              FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
