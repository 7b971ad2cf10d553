#pragma once

#include <istream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/crypto/note.h"
#include "node/crypto/verify_keys.h"
#include "node/domain/participant.h"

namespace comity {

// Logs and single entries as text files that anybody can verify who has the
// participant's card (node/audit/FORMAT.md sections 5 and 6). They hold no
// person data unless an entry's opening is put in.

// Who cosigned a log's head, as that participant's card tells.
struct LogWitness {
  ParticipantCode code;
  VerifyKeys witness_keys;
};

// Whose log it is, as the participant's card tells, and who must have cosigned
// its head; nullopt: nobody.
struct LogAuthor {
  ParticipantCode code;
  VerifyKeys log_keys;
  std::optional<LogWitness> witness = std::nullopt;
};

// What a file of a whole log begins with; one FormatLeafLine for each of the
// checkpoint's entries follows.
std::string FormatLogExportHead(absl::string_view checkpoint);
std::string FormatLeafLine(absl::string_view leaf);

// What verifying a file found.
struct LogExportSummary {
  Checkpoint checkpoint;
  std::optional<absl::Time> cosigned;     // by the author's witness
  std::map<std::string, uint64_t> kinds;  // entries of each kind
  absl::Time first = absl::InfiniteFuture();
  absl::Time last = absl::InfinitePast();
};

// Reads a whole log, in memory that does not grow with it. EVIDENCE_INVALID
// says which line is not what its participant signed: a checkpoint of another
// key or participant, or one that its witness did not cosign; entries missing,
// changed, added or out of their order.
absl::StatusOr<LogExportSummary> VerifyLogExport(std::istream& file,
                                                 const LogAuthor& author);

// One entry with the proof that it is in its log.
struct ProvedEntry {
  std::string leaf;
  std::string opening;  // of an entry of the own log; empty: kept back
  std::string proof;    // C2SP tlog-proof
};

std::string FormatProvedEntry(const ProvedEntry& entry);

// What a verified entry says, line by line ("time", "2026-...").
using EntryText = std::vector<std::pair<std::string, std::string>>;

// EVIDENCE_INVALID unless `text` is one entry that `author` logged.
absl::StatusOr<EntryText> VerifyProvedEntry(absl::string_view text,
                                            const LogAuthor& author);

// Whether `text` begins like a file of one entry (else of a whole log).
bool IsProvedEntry(absl::string_view text);

}  // namespace comity
