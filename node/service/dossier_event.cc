#include "node/service/dossier_event.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/facts.h"
#include "node/wire/case_record.h"
#include "node/wire/event_wire.h"

namespace comity {
namespace {

// The newest event of each author: what an event written now has seen.
std::vector<Uuid> HeadsOf(const std::vector<ReferralEvent>& ordered) {
  std::map<ParticipantCode, const ReferralEvent*> newest;
  for (const ReferralEvent& event : ordered) {
    const ReferralEvent*& head = newest[event.author];
    // The last one in order, should a lost receipt have led to two of a number.
    if (head == nullptr || head->sequence <= event.sequence) head = &event;
  }
  std::vector<Uuid> heads;
  heads.reserve(newest.size());
  for (const auto& [author, event] : newest) heads.push_back(event->event_id);
  return heads;
}

}  // namespace

bool EndsDisclosure(ReferralEventKind kind) {
  return kind == ReferralEventKind::kConsentWithdrawn ||
         kind == ReferralEventKind::kErasureConfirmed ||
         kind == ReferralEventKind::kFollowUpStopped;
}

federation::v1::ReferralEventPayload StoredPayload(const EventRow& row) {
  federation::v1::ReferralEventPayload payload;
  payload.ParseFromString(row.payload);
  return payload;
}

federation::v1::ReferralEventPayload StoredPayload(const Dossier& dossier,
                                                   const Uuid& event_id) {
  for (const EventRow& row : dossier.rows) {
    if (row.event.event_id == event_id) return StoredPayload(row);
  }
  return {};
}

absl::Status CheckDanger(const NodeContext& node, const Dossier& dossier,
                         const StoreReader& store) {
  const ParticipantCode& other = dossier.OtherThan(node.self);
  std::vector<Uuid> cases = {dossier.row.case_id};
  if (dossier.row.parties.holder != node.self) {
    ASSIGN_OR_RETURN(cases, store.ListCasesFrom(dossier.row.referral_id));
  }
  for (const Uuid& case_id : cases) {
    ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(case_id));
    const BuiltInDanger danger = DangerInDossier(facts, other);
    if (danger == BuiltInDanger::kNone) continue;
    return ReasonError(
        ErrorReason::kNotAvailable,
        absl::StrCat("the danger screening of the case keeps everything from "
                     "this participant: ",
                     Name(danger)));
  }
  return absl::OkStatus();
}

absl::StatusOr<NewEvent> BeginEvent(
    const NodeContext& node, const Dossier& dossier, const Uuid& event_id,
    federation::v1::ReferralEventPayload payload, Role role, absl::Time now) {
  ReferralEvent event{event_id, dossier.row.referral_id, node.self};
  event.sequence = 1;
  for (const ReferralEvent& each : dossier.ordered) {
    if (each.author == node.self) ++event.sequence;
  }
  event.parents = HeadsOf(dossier.ordered);
  event.kind = static_cast<ReferralEventKind>(payload.kind());
  event.occurred_at = absl::FromUnixMillis(absl::ToUnixMillis(now));
  event.role = role;
  ASSIGN_OR_RETURN(event.content, ContentOf(payload));
  ASSIGN_OR_RETURN(event.recalled, RecalledOf(payload));
  RETURN_IF_ERROR(CheckEvent(dossier.row.parties, dossier.status, event));
  FormatEvent(event, payload);
  return NewEvent{std::move(event), std::move(payload), {}};
}

void AddFields(
    const Permit& permit, const record::v1::CaseRecord& record,
    RandomSource& random,
    google::protobuf::RepeatedPtrField<federation::v1::FieldCommitment>* fields,
    std::vector<FieldOpening>& openings) {
  for (const FieldGroup group : permit.groups().Values()) {
    record::v1::CaseRecord part = record;
    RedactRecord({group}, permit.duties().redact, part);
    FieldOpening opening{group, random.Bytes(32), part.SerializeAsString()};
    auto* field = fields->Add();
    field->set_group(static_cast<v1::RecordGroup>(group));
    field->set_commitment(
        CommitField(opening.salt, static_cast<uint8_t>(group), opening.value));
    openings.push_back(std::move(opening));
  }
}

absl::Status WriteEvent(NodeContext& node, const Dossier& dossier,
                        const NewEvent& event, CommitScope& scope) {
  const bool ends = EndsDisclosure(event.event.kind);
  if (!ends) RETURN_IF_ERROR(CheckDanger(node, dossier, scope.store()));
  const ParticipantCode& other = dossier.OtherThan(node.self);
  UnprovedMessage message = MakeMessage(
      MessageKind::kEvent, node.self, other, event.event.event_id, "",
      kEventType, event.payload.SerializeAsString(), scope.now(), node.random);
  const std::string leaf = FormatMessageLeaf(message.leaf);
  ASSIGN_OR_RETURN(const uint64_t index,
                   scope.Append(PartnerLogOrigin(node.self, other), leaf, ""));
  std::vector<ReferralEvent> events = dossier.events;
  events.push_back(event.event);
  EventRow row{event.event,
               message.type,
               message.payload,
               message.salt,
               leaf,
               index,
               SerializeOpenings(event.openings)};
  const ReferralStatus status =
      StatusOf(dossier.row.parties, OrderEvents(std::move(events)));
  RETURN_IF_ERROR(scope.store().InsertEvent(
      row, StandingAt(node.self, dossier.row.parties, status)));
  return scope.store().InsertOutbox({other, dossier.row.referral_id,
                                     event.event.event_id, scope.now(), ends});
}

}  // namespace comity
