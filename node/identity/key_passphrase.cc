#include "node/identity/key_passphrase.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

namespace fs = std::filesystem;
constexpr size_t kShortest = 12;
constexpr size_t kLongest = 1000;  // OpenSSL reads no more than 1024

absl::StatusOr<SecretBytes> OneLine(const SecretBytes& text,
                                    absl::string_view where) {
  absl::string_view line = text.Expose();
  absl::ConsumeSuffix(&line, "\n");
  if (line.size() < kShortest || line.size() > kLongest ||
      line.find_first_of(absl::string_view("\n\0", 2)) !=
          absl::string_view::npos) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat("the passphrase of the keys ", where,
                                    " must be one line "
                                    "of ",
                                    kShortest, " to ", kLongest,
                                    " bytes: openssl rand -hex 32 makes one"));
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

absl::StatusOr<SecretBytes> Ask(const std::string& question) {
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
  return OneLine(SecretBytes(std::move(typed)), "that was typed");
}

// A passphrase beside the keys would protect nothing, and go into each backup.
absl::Status CheckApart(const std::string& file, const std::string& directory) {
  std::error_code error;
  const std::string keys = fs::weakly_canonical(directory, error).string();
  const std::string place = fs::weakly_canonical(file, error).string();
  if (!absl::StartsWith(file, "/") || absl::StartsWith(place, keys + "/")) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "key_passphrase_file in comityd.conf must be a path "
                       "from the root of the file system, outside of the "
                       "node's directory");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SecretBytes> ReadKeyPassphrase(const std::string& path) {
  ASSIGN_OR_RETURN(const SecretBytes text, ReadPrivateFile(path));
  return OneLine(text, absl::StrCat("in ", path));
}

absl::StatusOr<SecretBytes> AskNewKeyPassphrase() {
  if (!SomebodyIsThere()) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "nobody can be asked for the new passphrase of the "
                       "keys: name a file with it by --passphrase-file");
  }
  ASSIGN_OR_RETURN(SecretBytes first, Ask("New passphrase of the keys: "));
  ASSIGN_OR_RETURN(const SecretBytes second, Ask("Once more: "));
  if (first == second) return first;
  return ReasonError(ErrorReason::kFieldInvalid,
                     "the two passphrases differ; nothing was changed");
}

absl::StatusOr<SecretBytes> FindKeyPassphrase(const std::string& file,
                                              const std::string& directory) {
  // A path alone; systemd made the directory for this unit, so that neither
  // owner nor mode of what is in it say anything.
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials != nullptr) {
    const std::string path = absl::StrCat(credentials, "/", kKeyCredential);
    auto text = ReadPublicFile(path);
    if (text.ok()) {
      return OneLine(SecretBytes(*std::move(text)), absl::StrCat("in ", path));
    }
    if (ReasonOf(text.status()) != ErrorReason::kNotFound) return text.status();
  }
  if (!file.empty()) {
    RETURN_IF_ERROR(CheckApart(file, directory));
    return ReadKeyPassphrase(file);
  }
  if (SomebodyIsThere()) {
    return Ask(absl::StrCat("Passphrase of the keys in ", directory, ": "));
  }
  return ReasonError(
      ErrorReason::kFieldMissing,
      absl::StrCat("the keys in ", directory,
                   " are protected by a passphrase, and nobody gave it: "
                   "LoadCredential=",
                   kKeyCredential,
                   ":FILE in the unit, key_passphrase_file in comityd.conf, "
                   "or a terminal to ask at"));
}

}  // namespace comity
