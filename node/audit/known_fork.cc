#include "node/audit/known_fork.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/base64.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr const char* kNotesUrl = "comity/fork-notes";

std::string MetaName(absl::string_view log) {
  return absl::StrCat("fork/", log);
}

// Whether the owner of the log itself said that it lost the first note: not
// so, if its log leads from there.
bool IsOwnersWord(const KnownFork& fork) {
  const std::vector<absl::string_view> parts = absl::StrSplit(fork.log, '/');
  return parts.size() > 1 && parts[1] == fork.reporter;
}

// As it is kept: when, by whom, both notes, whether it was told.
std::string Format(const KnownFork& fork) {
  return absl::StrCat(absl::ToUnixSeconds(fork.found), "\n", fork.reporter,
                      "\n", absl::Base64Escape(fork.held), "\n",
                      absl::Base64Escape(fork.shown), "\n",
                      fork.told ? "told" : "");
}

absl::StatusOr<KnownFork> Parse(absl::string_view log, absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  int64_t seconds = 0;
  KnownFork fork;
  fork.log = std::string(log);
  if (lines.size() != 5 || !absl::SimpleAtoi(lines[0], &seconds) ||
      !DecodeBase64(lines[2], &fork.held) ||
      !DecodeBase64(lines[3], &fork.shown)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "evidence of a fork in the store does not read");
  }
  fork.found = absl::FromUnixSeconds(seconds);
  fork.reporter = std::string(lines[1]);
  fork.told = lines[4] == "told";
  return fork;
}

}  // namespace

absl::Status ForkError(absl::string_view held, absl::string_view shown) {
  absl::Status status = ReasonError(
      ErrorReason::kLogForked,
      "the partner's log does not join with what it signed before; both heads "
      "are kept: talk to its administrator");
  status.SetPayload(kNotesUrl,
                    absl::Cord(absl::StrCat(absl::Base64Escape(held), "\n",
                                            absl::Base64Escape(shown))));
  return status;
}

absl::Status KeepForkOf(const absl::Status& status, StoreTransaction& store,
                        absl::Time now) {
  const auto payload = status.GetPayload(kNotesUrl);
  if (!payload.has_value()) return absl::OkStatus();
  const std::string text(*payload);
  const std::vector<absl::string_view> notes = absl::StrSplit(text, '\n');
  KnownFork fork;
  if (notes.size() != 2 || !DecodeBase64(notes[0], &fork.held) ||
      !DecodeBase64(notes[1], &fork.shown)) {
    return absl::OkStatus();
  }
  fork.log = fork.held.substr(0, fork.held.find('\n'));
  fork.found = now;
  fork.reporter = fork.log.substr(fork.log.rfind('/') + 1);
  return KeepFork(store, fork);
}

absl::Status KeepFork(StoreTransaction& store, const KnownFork& fork) {
  ASSIGN_OR_RETURN(const std::string known, store.ReadMeta(MetaName(fork.log)));
  if (!known.empty()) return absl::OkStatus();
  Log(LogLevel::kError, "fork_kept",
      {LogField::Public("log", fork.log),
       LogField::Public("reporter", fork.reporter)});
  return store.PutMeta(MetaName(fork.log), Format(fork));
}

absl::StatusOr<KnownFork> ReadFork(const StateReader& store,
                                   absl::string_view log) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(MetaName(log)));
  if (text.empty()) return KnownFork();
  return Parse(log, text);
}

absl::Status MarkForkTold(StoreTransaction& store, absl::string_view log) {
  ASSIGN_OR_RETURN(KnownFork fork, ReadFork(store, log));
  if (fork.log.empty() || fork.told) return absl::OkStatus();
  fork.told = true;
  return store.PutMeta(MetaName(log), Format(fork));
}

absl::Status SettleFork(StoreTransaction& store, absl::string_view log,
                        absl::Time now) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(MetaName(log)));
  if (text.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(store.PutMeta(
      absl::StrCat("settled-fork/", log, "/", absl::ToUnixMicros(now)), text));
  return store.PutMeta(MetaName(log), "");
}

absl::Status DropForkIfJoined(StoreTransaction& store, absl::string_view log,
                              const std::set<uint64_t>& sizes) {
  ASSIGN_OR_RETURN(const KnownFork fork, ReadFork(store, log));
  if (fork.log.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const uint64_t held, SizeOfNote(fork.held));
  if (!sizes.contains(held)) return absl::OkStatus();
  uint64_t shown = 0;
  if (!fork.shown.empty()) {
    ASSIGN_OR_RETURN(shown, SizeOfNote(fork.shown));
  }
  // Two roots for one size never join.
  const bool joined =
      held != shown && (IsOwnersWord(fork) || sizes.contains(shown));
  return joined ? store.PutMeta(MetaName(log), "") : absl::OkStatus();
}

absl::StatusOr<uint64_t> SizeOfNote(absl::string_view note) {
  const std::vector<absl::string_view> lines = absl::StrSplit(note, '\n');
  uint64_t size = 0;
  if (lines.size() < 2 || !absl::SimpleAtoi(lines[1], &size)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a head kept in the store does not read");
  }
  return size;
}

}  // namespace comity
