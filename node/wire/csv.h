#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace comity {

// One row of a CSV file (RFC 4180).
struct CsvRow {
  uint64_t line = 0;  // on which the row begins, from 1
  std::vector<std::string> cells;
};

// Reads a CSV file that comes in pieces of any size: UTF-8, comma, double
// quotes, LF or CRLF; a byte order mark at the start is skipped. Not
// thread-safe.
class CsvReader {
 public:
  // Returns the rows that `piece` completes; `last` ends the file.
  // IMPORT_REJECTED naming line and byte for text that is not UTF-8, a quote
  // out of place, a row over 64 KiB or over 512 cells, and a quote that is
  // never closed.
  absl::StatusOr<std::vector<CsvRow>> Read(absl::string_view piece, bool last);

 private:
  enum class State { kCellStart, kPlain, kQuoted, kQuoteInQuoted };

  // Takes what goes on inside a cell up to the next character that may end it;
  // returns how much.
  size_t TakeText(absl::string_view piece);
  absl::Status Take(char c, std::vector<CsvRow>& rows);
  absl::Status TakeAfterQuote(char c, std::vector<CsvRow>& rows);
  absl::Status TakePlain(char c, std::vector<CsvRow>& rows);
  absl::Status EndCell();
  absl::Status EndRow(std::vector<CsvRow>& rows);
  absl::Status Fault(absl::string_view what) const;

  State state_ = State::kCellStart;
  CsvRow row_;
  std::string cell_;
  size_t row_size_ = 0;
  uint64_t line_ = 1;
  uint64_t offset_ = 0;  // bytes taken so far
  std::string mark_;     // the first bytes, until they are no byte order mark
};

}  // namespace comity
