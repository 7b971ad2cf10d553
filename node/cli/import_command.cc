#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/import_report.h"
#include "node/crypto/hash.h"
#include "node/wire/case_import.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Cases = pb::CaseService;
constexpr size_t kPiece = size_t{512} * 1024;
constexpr size_t kPrinted = 20;
constexpr int kLookAgainMs = 200;
constexpr absl::Duration kQuickEnough = absl::Milliseconds(500);
constexpr std::chrono::seconds kLongCall{120};

struct ImportOptions {
  std::string file;
  std::string report;
  std::string dialect;
  std::string reference_prefix;
  std::string screening;
  uint32_t year = 0;
  bool accept_valid_rows = false;
  bool dry_run = false;
};

volatile std::sig_atomic_t interrupted = 0;

absl::Status Interrupted() {
  return absl::CancelledError(
      "the import was interrupted; nothing of it stays");
}

// Lets Ctrl-C end the import between two pieces while it lives, so that what
// was staged is discarded at once.
class InterruptGuard {
 public:
  InterruptGuard() {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    sigaction(SIGINT, &action, &before_);
  }
  ~InterruptGuard() { sigaction(SIGINT, &before_, nullptr); }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction before_ {};
};

// A file that is read piece by piece; one piece is in memory.
class PieceReader {
 public:
  ~PieceReader() {
    if (fd_ >= 0) close(fd_);
  }

  absl::Status Open(const std::string& path) {
    path_ = path;
    fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info {};
    if (fd_ < 0 || fstat(fd_, &info) != 0) return Failed();
    if (S_ISREG(info.st_mode)) size_ = static_cast<uint64_t>(info.st_size);
    return Fill(next_);
  }

  // Moves to the next piece, which is the last one when last() says so.
  absl::Status Next(std::string& piece) {
    piece.swap(next_);
    done_ += piece.size();
    return Fill(next_);
  }
  bool last() const { return next_.empty(); }
  uint64_t done() const { return done_; }
  uint64_t size() const { return size_; }  // 0: not known

 private:
  absl::Status Failed() const {
    return ReasonError(errno == ENOENT ? ErrorReason::kNotFound
                                       : ErrorReason::kStoreUnavailable,
                       absl::StrCat("cannot read ", path_, ": ",
                                    std::generic_category().message(errno)));
  }

  absl::Status Fill(std::string& piece) {
    piece.resize(kPiece);
    size_t filled = 0;
    while (filled < kPiece) {
      // A pipe may have nothing for long, and the signal may reach another
      // thread: look at it between short waits.
      pollfd waiting{fd_, POLLIN, 0};
      const int ready = poll(&waiting, 1, kLookAgainMs);
      if (interrupted != 0) return Interrupted();
      if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
      const ssize_t count = read(fd_, &piece[filled], kPiece - filled);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return Failed();
      if (count == 0) break;
      filled += static_cast<size_t>(count);
    }
    piece.resize(filled);
    return absl::OkStatus();
  }

  std::string path_;
  int fd_ = -1;
  uint64_t size_ = 0;
  uint64_t done_ = 0;
  std::string next_;
};

// The SHA-256 of a whole file that can be read twice.
absl::StatusOr<std::string> DigestOf(const std::string& path) {
  PieceReader reader;
  RETURN_IF_ERROR(reader.Open(path));
  Sha256Stream digest;
  std::string piece;
  while (!reader.last()) {
    if (interrupted != 0) return Interrupted();
    RETURN_IF_ERROR(reader.Next(piece));
    digest.Add(piece);
  }
  return digest.Finish();
}

absl::Status NotReadTwice(const std::string& path) {
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat(path,
                   " is empty or no regular file; a reference prefix "
                   "needs one that can be read twice, so save it first"));
}

// One run of comity case import.
class ImportRun {
 public:
  ImportRun(const ImportOptions& options, CommandContext& context)
      : options_(options), context_(context), report_(options.report) {}

  absl::Status Run() {
    RETURN_IF_ERROR(reader_.Open(options_.file));
    RETURN_IF_ERROR(report_.Open());
    pb::BeginImportRequest begin;
    begin.set_request_id(context_.NewRequestId());
    begin.set_dialect(options_.dialect);
    begin.set_screening_none_recorded(!options_.screening.empty());
    begin.set_year(options_.year);
    if (!options_.reference_prefix.empty()) {
      if (reader_.size() == 0) return NotReadTwice(options_.file);
      begin.set_reference_prefix(options_.reference_prefix);
      ASSIGN_OR_RETURN(*begin.mutable_file_sha256(), DigestOf(options_.file));
    }
    ASSIGN_OR_RETURN(const auto begun,
                     (context_.Call<Cases, pb::BeginImportResponse>(
                         &Cases::Stub::BeginImport, begin)));
    import_id_ = begun.import_id();
    absl::Status sent = SendPieces();
    ClearProgress();
    if (!sent.ok()) {
      // The node discards it in any case; this way it does so now.
      (void)Finish(true);
      return sent;
    }
    RETURN_IF_ERROR(report_.Close());
    ASSIGN_OR_RETURN(const pb::CommitImportResponse done,
                     Finish(options_.dry_run));
    return Tell(done);
  }

 private:
  absl::Status SendPieces() {
    pb::AppendImportRequest piece;
    piece.set_import_id(import_id_);
    while (!piece.last()) {
      if (interrupted != 0) {
        return Interrupted();
      }
      piece.set_sequence(piece.sequence() + 1);
      RETURN_IF_ERROR(reader_.Next(*piece.mutable_content()));
      piece.set_last(reader_.last());
      ASSIGN_OR_RETURN(const auto response,
                       (context_.Call<Cases, pb::AppendImportResponse>(
                           &Cases::Stub::AppendImport, piece, kLongCall)));
      for (const pb::ImportFinding& finding : response.findings()) {
        RETURN_IF_ERROR(report_.Add(finding));
      }
      for (const pb::UnplacedValues& values : response.unplaced()) {
        RETURN_IF_ERROR(report_.AddUnplaced(values));
      }
      ShowProgress(response.counts().rows());
    }
    return absl::OkStatus();
  }

  absl::StatusOr<pb::CommitImportResponse> Finish(bool discard) {
    pb::CommitImportRequest commit;
    commit.set_request_id(context_.NewRequestId());
    commit.set_import_id(import_id_);
    commit.set_accept_valid_rows(options_.accept_valid_rows);
    commit.set_discard(discard);
    return context_.Call<Cases, pb::CommitImportResponse>(
        &Cases::Stub::CommitImport, commit, kLongCall);
  }

  void ShowProgress(uint64_t rows) {
    if (context_.quiet || isatty(STDERR_FILENO) == 0) return;
    if (absl::Now() - started_ < kQuickEnough) return;
    const std::string line =
        FormatProgress(reader_.done(), reader_.size(), rows);
    fprintf(stderr, "\r%s", line.c_str());
    shown_ = std::max(shown_, line.size());
  }
  void ClearProgress() const {
    if (shown_ == 0) return;
    fprintf(stderr, "\r%s\r", std::string(shown_, ' ').c_str());
  }

  // What an operator must know who reads a file of another dialect.
  void PrintDialect(const pb::CommitImportResponse& done) const {
    if (!done.dialect().empty() && done.dialect() != "htcds") {
      fprintf(stderr, "read as %s\n", done.dialect().c_str());
    }
    if (!report_.unplaced().empty()) {
      fprintf(stderr, "not imported, since the record has no place for it:\n");
    }
    for (const pb::UnplacedValues& values : report_.unplaced()) {
      fprintf(stderr, "  %s\n", OnOneLine(FormatUnplaced(values)).c_str());
    }
    const auto& counts = done.counts();
    if (counts.unscreened() > 0) {
      fprintf(stderr,
              "%lu rows without a danger screening: they count in tables, and "
              "nothing of them leaves before comity case screen\n",
              static_cast<unsigned long>(counts.unscreened()));
    }
    if (counts.undated() > 0) {
      fprintf(stderr,
              "%lu rows without a year of registration: no published period "
              "counts them\n",
              static_cast<unsigned long>(counts.undated()));
    }
  }

  void PrintFindings() const {
    for (size_t i = 0; i < std::min(kPrinted, report_.first().size()); ++i) {
      fprintf(stderr, "%s\n",
              OnOneLine(FormatFinding(report_.first()[i])).c_str());
    }
    if (report_.findings() > kPrinted) {
      fprintf(stderr, "and %lu more findings\n",
              static_cast<unsigned long>(report_.findings() - kPrinted));
    }
    if (report_.findings() == 0) return;
    fprintf(
        stderr, "%s\n",
        options_.report.empty()
            ? "--report FILE writes all of them with the values"
            : absl::StrCat("all of them, with the values: ", options_.report)
                  .c_str());
  }

  absl::Status Tell(const pb::CommitImportResponse& done) const {
    const auto& counts = done.counts();
    const bool refused = counts.rejected() > 0 && !options_.accept_valid_rows;
    if (context_.json) {
      printf("%s", FormatImportJson(done, options_.dry_run, report_).c_str());
    } else {
      if (!context_.quiet) {
        PrintFindings();
        PrintDialect(done);
      }
      const uint64_t would = refused ? 0 : counts.accepted();
      printf(
          "%lu %s, %lu unchanged, %lu rejected (%lu conflicts) of %lu rows\n",
          static_cast<unsigned long>(options_.dry_run ? would
                                                      : done.imported()),
          options_.dry_run ? "would be imported" : "imported",
          static_cast<unsigned long>(counts.unchanged()),
          static_cast<unsigned long>(counts.rejected()),
          static_cast<unsigned long>(counts.conflicts()),
          static_cast<unsigned long>(counts.rows()));
    }
    if (!refused) return absl::OkStatus();
    return ReasonError(ErrorReason::kImportRejected,
                       "nothing was imported; mend the rejected rows, or give "
                       "--accept-valid-rows");
  }

  const ImportOptions& options_;
  CommandContext& context_;
  ImportReport report_;
  PieceReader reader_;
  InterruptGuard guard_;
  std::string import_id_;
  const absl::Time started_ = absl::Now();
  size_t shown_ = 0;
};

}  // namespace

void AddImportVerb(CLI::App& noun, CommandContext& context) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* import = AddVerb(
      noun, "import",
      "Import a CSV file with HTCDS 2.0 columns, or of the public CTDC data",
      "  comity case import cases.csv --dry-run --report rows.tsv\n"
      "  comity case import cases.csv\n"
      "  comity case import cases.csv --accept-valid-rows\n"
      "  comity case import ctdc.csv --reference-prefix CTDC- "
      "--screening none-recorded",
      [options, &context] { return ImportRun(*options, context).Run(); });
  import
      ->add_option("file", options->file,
                   "The CSV file: UTF-8, commas, a header line")
      ->required();
  import->add_option("--report", options->report,
                     "Write every rejected value as tab-separated text that "
                     "only you may read");
  import
      ->add_option("--dialect", options->dialect,
                   "Accept no other columns than those of this dialect")
      ->check(CLI::IsMember(ImportDialectNames()));
  import->add_option("--reference-prefix", options->reference_prefix,
                     "For rows without references of the state's own: begin "
                     "them with this, the file's digest and the row's number");
  import
      ->add_option("--screening", options->screening,
                   "none-recorded: the file has no danger screenings, and its "
                   "cases stay unscreened")
      ->check(CLI::IsMember({"none-recorded"}));
  import
      ->add_option("--year", options->year,
                   "The year of registration, where the file does not tell it")
      ->check(CLI::Range(1900, 2199));
  import->add_flag("--accept-valid-rows", options->accept_valid_rows,
                   "Import the good rows although others are rejected");
  import->add_flag("--dry-run", options->dry_run,
                   "Check the whole file and import nothing");
}

}  // namespace comity
