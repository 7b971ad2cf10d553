#include "node/service/closed_revisions.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/disclosure/cell_key.h"
#include "node/service/table_protection.h"
#include "node/tabulation/published_columns.h"

namespace comity {
namespace {

absl::StatusOr<bool> HoldsRow(const SnapshotRow& row, uint64_t record_key) {
  const auto columns = PublishedColumns::Parse(row.columns);
  if (columns.ok()) return columns->Holds(record_key);
  if (ReasonOf(columns.status()) == ErrorReason::kPeriodNotPublished) {
    return true;
  }
  return columns.status();
}

}  // namespace

absl::StatusOr<std::vector<SnapshotRow>> RevisionsWith(
    const NodeContext& node, const StoreReader& store,
    const std::vector<Uuid>& cases, absl::Time now) {
  const SecretBytes secret = RecordKeySecret(node);
  std::vector<SnapshotRow> found;
  RETURN_IF_ERROR(store.ScanSnapshots(
      node.policy.Get(now)->PermitTabulation(node.self, now),
      [&](const SnapshotRow& row) -> absl::Status {
        for (const Uuid& each : cases) {
          ASSIGN_OR_RETURN(const bool holds,
                           HoldsRow(row, RecordKey(secret, each)));
          if (!holds) continue;
          found.push_back(row);
          found.back().columns.clear();
          break;
        }
        return absl::OkStatus();
      }));
  return found;
}

std::vector<Uuid> PublishedIdsOf(const CaseFacts& facts) {
  std::vector<Uuid> cases = {facts.case_id};
  for (const MergedCase& each : facts.merged) cases.push_back(each.case_id);
  return cases;
}

absl::Status CloseRevisionsWith(const NodeContext& node, const CaseFacts& facts,
                                CommitScope& scope) {
  ASSIGN_OR_RETURN(
      const std::vector<SnapshotRow> revisions,
      RevisionsWith(node, scope.store(), PublishedIdsOf(facts), scope.now()));
  for (const SnapshotRow& row : revisions) {
    RETURN_IF_ERROR(scope.store().CloseSnapshot(row.period, row.revision));
  }
  return absl::OkStatus();
}

absl::Status CloseIfOutOfCounts(const NodeContext& node, const Uuid& case_id,
                                CommitScope& scope) {
  ASSIGN_OR_RETURN(const CaseFacts facts, scope.store().ReadFacts(case_id));
  if (!facts.OutOfCounts()) return absl::OkStatus();
  return CloseRevisionsWith(node, facts, scope);
}

}  // namespace comity
