#include "node/service/housekeeping.h"

#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/service/dossier_clock.h"
#include "node/service/federation_gate.h"

namespace comity {
namespace {

constexpr int kErasedAtOnce = 64;
constexpr absl::Duration kOversightKept = absl::Hours(24 * 90);

std::string DayOf(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone());
}

// Erases one dossier with its entry in the own log.
absl::Status Erase(NodeContext& node, const Uuid& referral_id,
                   CommitScope& scope) {
  ASSIGN_OR_RETURN(const ReferralRow row,
                   scope.store().ReadReferral(referral_id));
  RETURN_IF_ERROR(scope.store().EraseDossier(referral_id));
  OwnEntry own;
  own.kind = OwnKind::kOperatorAction;
  own.time = scope.now();
  own.request_id = referral_id;
  own.peer = row.parties.holder.text();
  own.policy_digest = PolicyDigestOf(*node.policy.Get(scope.now()));
  own.actor = node.self.text();
  own.detail = "RETENTION ERASED packet";
  const SealedOwnEntry sealed = SealOwnEntry(own, node.random);
  return scope.Append(OwnLogOrigin(node.self), sealed.leaf, sealed.opening)
      .status();
}

}  // namespace

bool Housekeeper::IsDue() const {
  const absl::Time now = node_.clock.Now();
  if (must_forget_ || swept_ != DayOf(now) || IsDossierClockDue(node_)) {
    return true;
  }
  const auto expired = node_.store.ListExpiredDossiers(now, 1);
  return expired.ok() && !expired->empty();
}

void Housekeeper::Tick() {
  if (busy_.exchange(true)) return;
  if (!IsDue()) {
    busy_ = false;
    return;
  }
  node_.writer.Submit([this](CommitScope& scope) { return Keep(scope); },
                      [this](const auto& entries) { Done(entries.status()); });
}

absl::Status Housekeeper::Keep(CommitScope& scope) {
  ASSIGN_OR_RETURN(
      const std::vector<Uuid> expired,
      scope.store().ListExpiredDossiers(scope.now(), kErasedAtOnce));
  for (const Uuid& referral_id : expired) {
    RETURN_IF_ERROR(Erase(node_, referral_id, scope));
    must_forget_ = true;
  }
  ASSIGN_OR_RETURN(queued_, RunDossierClock(node_, scope));
  if (swept_ == DayOf(scope.now())) return absl::OkStatus();
  swept_ = DayOf(scope.now());
  return scope.store().DeleteOversightBefore(scope.now() - kOversightKept);
}

void Housekeeper::Done(const absl::Status& kept) {
  absl::Status status = kept;
  if (status.ok() && queued_) wake_();
  queued_ = false;
  if (status.ok() && must_forget_) {
    status = node_.store.ForgetDeleted();
    must_forget_ = !status.ok();
  }
  if (!status.ok()) {
    swept_.clear();
    Log(LogLevel::kWarning, "housekeeping_waits",
        {LogField::Public("why", status.message())});
  }
  busy_ = false;
}

}  // namespace comity
