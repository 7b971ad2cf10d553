#include "node/service/correction.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "node/audit/own_log.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_view.h"
#include "node/service/consent_view.h"
#include "node/service/correction_intake.h"
#include "node/service/decision_state.h"
#include "node/service/dossier_event.h"
#include "node/service/dossier_step.h"
#include "node/service/federation_gate.h"
#include "node/service/info_exchange.h"
#include "node/service/log_detail.h"
#include "node/wire/case_record.h"
#include "node/wire/decision_wire.h"
#include "node/wire/event_wire.h"
#include "node/wire/own_leaf.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Payload = fed::ReferralEventPayload;

constexpr int kPage = 500;

// One answer to a partner's question about the case.
struct Answered {
  std::string partner;
  Uuid pseudonym;  // that it was asked about; nil: whichever
  absl::Time at;
  FieldGroups groups;

  // Whether it counts for a dossier of the case.
  bool IsFor(const ReferralRow& row) const {
    return partner == row.parties.receiver.text() &&
           (pseudonym.IsNil() || pseudonym == row.pseudonym);
  }
};

// Answers are kept nowhere; the own log says which groups each one told, and
// is asked for those about a case, or a pseudonym.
absl::Status AddAnswersAbout(const NodeContext& node, const Uuid& subject,
                             const Uuid& pseudonym, const StoreReader& reader,
                             std::vector<Answered>& answers) {
  uint64_t from = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                     reader.ReadLeavesAbout(OwnLogOrigin(node.self), {subject},
                                            from, kPage));
    for (const LeafRow& row : rows) {
      ASSIGN_OR_RETURN(const OwnEntry entry,
                       OpenOwnEntry(row.leaf, row.opening));
      const DetailWords words = ReadDetail(entry.detail);
      const bool of_record =
          words.operation == Name(Operation::kCaseQuery) ||
          words.operation == Name(Operation::kIdentityRelease);
      // A document told nothing of the record's fields.
      if (entry.kind != OwnKind::kAnswered || !of_record || words.refused ||
          words.document != 0) {
        continue;
      }
      answers.push_back({entry.peer, pseudonym, entry.time, words.groups});
    }
    if (static_cast<int>(rows.size()) < kPage) return absl::OkStatus();
    from = rows.back().index + 1;
  }
}

// What a partner was told by one pseudonym of a merged case is no part of what
// it was told by another.
absl::StatusOr<std::vector<Answered>> AnswersOf(
    const NodeContext& node, const Uuid& case_id,
    const std::vector<ReferralRow>& rows, const StoreReader& reader) {
  std::vector<Answered> answers;
  ASSIGN_OR_RETURN(const CaseFacts facts, reader.ReadFacts(case_id));
  if (facts.merged.empty()) {
    RETURN_IF_ERROR(AddAnswersAbout(node, case_id, Uuid(), reader, answers));
    return answers;
  }
  std::set<Uuid> pseudonyms;
  for (const ReferralRow& row : rows) pseudonyms.insert(row.pseudonym);
  for (const Uuid& each : pseudonyms) {
    RETURN_IF_ERROR(AddAnswersAbout(node, each, each, reader, answers));
  }
  return answers;
}

// What one dossier told, and when what of it was withdrawn.
struct Account {
  FieldGroups told;
  std::map<FieldGroup, absl::Time> withdrawn;

  void Withdraw(FieldGroups groups, absl::Time at) {
    told = told.Minus(groups);
    for (const FieldGroup group : groups.Values()) withdrawn[group] = at;
  }
  void Add(const Answered& answer) {
    for (const FieldGroup group : answer.groups.Values()) {
      const auto gone = withdrawn.find(group);
      if (gone == withdrawn.end() || gone->second < answer.at) {
        told = told.With(group);
      }
    }
  }
};

Account AccountOf(const Dossier& dossier) {
  Account account;
  for (const ReferralEvent& event : dossier.ordered) {
    const Payload payload = StoredPayload(dossier, event.event_id);
    account.told = account.told.Union(CarriedGroups(payload));
    if (payload.has_withdrawal()) {
      account.Withdraw(GroupsOf(payload.withdrawal()), event.occurred_at);
    }
  }
  return account;
}

// One group or several on their way out in one dossier.
struct Telling {
  const Dossier& dossier;
  const CaseFacts& facts;
  Operation operation;
};

struct Judged {
  RequestFacts request;
  RecordFacts record;
  StateFacts state;
  Ruling ruling;
};

absl::StatusOr<Judged> Decide(OperatorCall& call, const Telling& telling,
                              FieldGroups groups, CommitScope& scope) {
  const PolicyEngine& engine = call.engine();
  Judged judged{AnswerFacts(call.node(), engine, telling.dossier.row,
                            Role::kCoordinator, groups, scope.now())};
  judged.request.operation = telling.operation;
  judged.record = ProjectFacts(
      telling.facts, StageOf(telling.dossier.status.state), judged.request);
  ASSIGN_OR_RETURN(judged.state, ReadState(engine.policy(), judged.request, "",
                                           scope.store()));
  judged.ruling = engine.Decide(call.caller(), judged.request, judged.record,
                                judged.state, &telling.facts);
  return judged;
}

std::string ReasonOfRefusal(const Decision& decision) {
  return std::string(decision.private_reason == PrivateReason::kNone
                         ? ReasonName(decision.reason)
                         : Name(decision.private_reason));
}

using Reasons = std::map<FieldGroup, std::string>;

// The groups that may go, each judged by itself; why others may not.
absl::StatusOr<FieldGroups> Releasable(OperatorCall& call,
                                       const Telling& telling,
                                       FieldGroups groups, CommitScope& scope,
                                       Reasons& reasons) {
  FieldGroups releasable;
  for (const FieldGroup group : groups.Values()) {
    ASSIGN_OR_RETURN(const Judged judged,
                     Decide(call, telling, {group}, scope));
    if (judged.ruling.permit.has_value()) {
      releasable = releasable.With(group);
    } else {
      reasons[group] = ReasonOfRefusal(judged.ruling.decision);
    }
  }
  return releasable;
}

// The entry of a disclosure of its own, under the event's id.
absl::Status LogTelling(OperatorCall& call, const Telling& telling,
                        const Judged& judged, const Uuid& event_id,
                        CommitScope& scope) {
  const ReferralRow& row = telling.dossier.row;
  OwnEntry own;
  own.kind = OwnKind::kOperatorAction;
  own.time = scope.now();
  own.request_id = event_id;
  own.peer = row.parties.receiver.text();
  own.subject = row.case_id.ToString();
  own.policy_digest = PolicyDigestOf(call.engine());
  own.actor = absl::StrCat(call.caller().OperatorName(), " (",
                           Name(call.caller().role), ")");
  own.detail = absl::StrCat("CORRECTED ",
                            DescribeDecision(call.engine(), telling.operation,
                                             judged.ruling.decision),
                            ToldGroups(judged.ruling.permit->groups()));
  own.facts = FormatDecisionFacts(call.engine().policy(), judged.request,
                                  judged.record, judged.state)
                  .SerializeAsString();
  own.about = {row.referral_id, row.case_id};
  return AppendOwn(call.node().self, own, call.node().random, scope).status();
}

// The event that tells what `permit` releases.
absl::StatusOr<NewEvent> BeginCorrection(OperatorCall& call,
                                         const Telling& telling,
                                         const Ruling& ruling,
                                         CommitScope& scope) {
  NodeContext& node = call.node();
  const Permit& permit = *ruling.permit;
  ASSIGN_OR_RETURN(const StoredCase stored,
                   scope.store().ReadCase(permit, telling.facts.case_id));
  ASSIGN_OR_RETURN(const record::v1::CaseRecord record,
                   ParseRecord(stored.body));
  Payload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_CORRECTED);
  std::vector<FieldOpening> openings;
  AddFields(permit, record, node.random,
            payload.mutable_correction()->mutable_fields(), openings);
  *payload.mutable_correction()->mutable_terms() =
      TermsOf(permit, ruling.decision.break_glass);
  ASSIGN_OR_RETURN(NewEvent event,
                   BeginEvent(node, telling.dossier, NewUuid(node.random),
                              std::move(payload),
                              ActingRole(call, &telling.facts), scope.now()));
  event.openings = std::move(openings);
  return event;
}

// Tells what may go of `groups` by one operation, and returns it.
absl::StatusOr<FieldGroups> TellBy(OperatorCall& call, const Uuid& referral_id,
                                   Operation operation, FieldGroups groups,
                                   CommitScope& scope, Reasons& reasons) {
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(scope.store(), referral_id));
  ASSIGN_OR_RETURN(const CaseFacts facts,
                   scope.store().ReadFacts(dossier.row.case_id));
  const Telling telling{dossier, facts, operation};
  ASSIGN_OR_RETURN(const FieldGroups releasable,
                   Releasable(call, telling, groups, scope, reasons));
  if (releasable.empty()) return FieldGroups();
  ASSIGN_OR_RETURN(const Judged judged,
                   Decide(call, telling, releasable, scope));
  const Ruling& ruling = judged.ruling;
  for (const FieldGroup group : releasable.Values()) {
    reasons[group] = ReasonOfRefusal(ruling.decision);
  }
  if (!ruling.permit.has_value()) return FieldGroups();
  const absl::StatusOr<NewEvent> event =
      BeginCorrection(call, telling, ruling, scope);
  if (ReasonOf(event.status()) == ErrorReason::kReferralStateConflict) {
    for (const FieldGroup group : releasable.Values()) {
      reasons[group] = std::string(ReasonName(ReasonOf(event.status())));
    }
    return FieldGroups();
  }
  RETURN_IF_ERROR(event.status());
  RETURN_IF_ERROR(WriteEvent(call.node(), dossier, *event, scope));
  call.AddNote({dossier.row.parties.receiver, true, "RELEASED",
                ruling.decision.duties.notify, facts.owner,
                ruling.decision.break_glass, dossier.row.agreement_id,
                facts.case_id});
  RETURN_IF_ERROR(ChargeLimits(call.engine().policy(), judged.request,
                               ruling.decision, "", scope.now(),
                               scope.store()));
  RETURN_IF_ERROR(
      LogTelling(call, telling, judged, event->event.event_id, scope));
  return ruling.permit->groups();
}

}  // namespace

absl::StatusOr<std::vector<ToldInDossier>> ToldOf(const NodeContext& node,
                                                  const Uuid& case_id,
                                                  const StoreReader& reader) {
  ASSIGN_OR_RETURN(std::vector<ReferralRow> rows,
                   reader.ListReferralsOf(case_id));
  std::vector<ToldInDossier> all;
  if (rows.empty()) return all;
  ASSIGN_OR_RETURN(std::vector<Answered> answers,
                   AnswersOf(node, case_id, rows, reader));
  // The latest first: a question counts for it alone.
  std::sort(rows.begin(), rows.end(),
            [](const ReferralRow& a, const ReferralRow& b) {
              return a.created_at > b.created_at;
            });
  for (const ReferralRow& row : rows) {
    ASSIGN_OR_RETURN(const Dossier dossier,
                     ReadDossier(reader, row.referral_id));
    if (dossier.ordered.empty() || dossier.status.withdrawn) continue;
    Account account = AccountOf(dossier);
    std::erase_if(answers, [&](const Answered& answer) {
      if (!answer.IsFor(row)) return false;
      account.Add(answer);
      return true;
    });
    if (!account.told.empty()) all.push_back({row, account.told});
  }
  return all;
}

absl::StatusOr<pb::CorrectionOutcome> TellAnew(OperatorCall& call,
                                               const ToldInDossier& told,
                                               FieldGroups groups,
                                               CommitScope& scope) {
  Reasons reasons;
  FieldGroups left = groups;
  for (const Operation operation : kCorrectingOperations) {
    const bool identity = operation == Operation::kIdentityRelease;
    if (identity && !told.groups.Contains(FieldGroup::kIdentity)) continue;
    ASSIGN_OR_RETURN(
        const FieldGroups gone,
        TellBy(call, told.row.referral_id, operation,
               identity ? left : left.Minus({FieldGroup::kIdentity}), scope,
               reasons));
    left = left.Minus(gone);
  }
  call.AddAbout(told.row.referral_id);
  pb::CorrectionOutcome outcome;
  outcome.set_referral_id(told.row.referral_id.ToString());
  outcome.set_participant(told.row.parties.receiver.text());
  AddGroups(groups.Minus(left), outcome.mutable_told());
  for (const FieldGroup group : left.Values()) {
    pb::RefusedGroup& refused = *outcome.add_refused();
    refused.set_group(static_cast<v1::RecordGroup>(group));
    refused.set_reason(reasons[group]);
  }
  return outcome;
}

}  // namespace comity
