#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "comity/federation/v1/table.pb.h"
#include "node/disclosure/protected_table.h"
#include "node/domain/table_question.h"
#include "node/store/store.h"

namespace comity {

// The place of an entry in the ledger of one revision of a period, which all
// measures, methods and thresholds share: whoever asks may put all answers
// together. 32 bytes.
std::string LedgerKey(const std::string& period, uint32_t revision,
                      size_t place);

// One earlier answer, as the ledger has it.
struct EarlierAnswer {
  TableQuestion question;
  std::string method;
  // Names of cells with a figure, and the figures.
  absl::flat_hash_map<std::string, uint64_t> shown;
};

// An entry of the ledger: the question, without who asked, and the released
// table.
std::string FormatLedgerEntry(const TableQuestion& question,
                              const federation::v1::ReleasedTable& released);
// INTEGRITY_FAILURE if `text` is none.
absl::StatusOr<EarlierAnswer> ParseLedgerEntry(absl::string_view text);

// What was answered from one revision of a period in one measure. Figures of
// different measures are about different things: no sum joins them.
struct ReleaseLedger {
  std::vector<EarlierAnswer> answers;
  size_t next_place = 0;  // after the answers of all measures

  static absl::StatusOr<ReleaseLedger> Read(const std::string& period,
                                            uint32_t revision, Measure measure,
                                            const StoreReader& reader);

  // What is known of each cell of a table of that measure: shown once is shown
  // for ever.
  EarlierReleases KnownOf(const TableQuestion& question,
                          const TableGrid& grid) const;
};

}  // namespace comity
