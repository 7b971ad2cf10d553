#include "node/service/closed_revisions.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/disclosure/cell_key.h"
#include "node/service/table_protection.h"

namespace comity {
namespace {

constexpr int kChangesAtOnce = 10'000;

std::vector<uint64_t> RecordKeysOf(const SecretBytes& secret,
                                   const std::vector<Uuid>& cases) {
  std::vector<uint64_t> keys;
  keys.reserve(cases.size());
  for (const Uuid& each : cases) keys.push_back(RecordKey(secret, each));
  return keys;
}

bool HoldsAny(const PublishedColumns& columns,
              const std::vector<uint64_t>& record_keys) {
  return std::any_of(record_keys.begin(), record_keys.end(),
                     [&](uint64_t key) { return columns.Holds(key); });
}

// A row that an older build stored, without its keys.
absl::StatusOr<bool> HoldsRow(const SnapshotRow& row,
                              const std::vector<uint64_t>& record_keys) {
  const auto columns = PublishedColumns::Parse(row.columns);
  if (columns.ok()) return HoldsAny(*columns, record_keys);
  if (ReasonOf(columns.status()) == ErrorReason::kPeriodNotPublished) {
    return true;
  }
  return columns.status();
}

// Whether somebody of the columns is counted no more, or may be, by what the
// case is now.
absl::StatusOr<bool> HasLeft(const SecretBytes& secret,
                             const StoreReader& store, const Uuid& case_id,
                             const PublishedColumns& columns) {
  const auto facts = store.ReadFacts(case_id);
  // Erased, or part of another case.
  if (ReasonOf(facts.status()) == ErrorReason::kNotFound) {
    return columns.Holds(RecordKey(secret, case_id));
  }
  RETURN_IF_ERROR(facts.status());
  // What a packet brought may be counted only as its terms stand now.
  return (facts->OutOfCounts() || facts->provenance.has_value()) &&
         HoldsAny(columns, RecordKeysOf(secret, PublishedIdsOf(*facts)));
}

}  // namespace

absl::StatusOr<std::vector<SnapshotRow>> RevisionsWith(
    const NodeContext& node, const StoreReader& store,
    const std::vector<Uuid>& cases, absl::Time now) {
  const std::vector<uint64_t> keys = RecordKeysOf(RecordKeySecret(node), cases);
  std::vector<SnapshotRow> found;
  RETURN_IF_ERROR(store.ScanSnapshots(
      node.policy.Get(now)->PermitTabulation(node.self, now), keys,
      [&](const SnapshotRow& row) -> absl::Status {
        if (!row.columns.empty()) {
          ASSIGN_OR_RETURN(const bool holds, HoldsRow(row, keys));
          if (!holds) return absl::OkStatus();
        }
        found.push_back(row);
        found.back().columns.clear();
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

absl::StatusOr<bool> SomebodyLeftSince(const NodeContext& node,
                                       const StoreReader& store,
                                       uint64_t sequence,
                                       const PublishedColumns& columns) {
  const SecretBytes secret = RecordKeySecret(node);
  absl::flat_hash_set<Uuid> looked_at;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<CaseChange> changes,
                     store.ReadChanges(sequence, kChangesAtOnce));
    if (changes.empty()) return false;
    sequence = changes.back().sequence;
    for (const CaseChange& change : changes) {
      if (!looked_at.insert(change.case_id).second) continue;
      ASSIGN_OR_RETURN(const bool left,
                       HasLeft(secret, store, change.case_id, columns));
      if (left) return true;
    }
  }
}

}  // namespace comity
