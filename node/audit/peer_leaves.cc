#include "node/audit/peer_leaves.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr uint64_t kLeavesInPiece = 4096;
constexpr size_t kPieceSize = kLeavesInPiece / 8;

std::string Prefix(const ParticipantCode& partner) {
  return absl::StrCat("peer-leaves/", partner.text(), "/");
}

std::string MetaName(const ParticipantCode& partner, uint64_t piece) {
  return absl::StrCat(Prefix(partner), piece);
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

uint64_t PieceCount(uint64_t size) {
  return size / kLeavesInPiece + (size % kLeavesInPiece == 0 ? 0 : 1);
}

// How many entries of a piece are below `size`.
uint64_t EndIn(uint64_t piece, uint64_t size) {
  return std::min(kLeavesInPiece, size - piece * kLeavesInPiece);
}

uint64_t CountBelow(const std::string& bits, uint64_t end) {
  uint64_t count = 0;
  for (uint64_t at = 0; at < end; ++at) {
    if ((bits[ByteOf(at)] & BitOf(at)) != 0) ++count;
  }
  return count;
}

// The pieces below `size` that are kept: as many as messages came at most,
// however large a partner says that its log is.
absl::StatusOr<std::vector<uint64_t>> PiecesOf(const StateReader& store,
                                               const ParticipantCode& partner,
                                               uint64_t size) {
  const std::string prefix = Prefix(partner);
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   store.ListMeta(prefix));
  std::vector<uint64_t> pieces;
  for (const std::string& name : names) {
    uint64_t piece = 0;
    if (!absl::SimpleAtoi(name.substr(prefix.size()), &piece)) {
      return ReasonError(ErrorReason::kIntegrityFailure,
                         "the name of a value in the store does not read");
    }
    if (piece < PieceCount(size)) pieces.push_back(piece);
  }
  return pieces;
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
  MissingLeaves missing{size, {}};
  ASSIGN_OR_RETURN(const std::vector<uint64_t> kept,
                   PiecesOf(store, partner, size));
  for (const uint64_t piece : kept) {
    ASSIGN_OR_RETURN(const std::string bits, ReadPiece(store, partner, piece));
    missing.count -= CountBelow(bits, EndIn(piece, size));
  }
  // Ends at the latest behind the pieces that are kept.
  for (uint64_t piece = 0; piece < PieceCount(size); ++piece) {
    if (missing.first.size() >= limit) break;
    ASSIGN_OR_RETURN(const std::string bits, ReadPiece(store, partner, piece));
    const uint64_t end = EndIn(piece, size);
    for (uint64_t at = 0; at < end && missing.first.size() < limit; ++at) {
      if ((bits[ByteOf(at)] & BitOf(at)) != 0) continue;
      missing.first.push_back(piece * kLeavesInPiece + at);
    }
  }
  return missing;
}

absl::Status ForgetPeerLeaves(StoreTransaction& store,
                              const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   store.ListMeta(Prefix(partner)));
  for (const std::string& name : names) {
    RETURN_IF_ERROR(store.PutMeta(name, ""));
  }
  return absl::OkStatus();
}

}  // namespace comity
