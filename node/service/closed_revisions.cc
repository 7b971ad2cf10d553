#include "node/service/closed_revisions.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/dossier.h"
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

// The ids under which she may stand in published columns: those of her case,
// and that under which a received referral counts her.
absl::StatusOr<std::vector<Uuid>> AllPublishedIds(const CaseFacts& facts,
                                                  const StoreReader& store) {
  std::vector<Uuid> ids = PublishedIdsOf(facts);
  if (!facts.provenance.has_value()) return ids;
  const auto received = store.ReadReferral(facts.provenance->referral_id);
  if (ReasonOf(received.status()) == ErrorReason::kNotFound) return ids;
  RETURN_IF_ERROR(received.status());
  ids.push_back(received->pseudonym);
  return ids;
}

// Whether somebody of the columns is counted no more, or may be, by what the
// case is now.
absl::StatusOr<bool> CaseHasLeft(const SecretBytes& secret,
                                 const StoreReader& store, const Uuid& case_id,
                                 const PublishedColumns& columns) {
  const auto facts = store.ReadFacts(case_id);
  // Erased, or part of another case.
  if (ReasonOf(facts.status()) == ErrorReason::kNotFound) {
    return columns.Holds(RecordKey(secret, case_id));
  }
  RETURN_IF_ERROR(facts.status());
  // What a packet brought may be counted only as its terms stand now.
  if (!facts->OutOfCounts() && !facts->provenance.has_value()) return false;
  ASSIGN_OR_RETURN(const std::vector<Uuid> ids, AllPublishedIds(*facts, store));
  return HoldsAny(columns, RecordKeysOf(secret, ids));
}

// The same by what a received referral is now.
absl::StatusOr<bool> ReceivedHasLeft(const NodeContext& node,
                                     const StoreReader& store,
                                     const Uuid& referral_id,
                                     const PublishedColumns& columns) {
  const auto row = store.ReadReferral(referral_id);
  if (ReasonOf(row.status()) == ErrorReason::kNotFound) return true;
  RETURN_IF_ERROR(row.status());
  if (row->parties.receiver != node.self ||
      !columns.Holds(RecordKey(RecordKeySecret(node), row->pseudonym))) {
    return false;
  }
  ASSIGN_OR_RETURN(const Dossier dossier, ReadDossier(store, referral_id));
  return dossier.status.withdrawn;
}

// Asks `has_left` of each change after `sequence`, until one says so.
template <typename ReadChanges, typename HasLeft>
absl::StatusOr<bool> AnyHasLeft(uint64_t sequence,
                                const ReadChanges& changes_of,
                                const HasLeft& has_left) {
  while (true) {
    ASSIGN_OR_RETURN(const auto changes, changes_of(sequence));
    if (changes.empty()) return false;
    sequence = changes.back().sequence;
    for (const auto& change : changes) {
      ASSIGN_OR_RETURN(const bool left, has_left(change));
      if (left) return true;
    }
  }
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
  ASSIGN_OR_RETURN(const std::vector<Uuid> ids,
                   AllPublishedIds(facts, scope.store()));
  return Close(node, ids, scope);
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
  return CloseRevisionsWith(node, facts, scope);
}

absl::StatusOr<bool> SomebodyLeftSince(const NodeContext& node,
                                       const StoreReader& store,
                                       const LastChanges& since,
                                       const PublishedColumns& columns) {
  const SecretBytes secret = RecordKeySecret(node);
  absl::flat_hash_set<Uuid> seen;
  ASSIGN_OR_RETURN(const bool case_left,
                   AnyHasLeft(
                       since.cases,
                       [&](uint64_t after) {
                         return store.ReadChanges(after, kChangesAtOnce);
                       },
                       [&](const CaseChange& change) -> absl::StatusOr<bool> {
                         if (!seen.insert(change.case_id).second) return false;
                         return CaseHasLeft(secret, store, change.case_id,
                                            columns);
                       }));
  if (case_left || !columns.received.has_value()) return case_left;
  return AnyHasLeft(
      since.referrals,
      [&](uint64_t after) {
        return store.ReadReferralChanges(after, kChangesAtOnce);
      },
      [&](const ReferralChange& change) -> absl::StatusOr<bool> {
        if (!seen.insert(change.referral_id).second) return false;
        return ReceivedHasLeft(node, store, change.referral_id, columns);
      });
}

}  // namespace comity
