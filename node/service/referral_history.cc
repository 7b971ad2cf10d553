#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"
#include "node/domain/crossed_reports.h"
#include "node/service/case_view.h"
#include "node/service/log_detail.h"
#include "node/service/referral_view.h"
#include "node/wire/enum_code.h"
#include "node/wire/event_text.h"
#include "node/wire/event_wire.h"
#include "node/wire/proto_time.h"

// What the events of a referral tell its readers, without what is in their
// openings.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Payload = fed::ReferralEventPayload;

absl::StatusOr<Payload> PayloadOf(const EventRow& row) {
  Payload payload;
  if (payload.ParseFromString(row.payload)) return payload;
  return ReasonError(ErrorReason::kIntegrityFailure,
                     "a stored event does not parse");
}

std::map<Uuid, const EventRow*> ById(const Dossier& dossier) {
  std::map<Uuid, const EventRow*> rows;
  for (const EventRow& row : dossier.rows) rows[row.event.event_id] = &row;
  return rows;
}

// Puts one event after the other into what is told of the whole.
class ProgressReader {
 public:
  explicit ProgressReader(const Dossier& dossier) : dossier_(dossier) {
    AddClearance();
    AddStatus();
  }

  void Read(const Payload& payload) {
    switch (payload.content_case()) {
      case Payload::kPacket:
        return ReadPacket(payload.packet());
      case Payload::kInfoRequest:
        *view_.mutable_asked() = payload.info_request().groups();
        view_.clear_refused();
        return;
      case Payload::kInfoAnswer:
        *view_.mutable_refused() = payload.info_answer().refused();
        return;
      case Payload::kAcceptance:
        *view_.mutable_acceptance() = payload.acceptance();
        return;
      case Payload::kPlan:
        *view_.mutable_plan() = payload.plan();
        return;
      case Payload::kReturnSchedule:
        *view_.mutable_schedule() = payload.return_schedule();
        return;
      case Payload::kHandover:
        *view_.mutable_handover() = payload.handover();
        return;
      case Payload::kFollowUp:
        *view_.add_follow_ups() = payload.follow_up();
        return;
      default:
        ReadLater(payload);
        return ReadEnd(payload);
    }
  }

  // A new plan ends what was scheduled under the last one.
  pb::ReferralProgress Result() && {
    if (!dossier_.status.schedule.has_value()) view_.clear_schedule();
    return std::move(view_);
  }

 private:
  void AddClearance() {
    if (!dossier_.row.clearance.has_value()) return;
    const RiskClearance& clearance = *dossier_.row.clearance;
    view_.set_cleared_by(clearance.cleared_by);
    *view_.mutable_cleared_at() = ToProtoTime(clearance.cleared_at);
    view_.set_risk(std::string(Name(clearance.risk)));
    if (clearance.reflection_ends_at.has_value()) {
      *view_.mutable_reflection_ends_at() =
          ToProtoTime(*clearance.reflection_ends_at);
    }
  }

  void AddStatus() {
    view_.set_reason(dossier_.row.reason);
    const ReferralStatus& status = dossier_.status;
    const ReferralParties& parties = dossier_.row.parties;
    view_.set_travels(status.terms.travels);
    view_.set_child(status.terms.child);
    view_.set_vital_interest(status.terms.vital_interest);
    view_.set_plan_accepted(status.plan_accepted);
    view_.set_follow_up(status.follow_up);
    view_.set_follow_up_stopped(status.follow_up_stopped);
    if (status.plan > 0) {
      view_.set_plan_by(
          (status.plan_by_holder ? parties.holder : parties.receiver).text());
      view_.set_person(!status.person_agrees.has_value() ? "NOT_ASKED"
                       : *status.person_agrees           ? "AGREES"
                                                         : "REFUSES");
    }
    const auto add = [&](const GuardianSignatures& signed_by,
                         const ParticipantCode& side) {
      if (signed_by.plan) view_.add_guardians_of_plan(side.text());
      if (signed_by.for_return) view_.add_guardians_of_return(side.text());
    };
    add(status.at_holder, parties.holder);
    add(status.at_receiver, parties.receiver);
  }

  void ReadPacket(const fed::ReferralPacket& packet) {
    view_.set_risk(EnumCode(*fed::RiskLevel_descriptor(), packet.risk()));
    view_.set_reason(packet.reason());
    if (packet.has_reflection_ends_at()) {
      *view_.mutable_reflection_ends_at() = packet.reflection_ends_at();
    }
  }

  void ReadLater(const Payload& payload) {
    if (payload.has_feedback()) *view_.add_feedback() = payload.feedback();
    if (payload.has_risk_question()) {
      *view_.mutable_risk_question() = payload.risk_question();
      view_.clear_risk_answer();
    }
    if (payload.has_risk_answer()) {
      *view_.mutable_risk_answer() = payload.risk_answer();
    }
    if (!payload.has_correction()) return;
    pb::ReferralCorrection& correction = *view_.add_corrections();
    AddGroups(CarriedGroups(payload), correction.mutable_groups());
    *correction.mutable_corrected_at() = payload.occurred_at();
  }

  void ReadEnd(const Payload& payload) {
    if (payload.has_decline() || payload.has_closure() ||
        payload.has_cancellation()) {
      view_.set_outcome(EventText(payload));
    }
  }

  const Dossier& dossier_;
  pb::ReferralProgress view_;
};

void ClearCommitments(
    google::protobuf::RepeatedPtrField<fed::FieldCommitment>& fields) {
  for (fed::FieldCommitment& field : fields) field.clear_commitment();
}

// What the line about an event says, in codes.
Payload ShownContent(const Payload& payload) {
  Payload shown = payload;
  shown.clear_parents();
  shown.clear_recalled();
  shown.clear_attachment();
  if (payload.has_packet()) {
    const fed::ReferralPacket& sent = payload.packet();
    fed::ReferralPacket packet;
    packet.set_purpose(sent.purpose());
    packet.set_basis(sent.basis());
    packet.set_reason(sent.reason());
    packet.set_risk(sent.risk());
    packet.set_child(sent.child());
    packet.set_vital_interest(sent.vital_interest());
    *shown.mutable_packet() = packet;
  }
  if (payload.has_info_answer()) {
    ClearCommitments(*shown.mutable_info_answer()->mutable_fields());
  }
  if (payload.has_correction()) {
    ClearCommitments(*shown.mutable_correction()->mutable_fields());
  }
  return shown;
}

absl::StatusOr<pb::ReferralHistoryEntry> EntryOf(const EventRow& row) {
  ASSIGN_OR_RETURN(const Payload payload, PayloadOf(row));
  pb::ReferralHistoryEntry entry;
  entry.set_event_id(row.event.event_id.ToString());
  entry.set_author(row.event.author.text());
  entry.set_kind(std::string(Name(row.event.kind)));
  *entry.mutable_occurred_at() = payload.occurred_at();
  entry.set_log_index(row.leaf_index);
  entry.set_summary(EventText(payload));
  *entry.mutable_content() = ShownContent(payload);
  fed::EventReceipt receipt;
  if (receipt.ParseFromString(row.receipt_payload) && receipt.has_delivered()) {
    *entry.mutable_delivered_at() = receipt.delivered().delivered_at();
  }
  if (receipt.has_refusal()) {
    entry.set_refusal(ReasonWord(receipt.refusal().reason()));
    entry.set_summary(absl::StrCat("refused: ", entry.refusal()));
  }
  return entry;
}

}  // namespace

absl::StatusOr<pb::ReferralProgress> ProgressOf(const Dossier& dossier) {
  const std::map<Uuid, const EventRow*> rows = ById(dossier);
  ProgressReader reader(dossier);
  for (const ReferralEvent& event :
       EventsWithEffect(dossier.row.parties, dossier.ordered)) {
    ASSIGN_OR_RETURN(const Payload payload,
                     PayloadOf(*rows.at(event.event_id)));
    reader.Read(payload);
  }
  return std::move(reader).Result();
}

absl::StatusOr<std::vector<pb::ReferralHistoryEntry>> HistoryOf(
    const Dossier& dossier) {
  std::set<Uuid> effective;
  for (const ReferralEvent& event :
       EventsWithEffect(dossier.row.parties, dossier.ordered)) {
    effective.insert(event.event_id);
  }
  const std::set<Uuid> crossed = CrossedReports(dossier.ordered);
  std::map<Uuid, const EventRow*> rows = ById(dossier);
  std::vector<pb::ReferralHistoryEntry> history;
  const auto add = [&](const EventRow& row) -> absl::Status {
    ASSIGN_OR_RETURN(pb::ReferralHistoryEntry entry, EntryOf(row));
    entry.set_without_effect(!effective.contains(row.event.event_id));
    if (crossed.contains(row.event.event_id)) {
      entry.set_summary("she had said no to reports");
    }
    history.push_back(std::move(entry));
    return absl::OkStatus();
  };
  for (const ReferralEvent& event : dossier.ordered) {
    RETURN_IF_ERROR(add(*rows.at(event.event_id)));
    rows.erase(event.event_id);
  }
  for (const EventRow& row : dossier.rows) {
    if (rows.contains(row.event.event_id)) RETURN_IF_ERROR(add(row));
  }
  return history;
}

}  // namespace comity
