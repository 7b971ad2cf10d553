#include "node/service/dialogue.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/dimensions.h"

namespace comity {
namespace {

bool Grants(const Agreement& agreement, const ParticipantCode& holder,
            const ParticipantCode& asker, Operation operation, absl::Time at) {
  return std::any_of(agreement.grants.begin(), agreement.grants.end(),
                     [&](const Grant& grant) {
                       return Lists(grant.holder, agreement.groups, holder,
                                    at) &&
                              Lists(grant.asker, agreement.groups, asker, at) &&
                              grant.operation.Contains(operation);
                     });
}

}  // namespace

absl::Status CheckCanBeAsked(NodeContext& node,
                             const ParticipantCode& partner) {
  return node.peers.Find(partner).status();
}

absl::StatusOr<Answered> Ask(NodeContext& node, const Question& question) {
  const auto table = node.partners.Get();
  const ParticipantCard* card = table->Find(question.partner);
  if (card == nullptr) {
    return ReasonError(ErrorReason::kPartnerUnknown,
                       absl::StrCat(question.partner.text(),
                                    " is no partner; add its card first"));
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<Peer> peer,
                   node.peers.Find(question.partner));
  UnprovedMessage message = MakeMessage(
      question.kind, node.self, question.partner, question.request_id, "",
      question.type, question.payload, node.clock.Now(), node.random);
  const std::string leaf = FormatMessageLeaf(message.leaf);
  ASSIGN_OR_RETURN(std::vector<LoggedEntry> entries,
                   node.writer.Commit([&](CommitScope& scope) -> absl::Status {
                     if (question.before) {
                       RETURN_IF_ERROR(question.before(scope));
                     }
                     return scope
                         .Append(PartnerLogOrigin(node.self, question.partner),
                                 leaf, "")
                         .status();
                   }));
  ASSIGN_OR_RETURN(
      Message received,
      question.send(*peer, ProvedMessage(std::move(message),
                                         std::move(entries[0].proof))));
  ASSIGN_OR_RETURN(
      VerifiedMessage verified,
      VerifyMessage(std::move(received), question.answer_kind, question.partner,
                    node.self, card->log_key, node.checkpoints));
  if (verified.leaf.answers != entries[0].leaf_hash ||
      verified.leaf.request_id != question.request_id ||
      verified.message.type != question.answer_type) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the partner's answer is to another question");
  }
  const uint64_t answer_index = verified.index;
  return Answered{std::move(verified), entries[0].index, answer_index,
                  entries[0].leaf_hash};
}

absl::Status ObserveOutcome(const Answered& answered, CommitScope& scope) {
  return scope.Observe(answered.answer.leaf.sender, answered.answer);
}

absl::StatusOr<const Agreement*> ChooseAgreement(const PolicyEngine& engine,
                                                 const std::string& named,
                                                 const ParticipantCode& holder,
                                                 const ParticipantCode& asker,
                                                 Operation operation,
                                                 absl::Time at) {
  const auto none = [&](absl::string_view what) {
    return ReasonError(ErrorReason::kAgreementNotInForce, what);
  };
  const Agreement* chosen = nullptr;
  for (const Agreement& agreement : engine.set().agreements) {
    if (named.empty() ? !Grants(agreement, holder, asker, operation, at)
                      : agreement.id != named) {
      continue;
    }
    if (chosen != nullptr && chosen->id != agreement.id) {
      return none("more than one agreement grants this; name one");
    }
    // Until the timed switch both sides cite the older of two revisions.
    if (chosen == nullptr || agreement.revision < chosen->revision) {
      chosen = &agreement;
    }
  }
  if (chosen != nullptr) return chosen;
  if (!named.empty()) {
    return none(absl::StrCat("no agreement \"", named,
                             "\" is in force here; activate it first"));
  }
  return none(absl::StrCat("no agreement in force here lets ", asker.text(),
                           " receive ", Name(operation), " from ",
                           holder.text()));
}

}  // namespace comity
