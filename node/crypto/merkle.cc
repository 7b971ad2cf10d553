#include "node/crypto/merkle.h"

#include <algorithm>
#include <bit>
#include <span>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"

namespace comity {
namespace {

constexpr size_t kHashSize = 32;

absl::Status BadProof(absl::string_view what) {
  return ReasonError(ErrorReason::kEvidenceInvalid, what);
}

bool AllHashes(const std::vector<std::string>& proof) {
  return std::all_of(proof.begin(), proof.end(), [](const std::string& hash) {
    return hash.size() == kHashSize;
  });
}

// Largest power of two smaller than `size`; size must be at least 2.
uint64_t SplitPoint(uint64_t size) { return std::bit_floor(size - 1); }

// Hash of the subtree over the leaves [begin, end), where `begin` is a multiple
// of the smallest power of two that is at least end - begin (RFC 9162 2.1.1).
absl::StatusOr<std::string> RangeHash(uint64_t begin, uint64_t end,
                                      const NodeReader& nodes) {
  const uint64_t size = end - begin;
  if (std::has_single_bit(size)) {
    const auto level = static_cast<uint32_t>(std::countr_zero(size));
    return nodes.ReadNode(level, begin >> level);
  }
  const uint64_t split = SplitPoint(size);
  ASSIGN_OR_RETURN(std::string left, RangeHash(begin, begin + split, nodes));
  ASSIGN_OR_RETURN(std::string right, RangeHash(begin + split, end, nodes));
  return NodeHash(left, right);
}

// PATH(index, D[begin:end]) of RFC 9162 2.1.3.1, deepest hash first.
absl::Status AppendPath(uint64_t index, uint64_t begin, uint64_t end,
                        const NodeReader& nodes,
                        std::vector<std::string>& proof) {
  if (end - begin == 1) return absl::OkStatus();
  const uint64_t split = begin + SplitPoint(end - begin);
  const bool left = index < split;
  RETURN_IF_ERROR(left ? AppendPath(index, begin, split, nodes, proof)
                       : AppendPath(index, split, end, nodes, proof));
  ASSIGN_OR_RETURN(std::string sibling, left ? RangeHash(split, end, nodes)
                                             : RangeHash(begin, split, nodes));
  proof.push_back(std::move(sibling));
  return absl::OkStatus();
}

// SUBPROOF(old, D[begin:end], complete) of RFC 9162 2.1.4.1; `old` counts from
// leaf 0.
absl::Status AppendSubproof(uint64_t old, uint64_t begin, uint64_t end,
                            bool complete, const NodeReader& nodes,
                            std::vector<std::string>& proof) {
  if (old == end) {
    if (complete) return absl::OkStatus();
    ASSIGN_OR_RETURN(std::string hash, RangeHash(begin, end, nodes));
    proof.push_back(std::move(hash));
    return absl::OkStatus();
  }
  const uint64_t split = begin + SplitPoint(end - begin);
  const bool left = old <= split;
  RETURN_IF_ERROR(
      left ? AppendSubproof(old, begin, split, complete, nodes, proof)
           : AppendSubproof(old, split, end, false, nodes, proof));
  ASSIGN_OR_RETURN(std::string other, left ? RangeHash(split, end, nodes)
                                           : RangeHash(begin, split, nodes));
  proof.push_back(std::move(other));
  return absl::OkStatus();
}

}  // namespace

std::string EmptyRoot() { return Sha256(""); }

std::string LeafHash(absl::string_view data) {
  return Sha256Joined({absl::string_view("\0", 1), data});
}

std::string NodeHash(absl::string_view left, absl::string_view right) {
  return Sha256Joined({"\x01", left, right});
}

namespace {

// A node on the way up: its index on its level, and the level's last index (fn
// and sn of RFC 9162 2.1.3.2).
struct PathPlace {
  uint64_t index;
  uint64_t last;

  bool IsRoot() const { return last == 0; }
  bool IsRightChild() const { return (index & 1) == 1; }
  void Rise() {
    index >>= 1;
    last >>= 1;
  }
};

// Where a proof leads from `root`. `left`: the same over its steps from the
// left alone; null if nobody asks.
absl::StatusOr<std::string> Climb(PathPlace place, std::string root,
                                  std::span<const std::string> steps,
                                  std::string* left) {
  for (const std::string& step : steps) {
    if (place.IsRoot()) return BadProof("the proof is too long");
    if (place.IsRightChild() || place.index == place.last) {
      if (left != nullptr) *left = NodeHash(step, *left);
      root = NodeHash(step, root);
      while (!place.IsRightChild() && place.index != 0) place.Rise();
    } else {
      root = NodeHash(root, step);
    }
    place.Rise();
  }
  if (!place.IsRoot()) return BadProof("the proof is too short");
  return root;
}

// The roots that a consistency proof leads to.
struct LedTo {
  std::string first;
  std::string second;
};

// Of two sizes, the first at least 1 and below the second.
absl::StatusOr<LedTo> FollowConsistency(uint64_t size1, uint64_t size2,
                                        absl::string_view root1,
                                        const std::vector<std::string>& proof) {
  if (proof.empty()) return BadProof("the consistency proof is empty");
  PathPlace place{size1 - 1, size2 - 1};
  while (place.IsRightChild()) place.Rise();
  // A whole old tree is itself the node that the path starts from.
  const bool whole = std::has_single_bit(size1);
  const std::string start = whole ? std::string(root1) : proof[0];
  LedTo roots{start, ""};
  ASSIGN_OR_RETURN(roots.second,
                   Climb(place, start, std::span(proof).subspan(whole ? 0 : 1),
                         &roots.first));
  return roots;
}

absl::Status VerifySameSize(absl::string_view root1, absl::string_view root2,
                            const std::vector<std::string>& proof) {
  if (!proof.empty()) return BadProof("equal sizes need no proof");
  if (root1 != root2) return BadProof("two roots for one size");
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyInclusion(absl::string_view leaf_hash, uint64_t index,
                             uint64_t size,
                             const std::vector<std::string>& proof,
                             absl::string_view root) {
  if (index >= size) return BadProof("the proof's index is outside its tree");
  if (leaf_hash.size() != kHashSize || !AllHashes(proof)) {
    return BadProof("a hash of the inclusion proof is not 32 bytes");
  }
  ASSIGN_OR_RETURN(
      const std::string proved,
      Climb({index, size - 1}, std::string(leaf_hash), proof, nullptr));
  if (proved != root) {
    return BadProof("the inclusion proof does not lead to the signed root");
  }
  return absl::OkStatus();
}

absl::Status VerifyConsistency(uint64_t size1, uint64_t size2,
                               absl::string_view root1, absl::string_view root2,
                               const std::vector<std::string>& proof) {
  if (size1 == 0 || size1 > size2) {
    return BadProof("the consistency proof's sizes are out of order");
  }
  if (!AllHashes(proof)) {
    return BadProof("a hash of the consistency proof is not 32 bytes");
  }
  if (size1 == size2) return VerifySameSize(root1, root2, proof);
  ASSIGN_OR_RETURN(const LedTo roots,
                   FollowConsistency(size1, size2, root1, proof));
  if (roots.first != root1 || roots.second != root2) {
    return BadProof("the consistency proof does not join the two roots");
  }
  return absl::OkStatus();
}

bool ContradictsConsistency(uint64_t size1, uint64_t size2,
                            absl::string_view root1, absl::string_view root2,
                            const std::vector<std::string>& proof) {
  if (size1 == 0 || size1 >= size2 || !AllHashes(proof)) return false;
  const auto roots = FollowConsistency(size1, size2, root1, proof);
  return roots.ok() && roots->second == root2 && roots->first != root1;
}

absl::StatusOr<std::string> WholeRootInside(
    uint64_t size, uint64_t larger, absl::string_view root,
    const std::vector<std::string>& proof) {
  if (size < 2 || !std::has_single_bit(size) || larger <= size + 1 ||
      !AllHashes(proof)) {
    return BadProof("it names no whole tree inside of another");
  }
  ASSIGN_OR_RETURN(const LedTo roots,
                   FollowConsistency(size + 1, larger, "", proof));
  if (roots.second != root) {
    return BadProof("the consistency proof does not lead to the newer root");
  }
  // The path starts from the one leaf behind the whole tree.
  for (const std::string& hash : proof) {
    if (NodeHash(hash, proof[0]) == roots.first) return hash;
  }
  return BadProof("the consistency proof names no whole tree");
}

std::vector<MerkleNode> CompactRange::Append(std::string leaf_hash) {
  std::vector<MerkleNode> completed = {{0, size_, std::move(leaf_hash)}};
  for (uint64_t index = size_++; (index & 1) == 1; index >>= 1) {
    const MerkleNode& right = completed.back();
    completed.push_back(
        {right.level + 1, index >> 1, NodeHash(roots_.back(), right.hash)});
    roots_.pop_back();
  }
  roots_.push_back(completed.back().hash);
  return completed;
}

std::string CompactRange::Root() const {
  if (roots_.empty()) return EmptyRoot();
  std::string root = roots_.back();
  for (size_t i = roots_.size() - 1; i > 0; --i) {
    root = NodeHash(roots_[i - 1], root);
  }
  return root;
}

absl::StatusOr<std::vector<MerkleNode>> AppendLeaf(uint64_t size,
                                                   absl::string_view leaf_hash,
                                                   const NodeReader& nodes) {
  std::vector<MerkleNode> added = {{0, size, std::string(leaf_hash)}};
  uint64_t index = size;
  for (uint32_t level = 0; (index & 1) == 1; ++level, index >>= 1) {
    ASSIGN_OR_RETURN(std::string left, nodes.ReadNode(level, index - 1));
    added.push_back({level + 1, index >> 1, NodeHash(left, added.back().hash)});
  }
  return added;
}

absl::StatusOr<std::string> RootOf(uint64_t size, const NodeReader& nodes) {
  if (size == 0) return EmptyRoot();
  return RangeHash(0, size, nodes);
}

absl::StatusOr<std::vector<std::string>> InclusionProof(
    uint64_t index, uint64_t size, const NodeReader& nodes) {
  if (index >= size) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "no such entry: the index is outside the log");
  }
  std::vector<std::string> proof;
  proof.reserve(static_cast<size_t>(std::bit_width(size)));
  RETURN_IF_ERROR(AppendPath(index, 0, size, nodes, proof));
  return proof;
}

absl::StatusOr<std::vector<std::string>> ConsistencyProof(
    uint64_t size1, uint64_t size2, const NodeReader& nodes) {
  if (size1 == 0 || size1 > size2) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "a consistency proof needs 0 < old size <= new size");
  }
  std::vector<std::string> proof;
  if (size1 == size2) return proof;
  RETURN_IF_ERROR(AppendSubproof(size1, 0, size2, true, nodes, proof));
  return proof;
}

}  // namespace comity
