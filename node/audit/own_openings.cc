#include "node/audit/own_openings.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/message_leaf.h"
#include "node/wire/own_leaf.h"

namespace comity {
namespace {

constexpr int kPage = 500;

absl::Status Broken(uint64_t index) {
  return ReasonError(
      ErrorReason::kIntegrityFailure,
      absl::StrCat("what entry ", index,
                   " commits to is gone from the store, or was changed there"));
}

absl::Status CheckRow(const LeafRow& row) {
  if (row.opening.empty() || !OpenOwnEntry(row.leaf, row.opening).ok()) {
    return Broken(row.index);
  }
  return absl::OkStatus();
}

// The first of a page that does not open.
absl::Status FirstSealed(const LogReader& store, const std::string& log,
                         uint64_t from) {
  for (uint64_t index = from; index < from + kPage; ++index) {
    const auto row = store.ReadLeaves(log, index, 1, true);
    if (ReasonOf(row.status()) == ErrorReason::kIntegrityFailure) {
      return Broken(index);
    }
    RETURN_IF_ERROR(row.status());
    if (row->empty()) break;
    RETURN_IF_ERROR(CheckRow(row->front()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOwnOpenings(const LogReader& store,
                              const ParticipantCode& self) {
  const std::string log = OwnLogOrigin(self);
  uint64_t next = 0;
  while (true) {
    const auto rows = store.ReadLeaves(log, next, kPage, true);
    if (ReasonOf(rows.status()) == ErrorReason::kIntegrityFailure) {
      RETURN_IF_ERROR(FirstSealed(store, log, next));
    }
    RETURN_IF_ERROR(rows.status());
    if (rows->empty()) return absl::OkStatus();
    for (const LeafRow& row : *rows) RETURN_IF_ERROR(CheckRow(row));
    next = rows->back().index + 1;
  }
}

}  // namespace comity
