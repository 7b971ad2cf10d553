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

// Closes what holds a row of one of these, in the scope's transaction.
absl::Status Close(const NodeContext& node, const std::vector<Uuid>& ids,
                   CommitScope& scope) {
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> revisions,
                   RevisionsWith(node, scope.store(), ids, scope.now()));
  for (const SnapshotRow& row : revisions) {
    RETURN_IF_ERROR(scope.store().CloseSnapshot(row.period, row.revision));
  }
  return absl::OkStatus();
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
  return Close(node, PublishedIdsOf(facts), scope);
}

absl::Status CloseRevisionsOfReceived(const NodeContext& node,
                                      const Uuid& pseudonym,
                                      CommitScope& scope) {
  return Close(node, {pseudonym}, scope);
}

absl::Status CloseIfOutOfCounts(const NodeContext& node, const Uuid& case_id,
                                CommitScope& scope) {
  ASSIGN_OR_RETURN(const CaseFacts facts, scope.store().ReadFacts(case_id));
  if (!facts.OutOfCounts()) return absl::OkStatus();
  std::vector<Uuid> ids = PublishedIdsOf(facts);
  if (facts.provenance.has_value()) {
    ASSIGN_OR_RETURN(const ReferralRow received,
                     scope.store().ReadReferral(facts.provenance->referral_id));
    ids.push_back(received.pseudonym);
  }
  return Close(node, ids, scope);
}

}  // namespace comity
