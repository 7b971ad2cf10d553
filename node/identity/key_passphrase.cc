#include "node/identity/key_passphrase.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

namespace fs = std::filesystem;

// What a person knows and a process must be given.
struct Secret {
  const char* credential;  // its name at systemd
  const char* setting;     // of comityd.conf, which names a file
  const char* name;
  size_t shortest;
  size_t longest;
};
// OpenSSL reads a passphrase of no more than 1024 bytes.
constexpr Secret kPassphrase = {kKeyCredential, "key_passphrase_file",
                                "passphrase of the keys", 12, 1000};
constexpr Secret kPin = {kPinCredential, "token_pin_file", "PIN of the token",
                         4, 255};

absl::StatusOr<SecretBytes> OneLine(const Secret& secret,
                                    const SecretBytes& text,
                                    absl::string_view where) {
  absl::string_view line = text.Expose();
  absl::ConsumeSuffix(&line, "\n");
  if (line.size() < secret.shortest || line.size() > secret.longest ||
      line.find_first_of(absl::string_view("\n\0", 2)) !=
          absl::string_view::npos) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("the ", secret.name, " ", where, " must be one line of ",
                     secret.shortest, " to ", secret.longest, " bytes"));
  }
  return SecretBytes(std::string(line));
}

// Keeps what is typed off the screen while it lives.
class WithoutEcho {
 public:
  WithoutEcho() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet) == 0;
  }
  ~WithoutEcho() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    fputc('\n', stderr);
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

bool SomebodyIsThere() {
  return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

absl::StatusOr<SecretBytes> Ask(const Secret& secret,
                                const std::string& question) {
  std::string typed;
  {
    // First, so that nothing is shown of who types at once.
    const WithoutEcho quiet;
    fputs(question.c_str(), stderr);
    char letter = 0;
    while (read(STDIN_FILENO, &letter, 1) == 1 && letter != '\n') {
      typed.push_back(letter);
    }
  }
  return OneLine(secret, SecretBytes(std::move(typed)), "that was typed");
}

// A passphrase beside the keys would protect nothing, and go into each backup.
absl::Status CheckApart(const Secret& secret, const std::string& file,
                        const std::string& directory) {
  std::error_code error;
  const std::string keys = fs::weakly_canonical(directory, error).string();
  const std::string place = fs::weakly_canonical(file, error).string();
  if (absl::StartsWith(file, "/") && !absl::StartsWith(place, keys + "/")) {
    return absl::OkStatus();
  }
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat(secret.setting,
                   " in comityd.conf must be a path from the root of the file "
                   "system, outside of the node's directory"));
}

absl::StatusOr<SecretBytes> ReadFile(const Secret& secret,
                                     const std::string& path) {
  ASSIGN_OR_RETURN(const SecretBytes text, ReadPrivateFile(path));
  return OneLine(secret, text, absl::StrCat("in ", path));
}

absl::StatusOr<SecretBytes> Find(const Secret& secret, const std::string& file,
                                 const std::string& directory) {
  // A path alone; systemd made the directory for this unit, so that neither
  // owner nor mode of what is in it say anything.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets variables here
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials != nullptr) {
    const std::string path = absl::StrCat(credentials, "/", secret.credential);
    auto text = ReadPublicFile(path);
    if (text.ok()) {
      return OneLine(secret, SecretBytes(*std::move(text)),
                     absl::StrCat("in ", path));
    }
    if (ReasonOf(text.status()) != ErrorReason::kNotFound) return text.status();
  }
  if (!file.empty()) {
    RETURN_IF_ERROR(CheckApart(secret, file, directory));
    return ReadFile(secret, file);
  }
  if (SomebodyIsThere()) {
    return Ask(
        secret,
        absl::StrCat(
            absl::AsciiStrToUpper(absl::string_view(secret.name).substr(0, 1)),
            absl::string_view(secret.name).substr(1), " in ", directory, ": "));
  }
  return ReasonError(
      ErrorReason::kFieldMissing,
      absl::StrCat("the keys in ", directory, " need the ", secret.name,
                   ", and nobody gave it: LoadCredential=", secret.credential,
                   ":FILE in the unit, ", secret.setting,
                   " in comityd.conf, or a terminal to ask at"));
}

}  // namespace

absl::StatusOr<SecretBytes> ReadKeyPassphrase(const std::string& path) {
  return ReadFile(kPassphrase, path);
}

absl::StatusOr<SecretBytes> ReadTokenPin(const std::string& path) {
  return ReadFile(kPin, path);
}

absl::StatusOr<SecretBytes> AskNewKeyPassphrase() {
  if (!SomebodyIsThere()) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "nobody can be asked for the new passphrase of the "
                       "keys: name a file with it by --passphrase-file");
  }
  ASSIGN_OR_RETURN(SecretBytes first,
                   Ask(kPassphrase, "New passphrase of the keys: "));
  ASSIGN_OR_RETURN(const SecretBytes second, Ask(kPassphrase, "Once more: "));
  if (first == second) return first;
  return ReasonError(ErrorReason::kFieldInvalid,
                     "the two passphrases differ; nothing was changed");
}

absl::StatusOr<SecretBytes> FindKeyPassphrase(const std::string& file,
                                              const std::string& directory) {
  return Find(kPassphrase, file, directory);
}

absl::StatusOr<SecretBytes> TokenPin::Get() {
  absl::MutexLock lock(&mutex_);
  if (known_.empty()) {
    ASSIGN_OR_RETURN(known_, Find(kPin, file_, directory_));
  }
  return known_.Clone();
}

}  // namespace comity
