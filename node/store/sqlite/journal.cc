#include "node/store/sqlite/journal.h"

#include <sys/stat.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
constexpr size_t kHeaderSize = 32;
constexpr size_t kFrameHeaderSize = 24;
constexpr uint32_t kMagic = 0x377f0682;  // the last bit: words are big-endian
constexpr uint32_t kLargestPage = 65536;
// SQLite locks bytes of this page and writes none.
constexpr uint64_t kLockedByte = 0x40000000;

constexpr const char* kJournalSuffix = "-wal";

uint32_t WordAt(absl::string_view bytes, size_t at, bool big_endian = true) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i) {
    const size_t from = big_endian ? i : 3 - i;
    word = word << 8 | static_cast<uint8_t>(bytes[at + from]);
  }
  return word;
}

// Over everything from the header on.
struct Checksum {
  uint32_t first = 0;
  uint32_t second = 0;

  void Add(absl::string_view bytes, bool big_endian) {
    for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += WordAt(bytes, at, big_endian) + second;
      second += WordAt(bytes, at + 4, big_endian) + first;
    }
  }
  bool operator==(const Checksum&) const = default;
};

// What stands at `at` of a header.
Checksum ChecksumAt(absl::string_view header, size_t at) {
  return {WordAt(header, at), WordAt(header, at + 4)};
}

struct Frame {
  std::string header;  // shorter at the file's end
  std::string page;
  uint32_t page_number() const { return WordAt(header, 0); }
  bool IsCommit() const { return WordAt(header, 4) != 0; }
  Checksum stored() const { return ChecksumAt(header, 16); }
};

class JournalReader {
 public:
  explicit JournalReader(std::istream& file) : file_(file) {}

  Journal Read() {
    const std::string header = Take(kHeaderSize);
    if (!ReadHeader(header)) {
      // SQLite takes none of it; what it was, nobody can tell.
      while (!Take(kLargestPage).empty()) continue;
      journal_.cut_bytes = taken_;
      return journal_;
    }
    journal_.whole_bytes = taken_;
    Frame frame;
    std::set<uint32_t> pages;
    while (Next(frame) && Follows(frame, sum_)) {
      sum_ = frame.stored();
      pages.insert(frame.page_number());
      if (!frame.IsCommit()) continue;
      journal_.pages.merge(pages);
      pages.clear();
      ++journal_.commits;
      journal_.whole_bytes = taken_;
    }
    ReadBehind(std::move(frame));
    return journal_;
  }

 private:
  std::string Take(size_t size) {
    std::string bytes(size, '\0');
    file_.read(bytes.data(), static_cast<std::streamsize>(size));
    bytes.resize(static_cast<size_t>(file_.gcount()));
    taken_ += bytes.size();
    return bytes;
  }

  bool ReadHeader(absl::string_view header) {
    if (header.size() < kHeaderSize) return false;
    big_endian_ = (WordAt(header, 0) & 1) == 1;
    page_size_ = WordAt(header, 8);
    salts_ = std::string(header.substr(16, 8));
    sum_.Add(header.substr(0, 24), big_endian_);
    return (WordAt(header, 0) & ~1U) == kMagic && page_size_ >= 512 &&
           page_size_ <= kLargestPage && sum_ == ChecksumAt(header, 24);
  }

  // False at the end; `frame` then has what is left.
  bool Next(Frame& frame) {
    frame.header = Take(kFrameHeaderSize);
    frame.page = Take(page_size_);
    return frame.page.size() == page_size_;
  }

  // Whether the frame is of this round of the journal.
  bool IsOfNow(const Frame& frame) const {
    return frame.header.size() >= 16 && frame.header.substr(8, 8) == salts_;
  }
  // Whether it was written after what has the checksum `before`.
  bool Follows(const Frame& frame, Checksum before) const {
    before.Add(absl::string_view(frame.header).substr(0, 8), big_endian_);
    before.Add(frame.page, big_endian_);
    return IsOfNow(frame) && before == frame.stored();
  }

  // From the first frame on that SQLite does not read, or the commit that it
  // leaves out.
  void ReadBehind(Frame frame) {
    uint64_t end = journal_.whole_bytes;
    const uint64_t read = taken_ - frame.header.size() - frame.page.size();
    // Whole frames, without the last one of a commit.
    if (read > end) end = read;
    uint64_t begin = read;
    while (frame.page.size() == page_size_) {
      if (IsOfNow(frame)) end = taken_;
      begin = taken_;
      Frame next;
      if (Next(next) && Follows(next, frame.stored()) && frame.IsCommit()) {
        journal_.lost_commits = true;
      }
      frame = std::move(next);
    }
    // Of less than its salts nobody can tell which round it is of.
    const bool too_short = frame.header.size() < 16 && end == begin;
    if (!frame.header.empty() && (IsOfNow(frame) || too_short)) end = taken_;
    journal_.cut_bytes = end - journal_.whole_bytes;
  }

  std::istream& file_;
  uint64_t taken_ = 0;
  bool big_endian_ = false;
  size_t page_size_ = 0;
  std::string salts_;
  Checksum sum_;
  Journal journal_;
};

uint64_t SizeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_size)
                                        : 0;
}

absl::StatusOr<uint64_t> Number(SqliteDatabase& database, const char* pragma) {
  ASSIGN_OR_RETURN(SqliteStatement row, database.Query(pragma));
  RETURN_IF_ERROR(row.Step().status());
  return static_cast<uint64_t>(row.Int(0));
}

absl::Status Lost(const std::string& path, absl::string_view what) {
  return ReasonError(
      ErrorReason::kIntegrityFailure,
      absl::StrCat("the store ", path, " lost what was written: ", what,
                   "; look at the disk, keep the files as they are, and "
                   "restore the last backup (comity restore)"));
}

// Each page must be whole in the file or stand in the journal.
absl::Status CheckPages(SqliteDatabase& database, const std::string& path,
                        const Journal& journal) {
  ASSIGN_OR_RETURN(const uint64_t page_size,
                   Number(database, "PRAGMA page_size"));
  ASSIGN_OR_RETURN(const uint64_t pages, Number(database, "PRAGMA page_count"));
  const uint64_t locked = kLockedByte / page_size + 1;
  for (uint64_t page = SizeOf(path) / page_size + 1; page <= pages; ++page) {
    if (page == locked || journal.pages.contains(static_cast<uint32_t>(page))) {
      continue;
    }
    return Lost(
        path, absl::StrCat("its file ends within page ", page, " of ", pages));
  }
  return absl::OkStatus();
}

// While nobody writes.
absl::Status CheckFiles(SqliteDatabase& database, const std::string& path) {
  // SQLite holds no locks on this file, which closing it would end.
  std::ifstream file(path + kJournalSuffix, std::ios::binary);
  const Journal journal = ReadJournal(file);
  if (journal.lost_commits) {
    return Lost(
        path, absl::StrCat("its journal is damaged behind byte ",
                           journal.whole_bytes, ", and whole commits follow"));
  }
  RETURN_IF_ERROR(CheckPages(database, path, journal));
  if (journal.cut_bytes > 0) {
    Log(LogLevel::kWarning, "store_tail_cut",
        {LogField("commits_kept", static_cast<int64_t>(journal.commits)),
         LogField("bytes_left_out", static_cast<int64_t>(journal.cut_bytes))});
  }
  return absl::OkStatus();
}

}  // namespace

Journal ReadJournal(std::istream& file) { return JournalReader(file).Read(); }

absl::Status CheckNotEmptied(const std::string& path) {
  if (SizeOf(path) > 0 || SizeOf(path + kJournalSuffix) == 0) {
    return absl::OkStatus();
  }
  return Lost(path, "its file is empty, and its journal is not");
}

absl::Status CheckTail(SqliteDatabase& database, const std::string& path) {
  RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  absl::Status status = CheckFiles(database, path);
  const absl::Status ended = database.Execute("ROLLBACK");
  return status.ok() ? ended : status;
}

}  // namespace comity
