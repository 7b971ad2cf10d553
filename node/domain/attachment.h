#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "node/domain/vocabulary.h"

namespace comity {

// Documents that go with a case. They are kept, told and fetched in chunks, so
// that a slow line needs no more than one chunk at a time.

inline constexpr uint64_t kChunkSize = uint64_t{16} << 10;
inline constexpr uint64_t kLargestAttachment = uint64_t{20} << 20;
inline constexpr uint32_t kMostChunks = kLargestAttachment / kChunkSize;
// Chunks of one call: 512 KiB, well below what an answer may hold.
inline constexpr uint32_t kChunksAtOnce = 32;
// Documents of one case, and of one dossier at its receiver.
inline constexpr size_t kMostAttachments = 50;

// What a document is, by a closed list: a file's own name may name her. The
// numbers equal those of the wire.
enum class AttachmentKind : uint8_t {
  kUnset = 0,
  kMedicalReport = 1,
  kTravelDocument = 2,
  kIdentityDocument = 3,
  kPhoto = 4,
  kNeedsAssessment = 5,
  kRiskAssessment = 6,
  kSignedConsent = 7,
  kDecision = 8,
  kItinerary = 9,
  kOther = 10,
};

// The format of a document; the numbers equal those of the wire.
enum class MediaType : uint8_t { kUnset = 0, kPdf = 1, kJpeg = 2, kPng = 3 };

// What is known of a document beside its content. Plain value.
struct AttachmentFacts {
  AttachmentKind kind = AttachmentKind::kUnset;
  MediaType media = MediaType::kUnset;
  FieldGroup group = FieldGroup::kUnset;
  bool names_person = true;
  uint64_t size = 0;   // in bytes; 0: not told yet, of one that is fetched
  std::string digest;  // SHA-256 of the content; empty: not known yet
  std::string salt;    // 32 random bytes, from which its offers take theirs

  // The groups that must be granted and consented to for it to be told.
  FieldGroups Groups() const {
    const FieldGroups groups = {group};
    return names_person ? groups.With(FieldGroup::kIdentity) : groups;
  }
};

// Whether a document of that kind says who she is, whatever people say of it.
bool AlwaysNamesPerson(AttachmentKind kind);

// The format that the first bytes of a content say; kUnset for any other.
MediaType MediaTypeOf(absl::string_view begin);

// How many chunks a content of so many bytes has.
uint32_t ChunkCount(uint64_t size);
// How many bytes `count` chunks from `first` on have, of a content of `size`
// bytes; those past its end have none.
uint64_t BytesOfChunks(uint64_t size, uint32_t first, uint32_t count);

}  // namespace comity
