#include "node/wire/log_export.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/base64.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/merkle.h"
#include "node/wire/message_leaf.h"
#include "node/wire/own_leaf.h"

namespace comity {
namespace {

constexpr absl::string_view kLogHeader = "comity-log@v1";
constexpr absl::string_view kEntryHeader = "comity-log-entry@v1";
constexpr absl::string_view kOpening = "opening ";
constexpr size_t kMaxNoteLines = 64;
// A note has 64 KiB, and a leaf some hundred bytes.
constexpr size_t kLongestLine = size_t{128} * 1024;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kEvidenceInvalid, what);
}

absl::StatusOr<std::string> ParseBase64(absl::string_view text) {
  std::string bytes;
  if (!DecodeBase64(text, &bytes)) return Invalid("is not base64");
  return bytes;
}

struct OpenedHead {
  Checkpoint checkpoint;
  std::optional<absl::Time> cosigned;
};

// When the author's witness cosigned the note; nullopt if nobody had to.
absl::StatusOr<std::optional<absl::Time>> WitnessedAt(
    absl::string_view note, const std::optional<LogWitness>& witness) {
  if (!witness.has_value()) return std::optional<absl::Time>();
  ASSIGN_OR_RETURN(
      const std::optional<absl::Time> at,
      CosignedAt(note, WitnessKeyName(witness->code), witness->witness_keys));
  if (at.has_value()) return at;
  return Invalid(
      absl::StrCat(witness->code.text(), " did not cosign the head"));
}

// The checkpoint of any log that the author signs.
absl::StatusOr<OpenedHead> OpenHead(absl::string_view note,
                                    const LogAuthor& author) {
  const absl::string_view origin = note.substr(0, note.find('\n'));
  const std::string own = OwnLogOrigin(author.code);
  if (origin != own && !absl::StartsWith(origin, own + "/")) {
    return Invalid(absl::StrCat("the log is not one of ", author.code.text()));
  }
  OpenedHead head;
  ASSIGN_OR_RETURN(head.checkpoint,
                   OpenCheckpoint(note, origin, author.log_keys));
  ASSIGN_OR_RETURN(head.cosigned, WitnessedAt(note, author.witness));
  return head;
}

// An entry of the partner log `origin`.
absl::StatusOr<MessageLeaf> OpenMessageEntry(absl::string_view origin,
                                             absl::string_view leaf) {
  ASSIGN_OR_RETURN(MessageLeaf entry, ParseMessageLeaf(leaf));
  if (PartnerLogOrigin(entry.sender, entry.receiver) == origin) return entry;
  return Invalid("the entry belongs to another log");
}

struct EntryKind {
  std::string name;
  absl::Time time;
};

absl::StatusOr<EntryKind> KindOf(absl::string_view origin,
                                 const LogAuthor& author,
                                 absl::string_view leaf) {
  if (origin == OwnLogOrigin(author.code)) {
    ASSIGN_OR_RETURN(const OwnEntry entry, OpenOwnEntry(leaf, ""));
    return EntryKind{std::string(Name(entry.kind)), entry.time};
  }
  ASSIGN_OR_RETURN(const MessageLeaf entry, OpenMessageEntry(origin, leaf));
  return EntryKind{std::string(Name(entry.kind)), entry.time};
}

// Counts the lines it reads, for messages. A file may be anybody's: of a line
// that does not end no more is read than the longest one has.
class LineReader {
 public:
  explicit LineReader(std::istream& file)
      : file_(file), buffer_(kLongestLine, '\0') {}

  bool Next(std::string& line) {
    if (!file_.getline(buffer_.data(),
                       static_cast<std::streamsize>(buffer_.size()))) {
      return false;
    }
    // With its line feed, which is not put into the buffer.
    line.assign(buffer_.data(), static_cast<size_t>(file_.gcount()) - 1);
    ++number_;
    return !file_.eof();  // a last line without its line feed was cut
  }
  bool AtEnd() { return file_.peek() == std::istream::traits_type::eof(); }
  absl::Status Fails(absl::string_view what) const {
    return Invalid(absl::StrCat("line ", number_, ": ", what));
  }

 private:
  std::istream& file_;
  std::string buffer_;
  uint64_t number_ = 0;
};

// The signed note: three lines, an empty one, signatures, an empty one.
absl::StatusOr<std::string> ReadNote(LineReader& lines) {
  std::string note;
  std::string line;
  int empty = 0;
  for (size_t i = 0; i < kMaxNoteLines; ++i) {
    if (!lines.Next(line)) break;
    if (line.empty() && ++empty == 2) return note;
    absl::StrAppend(&note, line, "\n");
  }
  return lines.Fails("the checkpoint does not end");
}

EntryText TextOf(const OwnEntry& entry, bool opened) {
  EntryText text{{"kind", std::string(Name(entry.kind))},
                 {"time", absl::FormatTime(absl::RFC3339_full, entry.time,
                                           absl::UTCTimeZone())},
                 {"request", entry.request_id.ToString()},
                 {"partner", entry.peer}};
  if (opened) {
    text.emplace_back("actor", entry.actor);
    text.emplace_back("subject",
                      entry.person_erased ? "(erased)" : entry.subject);
    text.emplace_back("detail", entry.detail);
  }
  return text;
}

EntryText TextOf(const MessageLeaf& leaf) {
  return {{"kind", std::string(Name(leaf.kind))},
          {"time", absl::FormatTime(absl::RFC3339_full, leaf.time,
                                    absl::UTCTimeZone())},
          {"request", leaf.request_id.ToString()},
          {"sender", leaf.sender.text()},
          {"receiver", leaf.receiver.text()}};
}

absl::StatusOr<ProvedEntry> ParseProvedEntry(absl::string_view text) {
  ProvedEntry entry;
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('\n', 2));
  if (parts.size() < 3 || parts[0] != kEntryHeader) {
    return Invalid("the file is not an entry of a log");
  }
  ASSIGN_OR_RETURN(entry.leaf, ParseBase64(parts[1]));
  absl::string_view rest = parts[2];
  if (absl::ConsumePrefix(&rest, kOpening)) {
    const size_t end = rest.find('\n');
    if (end == absl::string_view::npos) return Invalid("the file is cut");
    ASSIGN_OR_RETURN(entry.opening, ParseBase64(rest.substr(0, end)));
    if (entry.opening.empty()) return Invalid("the opening is empty");
    rest.remove_prefix(end + 1);
  }
  entry.proof = std::string(rest);
  return entry;
}

}  // namespace

std::string FormatLogExportHead(absl::string_view checkpoint) {
  return absl::StrCat(kLogHeader, "\n", checkpoint, "\n");
}

std::string FormatLeafLine(absl::string_view leaf) {
  return absl::StrCat(absl::Base64Escape(leaf), "\n");
}

absl::StatusOr<LogExportSummary> VerifyLogExport(std::istream& file,
                                                 const LogAuthor& author) {
  LineReader lines(file);
  std::string line;
  if (!lines.Next(line) || line != kLogHeader) {
    return lines.Fails(
        absl::StrCat("the file is not a log: it must begin with ", kLogHeader));
  }
  ASSIGN_OR_RETURN(const std::string note, ReadNote(lines));
  ASSIGN_OR_RETURN(const OpenedHead head, OpenHead(note, author));
  LogExportSummary summary;
  summary.checkpoint = head.checkpoint;
  summary.cosigned = head.cosigned;
  CompactRange range;
  while (range.size() < summary.checkpoint.size) {
    if (!lines.Next(line)) {
      return lines.Fails(absl::StrCat("the file ends after ", range.size(),
                                      " of ", summary.checkpoint.size,
                                      " entries"));
    }
    const auto leaf = ParseBase64(line);
    if (!leaf.ok()) return lines.Fails(leaf.status().message());
    const auto kind = KindOf(summary.checkpoint.origin, author, *leaf);
    if (!kind.ok()) return lines.Fails(kind.status().message());
    ++summary.kinds[kind->name];
    summary.first = std::min(summary.first, kind->time);
    summary.last = std::max(summary.last, kind->time);
    range.Append(LeafHash(*leaf));
  }
  if (!lines.AtEnd()) {
    return lines.Fails("more follows than the signed head counts");
  }
  if (range.Root() != summary.checkpoint.root) {
    return Invalid(
        "the entries do not lead to the signed head: one of them "
        "was changed or they stand in another order");
  }
  return summary;
}

std::string FormatProvedEntry(const ProvedEntry& entry) {
  return absl::StrCat(
      kEntryHeader, "\n", FormatLeafLine(entry.leaf),
      entry.opening.empty()
          ? ""
          : absl::StrCat(kOpening, FormatLeafLine(entry.opening)),
      entry.proof);
}

absl::StatusOr<EntryText> VerifyProvedEntry(absl::string_view text,
                                            const LogAuthor& author) {
  ASSIGN_OR_RETURN(const ProvedEntry entry, ParseProvedEntry(text));
  ASSIGN_OR_RETURN(const LogProof proof, ParseLogProof(entry.proof));
  ASSIGN_OR_RETURN(const OpenedHead opened, OpenHead(proof.checkpoint, author));
  const Checkpoint& head = opened.checkpoint;
  RETURN_IF_ERROR(VerifyInclusion(LeafHash(entry.leaf), proof.index, head.size,
                                  proof.hashes, head.root));
  EntryText result{{"log", head.origin}, {"index", absl::StrCat(proof.index)}};
  EntryText said;
  if (head.origin == OwnLogOrigin(author.code)) {
    ASSIGN_OR_RETURN(const OwnEntry own,
                     OpenOwnEntry(entry.leaf, entry.opening));
    said = TextOf(own, !entry.opening.empty());
  } else {
    ASSIGN_OR_RETURN(const MessageLeaf leaf,
                     OpenMessageEntry(head.origin, entry.leaf));
    if (!entry.opening.empty()) {
      return Invalid("an entry of a partner log has no opening");
    }
    said = TextOf(leaf);
  }
  result.insert(result.end(), said.begin(), said.end());
  return result;
}

bool IsProvedEntry(absl::string_view text) {
  return absl::StartsWith(text, kEntryHeader);
}

}  // namespace comity
