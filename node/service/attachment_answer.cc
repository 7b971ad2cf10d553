#include "node/service/attachment_answer.h"

#include "absl/strings/str_cat.h"
#include "comity/federation/v1/attachment.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/attachment_view.h"
#include "node/service/case_answer.h"
#include "node/service/case_inquiry.h"
#include "node/service/decision_state.h"
#include "node/service/log_detail.h"

namespace comity {
namespace {

namespace pb = federation::v1;
constexpr size_t kSizeClass = 2048;

std::string Padded(pb::AttachmentAnswer& answer) {
  answer.set_padding(PaddingFor(answer.ByteSizeLong(), kSizeClass));
  return answer.SerializeAsString();
}

std::string Refuse(const absl::Status& status) {
  pb::AttachmentAnswer answer;
  *answer.mutable_refusal() = RefusalOf(status);
  return Padded(answer);
}

// The document that an offer stands for.
struct Offered {
  OfferedAttachment offer;
  AttachmentRow document;
};

// Nothing unless the offer is of the dossier that the question names, between
// the two, about the case that it names, and stands.
std::optional<Offered> FindOffered(const NodeContext& node,
                                   const CaseInquiry& inquiry,
                                   const pb::AttachmentQuestion& question,
                                   const StoreReader& reader) {
  const auto offer_id = Uuid::Parse(question.offer_id());
  const auto referral_id = Uuid::Parse(question.question().referral_id());
  if (!offer_id.ok() || !referral_id.ok() || !inquiry.subject.exists) {
    return std::nullopt;
  }
  const auto offer = reader.ReadOffer(*offer_id);
  if (!offer.ok() || offer->referral_id != *referral_id) return std::nullopt;
  const auto dossier = ReadDossier(reader, *referral_id);
  if (!dossier.ok() || dossier->row.parties.holder != node.self ||
      dossier->row.parties.receiver != inquiry.request.asker ||
      IsTerminal(dossier->status.state) ||
      !FindOffer(reader, *dossier, *offer_id).ok()) {
    return std::nullopt;
  }
  const auto document = reader.ReadAttachment(offer->attachment_id);
  if (!document.ok() || !document->whole ||
      document->owner != inquiry.subject.facts.case_id ||
      document->facts.Groups() != inquiry.request.wanted) {
    return std::nullopt;
  }
  return Offered{*offer, *document};
}

// The state as the store has it. What was approved at home was when the
// document was offered; once it was charged, no limit is asked again.
absl::StatusOr<StateFacts> StandingOf(const CaseInquiry& inquiry,
                                      const std::optional<Offered>& offered,
                                      const StoreReader& reader) {
  ASSIGN_OR_RETURN(StateFacts state, StateOf(inquiry, reader));
  if (!offered.has_value()) return state;
  state.approvals_at_home = offered->offer.approvals;
  if (offered->offer.charged) state.used.clear();
  return state;
}

absl::StatusOr<std::string> Release(const Permit& permit, bool break_glass,
                                    const Offered& offered,
                                    const pb::AttachmentQuestion& question,
                                    const StoreReader& reader) {
  const AttachmentFacts& facts = offered.document.facts;
  pb::AttachmentAnswer answer;
  pb::ReleasedChunks& released = *answer.mutable_released();
  ASSIGN_OR_RETURN(
      *released.mutable_content(),
      reader.ReadChunks(permit, offered.document.id, question.first_chunk(),
                        question.chunks()));
  released.set_size(facts.size);
  released.set_digest(facts.digest);
  released.set_salt(OfferSalt(facts, offered.offer.referral_id));
  *released.mutable_terms() = TermsOf(permit, break_glass);
  return Padded(answer);
}

// Why a question that policy permits gets nothing; OK if it gets something.
absl::Status CheckQuestion(const std::optional<Offered>& offered,
                           const Permit& permit,
                           const pb::AttachmentQuestion& question) {
  if (!offered.has_value() ||
      permit.groups() != offered->document.facts.Groups()) {
    return ReasonError(ErrorReason::kNotAvailable, "no offer stands");
  }
  const uint32_t chunks = ChunkCount(offered->document.facts.size);
  if (question.first_chunk() < chunks) return absl::OkStatus();
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("the document has ", chunks, " chunks"));
}

absl::Status Charge(const CaseInquiry& inquiry, const Decision& decision,
                    const Uuid& offer_id, CommitScope& scope) {
  ASSIGN_OR_RETURN(const OfferedAttachment offer,
                   scope.store().ReadOffer(offer_id));
  if (offer.charged) return absl::OkStatus();
  RETURN_IF_ERROR(ChargeLimits(inquiry.engine->policy(), inquiry.request,
                               decision, inquiry.officer, scope.now(),
                               scope.store()));
  return scope.store().ChargeOffer(offer_id);
}

// Fills the answer to a question that gets something.
absl::Status AddRelease(const CaseInquiry& inquiry, const Ruling& ruling,
                        const Offered& offered,
                        const pb::AttachmentQuestion& question,
                        const StoreReader& reader, FederationAnswer& answer) {
  const Decision& decision = ruling.decision;
  ASSIGN_OR_RETURN(answer.payload, Release(*ruling.permit, decision.break_glass,
                                           offered, question, reader));
  absl::StrAppend(&answer.detail, ToldGroups(ruling.permit->groups()),
                  DocumentOf(static_cast<int>(offered.document.facts.kind)),
                  question.first_chunk() > 0 ? kPiece : "");
  if (!offered.offer.charged) {
    answer.note = ReleaseNote{inquiry.request.asker,
                              true,
                              "RELEASED",
                              decision.duties.notify,
                              inquiry.subject.facts.owner,
                              decision.break_glass,
                              inquiry.request.agreement_id,
                              inquiry.subject.facts.case_id};
  }
  answer.effect = [inquiry, decision,
                   offer_id = offered.offer.offer_id](CommitScope& scope) {
    return Charge(inquiry, decision, offer_id, scope);
  };
  return absl::OkStatus();
}

absl::StatusOr<pb::AttachmentQuestion> ParseQuestion(
    const FederationCall& call) {
  pb::AttachmentQuestion question;
  if (!question.ParseFromString(call.message.message.payload)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the question does not parse");
  }
  if (question.chunks() == 0 || question.chunks() > kChunksAtOnce) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "a question asks for 1 to 32 chunks");
  }
  return question;
}

absl::StatusOr<FederationAnswer> Handle(NodeContext& node,
                                        const FederationCall& call,
                                        const StoreReader& reader) {
  ASSIGN_OR_RETURN(const pb::AttachmentQuestion question, ParseQuestion(call));
  ASSIGN_OR_RETURN(const CaseInquiry inquiry,
                   ReadInquiry(node, call, question.question(), reader));
  const std::optional<Offered> offered =
      FindOffered(node, inquiry, question, reader);
  ASSIGN_OR_RETURN(const StateFacts state,
                   StandingOf(inquiry, offered, reader));
  const RecordFacts record = ProjectFacts(
      inquiry.subject.facts, inquiry.subject.stage, inquiry.request);
  const Ruling ruling = inquiry.engine->Decide(
      call.caller, inquiry.request, record, state, &inquiry.subject.facts);
  FederationAnswer answer;
  DescribeInquiry(inquiry, record, state, ruling.decision, answer);
  answer.still_holds = [&node, inquiry, question, offered,
                        state](const StoreReader& now) -> absl::StatusOr<bool> {
    const auto current = FindOffered(node, inquiry, question, now);
    ASSIGN_OR_RETURN(const StateFacts standing,
                     StandingOf(inquiry, current, now));
    return current.has_value() == offered.has_value() &&
           standing.emergency == state.emergency;
  };
  absl::Status refused = ruling.permit.has_value()
                             ? CheckQuestion(offered, *ruling.permit, question)
                             : RefusedBy(ruling.decision);
  if (refused.ok()) {
    RETURN_IF_ERROR(
        AddRelease(inquiry, ruling, *offered, question, reader, answer));
    return answer;
  }
  if (!ruling.permit.has_value() && offered.has_value()) {
    answer.detail += DocumentOf(static_cast<int>(offered->document.facts.kind));
  } else if (ruling.permit.has_value()) {
    answer.detail = absl::StrCat(Name(inquiry.request.operation), " DENY ",
                                 ReasonName(ReasonOf(refused)), " (",
                                 refused.message(), ")");
  }
  // Cost what a refused question about the case costs.
  if (ReasonOf(refused) == ErrorReason::kNotAvailable) {
    RETURN_IF_ERROR(reader.ReadDecoy().status());
  }
  answer.payload = Refuse(refused);
  return answer;
}

}  // namespace

QuestionMethod AttachmentAnswerMethod(NodeContext& node) {
  return {MessageKind::kAttachmentQuestion,
          MessageKind::kAttachmentAnswer,
          "comity.federation.v1.AttachmentQuestion",
          "comity.federation.v1.AttachmentAnswer",
          [&node](const FederationCall& call, const StoreReader& reader) {
            return Handle(node, call, reader);
          },
          Refuse};
}

}  // namespace comity
