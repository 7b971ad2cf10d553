#pragma once

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/disclosure/published_table.h"

namespace comity {

// The tables of a CSV file of published counts.
struct PublishedFile {
  std::vector<PublishedTable> tables;
  // Rows whose key an earlier row had, with the lines of both; the first row
  // counts.
  struct Repeat {
    std::string table;
    uint64_t first_line = 0;
    uint64_t line = 0;
    bool differs = false;
  };
  std::vector<Repeat> repeats;
};

// Columns of our own tables, in order; the dimensions in capitals stand before
// OBS_VALUE. Names follow SDMX: "_T" is a total, OBS_STATUS "A" a figure and
// "Q" a suppressed one, "M" that the member does not collect it and "O" that it
// gave no table; kAtLeast is a sum of which members hide their part, so that it
// is that at least. MAX_ERROR is how far a figure may lie from the count;
// empty: any distance.
inline constexpr std::array<const char*, 7> kPublishedColumns = {
    "REF_AREA", "INDICATOR", "TIME_PERIOD", "REVISION",
    "METHOD",   "THRESHOLD", "MAX_ERROR"};
// SDMX's "low reliability".
inline constexpr const char* kAtLeast = "U";
// The last column: what the figures are numbers of. Files of older builds have
// none, and count persons. Days have no MAX_ERROR, so that the audit reads no
// count in them.
inline constexpr const char* kUnitColumn = "UNIT_MEASURE";

// Reads either layout, told apart by the header: our own, or that of the UNODC
// data portal (Iso3_code ... txtVALUE, with "<5" for a suppressed count of 0 to
// 4). Rows of one table may stand anywhere. IMPORT_REJECTED names the line of
// what cannot be read.
absl::StatusOr<PublishedFile> ReadPublishedFile(absl::string_view text);

}  // namespace comity
