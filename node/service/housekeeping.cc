#include "node/service/housekeeping.h"

#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/service/attachment_view.h"
#include "node/service/dossier_clock.h"
#include "node/service/doubted_time.h"
#include "node/service/lapsed_notice.h"
#include "node/service/outbox_departures.h"
#include "node/service/retention.h"

namespace comity {
namespace {

constexpr int kErasedAtOnce = 64;
constexpr absl::Duration kOversightKept = absl::Hours(24 * 90);

std::string DayOf(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone());
}

std::string HourOf(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H", time, absl::UTCTimeZone());
}

}  // namespace

bool Housekeeper::IsDue() const {
  const absl::Time now = node_.clock.Now();
  if (node_.store.MustForget() || swept_ != DayOf(now) ||
      looked_ != HourOf(now) || IsDossierClockDue(node_)) {
    return true;
  }
  const auto expired = node_.store.ListExpiredDossiers(now, 1);
  if (expired.ok() && !expired->empty()) return true;
  const auto due = node_.store.ListCasesToErase(now, 1);
  return due.ok() && !due->empty();
}

bool Housekeeper::IsTimeBelieved() {
  const absl::Status time = CheckTime(node_, node_.store, node_.clock.Now());
  if (!time.ok() && !doubted_) {
    Log(LogLevel::kError, "clock_not_believed",
        {LogField::Public("why", time.message())});
  }
  doubted_ = !time.ok();
  return time.ok();
}

void Housekeeper::Tick() {
  if (busy_.exchange(true)) return;
  if (!(IsTimeBelieved() ? IsDue() : node_.store.MustForget())) {
    busy_ = false;
    return;
  }
  node_.writer.Submit([this](CommitScope& scope) { return Keep(scope); },
                      [this](const auto& entries) { Done(entries.status()); });
}

absl::Status Housekeeper::Keep(CommitScope& scope) {
  if (!CheckTime(node_, scope.store(), scope.now()).ok()) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(NoteTime(scope));
  ASSIGN_OR_RETURN(const std::vector<operators::v1::RetentionItem> purged,
                   PurgeDue(node_, kErasedAtOnce, scope));
  ASSIGN_OR_RETURN(queued_, RunDossierClock(node_, scope));
  if (looked_ != HourOf(scope.now())) {
    RETURN_IF_ERROR(LookAtOutbox(scope));
    looked_ = HourOf(scope.now());
  }
  // Own cases are looked for with the day's sweep alone, until all are done.
  if (swept_ == DayOf(scope.now()) || purged.size() >= kErasedAtOnce) {
    return absl::OkStatus();
  }
  swept_ = DayOf(scope.now());
  RETURN_IF_ERROR(DropUnfinished(scope));
  return scope.store().DeleteOversightBefore(scope.now() - kOversightKept);
}

absl::Status Housekeeper::LookAtOutbox(CommitScope& scope) {
  const OutboxDepartures departures(node_);
  ASSIGN_OR_RETURN(const std::vector<ParticipantCode> partners,
                   scope.store().OutboxPartners());
  for (const ParticipantCode& partner : partners) {
    absl::Status looked = scope.Try([&]() -> absl::Status {
      RETURN_IF_ERROR(WithholdFromOutbox(departures, partner, scope));
      return NoteLapsedPackets(node_, partner, scope);
    });
    if (ReasonOf(looked) == ErrorReason::kStoreUnavailable ||
        ReasonOf(looked) == ErrorReason::kLogUnwritable) {
      return looked;
    }
    queued_ = true;
  }
  return absl::OkStatus();
}

void Housekeeper::Done(const absl::Status& kept) {
  absl::Status status = kept;
  if (status.ok() && queued_) wake_();
  queued_ = false;
  if (status.ok() && node_.store.MustForget()) {
    status = node_.store.ForgetDeleted();
  }
  if (!status.ok()) {
    swept_.clear();
    looked_.clear();
    Log(LogLevel::kWarning, "housekeeping_waits",
        {LogField::Public("why", status.message())});
  }
  busy_ = false;
}

}  // namespace comity
