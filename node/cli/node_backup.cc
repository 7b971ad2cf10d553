#include "node/cli/node_backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "node/audit/log_verifier.h"
#include "node/audit/restore_mark.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/node_reading.h"
#include "node/cli/open_keys.h"
#include "node/cli/restored_files.h"
#include "node/identity/node_layout.h"
#include "node/identity/own_keys.h"
#include "node/identity/private_file.h"
#include "node/store/open_store.h"
#include "node/store/store_copy.h"
#include "node/wire/backup_file.h"
#include "node/wire/card_file.h"
#include "node/wire/config_file.h"

namespace comity {
namespace {

namespace fs = std::filesystem;
constexpr size_t kMinPassphrase = 12;
constexpr size_t kReadAtOnce = size_t{1} << 20;
constexpr const char* kStorePath = "data/store.db";

// What is kept of a node's directory, the store aside: paths below it.
absl::StatusOr<std::vector<std::string>> FilesOf(const NodeLayout& layout) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(layout.directory, error);
       !error && at != fs::end(at); at.increment(error)) {
    const std::string path = at->path().string();
    const std::string name = path.substr(layout.directory.size() + 1);
    if (path == layout.Data() || path == layout.Run()) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file() && !absl::EndsWith(name, ".new")) {
      if (!IsBackupPath(name)) {
        return ReasonError(ErrorReason::kFieldInvalid,
                           absl::StrCat("the file ", path,
                                        " cannot be backed up under its name: "
                                        "rename it, or move it elsewhere"));
      }
      names.push_back(name);
    }
  }
  if (error) return CannotRead(layout.directory);
  return names;
}

absl::Status AddFile(const std::string& path, const std::string& name,
                     BackupWriter& writer) {
  struct stat info {};
  std::ifstream file(path, std::ios::binary);
  if (!file || stat(path.c_str(), &info) != 0) return CannotRead(path);
  auto left = static_cast<uint64_t>(info.st_size);
  writer.Begin({name, left, (info.st_mode & 0077) == 0});
  std::string bytes(kReadAtOnce, '\0');
  while (left > 0) {
    file.read(bytes.data(), static_cast<std::streamsize>(
                                std::min<uint64_t>(left, bytes.size())));
    const auto count = static_cast<uint64_t>(file.gcount());
    // It was cut meanwhile.
    if (count == 0) return CannotRead(path);
    writer.Append(absl::string_view(bytes.data(), count));
    left -= count;
  }
  return absl::OkStatus();
}

// INTEGRITY_FAILURE if they are not those on the card.
absl::StatusOr<OwnKeys> SignersOf(const KeyFiles& files,
                                  const ParticipantCard& card) {
  auto keys = ReadOwnKeys(files, card);
  if (ReasonOf(keys.status()) != ErrorReason::kFieldInvalid) return keys;
  return ReasonError(ErrorReason::kIntegrityFailure, keys.status().message());
}

absl::Status WriteBackup(const NodeLayout& layout, const StoreCopy& copy,
                         const ParticipantCard& card, const KeyFiles& keys,
                         const SecretBytes& passphrase, absl::Time now,
                         RandomSource& random, std::ostream& out) {
  ASSIGN_OR_RETURN(const OwnKeys signers, SignersOf(keys, card));
  BackupWriter writer(out, {card.code.text(), now, random.Bytes(16)},
                      passphrase, random);
  ASSIGN_OR_RETURN(const std::vector<std::string> names, FilesOf(layout));
  for (const std::string& name : names) {
    RETURN_IF_ERROR(AddFile(layout.directory + "/" + name, name, writer));
  }
  RETURN_IF_ERROR(AddFile(copy.path(), kStorePath, writer));
  return writer.Finish(signers.log);
}

// Opens a store that nobody serves and recomputes every log of its own. Whoever
// serves it will know that it was restored.
absl::Status CheckAndMark(const KeyFiles& keys, const ParticipantCard& card,
                          RandomSource& random, BackupReport& report) {
  const NodeLayout& layout = keys.layout();
  RETURN_IF_ERROR(SignersOf(keys, card).status());
  RETURN_IF_ERROR(CheckStore(layout.StoreFile()));
  ASSIGN_OR_RETURN(const SecretBytes store_key,
                   keys.ReadSecret(layout.StoreKey()));
  ASSIGN_OR_RETURN(const auto store,
                   OpenStore(layout.StoreFile(), store_key, random));
  ASSIGN_OR_RETURN(const std::vector<std::string> logs, store->ListLogs());
  for (const std::string& log : logs) {
    ASSIGN_OR_RETURN(const LogVerdict verdict,
                     VerifyLog(*store, log, card.LogKeys()));
    RETURN_IF_ERROR(verdict.status);
    report.entries += verdict.size;
  }
  report.logs = logs.size();
  return MarkRestored(*store, report.made_at);
}

// The keys that a backup brought, whose configuration still waits; `known` are
// those that it was made of, if they are at hand.
absl::StatusOr<KeyFiles> KeysOf(const NodeLayout& layout,
                                const RestoredFiles& files,
                                const KeyFiles* known) {
  if (known != nullptr) return known->At(layout);
  ASSIGN_OR_RETURN(const NodeConfig config, ParseConfig(files.waiting()));
  return KeyFiles::Open(layout, config.key_passphrase_file,
                        config.token_pin_file);
}

// Opens the file into `directory` and checks all that is in it; its
// configuration comes last, so that a directory with one is complete.
absl::StatusOr<BackupReport> OpenInto(const std::string& path,
                                      const std::string& directory,
                                      const SecretBytes& passphrase,
                                      const std::string& card_file,
                                      const KeyFiles* known,
                                      RandomSource& random) {
  const NodeLayout layout{directory};
  std::ifstream in(path, std::ios::binary);
  std::error_code error;
  const uintmax_t bytes = fs::file_size(path, error);
  if (!in || error) return CannotRead(path);
  RestoredFiles files(directory, fs::path(layout.Config()).filename());
  ASSIGN_OR_RETURN(const OpenedBackup backup,
                   ReadBackup(in, passphrase, files));
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(layout.Card()));
  ASSIGN_OR_RETURN(const ParticipantCard card, ParseCard(text));
  RETURN_IF_ERROR(VerifyBackup(backup, card.log_key));
  if (!card_file.empty()) {
    ASSIGN_OR_RETURN(const ParticipantCard maker, ReadCard(card_file));
    RETURN_IF_ERROR(ByAnyKey(maker.LogKeys(), [&](const VerifyKey& key) {
      return VerifyBackup(backup, key);
    }));
  }
  BackupReport report{backup.head.participant,
                      CardFingerprint(text),
                      backup.head.made_at,
                      bytes,
                      files.count(),
                      0,
                      0};
  ASSIGN_OR_RETURN(const KeyFiles keys, KeysOf(layout, files, known));
  RETURN_IF_ERROR(CheckAndMark(keys, card, random, report));
  RETURN_IF_ERROR(files.Complete());
  return report;
}

absl::Status CheckPlace(const NodeLayout& layout, const std::string& path) {
  RETURN_IF_ERROR(CheckReplaceable(path));
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  if (error) return CannotRead(path);
  const fs::path place = fs::weakly_canonical(whole, error);
  if (!absl::StartsWith(place.string(), layout.directory + "/")) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "a backup does not belong into the directory that it is "
                     "of; name another place, best on another disk");
}

// So that a power cut does not take what was called written.
absl::Status Sync(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) close(fd);
  if (synced) return absl::OkStatus();
  return ReasonError(ErrorReason::kStoreUnavailable,
                     absl::StrCat("cannot write ", path));
}

absl::StatusOr<BackupReport> WriteAndCheck(const NodeLayout& layout,
                                           const ParticipantCard& card,
                                           const std::string& part,
                                           const SecretBytes& passphrase,
                                           absl::Time now,
                                           RandomSource& random) {
  ASSIGN_OR_RETURN(const KeyFiles keys, OpenKeys(layout));
  ASSIGN_OR_RETURN(const auto copy, StoreCopy::Make(layout.StoreFile()));
  // Made anew and empty: what stood there may be open to others.
  std::remove(part.c_str());
  RETURN_IF_ERROR(WritePrivateFile(part, ""));
  std::ofstream out(part, std::ios::binary);
  const absl::Status written =
      WriteBackup(layout, *copy, card, keys, passphrase, now, random, out);
  // If the copy went, that is why.
  if (!written.ok()) RETURN_IF_ERROR(copy->StillThere());
  RETURN_IF_ERROR(written);
  out.close();
  RETURN_IF_ERROR(Sync(part));
  ASSIGN_OR_RETURN(
      BackupReport report,
      OpenInto(part, copy->Scratch(), passphrase, "", &keys, random));
  RETURN_IF_ERROR(copy->StillThere());
  return report;
}

}  // namespace

absl::StatusOr<SecretBytes> ReadPassphrase(const std::string& path) {
  ASSIGN_OR_RETURN(const SecretBytes text, ReadPrivateFile(path));
  absl::string_view line = text.Expose();
  while (absl::ConsumeSuffix(&line, "\n")) continue;
  if (line.size() >= kMinPassphrase) return SecretBytes(std::string(line));
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("the passphrase in ", path, " is shorter than ",
                   kMinPassphrase, " bytes: openssl rand -hex 32 makes one"));
}

absl::StatusOr<BackupReport> BackUpNode(const std::string& directory,
                                        const std::string& path,
                                        const SecretBytes& passphrase,
                                        absl::Time now, RandomSource& random) {
  std::error_code error;
  const NodeLayout layout{fs::canonical(directory, error).string()};
  if (error) return CannotRead(directory);
  ASSIGN_OR_RETURN(const ParticipantCard card, ReadCard(layout.Card()));
  RETURN_IF_ERROR(CheckPlace(layout, path));
  const std::string part = path + ".part";
  auto report = WriteAndCheck(layout, card, part, passphrase, now, random);
  if (!report.ok()) {
    std::remove(part.c_str());
    return report;
  }
  if (std::rename(part.c_str(), path.c_str()) != 0) {
    return ReasonError(ErrorReason::kStoreUnavailable,
                       absl::StrCat("cannot write ", path));
  }
  const std::string parent = fs::path(path).parent_path().string();
  RETURN_IF_ERROR(Sync(parent.empty() ? "." : parent));
  return report;
}

absl::StatusOr<BackupReport> RestoreNode(const std::string& path,
                                         const std::string& directory,
                                         const SecretBytes& passphrase,
                                         const std::string& card,
                                         RandomSource& random) {
  std::error_code error;
  if (fs::exists(directory, error) && !fs::is_empty(directory, error)) {
    return ReasonError(ErrorReason::kAlreadyExists,
                       absl::StrCat(directory,
                                    " is not empty; restore into a directory "
                                    "that is, or is not there"));
  }
  auto report = OpenInto(path, directory, passphrase, card, nullptr, random);
  if (!report.ok()) fs::remove_all(directory, error);
  return report;
}

}  // namespace comity
