#include "node/service/noise_series.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// Rows by which what changed would tell of one of them.
constexpr uint64_t kFew = 11;

std::string MetaName(const std::string& period, uint32_t revision) {
  return absl::StrCat("table-noise/", period, "/", revision);
}

}  // namespace

absl::StatusOr<LastRevision> CompareWithLast(const StoreReader& store,
                                             const Permit& permit,
                                             const std::string& period,
                                             const PublishedColumns& next) {
  const auto last = store.ReadSnapshot(permit, period);
  if (ReasonOf(last.status()) == ErrorReason::kPeriodNotPublished) {
    return LastRevision();
  }
  RETURN_IF_ERROR(last.status());
  // Closed: somebody in it was erased.
  if (last->closed) return LastRevision{last->revision, false, false};
  const auto columns = PublishedColumns::Parse(last->columns);
  // Of an older build, which kept no record keys.
  if (ReasonOf(columns.status()) == ErrorReason::kPeriodNotPublished) {
    return LastRevision{last->revision, false, false};
  }
  RETURN_IF_ERROR(columns.status());
  return LastRevision{last->revision, next.HoldsAllOf(*columns),
                      next.FewChangedSince(*columns, kFew)};
}

absl::Status ContinueNoise(const LastRevision& last, const SnapshotRow& row,
                           RandomSource& random, StoreTransaction& store) {
  if (row.revision == 1) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> published,
                   store.ListSnapshots());
  // Somebody may have been erased since they were compared.
  const bool goes_on = last.all_remain && !last.few_changed &&
                       std::any_of(published.begin(), published.end(),
                                   [&](const SnapshotRow& each) {
                                     return each.period == row.period &&
                                            !each.closed &&
                                            each.revision == last.revision &&
                                            each.revision + 1 == row.revision;
                                   });
  std::string name = absl::BytesToHexString(random.Bytes(16));
  if (goes_on) {
    ASSIGN_OR_RETURN(name, ReadNoise(store, row.period, last.revision));
  }
  return store.PutMeta(MetaName(row.period, row.revision), name);
}

absl::StatusOr<std::string> ReadNoise(const StateReader& store,
                                      const std::string& period,
                                      uint32_t revision) {
  return store.ReadMeta(MetaName(period, revision));
}

}  // namespace comity
