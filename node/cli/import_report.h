#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "comity/operators/v1/case_service.pb.h"

namespace comity {

// What an import found wrong, and what it left out. A rejected value may be a
// person's name or number in the wrong column, so values are written only to
// the file that the operator asked for, which nobody else may read (mode 0600);
// messages and JSON name line, column, reason and what is allowed. A value that
// had no place is a code of the file's dialect, and is named everywhere. Memory
// does not grow with the findings. Used by one thread.
class ImportReport {
 public:
  // `file` empty: no file. STORE_UNAVAILABLE if it cannot be written.
  explicit ImportReport(std::string file);
  ~ImportReport();
  ImportReport(const ImportReport&) = delete;
  ImportReport& operator=(const ImportReport&) = delete;

  // Begins the file with its header line.
  absl::Status Open();
  absl::Status Add(const operators::v1::ImportFinding& finding);
  absl::Status AddUnplaced(const operators::v1::UnplacedValues& values);
  // Makes the file durable.
  absl::Status Close();

  uint64_t findings() const { return findings_; }
  // The first findings, for messages and JSON.
  const std::vector<operators::v1::ImportFinding>& first() const {
    return first_;
  }
  const std::vector<operators::v1::UnplacedValues>& unplaced() const {
    return unplaced_;
  }

 private:
  std::string file_;
  int fd_ = -1;
  uint64_t findings_ = 0;
  std::vector<operators::v1::ImportFinding> first_;  // without values
  std::vector<operators::v1::UnplacedValues> unplaced_;
};

// One line of a report: line, column, value, reason, what is allowed and how
// often, separated by tabs; tabs and line ends inside are written as \t, \n and
// \r. Values without a place have a count, and no line.
std::string FormatFindingLine(const operators::v1::ImportFinding& finding);
std::string FormatUnplacedLine(const operators::v1::UnplacedValues& values);

// "line 7, prs_Gender: not a code of gender; allowed: Feminine, ..."
std::string FormatFinding(const operators::v1::ImportFinding& finding);

// "ControlCategory Threats (3919 rows): it stands for ..."
std::string FormatUnplaced(const operators::v1::UnplacedValues& values);

// A result with what was found, as one JSON object.
std::string FormatImportJson(const operators::v1::CommitImportResponse& done,
                             bool dry_run, const ImportReport& report);

// "[##########..........]  50%  1204 rows"; without `total` only the rows.
std::string FormatProgress(uint64_t done, uint64_t total, uint64_t rows);

}  // namespace comity
