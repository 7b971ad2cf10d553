#include "node/wire/csv.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/utf8.h"

namespace comity {
namespace {

constexpr const char* kByteOrderMark = "\xef\xbb\xbf";
constexpr size_t kMaxRowSize = size_t{64} * 1024;
constexpr size_t kMaxCells = 512;

}  // namespace

absl::Status CsvReader::Fault(absl::string_view what) const {
  return ReasonError(
      ErrorReason::kImportRejected,
      absl::StrCat("line ", line_, ", byte ", offset_, " of the file: ", what));
}

absl::StatusOr<std::vector<CsvRow>> CsvReader::Read(absl::string_view piece,
                                                    bool last) {
  std::string joined;
  if (offset_ == 0) {
    joined = absl::StrCat(mark_, piece);
    if (joined.size() < 3 && !last) {
      mark_ = joined;
      return std::vector<CsvRow>();
    }
    piece = joined;
    if (absl::StartsWith(piece, kByteOrderMark)) {
      piece.remove_prefix(3);
      offset_ = 3;
    }
  }
  std::vector<CsvRow> rows;
  while (!piece.empty()) {
    piece.remove_prefix(TakeText(piece));
    if (piece.empty()) break;
    ++offset_;
    RETURN_IF_ERROR(Take(piece.front(), rows));
    piece.remove_prefix(1);
  }
  if (!last) return rows;
  if (state_ == State::kQuoted) {
    return Fault("the file ends inside a quoted cell; close the quote");
  }
  if (!row_.cells.empty() || !cell_.empty() || state_ != State::kCellStart) {
    RETURN_IF_ERROR(EndRow(rows));
  }
  return rows;
}

size_t CsvReader::TakeText(absl::string_view piece) {
  if (state_ != State::kPlain && state_ != State::kQuoted) return 0;
  const size_t text = std::min(
      piece.find_first_of(state_ == State::kPlain ? ",\"\r\n" : "\"\n"),
      std::min(piece.size(), kMaxRowSize - row_size_));
  cell_.append(piece.data(), text);
  row_size_ += text;
  offset_ += text;
  return text;
}

absl::Status CsvReader::Take(char c, std::vector<CsvRow>& rows) {
  if (row_.line == 0) row_.line = line_;
  if (++row_size_ > kMaxRowSize) return Fault("the row is over 64 KiB");
  if (c == '\n') ++line_;
  switch (state_) {
    case State::kCellStart:
      if (c == '"') {
        state_ = State::kQuoted;
        return absl::OkStatus();
      }
      return TakePlain(c, rows);
    case State::kPlain:
      if (c == '"') return Fault("a quote stands inside an unquoted cell");
      return TakePlain(c, rows);
    case State::kQuoted:
      if (c == '"') {
        state_ = State::kQuoteInQuoted;
      } else {
        cell_.push_back(c);
      }
      return absl::OkStatus();
    case State::kQuoteInQuoted:
      return TakeAfterQuote(c, rows);
  }
  return absl::OkStatus();
}

absl::Status CsvReader::TakeAfterQuote(char c, std::vector<CsvRow>& rows) {
  if (c == '"') {
    cell_.push_back('"');
    state_ = State::kQuoted;
    return absl::OkStatus();
  }
  if (c != ',' && c != '\n' && c != '\r') {
    return Fault("text follows a closing quote; put a comma between");
  }
  return TakePlain(c, rows);
}

absl::Status CsvReader::TakePlain(char c, std::vector<CsvRow>& rows) {
  if (c == ',') return EndCell();
  if (c == '\n') return EndRow(rows);
  if (c == '\r') return absl::OkStatus();
  state_ = State::kPlain;
  cell_.push_back(c);
  return absl::OkStatus();
}

absl::Status CsvReader::EndCell() {
  if (FindBadText(cell_).line != 0) {
    return Fault("the text is not plain UTF-8; save the file as UTF-8");
  }
  if (row_.cells.size() >= kMaxCells) return Fault("the row is over 512 cells");
  row_.cells.push_back(std::move(cell_));
  cell_.clear();
  state_ = State::kCellStart;
  return absl::OkStatus();
}

absl::Status CsvReader::EndRow(std::vector<CsvRow>& rows) {
  RETURN_IF_ERROR(EndCell());
  const bool blank = row_.cells.size() == 1 && row_.cells[0].empty();
  if (!blank) rows.push_back(std::move(row_));
  row_ = CsvRow();
  row_size_ = 0;
  return absl::OkStatus();
}

}  // namespace comity
