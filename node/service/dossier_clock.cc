#include "node/service/dossier_clock.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/domain/referral_deadlines.h"
#include "node/service/dossier_event.h"
#include "node/service/dossier_step.h"
#include "node/service/federation_gate.h"
#include "node/service/node_act.h"
#include "node/service/release_notes.h"

namespace comity {
namespace {

constexpr int kAtOnce = 64;
// After which a referral is looked at again whose event may not leave now.
constexpr absl::Duration kLookAgain = absl::Hours(1);

namespace fed = federation::v1;

// What the node itself owes in `status`: the alarm once she is overdue, else
// the end.
fed::ReferralEventKind DueKind(const ReferralStatus& status) {
  return status.schedule.has_value() ? fed::REFERRAL_EVENT_KIND_ALARM_RAISED
                                     : fed::REFERRAL_EVENT_KIND_EXPIRED;
}

absl::StatusOr<uint64_t> LogIt(NodeContext& node, const Dossier& dossier,
                               const Uuid& id, absl::string_view what,
                               CommitScope& scope) {
  return LogNodeAct(node,
                    {id,
                     dossier.OtherThan(node.self).text(),
                     dossier.row.case_id,
                     absl::StrCat("CLOCK ", what),
                     {dossier.row.referral_id}},
                    scope);
}

absl::Status Write(NodeContext& node, const Dossier& dossier,
                   CommitScope& scope) {
  fed::ReferralEventPayload payload;
  payload.set_kind(DueKind(dossier.status));
  ASSIGN_OR_RETURN(const NewEvent event,
                   BeginEvent(node, dossier, NewUuid(node.random),
                              std::move(payload), Role::kUnset, scope.now()));
  RETURN_IF_ERROR(CheckMayWrite(node, *node.policy.Get(scope.now()),
                                dossier.row, scope.store(), scope.now()));
  RETURN_IF_ERROR(WriteEvent(node, dossier, event, scope));
  ASSIGN_OR_RETURN(const uint64_t index,
                   LogIt(node, dossier, event.event.event_id,
                         Name(event.event.kind), scope));
  return NoteRelease(node, EventNote(node.self, dossier.row, event.event.kind),
                     index, scope);
}

// Her flags keep the alarm from the other side; the own people hear of it all
// the same, once of each journey.
absl::Status AlarmAtHome(NodeContext& node, const Dossier& dossier,
                         CommitScope& scope) {
  const std::string mark =
      absl::StrCat("alarm-at-home/", dossier.row.referral_id.ToString(), "/",
                   absl::ToUnixMillis(dossier.status.schedule->arrives_at));
  ASSIGN_OR_RETURN(const std::string told, scope.store().ReadMeta(mark));
  if (!told.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(scope.store().PutMeta(mark, "told"));
  ASSIGN_OR_RETURN(
      const uint64_t index,
      LogIt(node, dossier, NewUuid(node.random), "ALARM_AT_HOME", scope));
  return NoteRelease(
      node, EventNote(node.self, dossier.row, ReferralEventKind::kAlarmRaised),
      index, scope);
}

// A damaged dossier stops nobody else's clock; it is looked at again later.
absl::Status PassOver(const Uuid& id, const absl::Status& why,
                      CommitScope& scope) {
  if (ReasonOf(why) == ErrorReason::kStoreUnavailable) return why;
  Log(LogLevel::kError, "referral_unreadable",
      {LogField::Public("referral", id.ToString()),
       LogField::Public("why", ReasonName(ReasonOf(why)))});
  const auto row = scope.store().ReadReferral(id);
  if (!row.ok()) return absl::OkStatus();
  return scope.store().SetReferralState(id,
                                        {row->state, scope.now() + kLookAgain});
}

}  // namespace

absl::Status PurgeDraft(NodeContext& node, const Dossier& dossier,
                        CommitScope& scope) {
  RETURN_IF_ERROR(
      LogIt(node, dossier, NewUuid(node.random), "DRAFT_PURGED", scope)
          .status());
  return scope.store().DeleteDraft(dossier.row.referral_id);
}

absl::Time DraftEnds(const NodeContext& node, const ReferralRow& row) {
  return row.created_at + absl::Hours(24) * node.config.draft_days;
}

bool IsDossierClockDue(const NodeContext& node) {
  const auto due = node.store.ListReferralsToActOn(node.clock.Now(), 1);
  return due.ok() && !due->empty();
}

absl::StatusOr<bool> RunDossierClock(NodeContext& node, CommitScope& scope) {
  ASSIGN_OR_RETURN(const std::vector<Uuid> due,
                   scope.store().ListReferralsToActOn(scope.now(), kAtOnce));
  bool wrote = false;
  for (const Uuid& id : due) {
    const auto read = ReadDossier(scope.store(), id);
    if (!read.ok()) {
      RETURN_IF_ERROR(PassOver(id, read.status(), scope));
      continue;
    }
    const Dossier& dossier = *read;
    const bool draft = dossier.rows.empty();
    const absl::Status status = scope.Try([&] {
      return draft ? PurgeDraft(node, dossier, scope)
                   : Write(node, dossier, scope);
    });
    wrote |= status.ok() && !draft;
    if (status.ok()) continue;
    if (ReasonOf(status) == ErrorReason::kStoreUnavailable ||
        ReasonOf(status) == ErrorReason::kLogUnwritable) {
      return status;
    }
    if (!draft && ReasonOf(status) == ErrorReason::kNotAvailable &&
        DueKind(dossier.status) == fed::REFERRAL_EVENT_KIND_ALARM_RAISED) {
      RETURN_IF_ERROR(AlarmAtHome(node, dossier, scope));
    }
    // What may not leave is not tried every second.
    RETURN_IF_ERROR(scope.store().SetReferralState(
        id, {dossier.status.state, scope.now() + kLookAgain}));
  }
  return wrote;
}

}  // namespace comity
