#include "node/cli/document_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/output_file.h"
#include "node/crypto/hash.h"

namespace comity {
namespace {

constexpr size_t kPiece = kChunkSize * kChunksAtOnce;
constexpr size_t kBegin = 16;  // what tells the format

}  // namespace

absl::StatusOr<DocumentFile> DocumentFile::Open(const std::string& path) {
  DocumentFile file(path);
  // A pipe without a writer would wait for one.
  file.fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.fd_ < 0 || fstat(file.fd_, &file.opened_) != 0) {
    return file.Failed();
  }
  RETURN_IF_ERROR(file.Examine());
  return file;
}

DocumentFile::DocumentFile(DocumentFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      opened_(other.opened_),
      media_(other.media_) {}

DocumentFile::~DocumentFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status DocumentFile::Failed() const {
  return ReasonError(
      errno == ENOENT ? ErrorReason::kNotFound : ErrorReason::kStoreUnavailable,
      absl::StrCat("cannot read ", path_, ": ",
                   std::generic_category().message(errno)));
}

absl::Status DocumentFile::Changed() const {
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat(path_,
                                  " changed while it was read; nothing "
                                  "is kept. Attach it once nobody "
                                  "writes it"));
}

absl::StatusOr<std::string> DocumentFile::ReadAt(uint64_t offset,
                                                 size_t most) const {
  std::string bytes(most, '\0');
  size_t filled = 0;
  while (filled < most) {
    const ssize_t count = pread(fd_, &bytes[filled], most - filled,
                                static_cast<off_t>(offset + filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed();
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

absl::Status DocumentFile::Examine() {
  if (!S_ISREG(opened_.st_mode)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat(path_, " is no file"));
  }
  if (opened_.st_size == 0) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat(path_, " is empty"));
  }
  if (size() > kLargestAttachment) {
    return ReasonError(
        ErrorReason::kMessageTooLarge,
        absl::StrCat(path_, " has ", size(), " bytes; a document has at most ",
                     kLargestAttachment >> 20, " MiB"));
  }
  ASSIGN_OR_RETURN(const std::string begin, ReadAt(0, kBegin));
  media_ = MediaTypeOf(begin);
  if (media_ != MediaType::kUnset) return absl::OkStatus();
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat(path_,
                                  " is no PDF, JPEG or PNG; save it in "
                                  "one of these formats"));
}

absl::StatusOr<std::string> DocumentFile::Read(
    const std::function<absl::Status(uint32_t, std::string)>& take) {
  Sha256Stream digest;
  for (uint64_t done = 0; done < size(); done += kPiece) {
    ASSIGN_OR_RETURN(std::string piece, ReadAt(done, kPiece));
    if (done + piece.size() != size() && piece.size() != kPiece) {
      return Changed();
    }
    digest.Add(piece);
    RETURN_IF_ERROR(
        take(static_cast<uint32_t>(done / kChunkSize), std::move(piece)));
  }
  struct stat now {};
  if (fstat(fd_, &now) != 0) return Failed();
  if (now.st_size != opened_.st_size ||
      now.st_mtim.tv_sec != opened_.st_mtim.tv_sec ||
      now.st_mtim.tv_nsec != opened_.st_mtim.tv_nsec) {
    return Changed();
  }
  return digest.Finish();
}

absl::Status CheckNoFile(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return absl::OkStatus();
  return ReasonError(ErrorReason::kAlreadyExists,
                     absl::StrCat(path, " exists; nothing is overwritten"));
}

absl::Status WriteDocument(
    const std::string& path,
    const std::function<absl::StatusOr<DocumentPiece>(uint32_t)>& next) {
  RETURN_IF_ERROR(CheckNoFile(path));
  OutputFile file(path, Readers::kWriterAlone);
  uint64_t done = 0;
  while (true) {
    ASSIGN_OR_RETURN(const DocumentPiece piece,
                     next(static_cast<uint32_t>(done / kChunkSize)));
    file.stream().write(piece.content.data(),
                        static_cast<std::streamsize>(piece.content.size()));
    done += piece.content.size();
    if (done == piece.size) return file.KeepNew();
    if (piece.content.empty() || done > piece.size) {
      return ReasonError(ErrorReason::kIntegrityFailure,
                         "the document ends before its size says so");
    }
  }
}

}  // namespace comity
