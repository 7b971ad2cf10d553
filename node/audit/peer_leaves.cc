#include "node/audit/peer_leaves.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr uint64_t kLeavesInPiece = 4096;
constexpr size_t kPieceSize = kLeavesInPiece / 8;

std::string MetaName(const ParticipantCode& partner, uint64_t piece) {
  return absl::StrCat("peer-leaves/", partner.text(), "/", piece);
}

// As long as a whole piece.
absl::StatusOr<std::string> ReadPiece(const StateReader& store,
                                      const ParticipantCode& partner,
                                      uint64_t piece) {
  ASSIGN_OR_RETURN(std::string bits, store.ReadMeta(MetaName(partner, piece)));
  bits.resize(kPieceSize, '\0');
  return bits;
}

unsigned char BitOf(uint64_t index) {
  return static_cast<unsigned char>(1U << (index % 8));
}

size_t ByteOf(uint64_t index) {
  return static_cast<size_t>(index % kLeavesInPiece / 8);
}

}  // namespace

absl::Status NotePeerLeaves(StoreTransaction& store,
                            const ParticipantCode& partner,
                            std::vector<uint64_t> indices) {
  std::sort(indices.begin(), indices.end());
  for (size_t i = 0; i < indices.size();) {
    const uint64_t piece = indices[i] / kLeavesInPiece;
    ASSIGN_OR_RETURN(std::string bits, ReadPiece(store, partner, piece));
    bool changed = false;
    for (; i < indices.size() && indices[i] / kLeavesInPiece == piece; ++i) {
      char& byte = bits[ByteOf(indices[i])];
      const auto with = static_cast<char>(byte | BitOf(indices[i]));
      changed = changed || with != byte;
      byte = with;
    }
    if (!changed) continue;
    RETURN_IF_ERROR(store.PutMeta(MetaName(partner, piece), bits));
  }
  return absl::OkStatus();
}

absl::StatusOr<MissingLeaves> MissingPeerLeaves(const StateReader& store,
                                                const ParticipantCode& partner,
                                                uint64_t size, size_t limit) {
  MissingLeaves missing;
  for (uint64_t from = 0; from < size; from += kLeavesInPiece) {
    ASSIGN_OR_RETURN(const std::string bits,
                     ReadPiece(store, partner, from / kLeavesInPiece));
    const uint64_t end = std::min(size, from + kLeavesInPiece);
    for (uint64_t index = from; index < end; ++index) {
      if ((bits[ByteOf(index)] & BitOf(index)) != 0) continue;
      ++missing.count;
      if (missing.first.size() < limit) missing.first.push_back(index);
    }
  }
  return missing;
}

absl::Status ForgetPeerLeaves(StateWriter& store,
                              const ParticipantCode& partner, uint64_t size) {
  for (uint64_t from = 0; from < size; from += kLeavesInPiece) {
    RETURN_IF_ERROR(
        store.PutMeta(MetaName(partner, from / kLeavesInPiece), ""));
  }
  return absl::OkStatus();
}

}  // namespace comity
