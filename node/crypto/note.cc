#include "node/crypto/note.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/base64.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"

namespace comity {
namespace {

constexpr const char* kSignaturePrefix = "\u2014 ";  // em dash, space
constexpr const char* kProofHeader = "c2sp.org/tlog-proof@v1";
constexpr char kEd25519Type = 0x01;
constexpr char kCosignatureType = 0x04;
constexpr size_t kTimeSize = 8;
constexpr uint64_t kLastSecond = 253402300799;
constexpr size_t kMaxNoteSize = size_t{64} * 1024;
constexpr size_t kHashSize = 32;
constexpr size_t kHashLineSize = 45;  // base64 with its line feed
constexpr size_t kMaxProofHashes = 63;

absl::Status Malformed(absl::string_view what) {
  return ReasonError(ErrorReason::kEvidenceInvalid,
                     absl::StrCat("the signed note ", what));
}

// First four bytes of SHA-256(name, LF, type, key).
std::string KeyId(absl::string_view name, absl::string_view typed_key) {
  return Sha256(absl::StrCat(name, "\n", typed_key)).substr(0, 4);
}

std::string TypedKey(const VerifyKey& key, char type = kEd25519Type) {
  return absl::StrCat(std::string(1, type), key.Ed25519Bytes());
}

// What a cosignature signs of a note's text.
std::string CosignedText(uint64_t seconds, absl::string_view text) {
  return absl::StrCat("cosignature/v1\ntime ", seconds, "\n", text);
}

std::string BigEndian(uint64_t value) {
  std::string bytes(kTimeSize, '\0');
  for (size_t i = kTimeSize; i-- > 0; value >>= 8) {
    bytes[i] = static_cast<char>(value & 0xff);
  }
  return bytes;
}

uint64_t ReadBigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

// A decimal number in the one spelling the formats allow.
bool ParseDecimal(absl::string_view text, uint64_t* value) {
  return absl::SimpleAtoi(text, value) && absl::StrCat(*value) == text;
}

// Base64 of exactly 32 bytes.
bool ParseHash(absl::string_view text, std::string* hash) {
  return DecodeBase64(text, hash) && hash->size() == kHashSize;
}

bool IsPlainText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\n' || byte >= 0x20;
  });
}

// Whether `line` is a signature of the named key; its bytes go to `signature`.
absl::StatusOr<bool> ReadSignature(absl::string_view line,
                                   absl::string_view name,
                                   absl::string_view key_id,
                                   std::string* signature) {
  if (!absl::ConsumePrefix(&line, kSignaturePrefix)) {
    return Malformed("has a line among its signatures that is none");
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
  std::string blob;
  if (parts.size() != 2 || parts[0].empty() || !DecodeBase64(parts[1], &blob) ||
      blob.size() < 5) {
    return Malformed("has a signature line that does not parse");
  }
  if (parts[0] != name || blob.substr(0, 4) != key_id) return false;
  *signature = blob.substr(4);
  return true;
}

// A note's text, and its lines of signatures without the last line feed.
struct SplitNote {
  absl::string_view text;
  absl::string_view signatures;
};

absl::StatusOr<SplitNote> Split(absl::string_view note) {
  if (note.size() > kMaxNoteSize) return Malformed("is longer than 64 KiB");
  if (!IsPlainText(note)) return Malformed("holds control characters");
  const size_t split = note.rfind("\n\n");
  if (split == absl::string_view::npos || !absl::EndsWith(note, "\n")) {
    return Malformed("has no signatures");
  }
  absl::string_view signatures = note.substr(split + 2);
  absl::ConsumeSuffix(&signatures, "\n");
  return SplitNote{note.substr(0, split + 1), signatures};
}

// The signatures of one key, without its id; each line must parse.
absl::StatusOr<std::vector<std::string>> SignaturesOf(
    const SplitNote& note, absl::string_view name, absl::string_view key_id) {
  std::vector<std::string> found;
  for (const absl::string_view line : absl::StrSplit(note.signatures, '\n')) {
    std::string signature;
    ASSIGN_OR_RETURN(const bool known,
                     ReadSignature(line, name, key_id, &signature));
    if (known) found.push_back(std::move(signature));
  }
  return found;
}

}  // namespace

std::string SignCheckpoint(const Checkpoint& checkpoint,
                           const SigningKey& key) {
  const std::string body =
      absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n",
                   absl::Base64Escape(checkpoint.root), "\n");
  const std::string id = KeyId(checkpoint.origin, TypedKey(key.public_key()));
  return absl::StrCat(body, "\n", kSignaturePrefix, checkpoint.origin, " ",
                      absl::Base64Escape(absl::StrCat(id, key.Sign(body))),
                      "\n");
}

std::string AlsoSign(absl::string_view note, absl::string_view origin,
                     const SigningKey& key) {
  const absl::string_view body = note.substr(0, note.rfind("\n\n") + 1);
  const std::string id = KeyId(origin, TypedKey(key.public_key()));
  return absl::StrCat(note, kSignaturePrefix, origin, " ",
                      absl::Base64Escape(absl::StrCat(id, key.Sign(body))),
                      "\n");
}

std::string VerifierKeyText(absl::string_view name, const VerifyKey& key) {
  const std::string typed = TypedKey(key);
  return absl::StrCat(name, "+", absl::BytesToHexString(KeyId(name, typed)),
                      "+", absl::Base64Escape(typed));
}

absl::StatusOr<std::string> OpenNote(absl::string_view note,
                                     absl::string_view key_name,
                                     const VerifyKey& key) {
  ASSIGN_OR_RETURN(const SplitNote parts, Split(note));
  ASSIGN_OR_RETURN(
      const std::vector<std::string> signatures,
      SignaturesOf(parts, key_name, KeyId(key_name, TypedKey(key))));
  if (signatures.empty()) return Malformed("is not signed by the expected key");
  for (const std::string& signature : signatures) {
    RETURN_IF_ERROR(key.Verify(parts.text, signature));
  }
  return std::string(parts.text);
}

std::string Cosign(absl::string_view note, absl::string_view witness,
                   absl::Time time, const SigningKey& key) {
  const absl::string_view text = note.substr(0, note.rfind("\n\n") + 1);
  const auto seconds = static_cast<uint64_t>(absl::ToUnixSeconds(time));
  const std::string id =
      KeyId(witness, TypedKey(key.public_key(), kCosignatureType));
  return absl::StrCat(
      note, kSignaturePrefix, witness, " ",
      absl::Base64Escape(absl::StrCat(id, BigEndian(seconds),
                                      key.Sign(CosignedText(seconds, text)))),
      "\n");
}

absl::StatusOr<std::optional<absl::Time>> CosignedAt(absl::string_view note,
                                                     absl::string_view witness,
                                                     const VerifyKey& key) {
  ASSIGN_OR_RETURN(const SplitNote parts, Split(note));
  ASSIGN_OR_RETURN(
      const std::vector<std::string> signatures,
      SignaturesOf(parts, witness,
                   KeyId(witness, TypedKey(key, kCosignatureType))));
  std::optional<absl::Time> newest;
  for (const absl::string_view signature : signatures) {
    if (signature.size() <= kTimeSize) return Malformed("has no time");
    const uint64_t seconds = ReadBigEndian(signature.substr(0, kTimeSize));
    // Year 9999, so that every arithmetic on times stays in range.
    if (seconds > kLastSecond) return Malformed("has an impossible time");
    RETURN_IF_ERROR(key.Verify(CosignedText(seconds, parts.text),
                               signature.substr(kTimeSize)));
    const absl::Time time =
        absl::FromUnixSeconds(static_cast<int64_t>(seconds));
    if (!newest.has_value() || time > *newest) newest = time;
  }
  return newest;
}

absl::StatusOr<Checkpoint> OpenCheckpoint(absl::string_view note,
                                          absl::string_view origin,
                                          const VerifyKey& key) {
  ASSIGN_OR_RETURN(const std::string text, OpenNote(note, origin, key));
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  Checkpoint checkpoint;
  // Origin, size, root, and the empty piece behind the last line feed: lines
  // that nobody reads would be a second spelling.
  if (lines.size() != 4 || lines[0] != origin) {
    return Malformed("is not a checkpoint of the expected log");
  }
  checkpoint.origin = std::string(lines[0]);
  if (!ParseDecimal(lines[1], &checkpoint.size) ||
      !ParseHash(lines[2], &checkpoint.root)) {
    return Malformed("has a size or root that does not parse");
  }
  return checkpoint;
}

absl::StatusOr<Checkpoint> OpenCheckpoint(absl::string_view note,
                                          absl::string_view origin,
                                          const VerifyKeys& keys) {
  return ByAnyKey(keys, [&](const VerifyKey& key) {
    return OpenCheckpoint(note, origin, key);
  });
}

absl::StatusOr<std::optional<absl::Time>> CosignedAt(absl::string_view note,
                                                     absl::string_view witness,
                                                     const VerifyKeys& keys) {
  for (const VerifyKey& key : keys) {
    ASSIGN_OR_RETURN(const std::optional<absl::Time> at,
                     CosignedAt(note, witness, key));
    if (at.has_value()) return at;
  }
  return std::optional<absl::Time>();
}

std::string FormatLogProof(const LogProof& proof) {
  std::string text = absl::StrCat(kProofHeader, "\nindex ", proof.index, "\n");
  text.reserve(text.size() + proof.hashes.size() * kHashLineSize + 1 +
               proof.checkpoint.size());
  std::string line;
  for (const std::string& hash : proof.hashes) {
    absl::Base64Escape(hash, &line);
    absl::StrAppend(&text, line, "\n");
  }
  absl::StrAppend(&text, "\n", proof.checkpoint);
  return text;
}

absl::StatusOr<LogProof> ParseLogProof(absl::string_view text) {
  const auto malformed = [] {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the log proof is not a tlog-proof text");
  };
  const size_t split = text.find("\n\n");
  if (split == absl::string_view::npos) return malformed();
  LogProof proof;
  proof.checkpoint = std::string(text.substr(split + 2));
  const std::vector<absl::string_view> lines =
      absl::StrSplit(text.substr(0, split), '\n');
  if (lines.size() < 2 || lines.size() > kMaxProofHashes + 2 ||
      lines[0] != kProofHeader) {
    return malformed();
  }
  absl::string_view index = lines[1];
  if (!absl::ConsumePrefix(&index, "index ") ||
      !ParseDecimal(index, &proof.index)) {
    return malformed();
  }
  proof.hashes.reserve(lines.size() - 2);
  for (size_t i = 2; i < lines.size(); ++i) {
    std::string hash;
    if (!ParseHash(lines[i], &hash)) return malformed();
    proof.hashes.push_back(std::move(hash));
  }
  return proof;
}

}  // namespace comity
