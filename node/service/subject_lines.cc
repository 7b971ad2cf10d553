#include "node/service/subject_lines.h"

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "comity/operators/v1/decision.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/attachment_view.h"
#include "node/service/case_view.h"
#include "node/service/log_detail.h"
#include "node/wire/own_leaf.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace fed = federation::v1;
using Line = fed::SubjectLine;

// "NAPTIP/amina.b (COORDINATOR)" without the person; the node itself has no
// organisation.
void AddActor(absl::string_view actor, Line& line) {
  const size_t slash = actor.find('/');
  const size_t role = actor.rfind('(');
  if (slash == absl::string_view::npos || role == absl::string_view::npos ||
      !absl::EndsWith(actor, ")")) {
    return;
  }
  line.set_organisation(std::string(actor.substr(0, slash)));
  line.set_role(std::string(actor.substr(role + 1, actor.size() - role - 2)));
}

// What an event of a dossier says, besides who wrote it.
absl::Status AddEvent(const StoreReader& store, const EventRow& row,
                      Line& line) {
  line.set_operation(std::string(Name(row.event.kind)));
  fed::ReferralEventPayload payload;
  if (!payload.ParseFromString(row.payload)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a stored event does not parse");
  }
  ASSIGN_OR_RETURN(const FieldGroups groups, ConcernedGroups(store, row));
  ASSIGN_OR_RETURN(const auto offer, ReadOffered(store, row));
  if (offer.has_value()) line.set_attachment(offer->kind());
  // Of an offer that was withheld the own log's line still says what it was.
  if (!payload.has_attachment() || offer.has_value()) {
    line.clear_groups();
    AddGroups(groups, line.mutable_groups());
  }
  *line.mutable_copies() = payload.erasure().copies();
  fed::EventReceipt receipt;
  if (receipt.ParseFromString(row.receipt_payload) && receipt.has_delivered()) {
    *line.mutable_delivered_at() = receipt.delivered().delivered_at();
  }
  line.set_refused(receipt.has_refusal());
  const auto referral = store.ReadReferral(row.event.referral_id);
  if (!referral.ok()) return absl::OkStatus();
  line.set_purpose(std::string(Name(referral->purpose)));
  line.set_basis(std::string(Name(referral->basis)));
  line.set_agreement_id(referral->agreement_id);
  return absl::OkStatus();
}

// A partner's question with what it was decided on.
void AddQuestion(const OwnEntry& entry, Line& line) {
  operators::v1::DecisionFacts facts;
  if (!facts.ParseFromString(entry.facts) || !facts.has_request()) return;
  const operators::v1::DecisionRequest& request = facts.request();
  line.set_operation(request.operation());
  line.set_organisation(request.organisation());
  line.set_role(request.role());
  line.set_purpose(request.purpose());
  line.set_basis(request.basis());
  line.set_agreement_id(request.agreement_id());
}

// What own people asked, as an operation across the border.
std::string AskedFor(absl::string_view local) {
  return std::string(Name(local == Name(LocalOperation::kSubjectReport)
                              ? Operation::kSubjectAccess
                              : Operation::kCaseQuery));
}

fed::SubjectAct ActOf(const OwnEntry& entry, bool is_event) {
  switch (entry.kind) {
    case OwnKind::kAnswered:
      return is_event ? fed::SUBJECT_ACT_TOLD_BY_OTHER
                      : fed::SUBJECT_ACT_ASKED_BY_OTHER;
    case OwnKind::kAsked:
      return fed::SUBJECT_ACT_ASKED_OTHER;
    case OwnKind::kReceiptReceived:
      return fed::SUBJECT_ACT_RECEIPT_OF_OTHER;
    default:
      break;
  }
  if (is_event) return fed::SUBJECT_ACT_TOLD_TO_OTHER;
  return absl::StrContains(entry.actor, '/') ? fed::SUBJECT_ACT_AT_HOME
                                             : fed::SUBJECT_ACT_BY_NODE;
}

}  // namespace

absl::Status AddReceived(const StoreReader& store, const ReferralRow& row,
                         SubjectIds& ids) {
  ids.push_back(row.referral_id);
  ids.push_back(row.pseudonym);
  ASSIGN_OR_RETURN(const std::vector<Uuid> cases,
                   store.ListCasesFrom(row.referral_id));
  for (const Uuid& case_id : cases) {
    ids.push_back(case_id);
    ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(case_id));
    for (const MergedCase& each : facts.merged) ids.push_back(each.case_id);
    ASSIGN_OR_RETURN(const std::vector<ReferralRow> onward,
                     store.ListReferralsOf(case_id));
    for (const ReferralRow& each : onward) ids.push_back(each.referral_id);
  }
  return absl::OkStatus();
}

absl::StatusOr<Line> SubjectLineOf(const NodeContext& node,
                                   const StoreReader& store,
                                   const LeafRow& row) {
  ASSIGN_OR_RETURN(const OwnEntry entry, OpenOwnEntry(row.leaf, row.opening));
  const DetailWords words = ReadDetail(entry.detail);
  const auto event = store.ReadEvent(entry.request_id);
  // A message that was refused left no event.
  const bool is_event = event.ok() || words.operation == "EVENT";
  Line line;
  line.set_entry_index(row.index);
  *line.mutable_time() = ToProtoTime(entry.time);
  line.set_act(ActOf(entry, is_event));
  if (entry.peer != node.self.text()) line.set_participant(entry.peer);
  AddActor(entry.actor, line);
  line.set_operation(words.operation);
  line.set_refused(words.refused);
  line.set_agreement_id(words.agreement_id);
  line.set_purpose(words.purpose);
  // What refuses is a reason, and reasons are not told.
  if (!words.refused) {
    for (const std::string& rule : words.rules) line.add_rules(rule);
  }
  AddGroups(words.groups, line.mutable_groups());
  line.set_attachment(static_cast<fed::AttachmentKind>(words.document));
  if (event.ok()) {
    RETURN_IF_ERROR(AddEvent(store, *event, line));
  } else if (entry.kind == OwnKind::kAsked) {
    line.set_operation(AskedFor(words.operation));
  } else {
    AddQuestion(entry, line);
  }
  return line;
}

absl::StatusOr<bool> IsPiece(const LeafRow& row) {
  ASSIGN_OR_RETURN(const OwnEntry entry, OpenOwnEntry(row.leaf, row.opening));
  const DetailWords words = ReadDetail(entry.detail);
  return words.piece && !words.refused;
}

bool Redact(const operators::v1::SubjectRedaction& redact, Line& line) {
  if (redact.own_people()) {
    if (line.act() == fed::SUBJECT_ACT_AT_HOME) return false;
    if (line.act() != fed::SUBJECT_ACT_ASKED_BY_OTHER) {
      line.clear_organisation();
      line.clear_role();
    }
  }
  if (redact.partners()) {
    line.clear_participant();
    line.clear_agreement_id();
    line.clear_rules();
    if (line.act() == fed::SUBJECT_ACT_ASKED_BY_OTHER) {
      line.clear_organisation();
    }
  }
  if (redact.times()) {
    line.clear_time();
    line.clear_delivered_at();
    for (auto& copies : *line.mutable_copies()) copies.clear_kept_until();
  }
  return true;
}

}  // namespace comity
