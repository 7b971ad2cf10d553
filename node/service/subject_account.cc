#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/dialogue.h"
#include "node/service/display_names.h"
#include "node/service/dossier_event.h"
#include "node/service/log_detail.h"
#include "node/service/referral_steps.h"
#include "node/service/subject_lines.h"
#include "node/service/subject_steps.h"

// What the other party to a referral did with her data, asked at her request.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;

std::string PayloadOf(const OperatorCall& call, const ReferralRow& row) {
  fed::SubjectQuestion question;
  question.set_referral_id(row.referral_id.ToString());
  question.set_pseudonym(row.pseudonym.ToBytes());
  question.set_role(std::string(Name(call.caller().role)));
  question.set_organisation(call.caller().organisation);
  return question.SerializeAsString();
}

// Nothing about her goes to a side that her flags exclude, and to one that
// never heard of her there is no question.
absl::Status CheckMayAsk(const NodeContext& node, const Uuid& referral_id,
                         const StoreReader& store) {
  ASSIGN_OR_RETURN(const Dossier dossier, ReadDossier(store, referral_id));
  if (dossier.ordered.empty()) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "nothing of this referral was ever sent");
  }
  return CheckDanger(node, dossier, store);
}

void TakeAnswer(const fed::SubjectAnswer& answer,
                const pb::SubjectRedaction& redact,
                pb::RequestSubjectAccountResponse& response) {
  if (!answer.has_account()) {
    response.set_refusal(ReasonWord(answer.refusal().reason()));
    return;
  }
  fed::SubjectAccount& account = *response.mutable_account();
  account.set_older_left_out(answer.account().older_left_out());
  for (fed::SubjectLine line : answer.account().lines()) {
    if (Redact(redact, line)) *account.add_lines() = std::move(line);
  }
}

// Of whom the answer tells, as the own agreements call them.
void AddNames(const PolicySet& set,
              pb::RequestSubjectAccountResponse& response) {
  std::set<std::string> codes = {response.participant()};
  for (const auto& line : response.account().lines()) {
    codes.insert(line.participant());
  }
  AddDisplayNames(set, codes, *response.mutable_names());
}

}  // namespace

absl::Status HandleRequestSubjectAccount(
    OperatorCall& call, const pb::RequestSubjectAccountRequest& request,
    pb::RequestSubjectAccountResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid message, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const ReferralRow row,
                   FindReferral(call, request.referral_id()));
  const ParticipantCode& other = row.parties.holder == node.self
                                     ? row.parties.receiver
                                     : row.parties.holder;
  call.SetPeer(other);
  call.SetRequestId(message);
  ASSIGN_OR_RETURN(
      const Answered answered,
      Ask(node, {MessageKind::kSubjectQuestion, MessageKind::kSubjectAnswer,
                 "comity.federation.v1.SubjectQuestion",
                 "comity.federation.v1.SubjectAnswer", other, message,
                 PayloadOf(call, row),
                 [&call](Peer& peer, const Message& question) {
                   return peer.AskSubject(
                       question, call.PartnerTimeout(absl::Seconds(10)));
                 },
                 [&](CommitScope& scope) {
                   return CheckMayAsk(node, row.referral_id, scope.store());
                 }}));
  fed::SubjectAnswer answer;
  if (!answer.ParseFromString(answered.answer.message.payload)) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the partner's answer does not parse");
  }
  TakeAnswer(answer, request.redact(), response);
  if (!request.redact().partners()) response.set_participant(other.text());
  *response.mutable_left_out() = request.redact();
  AddNames(call.engine().set(), response);
  call.SetLeaves(answered.question_leaf, answered.answer.leaf_hash);
  call.SetDetail(
      absl::StrCat("ANSWERED ", answer.has_account()
                                    ? "RELEASED"
                                    : ReasonWord(answer.refusal().reason())));
  return call
      .Commit(
          [&](CommitScope& scope) { return ObserveOutcome(answered, scope); })
      .status();
}

}  // namespace comity
