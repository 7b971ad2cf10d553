#include "node/service/follow_up_stop.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"
#include "node/service/consent_steps.h"
#include "node/service/consent_view.h"
#include "node/service/dossier_event.h"
#include "node/service/referral_steps.h"
#include "node/service/withdrawal.h"

// She wants no follow-up reports any more, and goes on consenting to all else.
namespace comity {
namespace {

namespace pb = operators::v1;
using Payload = federation::v1::ReferralEventPayload;

// Whether what the other side may not have yet ends in reports alone. Taking a
// report back takes back what follows it, too: an answer to a withdrawal must
// not go with it.
bool EndsInReports(const NodeContext& node, const Dossier& dossier) {
  const std::set<Uuid> seen = SeenByOther(node, dossier);
  bool reports = false;
  for (const ReferralEvent& event : dossier.ordered) {
    if (event.author != node.self || event.receipt != ReceiptOutcome::kNone ||
        seen.contains(event.event_id)) {
      continue;
    }
    const bool report = event.kind == ReferralEventKind::kFollowUp;
    if (reports && !report) return false;
    reports = report;
  }
  return reports;
}

Payload StopOf(const std::vector<Uuid>& recalled) {
  Payload payload;
  payload.set_kind(federation::v1::REFERRAL_EVENT_KIND_FOLLOW_UP_STOPPED);
  for (const Uuid& id : recalled) payload.add_recalled(id.ToString());
  return payload;
}

// No grant is asked for: nobody's rules keep her from saying no.
absl::Status WriteStop(NodeContext& node, const Dossier& dossier,
                       const Uuid& event_id, Payload payload, Role role,
                       CommitScope& scope) {
  ASSIGN_OR_RETURN(const NewEvent event,
                   BeginEvent(node, dossier, event_id, std::move(payload), role,
                              scope.now()));
  RETURN_IF_ERROR(WriteEvent(node, dossier, event, scope));
  // What it builds on goes ahead with it.
  return scope.store().HurryOutbox(dossier.row.referral_id);
}

absl::Status Write(OperatorCall& call, const ReferralRow& referral,
                   const Uuid& event_id, CommitScope& scope,
                   pb::WithdrawFollowUpsResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(Dossier dossier,
                   ReadDossier(scope.store(), referral.referral_id));
  std::vector<Uuid> recalled;
  if (EndsInReports(node, dossier)) {
    ASSIGN_OR_RETURN(recalled, TakeBackWaiting(
                                   node, dossier,
                                   [](const EventRow& row) {
                                     return row.event.kind ==
                                            ReferralEventKind::kFollowUp;
                                   },
                                   scope));
  }
  RETURN_IF_ERROR(WriteStop(node, dossier, event_id, StopOf(recalled),
                            call.caller().role, scope));
  response.set_reports(dossier.status.follow_ups);
  response.set_taken_back(static_cast<uint32_t>(recalled.size()));
  return absl::OkStatus();
}

}  // namespace

absl::Status StopFollowUpsAgain(NodeContext& node, const Dossier& before,
                                const std::vector<Uuid>& recalled,
                                CommitScope& scope) {
  for (const ReferralEvent& event : before.events) {
    if (event.kind != ReferralEventKind::kFollowUpStopped ||
        std::find(recalled.begin(), recalled.end(), event.event_id) ==
            recalled.end()) {
      continue;
    }
    ASSIGN_OR_RETURN(const Dossier dossier,
                     ReadDossier(scope.store(), before.row.referral_id));
    if (!dossier.status.follow_up) return absl::OkStatus();
    return WriteStop(node, dossier, NewUuid(node.random), StopOf({}),
                     event.role, scope);
  }
  return absl::OkStatus();
}

absl::Status HandleWithdrawFollowUps(
    OperatorCall& call, const pb::WithdrawFollowUpsRequest& request,
    pb::WithdrawFollowUpsResponse& response) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid event_id, Uuid::Parse(request.request_id()));
  RETURN_IF_ERROR(ParseChannel(request.channel()).status());
  ASSIGN_OR_RETURN(const ReferralRow referral,
                   FindReferral(call, request.referral_id()));
  call.SetRequestId(event_id);
  call.SetPeer(referral.parties.holder == node.self ? referral.parties.receiver
                                                    : referral.parties.holder);
  call.SetDetail(absl::StrCat(Name(ReferralEventKind::kFollowUpStopped),
                              " through ", request.channel()));
  return call
      .Commit([&](CommitScope& scope) {
        return Write(call, referral, event_id, scope, response);
      })
      .status();
}

}  // namespace comity
