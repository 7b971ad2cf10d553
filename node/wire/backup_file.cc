#include "node/wire/backup_file.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/base64.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/crypto/hash.h"
#include "node/crypto/passphrase_key.h"
#include "node/domain/participant.h"

namespace comity {
namespace {

constexpr absl::string_view kFirstLine = "comity backup v1\n";
constexpr size_t kPiece = size_t{1} << 20;
constexpr size_t kSealing = 28;  // what Seal adds
constexpr size_t kSaltSize = 16;
constexpr size_t kSignatureSize = 64;
constexpr size_t kMaxLine = 256;
constexpr size_t kMaxPath = 200;
constexpr absl::string_view kMadeFormat = "%Y-%m-%dT%H:%M:%SZ";
constexpr absl::string_view kMore = "m";
constexpr absl::string_view kLast = "l";

absl::Status NoBackup(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("the file is no backup of a node: ", what));
}

absl::Status Damaged(absl::string_view what) {
  return ReasonError(
      ErrorReason::kIntegrityFailure,
      absl::StrCat("the backup is damaged, or the passphrase is not its own: ",
                   what));
}

std::string MadeText(absl::Time made_at) {
  return absl::FormatTime(kMadeFormat, made_at, absl::UTCTimeZone());
}

std::string FormatHead(const BackupHead& head) {
  return absl::StrCat(kFirstLine, "participant: ", head.participant,
                      "\nmade: ", MadeText(head.made_at),
                      "\nsalt: ", absl::Base64Escape(head.salt), "\n\n");
}

std::string Length(size_t size) {
  return {static_cast<char>(size >> 24 & 0xff),
          static_cast<char>(size >> 16 & 0xff),
          static_cast<char>(size >> 8 & 0xff), static_cast<char>(size & 0xff)};
}

// A chain over all pieces in their order, so that none can be moved.
std::string Next(absl::string_view digest, absl::string_view sealed) {
  return Sha256(absl::StrCat(digest, sealed));
}

std::string SignedText(absl::string_view digest) {
  return absl::StrCat(kFirstLine, digest);
}

std::string FormatEntry(const BackupEntry& entry) {
  return absl::StrCat(entry.is_private ? "private " : "public ", entry.size,
                      " ", entry.path, "\n");
}

absl::StatusOr<BackupEntry> ParseEntry(absl::string_view line) {
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  BackupEntry entry;
  if (words.size() != 3 || (words[0] != "private" && words[0] != "public") ||
      !absl::SimpleAtoi(words[1], &entry.size) || !IsBackupPath(words[2])) {
    return Damaged("an entry has no proper name");
  }
  entry.is_private = words[0] == "private";
  entry.path = std::string(words[2]);
  // One spelling for each entry.
  if (FormatEntry(entry) == absl::StrCat(line, "\n")) return entry;
  return Damaged("an entry has no proper size");
}

absl::StatusOr<std::string> ReadLine(std::istream& in, absl::string_view key) {
  std::string line;
  char c = 0;
  while (line.size() < kMaxLine && in.get(c) && c != '\n') line.push_back(c);
  absl::string_view value = line;
  if (c != '\n' || !absl::ConsumePrefix(&value, key)) {
    return NoBackup("it does not begin as one of version 1");
  }
  return std::string(value);
}

}  // namespace

absl::StatusOr<BackupHead> ReadBackupHead(std::istream& in) {
  BackupHead head;
  ASSIGN_OR_RETURN(const std::string first,
                   ReadLine(in, absl::StripSuffix(kFirstLine, "\n")));
  ASSIGN_OR_RETURN(head.participant, ReadLine(in, "participant: "));
  RETURN_IF_ERROR(ParticipantCode::Create(head.participant).status());
  ASSIGN_OR_RETURN(const std::string made, ReadLine(in, "made: "));
  ASSIGN_OR_RETURN(const std::string salt, ReadLine(in, "salt: "));
  ASSIGN_OR_RETURN(const std::string blank, ReadLine(in, ""));
  if (!absl::ParseTime(kMadeFormat, made, &head.made_at, nullptr) ||
      !DecodeBase64(salt, &head.salt) || head.salt.size() != kSaltSize ||
      // A time has one spelling: the head is signed as FormatHead writes it.
      MadeText(head.made_at) != made || !first.empty() || !blank.empty()) {
    return NoBackup("its head does not read");
  }
  return head;
}

namespace {

absl::StatusOr<std::string> ReadExactly(std::istream& in, size_t size) {
  std::string bytes(size, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (static_cast<size_t>(in.gcount()) == size) return bytes;
  return Damaged("it ends too early");
}

// Splits the opened pieces into entries.
class EntrySplitter {
 public:
  explicit EntrySplitter(BackupSink& sink) : sink_(sink) {}

  absl::Status Take(absl::string_view bytes) {
    while (!bytes.empty()) {
      if (left_ > 0) {
        RETURN_IF_ERROR(TakeContent(bytes));
        continue;
      }
      const size_t end = bytes.find('\n');
      absl::StrAppend(&line_, bytes.substr(0, end));
      if (line_.size() > kMaxLine) return Damaged("an entry has no name");
      if (end == absl::string_view::npos) return absl::OkStatus();
      bytes.remove_prefix(end + 1);
      ASSIGN_OR_RETURN(const BackupEntry entry, ParseEntry(line_));
      line_.clear();
      left_ = entry.size;
      RETURN_IF_ERROR(sink_.Begin(entry));
      if (left_ == 0) RETURN_IF_ERROR(sink_.End());
    }
    return absl::OkStatus();
  }

  absl::Status Finish() const {
    if (left_ == 0 && line_.empty()) return absl::OkStatus();
    return Damaged("its last entry is cut");
  }

 private:
  absl::Status TakeContent(absl::string_view& bytes) {
    const size_t count =
        static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
    RETURN_IF_ERROR(sink_.Append(bytes.substr(0, count)));
    bytes.remove_prefix(count);
    left_ -= count;
    return left_ == 0 ? sink_.End() : absl::OkStatus();
  }

  BackupSink& sink_;
  std::string line_;
  uint64_t left_ = 0;
};

}  // namespace

bool IsBackupPath(absl::string_view path) {
  if (path.size() > kMaxPath) return false;
  const std::vector<absl::string_view> names = absl::StrSplit(path, '/');
  return std::all_of(names.begin(), names.end(), [](absl::string_view name) {
    return !name.empty() && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), [](char c) {
             return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                    c == '.' || c == '_' || c == '-';
           });
  });
}

BackupWriter::BackupWriter(std::ostream& out, const BackupHead& head,
                           const SecretBytes& passphrase, RandomSource& random)
    : out_(out),
      random_(random),
      key_(PassphraseKey(passphrase, head.salt)),
      digest_(Sha256(FormatHead(head))) {
  out_ << FormatHead(head);
}

void BackupWriter::Begin(const BackupEntry& entry) {
  Append(FormatEntry(entry));
}

void BackupWriter::Append(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t count = std::min(bytes.size(), kPiece - piece_.size());
    absl::StrAppend(&piece_, bytes.substr(0, count));
    bytes.remove_prefix(count);
    if (piece_.size() == kPiece) SealPiece(false);
  }
}

void BackupWriter::SealPiece(bool last) {
  const std::string sealed =
      Seal(key_, piece_, absl::StrCat(digest_, last ? kLast : kMore), random_);
  out_ << (last ? kLast : kMore) << Length(sealed.size()) << sealed;
  digest_ = Next(digest_, sealed);
  piece_.clear();
}

absl::Status BackupWriter::Finish(const SigningKey& key) {
  SealPiece(true);
  out_ << key.Sign(SignedText(digest_));
  out_.flush();
  if (out_.good()) return absl::OkStatus();
  return ReasonError(ErrorReason::kStoreUnavailable,
                     "the backup cannot be written; look at the free space "
                     "where it goes");
}

absl::StatusOr<OpenedBackup> ReadBackup(std::istream& in,
                                        const SecretBytes& passphrase,
                                        BackupSink& sink) {
  ASSIGN_OR_RETURN(const BackupHead head, ReadBackupHead(in));
  return OpenBackup(in, head, PassphraseKey(passphrase, head.salt), sink);
}

absl::StatusOr<OpenedBackup> OpenBackup(std::istream& in,
                                        const BackupHead& head,
                                        const SecretBytes& key,
                                        BackupSink& sink) {
  OpenedBackup backup;
  backup.head = head;
  backup.digest = Sha256(FormatHead(head));
  EntrySplitter entries(sink);
  bool last = false;
  while (!last) {
    ASSIGN_OR_RETURN(const std::string mark, ReadExactly(in, 1));
    last = mark == kLast;
    if (!last && mark != kMore) return Damaged("a piece has no mark");
    ASSIGN_OR_RETURN(const std::string length, ReadExactly(in, 4));
    size_t size = 0;
    for (const char c : length) size = size << 8 | static_cast<uint8_t>(c);
    if (size > kPiece + kSealing) return Damaged("a piece is too long");
    ASSIGN_OR_RETURN(const std::string sealed, ReadExactly(in, size));
    const auto piece = Open(key, sealed, absl::StrCat(backup.digest, mark));
    if (!piece.ok()) return Damaged("a piece does not open");
    backup.digest = Next(backup.digest, sealed);
    RETURN_IF_ERROR(entries.Take(*piece));
  }
  RETURN_IF_ERROR(entries.Finish());
  ASSIGN_OR_RETURN(backup.signature, ReadExactly(in, kSignatureSize));
  backup.size = static_cast<uint64_t>(in.tellg());
  if (in.peek() != std::istream::traits_type::eof()) {
    return Damaged("more follows its end");
  }
  return backup;
}

absl::Status VerifyBackup(const OpenedBackup& backup, const VerifyKey& key) {
  if (key.Verify(SignedText(backup.digest), backup.signature).ok()) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kIntegrityFailure,
                     "the backup is not signed by the node that it holds");
}

}  // namespace comity
