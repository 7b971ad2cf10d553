#include "node/cli/import_report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/output.h"

namespace comity {
namespace {

namespace pb = operators::v1;
constexpr size_t kKept = 1000;
constexpr uint64_t kBarWidth = 30;

absl::Status Failed(const std::string& file) {
  return ReasonError(ErrorReason::kStoreUnavailable,
                     absl::StrCat("cannot write ", file, ": ",
                                  std::generic_category().message(errno)));
}

absl::Status WriteAll(int fd, absl::string_view text, const std::string& file) {
  while (!text.empty()) {
    const ssize_t count = write(fd, text.data(), text.size());
    if (count < 0) return Failed(file);
    text.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

std::string Escaped(absl::string_view cell) {
  return absl::StrReplaceAll(
      cell, {{"\\", "\\\\"}, {"\t", "\\t"}, {"\n", "\\n"}, {"\r", "\\r"}});
}

}  // namespace

ImportReport::ImportReport(std::string file) : file_(std::move(file)) {}

ImportReport::~ImportReport() {
  if (fd_ >= 0) close(fd_);
}

absl::Status ImportReport::Open() {
  if (file_.empty()) return absl::OkStatus();
  fd_ = open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  // A file that was there before may have been open to others.
  if (fd_ < 0 || fchmod(fd_, 0600) != 0) return Failed(file_);
  return WriteAll(fd_, "line\tcolumn\tvalue\treason\tallowed\tcount\n", file_);
}

absl::Status ImportReport::Add(const pb::ImportFinding& finding) {
  ++findings_;
  if (first_.size() < kKept) {
    first_.push_back(finding);
    first_.back().clear_value();
  }
  if (fd_ < 0) return absl::OkStatus();
  return WriteAll(fd_, FormatFindingLine(finding) + "\n", file_);
}

absl::Status ImportReport::AddUnplaced(const pb::UnplacedValues& values) {
  unplaced_.push_back(values);
  if (fd_ < 0) return absl::OkStatus();
  return WriteAll(fd_, FormatUnplacedLine(values) + "\n", file_);
}

absl::Status ImportReport::Close() {
  if (fd_ < 0) return absl::OkStatus();
  const bool written = fsync(fd_) == 0;
  const bool closed = close(fd_) == 0;
  fd_ = -1;
  return written && closed ? absl::OkStatus() : Failed(file_);
}

std::string FormatFindingLine(const pb::ImportFinding& finding) {
  return absl::StrCat(finding.line(), "\t", Escaped(finding.column()), "\t",
                      Escaped(finding.value()), "\t", Escaped(finding.reason()),
                      "\t", Escaped(finding.allowed()), "\t1");
}

std::string FormatUnplacedLine(const pb::UnplacedValues& values) {
  return absl::StrCat(
      "\t", Escaped(values.column()), "\t", Escaped(values.value()),
      "\tno place: ", Escaped(values.reason()), "\t\t", values.count());
}

std::string FormatFinding(const pb::ImportFinding& finding) {
  return absl::StrCat("line ", finding.line(),
                      finding.column().empty() ? "" : ", ", finding.column(),
                      ": ", finding.reason(), "; allowed: ", finding.allowed());
}

std::string FormatUnplaced(const pb::UnplacedValues& values) {
  return absl::StrCat(
      values.column().empty() ? "the column without a name" : values.column(),
      values.value().empty() ? "" : " ", values.value(), " (", values.count(),
      values.count() == 1 ? " row): " : " rows): ", values.reason());
}

std::string FormatImportJson(const pb::CommitImportResponse& done, bool dry_run,
                             const ImportReport& report) {
  std::string text = FormatJson(done);
  text.resize(std::min(text.size(), text.rfind('}')));
  absl::string_view members = absl::StripTrailingAsciiWhitespace(text);
  std::string json = absl::StrCat(
      members, ",\n \"dry_run\": ", dry_run ? "true" : "false",
      ",\n \"findings_total\": ", report.findings(), ",\n \"findings\": [");
  const char* separator = "\n  ";
  for (const pb::ImportFinding& finding : report.first()) {
    absl::StrAppend(&json, separator, "{\"line\": ", finding.line(),
                    ", \"column\": ", JsonQuoted(finding.column()),
                    ", \"reason\": ", JsonQuoted(finding.reason()),
                    ", \"allowed\": ", JsonQuoted(finding.allowed()), "}");
    separator = ",\n  ";
  }
  absl::StrAppend(&json, "],\n \"unplaced\": [");
  separator = "\n  ";
  for (const pb::UnplacedValues& values : report.unplaced()) {
    absl::StrAppend(&json, separator,
                    "{\"column\": ", JsonQuoted(values.column()),
                    ", \"value\": ", JsonQuoted(values.value()),
                    ", \"reason\": ", JsonQuoted(values.reason()),
                    ", \"count\": ", values.count(), "}");
    separator = ",\n  ";
  }
  return json + "]\n}\n";
}

std::string FormatProgress(uint64_t done, uint64_t total, uint64_t rows) {
  if (total == 0) return absl::StrCat(rows, " rows");
  const uint64_t filled = std::min(done, total) * kBarWidth / total;
  return absl::StrFormat("[%s%s] %3d%%  %d rows", std::string(filled, '#'),
                         std::string(kBarWidth - filled, '.'),
                         std::min(done, total) * 100 / total, rows);
}

}  // namespace comity
