#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/attachment_steps.h"
#include "node/service/attachment_view.h"
#include "node/service/case_question.h"
#include "node/service/dialogue.h"
#include "node/service/dossier_step.h"
#include "node/service/held_back.h"
#include "node/service/log_detail.h"
#include "node/service/packet_documents.h"
#include "node/service/referral_steps.h"
#include "node/wire/offer_opening.h"

// How the receiver's people fetch a document that the holder offered: the next
// chunks by each call, from wherever an earlier one ended.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;

// One call on its way.
struct Fetch {
  ReferralRow referral;
  StandingOffer offer;
  uint32_t held = 0;   // chunks that are here
  uint32_t count = 0;  // chunks to be asked for
  bool whole = false;
};

absl::StatusOr<StandingOffer> OfferAt(const StoreReader& store,
                                      const Uuid& referral_id,
                                      const Uuid& offer_id) {
  ASSIGN_OR_RETURN(const Dossier dossier, ReadDossier(store, referral_id));
  return FindOffer(store, dossier, offer_id);
}

absl::StatusOr<Fetch> BeginFetch(OperatorCall& call,
                                 const pb::FetchAttachmentRequest& request) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid offer_id, Uuid::Parse(request.offer_id()));
  if (request.chunks() > kChunksAtOnce) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "a call fetches at most 32 chunks");
  }
  ASSIGN_OR_RETURN(ReferralRow referral,
                   FindReferral(call, request.referral_id()));
  if (referral.parties.receiver != node.self) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "the document is here; its receiver fetches it");
  }
  ASSIGN_OR_RETURN(StandingOffer offer,
                   OfferAt(node.store, referral.referral_id, offer_id));
  Fetch fetch{std::move(referral), std::move(offer)};
  const auto here = node.store.ReadAttachment(offer_id);
  if (here.ok()) {
    fetch.held = here->held;
    fetch.whole = here->whole;
  } else {
    RETURN_IF_ERROR(CheckRoom(node, node.store, fetch.referral.referral_id,
                              fetch.offer.offer.chunks() * kChunkSize));
  }
  const uint32_t most =
      request.chunks() == 0 ? kChunksAtOnce : request.chunks();
  fetch.count = std::min(most, fetch.offer.offer.chunks() - fetch.held);
  return fetch;
}

absl::StatusOr<DraftedQuestion> DraftOf(
    const OperatorCall& call, const pb::FetchAttachmentRequest& request,
    const Fetch& fetch) {
  const NodeContext& node = call.node();
  const ReferralRow& row = fetch.referral;
  ASSIGN_OR_RETURN(const Uuid message, Uuid::Parse(request.request_id()));
  const Agreement* agreement = AgreementOf(call.engine(), row);
  if (agreement == nullptr) {
    return ReasonError(ErrorReason::kAgreementNotInForce,
                       absl::StrCat("the agreement \"", row.agreement_id,
                                    "\" that the referral rests on is not here "
                                    "any more; activate it again"));
  }
  const FieldGroups groups = GroupsOf(fetch.offer.offer);
  return DraftedQuestion{
      message,
      row.pseudonym,
      {call.now(), node.self, row.parties.holder, row.parties.holder, node.self,
       ActingRole(call, nullptr), call.caller().organisation,
       groups.Contains(FieldGroup::kIdentity) ? Operation::kIdentityRelease
                                              : Operation::kCaseQuery,
       row.purpose, row.basis, agreement->id, agreement->digest, groups},
      call.caller().OperatorName()};
}

std::string PayloadOf(const NodeContext& node, const Fetch& fetch,
                      const DraftedQuestion& draft,
                      const FoundApproval& approval) {
  fed::AttachmentQuestion question;
  *question.mutable_question() =
      QuestionOf(node, draft, fetch.referral.referral_id.ToString(), approval);
  question.set_offer_id(fetch.offer.offer_id.ToString());
  question.set_first_chunk(fetch.held);
  question.set_chunks(fetch.count);
  return question.SerializeAsString();
}

absl::StatusOr<Answered> AskHolder(OperatorCall& call, const Fetch& fetch,
                                   const DraftedQuestion& draft,
                                   const FoundApproval& approval) {
  // One approval is good for all chunks of a document.
  const Uuid& approved = fetch.offer.offer_id;
  return Ask(call.node(),
             {MessageKind::kAttachmentQuestion, MessageKind::kAttachmentAnswer,
              "comity.federation.v1.AttachmentQuestion",
              "comity.federation.v1.AttachmentAnswer", draft.request.holder,
              draft.message, PayloadOf(call.node(), fetch, draft, approval),
              [&call](Peer& peer, const Message& message) {
                return peer.AskAttachment(
                    message, call.PartnerTimeout(absl::Seconds(10)));
              },
              [&](CommitScope& scope) -> absl::Status {
                RETURN_IF_ERROR(CheckMayAskAbout(
                    call.node(), fetch.referral.referral_id.ToString(),
                    scope.store()));
                return TakeApproval(draft.Binding(), approval, approved, scope);
              }});
}

// Whether what came is what was asked for and offered, as far as a part of it
// tells. EVIDENCE_INVALID.
absl::Status CheckChunks(const Fetch& fetch,
                         const fed::ReleasedChunks& released) {
  const fed::AttachmentOffer& offer = fetch.offer.offer;
  const bool opens = CommitAttachment(released.salt(), released.digest()) ==
                     offer.commitment();
  const bool fits = released.size() <= kLargestAttachment &&
                    ChunkCount(released.size()) == offer.chunks() &&
                    released.content().size() ==
                        BytesOfChunks(released.size(), fetch.held, fetch.count);
  const bool is_said =
      fetch.held > 0 || MediaTypeOf(released.content()) ==
                            static_cast<MediaType>(offer.media_type());
  if (opens && fits && is_said) return absl::OkStatus();
  return ReasonError(ErrorReason::kEvidenceInvalid,
                     "what the holder sent is not what it offered; nothing of "
                     "it was kept");
}

AttachmentRow RowOf(const Fetch& fetch, const fed::ReleasedChunks& released,
                    absl::Time now) {
  AttachmentRow row;
  row.id = fetch.offer.offer_id;
  row.owner_kind = AttachmentOwner::kDossier;
  row.owner = fetch.referral.referral_id;
  const fed::AttachmentOffer& offer = fetch.offer.offer;
  row.facts.kind = static_cast<AttachmentKind>(offer.kind());
  row.facts.media = static_cast<MediaType>(offer.media_type());
  row.facts.group = static_cast<FieldGroup>(offer.group());
  row.facts.names_person = offer.names_person();
  row.facts.size = released.size();
  row.facts.digest = released.digest();
  row.facts.salt = released.salt();
  row.reserved = released.size();
  row.begun_at = now;
  return row;
}

// The document of an offer, begun if this is its first part. An error in
// `verdict` is for the caller alone.
absl::Status BeginOrFind(OperatorCall& call, const Fetch& fetch,
                         const fed::ReleasedChunks& released,
                         CommitScope& scope, absl::Status& verdict) {
  StoreTransaction& store = scope.store();
  // Consent may be gone since it was asked for.
  verdict =
      OfferAt(store, fetch.referral.referral_id, fetch.offer.offer_id).status();
  if (!verdict.ok()) return absl::OkStatus();
  if (store.ReadAttachment(fetch.offer.offer_id).ok()) return absl::OkStatus();
  if (fetch.held > 0) {
    verdict = ReasonError(ErrorReason::kReferralStateConflict,
                          "the chunks that were here are gone; fetch the "
                          "document from its begin");
    return absl::OkStatus();
  }
  verdict = CheckRoom(call.node(), store, fetch.referral.referral_id,
                      released.size());
  return verdict.ok()
             ? store.InsertAttachment(RowOf(fetch, released, scope.now()))
             : absl::OkStatus();
}

// Keeps chunks in the transaction of their outcome, and checks the whole once
// it is there. What is wrong with them is the verdict, and committed all the
// same.
absl::Status Keep(OperatorCall& call, const Fetch& fetch,
                  const fed::ReleasedChunks& released, CommitScope& scope,
                  pb::FetchAttachmentResponse& response,
                  absl::Status& verdict) {
  StoreTransaction& store = scope.store();
  const Uuid& id = fetch.offer.offer_id;
  RETURN_IF_ERROR(BeginOrFind(call, fetch, released, scope, verdict));
  if (!verdict.ok()) return absl::OkStatus();
  RETURN_IF_ERROR(store.PutChunks(id, fetch.held, released.content()));
  ASSIGN_OR_RETURN(ReferralRow bound,
                   store.ReadReferral(fetch.referral.referral_id));
  BindTo(released.terms(), Duties(), scope.now(), bound);
  RETURN_IF_ERROR(store.BindReferral(bound.referral_id, bound.erase_at,
                                     bound.no_onward_transfer));
  ASSIGN_OR_RETURN(const AttachmentRow now, store.ReadAttachment(id));
  response.set_held_chunks(now.held);
  if (now.held < fetch.offer.offer.chunks()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string digest, store.DigestAttachment(id));
  response.set_whole(digest == now.facts.digest);
  if (response.whole()) {
    RETURN_IF_ERROR(store.PutAttachmentFacts(id, now.facts, true));
    return ShareLateDocument(call.node(), now, scope);
  }
  verdict = ReasonError(ErrorReason::kIntegrityFailure,
                        "the document that the holder sent is not the one that "
                        "it offered; its chunks were dropped. Fetch it again, "
                        "and call the holder if this comes back");
  return store.DeleteAttachment(id);
}

// What the own log says of what came.
std::string OutcomeText(const Fetch& fetch, const DraftedQuestion& draft,
                        const fed::AttachmentAnswer& answer) {
  const std::string outcome =
      answer.has_released()
          ? absl::StrCat("RELEASED", ToldGroups(draft.request.wanted))
          : ReasonWord(answer.refusal().reason());
  return absl::StrCat(
      "ANSWERED ", outcome, DocumentOf(fetch.offer.offer.kind()),
      RestsOn(draft.request.agreement_id, draft.request.purpose),
      fetch.held > 0 ? kPiece : "");
}

absl::Status Conclude(OperatorCall& call, const Fetch& fetch,
                      const DraftedQuestion& draft, const Answered& answered,
                      pb::FetchAttachmentResponse& response) {
  fed::AttachmentAnswer answer;
  if (!answer.ParseFromString(answered.answer.message.payload)) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the partner's answer does not parse");
  }
  response.set_question_index(answered.question_index);
  response.set_answer_index(answered.answer_index);
  call.SetLeaves(answered.question_leaf, answered.answer.leaf_hash);
  call.SetDetail(
      StepDetail(call, OutcomeText(fetch, draft, answer), draft.request.role));
  absl::Status kept;
  if (!answer.has_released()) {
    const fed::Refusal& refusal = answer.refusal();
    kept = ReasonError(ReasonFromName(refusal.reason()), refusal.message());
  } else {
    kept = CheckChunks(fetch, answer.released());
    if (fetch.held == 0) NoteReceived(call, draft, answer.released().terms());
  }
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) -> absl::Status {
                        RETURN_IF_ERROR(ObserveOutcome(answered, scope));
                        return kept.ok() ? Keep(call, fetch, answer.released(),
                                                scope, response, kept)
                                         : absl::OkStatus();
                      })
                      .status());
  return kept;
}

}  // namespace

absl::Status HandleFetchAttachment(OperatorCall& call,
                                   const pb::FetchAttachmentRequest& request,
                                   pb::FetchAttachmentResponse& response) {
  ASSIGN_OR_RETURN(const Fetch fetch, BeginFetch(call, request));
  response.set_chunks(fetch.offer.offer.chunks());
  response.set_held_chunks(fetch.held);
  response.set_whole(fetch.whole);
  if (fetch.whole) return absl::OkStatus();
  ASSIGN_OR_RETURN(const DraftedQuestion draft, DraftOf(call, request, fetch));
  call.SetPeer(draft.request.holder);
  call.SetRequestId(draft.message);
  const Uuid& approved = fetch.offer.offer_id;
  ASSIGN_OR_RETURN(
      const FoundApproval approval,
      ClearAtHome(call.node(), call.engine().policy(), draft.Binding(),
                  approved, call.now(), [&call](const CommitBody& body) {
                    call.SetDetail("HOLD APPROVALS_MISSING");
                    return call.Commit(body).status();
                  }));
  const absl::StatusOr<Answered> asked =
      AskHolder(call, fetch, draft, approval);
  if (!asked.ok()) {
    // What some chunks came under is used up.
    return fetch.held > 0
               ? asked.status()
               : EndUnanswered(call, draft, approval, approved, asked.status());
  }
  return Conclude(call, fetch, draft, *asked, response);
}

absl::Status HandleReadOffer(OperatorCall& call,
                             const pb::ReadOfferRequest& request,
                             pb::ReadOfferResponse& response) {
  const StoreReader& store = call.node().store;
  ASSIGN_OR_RETURN(const Uuid offer_id, Uuid::Parse(request.offer_id()));
  ASSIGN_OR_RETURN(const Permit permit, call.PermitAll());
  ASSIGN_OR_RETURN(const ReferralRow referral,
                   FindReferral(call, request.referral_id()));
  const auto row = store.ReadAttachment(offer_id);
  if (!row.ok() || row->owner != referral.referral_id ||
      !referral.PacketReadable(call.now())) {
    return ReasonError(ErrorReason::kNotFound,
                       "nothing of this document is here; comity referral "
                       "attachments lists what is offered");
  }
  if (!row->whole) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       absl::StrCat("only ", row->held,
                                    " chunks of the document are here; fetch "
                                    "the others first"));
  }
  call.SetDetail(absl::StrCat("READ",
                              DocumentOf(static_cast<int>(row->facts.kind)),
                              request.first_chunk() > 0 ? kPiece : ""));
  ASSIGN_OR_RETURN(
      *response.mutable_content(),
      store.ReadChunks(permit, offer_id, request.first_chunk(), kChunksAtOnce));
  response.set_size(row->facts.size);
  return absl::OkStatus();
}

}  // namespace comity
