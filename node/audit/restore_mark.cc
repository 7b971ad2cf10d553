#include "node/audit/restore_mark.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr char kRestoredFrom[] = "restored-from";
constexpr char kSpentAt[] = "restored-spent-at";

std::string LossName(const ParticipantCode& partner) {
  return absl::StrCat("restored-loss/", partner.text());
}

absl::StatusOr<absl::Time> ReadTime(const StateReader& store,
                                    absl::string_view name) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(name));
  if (text.empty()) return absl::InfinitePast();
  int64_t millis = 0;
  if (absl::SimpleAtoi(text, &millis)) return absl::FromUnixMillis(millis);
  return ReasonError(ErrorReason::kIntegrityFailure,
                     "the time of a restore kept in the store does not read");
}

}  // namespace

absl::Status MarkRestored(Store& store, absl::Time made_at) {
  return store.Transact([made_at](StoreTransaction& transaction) {
    return transaction.PutMeta(kRestoredFrom,
                               absl::StrCat(absl::ToUnixMillis(made_at)));
  });
}

absl::StatusOr<absl::Time> RestoredFrom(const StateReader& store) {
  return ReadTime(store, kRestoredFrom);
}

absl::Status SpendWhatIsOpen(CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> published,
                   store.ListSnapshots());
  for (const SnapshotRow& row : published) {
    if (row.closed) continue;
    RETURN_IF_ERROR(store.CloseSnapshot(row.period, row.revision));
  }
  RETURN_IF_ERROR(
      store.PutMeta(kSpentAt, absl::StrCat(absl::ToUnixMillis(scope.now()))));
  return store.PutMeta(kRestoredFrom, "");
}

absl::StatusOr<absl::Time> SpentAt(const StateReader& store) {
  return ReadTime(store, kSpentAt);
}

absl::Status NoteLoss(const ParticipantCode& partner, bool lost,
                      CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const bool noted, LossIsNoted(store, partner));
  if (lost && noted) RETURN_IF_ERROR(SpendWhatIsOpen(scope));
  ASSIGN_OR_RETURN(const std::string spent, store.ReadMeta(kSpentAt));
  return store.PutMeta(LossName(partner), spent);
}

absl::StatusOr<bool> LossIsNoted(const StateReader& store,
                                 const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::string spent, store.ReadMeta(kSpentAt));
  ASSIGN_OR_RETURN(const std::string noted, store.ReadMeta(LossName(partner)));
  return noted == spent;
}

}  // namespace comity
