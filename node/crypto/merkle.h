#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace comity {

// Merkle trees of RFC 6962 and RFC 9162 over SHA-256; every hash is 32 bytes.

std::string EmptyRoot();                       // SHA-256("")
std::string LeafHash(absl::string_view data);  // SHA-256(0x00 data)
std::string NodeHash(absl::string_view left,   // SHA-256(0x01 left right)
                     absl::string_view right);

// RFC 9162 2.1.3.2. EVIDENCE_INVALID unless `proof` leads from the leaf at
// `index` to the root of the tree of `size` leaves.
absl::Status VerifyInclusion(absl::string_view leaf_hash, uint64_t index,
                             uint64_t size,
                             const std::vector<std::string>& proof,
                             absl::string_view root);

// RFC 9162 2.1.4.2. EVIDENCE_INVALID unless `proof` shows that the tree of
// `size1` leaves is a prefix of the tree of `size2`. Size 0 is refused: the
// empty tree proves nothing.
absl::Status VerifyConsistency(uint64_t size1, uint64_t size2,
                               absl::string_view root1, absl::string_view root2,
                               const std::vector<std::string>& proof);

// Whether `proof` shows that the tree of `size1` leaves is no prefix of the
// tree of `size2`: it leads to `root2`, and the same hashes to another root
// than `root1`. Of a tree that only grew nobody finds such a proof, since
// `root2` binds each hash. One that leads nowhere shows nothing, and none does
// where `size1` is a power of two: then `root1` is no result of it.
bool ContradictsConsistency(uint64_t size1, uint64_t size2,
                            absl::string_view root1, absl::string_view root2,
                            const std::vector<std::string>& proof);

// The root of the tree of `size` leaves, a power of two from 2 on, that the
// tree of `larger` began with: the proof of `size` + 1 leaves in it names that
// root and binds it to `root`. EVIDENCE_INVALID if the proof leads elsewhere.
absl::StatusOr<std::string> WholeRootInside(
    uint64_t size, uint64_t larger, absl::string_view root,
    const std::vector<std::string>& proof);

// Where the hashes of complete subtrees come from: the node at (level, index)
// covers the leaves [index * 2^level, (index + 1) * 2^level).
class NodeReader {
 public:
  virtual ~NodeReader() = default;
  virtual absl::StatusOr<std::string> ReadNode(uint32_t level,
                                               uint64_t index) const = 0;
};

// A subtree that an append completed.
struct MerkleNode {
  uint32_t level = 0;
  uint64_t index = 0;
  std::string hash;
};

// The roots of the complete subtrees of a growing tree, largest first: all that
// its root follows from, in memory for any size. Not thread-safe.
class CompactRange {
 public:
  // Returns the subtrees that the leaf completes, as AppendLeaf does.
  std::vector<MerkleNode> Append(std::string leaf_hash);
  std::string Root() const;
  uint64_t size() const { return size_; }

 private:
  std::vector<std::string> roots_;
  uint64_t size_ = 0;
};

// The nodes that appending `leaf_hash` to a tree of `size` leaves completes:
// the leaf itself first, then each larger subtree that ends with it.
absl::StatusOr<std::vector<MerkleNode>> AppendLeaf(uint64_t size,
                                                   absl::string_view leaf_hash,
                                                   const NodeReader& nodes);

absl::StatusOr<std::string> RootOf(uint64_t size, const NodeReader& nodes);

// RFC 9162 2.1.3.1; FIELD_INVALID unless index < size.
absl::StatusOr<std::vector<std::string>> InclusionProof(
    uint64_t index, uint64_t size, const NodeReader& nodes);

// RFC 9162 2.1.4.1; FIELD_INVALID unless 0 < size1 <= size2.
absl::StatusOr<std::vector<std::string>> ConsistencyProof(
    uint64_t size1, uint64_t size2, const NodeReader& nodes);

}  // namespace comity
