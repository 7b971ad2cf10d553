#include "node/service/dossier_event.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/event_wire.h"

namespace comity {
namespace {

// The newest event of each author: what an event written now has seen.
std::vector<Uuid> HeadsOf(const std::vector<EventRow>& rows) {
  std::map<ParticipantCode, const EventRow*> newest;
  for (const EventRow& row : rows) {
    const EventRow*& head = newest[row.event.author];
    if (head == nullptr || head->event.sequence < row.event.sequence) {
      head = &row;
    }
  }
  std::vector<Uuid> heads;
  for (const auto& [author, row] : newest) heads.push_back(row->event.event_id);
  return heads;
}

ParticipantCode OtherParty(const NodeContext& node,
                           const ReferralRow& referral) {
  return referral.parties.holder == node.self ? referral.parties.receiver
                                              : referral.parties.holder;
}

}  // namespace

absl::StatusOr<NewEvent> BeginEvent(const NodeContext& node,
                                    const StoreReader& reader,
                                    const ReferralRow& referral,
                                    const Uuid& event_id,
                                    ReferralEventKind kind, Role role,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<EventRow> rows,
                   reader.ReadEvents(referral.referral_id));
  ReferralEvent event{event_id, referral.referral_id, node.self};
  event.sequence = 1;
  for (const EventRow& row : rows) {
    if (row.event.author == node.self) ++event.sequence;
  }
  event.parents = HeadsOf(rows);
  event.kind = kind;
  event.occurred_at = absl::FromUnixMillis(absl::ToUnixMillis(now));
  event.role = role;
  RETURN_IF_ERROR(CheckEvent(referral.parties, referral.state, event));
  return NewEvent{event, FormatEvent(event), {}};
}

absl::Status WriteEvent(NodeContext& node, const ReferralRow& referral,
                        const NewEvent& event, CommitScope& scope) {
  const ParticipantCode other = OtherParty(node, referral);
  UnprovedMessage message = MakeMessage(
      MessageKind::kEvent, node.self, other, event.event.event_id, "",
      kEventType, event.payload.SerializeAsString(), scope.now(), node.random);
  const std::string leaf = FormatMessageLeaf(message.leaf);
  ASSIGN_OR_RETURN(const uint64_t index,
                   scope.Append(PartnerLogOrigin(node.self, other), leaf, ""));
  ASSIGN_OR_RETURN(const std::vector<EventRow> rows,
                   scope.store().ReadEvents(referral.referral_id));
  std::vector<ReferralEvent> events;
  for (const EventRow& row : rows) events.push_back(row.event);
  events.push_back(event.event);
  EventRow row{event.event,
               message.type,
               message.payload,
               message.salt,
               leaf,
               index,
               SerializeOpenings(event.openings)};
  RETURN_IF_ERROR(scope.store().InsertEvent(
      row, StateOf(referral.parties, OrderEvents(std::move(events)))));
  return scope.store().InsertOutbox(
      {other, referral.referral_id, event.event.event_id, scope.now()});
}

}  // namespace comity
