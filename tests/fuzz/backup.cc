#include <sstream>

#include "absl/strings/str_cat.h"
#include "node/crypto/aead.h"
#include "node/crypto/hash.h"
#include "node/wire/backup_file.h"

namespace {

constexpr absl::string_view kHead =
    "comity backup v1\nparticipant: NG\nmade: 2026-11-30T00:00:00Z\n"
    "salt: AAAAAAAAAAAAAAAAAAAAAA==\n\n";

// Puts the contents together again, and watches that they are what was
// announced.
class Rebuilt : public comity::BackupSink {
 public:
  absl::Status Begin(const comity::BackupEntry& entry) override {
    if (left_ > 0 || open_ || !comity::IsBackupPath(entry.path)) {
      __builtin_trap();
    }
    absl::StrAppend(&contents_, entry.is_private ? "private " : "public ",
                    entry.size, " ", entry.path, "\n");
    left_ = entry.size;
    open_ = true;
    return absl::OkStatus();
  }
  absl::Status Append(absl::string_view bytes) override {
    if (bytes.size() > left_) __builtin_trap();
    absl::StrAppend(&contents_, bytes);
    left_ -= bytes.size();
    return absl::OkStatus();
  }
  absl::Status End() override {
    if (left_ > 0 || !open_) __builtin_trap();
    open_ = false;
    return absl::OkStatus();
  }

  bool IsWhole() const { return !open_; }
  const std::string& contents() const { return contents_; }

 private:
  std::string contents_;
  uint64_t left_ = 0;
  bool open_ = false;
};

struct Keys {
  comity::SystemRandom random;
  comity::SecretBytes sealing{random.Bytes(32)};
  comity::VerifyKey log =
      comity::SigningKey::Generate(comity::KeyAlgorithm::kEd25519).public_key();
};

// A piece as node/wire/BACKUP.md says; `digest` is that of all before it.
std::string Piece(absl::string_view mark, absl::string_view contents,
                  Keys& keys, std::string& digest) {
  const std::string sealed = comity::Seal(
      keys.sealing, contents, absl::StrCat(digest, mark), keys.random);
  digest = comity::Sha256(absl::StrCat(digest, sealed));
  std::string length;
  for (const int shift : {24, 16, 8, 0}) {
    length.push_back(static_cast<char>(sealed.size() >> shift & 0xff));
  }
  return absl::StrCat(mark, length, sealed);
}

}  // namespace

// A file that calls itself a backup, and what would be in one that anybody
// sealed who has the passphrase.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  static auto* keys = new Keys();
  std::istringstream as_it_came{std::string(bytes)};
  const auto head = comity::ReadBackupHead(as_it_came);
  Rebuilt nothing;
  // Nobody sealed it with this key.
  if (head.ok() &&
      comity::OpenBackup(as_it_came, *head, keys->sealing, nothing).ok()) {
    __builtin_trap();
  }
  if (!nothing.contents().empty()) __builtin_trap();

  std::string digest = comity::Sha256(kHead);
  std::string file(kHead);
  file += Piece("m", bytes.substr(0, size / 2), *keys, digest);
  file += Piece("l", bytes.substr(size / 2), *keys, digest);
  file += std::string(64, 's');
  std::istringstream in(file);
  Rebuilt rebuilt;
  const auto known = comity::ReadBackupHead(in);
  if (!known.ok()) __builtin_trap();
  const auto opened = comity::OpenBackup(in, *known, keys->sealing, rebuilt);
  if (!opened.ok()) return 0;
  // One spelling for all contents, and nothing left over.
  if (!rebuilt.IsWhole() || rebuilt.contents() != bytes ||
      opened->size != file.size() || opened->digest != digest) {
    __builtin_trap();
  }
  if (comity::VerifyBackup(*opened, keys->log).ok()) __builtin_trap();
  return 0;
}
