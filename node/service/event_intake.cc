#include "node/service/event_intake.h"

#include "absl/strings/str_cat.h"
#include "node/audit/own_log.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/dossier.h"
#include "node/service/approvals.h"
#include "node/service/case_answer.h"
#include "node/service/correction_intake.h"
#include "node/service/erasure.h"
#include "node/service/info_exchange.h"
#include "node/service/packet_decision.h"
#include "node/service/recall.h"
#include "node/service/refused_events.h"
#include "node/service/taken_in.h"
#include "node/service/withdrawal.h"
#include "node/wire/error_wire.h"
#include "node/wire/event_wire.h"
#include "node/wire/offer_opening.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = federation::v1;
constexpr size_t kReceiptClass = 512;
constexpr absl::Duration kClockTolerance = absl::Minutes(5);

std::string Padded(pb::EventReceipt& receipt) {
  receipt.set_padding(PaddingFor(receipt.ByteSizeLong(), kReceiptClass));
  return receipt.SerializeAsString();
}

// The new dossier that a packet opens at its receiver.
absl::StatusOr<ReferralRow> RowOf(const NodeContext& node,
                                  const FederationCall& call,
                                  const ParsedEvent& event) {
  const pb::ReferralPacket& packet = event.payload.packet();
  ReferralRow row{event.event.referral_id,
                  {call.caller.participant, node.self}};
  ASSIGN_OR_RETURN(row.pseudonym, Uuid::FromBytes(packet.pseudonym()));
  row.purpose = FromName<Purpose>(packet.purpose());
  row.basis = FromName<LegalBasis>(packet.basis());
  row.agreement_id = packet.agreement_id();
  row.agreement_digest = packet.agreement_digest();
  row.created_at = call.now;
  return row;
}

ReleaseNote NoteOf(const ReferralRow& row, const pb::ReleaseTerms& terms) {
  return {row.parties.holder, false,        "RECEIVED",
          NoticesOf(terms),   "",           terms.break_glass(),
          row.agreement_id,   row.pseudonym};
}

// What the own people made of the older value is theirs to correct.
ReleaseNote CorrectionNote(const ReferralRow& row,
                           const pb::ReleaseTerms& terms) {
  ReleaseNote note = NoteOf(row, terms);
  note.kind = "CORRECTED";
  note.notify = note.notify.With(NoticeTarget::kCoordinatorAtAsker);
  return note;
}

// Somebody is to fetch it.
ReleaseNote OfferNote(const ReferralRow& row, const pb::ReleaseTerms& terms) {
  ReleaseNote note = NoteOf(row, terms);
  note.kind = "ATTACHMENT_OFFERED";
  note.notify = note.notify.With(NoticeTarget::kCoordinatorAtAsker);
  return note;
}

// What crossed with an erasure or a withdrawal is not kept any more. The event
// is: the chain goes on from it.
std::string KeptOpenings(const Message& message, const Dossier& dossier) {
  return KeepsOpenings(dossier) ? SerializeOpenings(message.openings)
                                : std::string();
}

// People look after what they hold on paper.
ReleaseNote WithdrawalNote(const NodeContext& node,
                           const ReferralRow& referral) {
  const bool holder = referral.parties.holder == node.self;
  const ParticipantCode& other =
      holder ? referral.parties.receiver : referral.parties.holder;
  const EnumSet<NoticeTarget> targets = {
      NoticeTarget::kCoordinatorAtHolder, NoticeTarget::kDpoAtHolder,
      NoticeTarget::kCoordinatorAtAsker, NoticeTarget::kDpoAtAsker};
  return {other, holder, "WITHDRAWN",           targets,
          "",    false,  referral.agreement_id, referral.pseudonym};
}

}  // namespace

// One event on its way in.
struct EventIntake::Pending {
  FederationCall call;
  absl::StatusOr<ParsedEvent> event;
  UnprovedMessage receipt;
  // What decides, and what the own log says decided: in force when the commit
  // began.
  std::shared_ptr<const PolicyEngine> engine = nullptr;
  // What is noted when a packet is stored.
  std::optional<ReleaseNote> note;
  // A receipt that was given before: where it stands in the log.
  std::optional<EventRow> repeated;
  std::string repeated_proof;
  MessageDone done;
};

void EventIntake::Take(const Caller& caller, Message message, MessageDone done,
                       Carriage how) {
  auto call =
      gate_.Verify(caller, MessageKind::kEvent, std::move(message), how);
  if (!call.ok()) return done(call.status());
  auto event = ParseEvent(call->message.leaf, call->message.message.payload);
  UnprovedMessage nothing{MessageLeaf{MessageKind::kReceipt, call->now,
                                      node_.self, caller.participant}};
  auto pending = std::make_shared<Pending>(
      Pending{*std::move(call), std::move(event), std::move(nothing), nullptr,
              std::nullopt, std::nullopt, "", std::move(done)});
  node_.writer.Submit(
      [this, pending](CommitScope& scope) { return Commit(*pending, scope); },
      [pending](absl::StatusOr<std::vector<LoggedEntry>> entries) {
        if (!entries.ok()) {
          pending->done(entries.status());
        } else if (pending->repeated.has_value()) {
          const EventRow& row = *pending->repeated;
          pending->done(Message{row.receipt_leaf,
                                kReceiptType,
                                row.receipt_payload,
                                row.receipt_salt,
                                pending->repeated_proof,
                                {}});
        } else {
          pending->done(ProvedMessage(std::move(pending->receipt),
                                      std::move((*entries)[0].proof)));
        }
      },
      caller.participant.text());
}

absl::Status EventIntake::Commit(Pending& pending, CommitScope& scope) {
  const FederationCall& call = pending.call;
  pending.engine = node_.policy.Get(scope.now());
  RETURN_IF_ERROR(scope.Observe(call.caller.participant, call.message));
  const auto known = scope.store().ReadEvent(call.message.leaf.request_id);
  if (known.ok()) {
    if (known->leaf == call.message.message.leaf) {
      pending.repeated = *known;
      ASSIGN_OR_RETURN(
          pending.repeated_proof,
          ProveEntry(scope.store(),
                     PartnerLogOrigin(node_.self, call.caller.participant),
                     known->receipt_leaf_index));
      return absl::OkStatus();
    }
    return Refuse(pending,
                  ReasonError(ErrorReason::kRequestIdReused,
                              "the event id was used for another event"),
                  scope);
  }
  absl::Status stored = pending.event.status();
  if (stored.ok()) {
    stored = CheckNotRefused(scope.store(), call.caller.participant,
                             call.message.leaf.request_id);
  }
  if (stored.ok()) {
    stored = scope.Try([&] { return Store(pending, scope); });
  }
  // What the packet or the moment is to blame for is answered with evidence;
  // a store that fails is not, nor what is to come once more.
  if (stored.ok() || ReasonOf(stored) == ErrorReason::kStoreUnavailable ||
      ReasonOf(stored) == ErrorReason::kEventTooEarly ||
      ReasonOf(stored) == ErrorReason::kInternal) {
    return stored;
  }
  return Refuse(pending, stored, scope);
}

// Where the event leads to once its receipt is given. Events that crossed on
// their way are kept, whatever they come to.
absl::StatusOr<ReferralStanding> EventIntake::StandingWith(
    const Pending& pending, ReferralEvent event, const Dossier& dossier) const {
  const FederationCall& call = pending.call;
  if (event.occurred_at > call.now + kClockTolerance) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the event lies in the future by this node's clock");
  }
  RETURN_IF_ERROR(CheckIncoming(dossier.row.parties, dossier.events, event));
  event.receipt = ReceiptOutcome::kStored;
  event.received_at = call.now;
  std::vector<ReferralEvent> events = dossier.events;
  events.push_back(std::move(event));
  return StandingAt(
      node_.self, dossier.row.parties,
      StatusOf(dossier.row.parties, OrderEvents(std::move(events))));
}

// What the event tells of the record, a packet aside: an answer to a question
// of ours, a correction of what was told, the offer of a document, and nothing
// else.
absl::Status EventIntake::TakeTold(Pending& pending, const Dossier& dossier,
                                   CommitScope& scope) {
  const FederationCall& call = pending.call;
  const ParsedEvent& event = *pending.event;
  if (event.event.kind == ReferralEventKind::kSent) return absl::OkStatus();
  if (event.event.kind == ReferralEventKind::kAlarmRaised ||
      event.event.kind == ReferralEventKind::kExpired ||
      event.event.kind == ReferralEventKind::kFollowUpStopped) {
    pending.note = EventNote(node_.self, dossier.row, event.event.kind);
  }
  if (event.event.kind == ReferralEventKind::kConsentWithdrawn) {
    pending.note = WithdrawalNote(node_, dossier.row);
  }
  ASSIGN_OR_RETURN(const FieldGroups told,
                   CheckOpenings(event.payload, call.message.message.openings));
  ReferralRow row = dossier.row;
  if (event.event.kind == ReferralEventKind::kInfoAnswered) {
    const pb::InfoAnswer& answer = event.payload.info_answer();
    ASSIGN_OR_RETURN(const Duties agreed,
                     DecideAnswer(node_, *pending.engine, call.caller, dossier,
                                  told, answer, call.now));
    if (told.empty()) return absl::OkStatus();
    BindTo(answer.terms(), agreed, scope.now(), row);
    pending.note = NoteOf(row, answer.terms());
  } else if (event.event.kind == ReferralEventKind::kCorrected) {
    const pb::Correction& correction = event.payload.correction();
    ASSIGN_OR_RETURN(const uint32_t approvals,
                     CountApprovers(correction.officer_pseudonym(),
                                    correction.approver_pseudonyms()));
    ASSIGN_OR_RETURN(const Duties agreed,
                     DecideCorrection(node_, *pending.engine, call.caller,
                                      dossier, told, approvals, call.now));
    BindTo(correction.terms(), agreed, scope.now(), row);
    pending.note = CorrectionNote(row, correction.terms());
  } else if (event.payload.has_attachment() && !told.empty()) {
    ASSIGN_OR_RETURN(
        const auto offer,
        OpenOffer(event.payload.attachment(), call.message.message.openings));
    // Own people approve when they ask for it.
    ASSIGN_OR_RETURN(const Duties agreed,
                     DecideCorrection(node_, *pending.engine, call.caller,
                                      dossier, told, UINT32_MAX, call.now));
    BindTo(offer->terms(), agreed, scope.now(), row);
    pending.note = OfferNote(row, offer->terms());
  } else {
    return absl::OkStatus();
  }
  return scope.store().BindReferral(row.referral_id, row.erase_at,
                                    row.no_onward_transfer);
}

absl::Status EventIntake::Store(Pending& pending, CommitScope& scope) {
  const FederationCall& call = pending.call;
  const ParsedEvent& event = *pending.event;
  auto referral = scope.store().ReadReferral(event.event.referral_id);
  if (!referral.ok() && event.event.kind == ReferralEventKind::kSent) {
    RETURN_IF_ERROR(CheckNotWithdrawn(scope.store(), call.caller.participant,
                                      event.event.referral_id));
    ASSIGN_OR_RETURN(ReferralRow row, RowOf(node_, call, event));
    ASSIGN_OR_RETURN(
        const Duties agreed,
        DecidePacket(node_, *pending.engine, scope.store(), call, event, row));
    const pb::ReleaseTerms& terms = event.payload.packet().terms();
    BindTo(terms, agreed, scope.now(), row);
    RETURN_IF_ERROR(scope.store().InsertReferral(row));
    pending.note = NoteOf(row, terms);
    referral = row;
  }
  if (!referral.ok() ||
      (call.caller.participant != referral->parties.holder &&
       call.caller.participant != referral->parties.receiver)) {
    return ReasonError(ErrorReason::kNotAvailable,
                       "there is no open referral of this id between the two");
  }
  ASSIGN_OR_RETURN(Dossier dossier,
                   ReadDossier(scope.store(), event.event.referral_id));
  ASSIGN_OR_RETURN(const ReferralStanding standing,
                   StandingWith(pending, event.event, dossier));
  RETURN_IF_ERROR(TakeTold(pending, dossier, scope));
  pb::EventReceipt receipt;
  *receipt.mutable_delivered()->mutable_delivered_at() =
      ToProtoTime(scope.now());
  ASSIGN_OR_RETURN(
      const uint64_t receipt_index,
      AppendReceipt(pending, Padded(receipt),
                    absl::StrCat("EVENT ", Name(event.event.kind), " STORED"),
                    scope));
  EventRow row{event.event,
               call.message.message.type,
               call.message.message.payload,
               call.message.message.salt,
               call.message.message.leaf,
               call.message.index,
               KeptOpenings(call.message.message, dossier),
               pending.receipt.payload,
               pending.receipt.salt,
               FormatMessageLeaf(pending.receipt.leaf),
               receipt_index,
               call.message.message.proof};
  if (event.event.kind == ReferralEventKind::kCorrected) {
    return InsertCorrection(node_, *pending.engine, dossier, row, standing,
                            scope);
  }
  RETURN_IF_ERROR(scope.store().InsertEvent(row, standing));
  RETURN_IF_ERROR(CarryOut(pending, *referral, scope));
  if (event.event.recalled.empty()) return absl::OkStatus();
  return FollowRecall(node_, event.event.referral_id, scope);
}

// In the same transaction: what a withdrawal asks for, or another event shows.
absl::Status EventIntake::CarryOut(Pending& pending,
                                   const ReferralRow& referral,
                                   CommitScope& scope) {
  const ParsedEvent& event = *pending.event;
  if (event.event.kind != ReferralEventKind::kConsentWithdrawn) {
    return TellMissedWithdrawal(node_, referral, scope);
  }
  if (referral.parties.receiver == node_.self) {
    return ObeyWithdrawal(node_, referral.referral_id,
                          event.payload.withdrawal(), referral.state, scope);
  }
  return TakeBackAtHolder(node_, referral, event.payload.withdrawal(),
                          event.event.event_id, scope);
}

absl::Status EventIntake::Refuse(Pending& pending, const absl::Status& why,
                                 CommitScope& scope) {
  pending.note.reset();
  RETURN_IF_ERROR(NoteRefused(scope.store(), pending.call.caller.participant,
                              pending.call.message.leaf.request_id, why));
  if (pending.event.ok() &&
      pending.event->event.kind == ReferralEventKind::kConsentWithdrawn &&
      ReasonOf(why) == ErrorReason::kNotAvailable) {
    RETURN_IF_ERROR(NoteWithdrawn(scope.store(),
                                  pending.call.caller.participant,
                                  pending.event->event.referral_id));
  }
  pb::EventReceipt receipt;
  receipt.mutable_refusal()->set_reason(std::string(ReasonName(ReasonOf(why))));
  receipt.mutable_refusal()->set_message(PublicMessage(why));
  return AppendReceipt(pending, Padded(receipt),
                       absl::StrCat("EVENT DENY ", ReasonName(ReasonOf(why))),
                       scope)
      .status();
}

absl::StatusOr<uint64_t> EventIntake::AppendReceipt(Pending& pending,
                                                    std::string payload,
                                                    absl::string_view detail,
                                                    CommitScope& scope) {
  const FederationCall& call = pending.call;
  pending.receipt =
      MakeMessage(MessageKind::kReceipt, node_.self, call.caller.participant,
                  call.message.leaf.request_id, call.message.leaf_hash,
                  kReceiptType, std::move(payload), scope.now(), node_.random);
  ASSIGN_OR_RETURN(
      const uint64_t index,
      scope.Append(PartnerLogOrigin(node_.self, call.caller.participant),
                   FormatMessageLeaf(pending.receipt.leaf), ""));
  OwnEntry own;
  own.kind = OwnKind::kAnswered;
  own.time = scope.now();
  own.request_id = call.message.leaf.request_id;
  own.peer = call.caller.participant.text();
  own.question_leaf = call.message.leaf_hash;
  own.answer_leaf = scope.entries().back().leaf_hash;
  own.policy_digest = PolicyDigestOf(*pending.engine);
  own.actor = own.peer;
  own.detail = std::string(detail);
  if (pending.event.ok()) own.about = {pending.event->event.referral_id};
  ASSIGN_OR_RETURN(const uint64_t own_index,
                   AppendOwn(node_.self, own, node_.random, scope));
  if (pending.note.has_value()) {
    RETURN_IF_ERROR(NoteRelease(node_, *pending.note, own_index, scope));
  }
  return index;
}

}  // namespace comity
