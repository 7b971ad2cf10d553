#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "node/domain/attachment.h"

namespace comity {

// A file that is attached to a case, read piece by piece, and held to what it
// was when it was opened. Its name stays on this side. Used by one thread.
class DocumentFile {
 public:
  // NOT_FOUND or STORE_UNAVAILABLE if it cannot be read, FIELD_INVALID if it is
  // empty, no file, or of no format that is allowed, MESSAGE_TOO_LARGE above 20
  // MiB.
  static absl::StatusOr<DocumentFile> Open(const std::string& path);
  DocumentFile(DocumentFile&& other) noexcept;
  DocumentFile& operator=(DocumentFile&&) = delete;
  DocumentFile(const DocumentFile&) = delete;
  DocumentFile& operator=(const DocumentFile&) = delete;
  ~DocumentFile();

  uint64_t size() const { return static_cast<uint64_t>(opened_.st_size); }
  MediaType media() const { return media_; }

  // Gives each piece, of 512 KiB but for the last one, with the number of its
  // first chunk. Returns the digest of the whole. FIELD_INVALID if the file
  // changed meanwhile.
  absl::StatusOr<std::string> Read(
      const std::function<absl::Status(uint32_t first_chunk,
                                       std::string piece)>& take);

 private:
  explicit DocumentFile(std::string path) : path_(std::move(path)) {}
  absl::Status Failed() const;
  absl::Status Changed() const;
  // As many bytes of the file as there are from `offset` on, at most `most`.
  absl::StatusOr<std::string> ReadAt(uint64_t offset, size_t most) const;
  absl::Status Examine();

  std::string path_;
  int fd_ = -1;
  struct stat opened_ {};
  MediaType media_ = MediaType::kUnset;
};

// Writes a document that comes piece by piece into a new file that its owner
// alone may read. `next` gives the piece that begins at a chunk, and the size
// of the whole. ALREADY_EXISTS if the file is there: nothing is overwritten.
struct DocumentPiece {
  std::string content;
  uint64_t size = 0;
};
absl::Status WriteDocument(
    const std::string& path,
    const std::function<absl::StatusOr<DocumentPiece>(uint32_t first_chunk)>&
        next);

// ALREADY_EXISTS if there is a file of that name.
absl::Status CheckNoFile(const std::string& path);

}  // namespace comity
