#include "node/domain/attachment.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace comity {

bool AlwaysNamesPerson(AttachmentKind kind) {
  return kind == AttachmentKind::kTravelDocument ||
         kind == AttachmentKind::kIdentityDocument ||
         kind == AttachmentKind::kPhoto ||
         kind == AttachmentKind::kSignedConsent;
}

MediaType MediaTypeOf(absl::string_view begin) {
  if (absl::StartsWith(begin, "%PDF-")) return MediaType::kPdf;
  if (absl::StartsWith(begin, "\xff\xd8\xff")) return MediaType::kJpeg;
  if (absl::StartsWith(begin, "\x89PNG\r\n\x1a\n")) return MediaType::kPng;
  return MediaType::kUnset;
}

uint32_t ChunkCount(uint64_t size) {
  return static_cast<uint32_t>((size + kChunkSize - 1) / kChunkSize);
}

uint64_t BytesOfChunks(uint64_t size, uint32_t first, uint32_t count) {
  const uint64_t begin = std::min(size, first * kChunkSize);
  return std::min(size, (uint64_t{first} + count) * kChunkSize) - begin;
}

}  // namespace comity
