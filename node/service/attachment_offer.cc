#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/service/answer_ruling.h"
#include "node/service/attachment_steps.h"
#include "node/service/attachment_view.h"
#include "node/service/decision_state.h"
#include "node/service/dossier_step.h"
#include "node/service/federation_gate.h"
#include "node/service/home_refusal.h"
#include "node/service/info_exchange.h"
#include "node/service/log_detail.h"
#include "node/service/referral_steps.h"
#include "node/service/referral_view.h"
#include "node/wire/offer_opening.h"
#include "node/wire/proto_time.h"

// How the holder's people offer a document of a case in its dossier.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Payload = fed::ReferralEventPayload;

absl::StatusOr<AttachmentRow> ReadDocument(const StoreReader& store,
                                           const Dossier& dossier,
                                           const Uuid& id) {
  auto row = store.ReadAttachment(id);
  if (row.ok() && row->whole && row->owner == dossier.row.case_id) return row;
  return ReasonError(ErrorReason::kNotFound,
                     "the case of this referral has no such document; comity "
                     "case attachments lists them");
}

absl::Status CheckNotOffered(const StoreReader& store, const Dossier& dossier,
                             const Uuid& attachment_id) {
  ASSIGN_OR_RETURN(const std::vector<OfferedAttachment> offers,
                   store.ListOffersOf(attachment_id));
  for (const OfferedAttachment& each : offers) {
    if (FindOffer(store, dossier, each.offer_id).ok()) {
      return ReasonError(ErrorReason::kAlreadyExists,
                         "the referral offers this document already");
    }
  }
  return absl::OkStatus();
}

// Why it may not be offered, for the own people.
absl::Status Refused(const OperatorCall& call, const Answering& offering,
                     FieldGroups groups, const StoreReader& store) {
  const PolicyEngine& engine = call.engine();
  ASSIGN_OR_RETURN(StateFacts state,
                   ReadState(engine.policy(), offering.request, "", store));
  state.approvals = UINT32_MAX;
  state.approvals_at_home = GivenIn(offering.approval);
  return RefusedAtHome(
      engine, offering.request,
      ProjectFacts(offering.facts, StageOf(offering.dossier.status.state),
                   offering.request),
      state, offering.facts, groups);
}

absl::Status Write(OperatorCall& call, const Answering& offering,
                   const AttachmentRow& document, fed::AttachmentOffer offer,
                   CommitScope& scope) {
  NodeContext& node = call.node();
  *offer.mutable_terms() =
      TermsOf(*offering.ruling.permit, offering.ruling.decision.break_glass);
  Payload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_ATTACHMENT_OFFERED);
  FieldOpening opening =
      SealOffer(offer, node.random, *payload.mutable_attachment());
  ASSIGN_OR_RETURN(NewEvent event,
                   BeginStep(call, offering.dossier, offering.event_id,
                             std::move(payload), scope));
  event.openings.push_back(std::move(opening));
  RETURN_IF_ERROR(WriteEvent(node, offering.dossier, event, scope));
  RETURN_IF_ERROR(
      UseApproval(offering.approval, offering.event_id, scope.store()));
  call.SetDetail(
      absl::StrCat("ATTACHMENT_OFFERED ",
                   DescribeDecision(call.engine(), offering.request.operation,
                                    offering.ruling.decision),
                   DocumentOf(static_cast<int>(document.facts.kind))));
  return scope.store().InsertOffer({offering.event_id,
                                    offering.dossier.row.referral_id,
                                    document.id, GivenIn(offering.approval)});
}

// Offers it, or asks the own people for approvals, which it returns.
absl::StatusOr<std::optional<ApprovalRequest>> OfferNow(
    OperatorCall& call, const Dossier& dossier, const Uuid& event_id,
    const Uuid& attachment_id, CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const AttachmentRow row,
                   ReadDocument(store, dossier, attachment_id));
  const AttachmentFacts& document = row.facts;
  const fed::AttachmentOffer offer = OfferOf(document, dossier.row.referral_id);
  Payload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_ATTACHMENT_OFFERED);
  SealOffer(offer, call.node().random, *payload.mutable_attachment());
  // The moment is judged before the record is.
  RETURN_IF_ERROR(BeginStep(call, dossier, event_id, payload, scope).status());
  RETURN_IF_ERROR(CheckNotOffered(store, dossier, attachment_id));
  // What the receiver's people approve shows when they ask.
  Answering offering{
      dossier, event_id, Approvers::kReceiversPeople,
      AnswerFacts(call.node(), call.engine(), dossier.row, Role::kCoordinator,
                  document.Groups(), scope.now())};
  if (document.Groups().Contains(FieldGroup::kIdentity)) {
    offering.request.operation = Operation::kIdentityRelease;
  }
  offering.content = Sha256(row.id.ToBytes());
  ASSIGN_OR_RETURN(offering.facts, store.ReadFacts(dossier.row.case_id));
  ASSIGN_OR_RETURN(std::optional<ApprovalRequest> waits,
                   RuleOnAnswer(call, offering, scope));
  if (waits.has_value()) return waits;
  if (!offering.ruling.permit.has_value() ||
      offering.ruling.permit->groups() != document.Groups()) {
    return Refused(call, offering, document.Groups(), store);
  }
  RETURN_IF_ERROR(Write(call, offering, row, offer, scope));
  return std::nullopt;
}

}  // namespace

absl::Status HandleOfferAttachment(OperatorCall& call,
                                   const pb::OfferAttachmentRequest& request,
                                   pb::OfferAttachmentResponse& response) {
  ASSIGN_OR_RETURN(const Uuid event_id, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const Uuid document, Uuid::Parse(request.attachment_id()));
  ASSIGN_OR_RETURN(const ReferralRow referral,
                   FindReferral(call, request.referral_id()));
  if (referral.case_id.IsNil()) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "this referral came from a partner; its holder offers "
                       "documents");
  }
  call.SetPeer(referral.parties.receiver);
  std::optional<ApprovalRequest> waits;
  RETURN_IF_ERROR(
      call.Commit([&](CommitScope& scope) -> absl::Status {
            ASSIGN_OR_RETURN(const Dossier dossier,
                             ReadDossier(scope.store(), referral.referral_id));
            ASSIGN_OR_RETURN(
                waits, OfferNow(call, dossier, event_id, document, scope));
            if (waits.has_value()) {
              call.ExpectRepeat();
              return absl::OkStatus();
            }
            return ShowReferral(call, scope, referral.referral_id,
                                *response.mutable_referral());
          })
          .status());
  return waits.has_value() ? ApprovalsMissing(*waits) : absl::OkStatus();
}

absl::Status HandleListOffers(OperatorCall& call,
                              const pb::ListOffersRequest& request,
                              pb::ListOffersResponse& response) {
  const StoreReader& store = call.node().store;
  ASSIGN_OR_RETURN(const ReferralRow referral,
                   FindReferral(call, request.referral_id()));
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(store, referral.referral_id));
  ASSIGN_OR_RETURN(const std::vector<StandingOffer> offers,
                   StandingOffers(store, dossier));
  for (const StandingOffer& each : offers) {
    pb::Offer& view = *response.add_offers();
    view.set_offer_id(each.offer_id.ToString());
    *view.mutable_attachment() = each.offer;
    *view.mutable_offered_at() = ToProtoTime(each.offered_at);
    const auto here = store.ReadAttachment(each.offer_id);
    if (here.ok()) {
      view.set_held_chunks(here->held);
      view.set_whole(here->whole);
    }
    const auto offered = store.ReadOffer(each.offer_id);
    if (offered.ok()) view.set_attachment_id(offered->attachment_id.ToString());
  }
  return absl::OkStatus();
}

}  // namespace comity
