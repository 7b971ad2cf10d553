#include "node/service/still_counted.h"

#include <algorithm>
#include <vector>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/disclosure/cell_key.h"
#include "node/service/closed_revisions.h"
#include "node/service/table_protection.h"

namespace comity {
namespace {

constexpr int kChangesAtOnce = 1000;

// The ids under which a changed case has rows that are not to be published
// without another look; empty: it is counted as it was.
absl::StatusOr<std::vector<Uuid>> IdsInDoubt(const Uuid& case_id,
                                             const StoreReader& store) {
  const auto facts = store.ReadFacts(case_id);
  if (ReasonOf(facts.status()) == ErrorReason::kNotFound) {
    return std::vector<Uuid>{case_id};
  }
  RETURN_IF_ERROR(facts.status());
  if (!facts->OutOfCounts() && !facts->provenance.has_value()) {
    return std::vector<Uuid>();
  }
  return PublishedIdsOf(*facts);
}

}  // namespace

absl::Status CheckStillCounted(const NodeContext& node,
                               const PublishedColumns& columns,
                               const LastChanges& before,
                               const StoreReader& store) {
  const SecretBytes secret = RecordKeySecret(node);
  const auto has_row = [&](const Uuid& id) {
    return columns.Holds(RecordKey(secret, id));
  };
  uint64_t seen = before.cases;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<CaseChange> changes,
                     store.ReadChanges(seen, kChangesAtOnce));
    if (changes.empty()) return absl::OkStatus();
    for (const CaseChange& change : changes) {
      ASSIGN_OR_RETURN(const std::vector<Uuid> ids,
                       IdsInDoubt(change.case_id, store));
      if (std::none_of(ids.begin(), ids.end(), has_row)) continue;
      return ReasonError(
          ErrorReason::kVersionConflict,
          "while the period was counted, somebody in it was erased, merged or "
          "is not to be counted any more; nothing was published: publish it "
          "again");
    }
    seen = changes.back().sequence;
  }
}

}  // namespace comity
