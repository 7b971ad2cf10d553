#include "node/service/table_request.h"

#include <algorithm>
#include <future>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/run_aside.h"
#include "node/base/status_macros.h"
#include "node/disclosure/regional_sum.h"
#include "node/domain/measure.h"
#include "node/policy/judge.h"
#include "node/service/dialogue.h"
#include "node/service/fan_outs.h"
#include "node/service/officers.h"
#include "node/service/secure_request.h"
#include "node/service/table_indicator.h"
#include "node/service/table_matter.h"
#include "node/service/table_notes.h"
#include "node/service/table_releases.h"
#include "node/service/told_figures.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;

constexpr size_t kMaxMembers = 64;
constexpr absl::Duration kFanOutDeadline = absl::Seconds(8);

// nullptr if the agreement has no group of this id.
const ParticipantGroup* FindGroup(const Agreement& agreement,
                                  const std::string& id) {
  for (const ParticipantGroup& group : agreement.groups) {
    if (group.id == id) return &group;
  }
  return nullptr;
}

// The agreement that has the group: the named one, else the only one.
absl::StatusOr<const Agreement*> AgreementWith(const PolicySet& set,
                                               const std::string& named,
                                               const std::string& group_id) {
  const Agreement* found = nullptr;
  for (const Agreement& agreement : set.agreements) {
    if ((!named.empty() && agreement.id != named) ||
        FindGroup(agreement, group_id) == nullptr) {
      continue;
    }
    if (found != nullptr && found->id != agreement.id) {
      return ReasonError(
          ErrorReason::kFieldInvalid,
          absl::StrCat("more than one agreement has a group \"", group_id,
                       "\"; name the agreement (--agreement)"));
    }
    // Until the timed switch the older of two revisions is cited.
    if (found == nullptr || agreement.revision < found->revision) {
      found = &agreement;
    }
  }
  if (found != nullptr) return found;
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("no agreement in force here has a group \"", group_id,
                   "\"; comity policy show lists them"));
}

// Those whom a request asks: codes as they stand, and for a group who is in it
// at the end of the period, each once. The own state is asked nothing.
absl::StatusOr<std::vector<std::string>> MembersOf(
    const OperatorCall& call, const pb::RequestTableRequest& request,
    absl::Time last_moment) {
  std::vector<std::string> members;
  const auto add = [&](const std::string& code) {
    if (std::find(members.begin(), members.end(), code) == members.end()) {
      members.push_back(code);
    }
  };
  for (const std::string& name : request.members()) {
    if (!absl::StartsWith(name, "@")) {
      add(name);
      continue;
    }
    const std::string id = name.substr(1);
    ASSIGN_OR_RETURN(
        const Agreement* agreement,
        AgreementWith(call.engine().set(), request.agreement_id(), id));
    const ParticipantGroup& group = *FindGroup(*agreement, id);
    for (const Membership& member : group.members) {
      if (group.Has(member.participant, last_moment) &&
          member.participant != call.node().self.text()) {
        add(member.participant);
      }
    }
  }
  if (members.empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "nobody else is in this group in that period");
  }
  if (members.size() <= kMaxMembers) return members;
  return ReasonError(ErrorReason::kFieldInvalid, "at most 64 members");
}

// A question for counts to one member, before it leaves.
struct Draft {
  Uuid message;
  TableQuestion table;
  RequestFacts request;
  std::string officer;                      // operator name
  std::optional<fed::SumRound> round = {};  // where the sum alone is told

  ApprovalBinding Binding() const {
    return TableBinding(ApprovalMatter::kAskTable, table, request, officer);
  }
};

absl::StatusOr<Draft> DraftFor(const OperatorCall& call,
                               const std::string& agreement_id,
                               const TableQuestion& table,
                               const std::string& member) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ParticipantCode holder,
                   ParticipantCode::Create(member));
  ASSIGN_OR_RETURN(
      const Agreement* agreement,
      ChooseAgreement(call.engine(), agreement_id, holder, node.self,
                      Operation::kAggregateCount, table.LastMoment()));
  RequestFacts facts{call.now(),
                     node.self,
                     holder,
                     holder,
                     node.self,
                     call.caller().role,
                     "",
                     Operation::kAggregateCount,
                     Purpose::kStatistics,
                     LegalBasis::kPublicTask,
                     agreement->id,
                     agreement->digest,
                     FieldGroups()};
  facts.member_on = table.LastMoment();
  facts.table = TableShape::Of(table);
  return Draft{NewUuid(node.random), table, std::move(facts),
               call.caller().OperatorName()};
}

std::string PayloadOf(const NodeContext& node, const Draft& draft,
                      const pb::RequestTableRequest& request,
                      const FoundApproval& approval) {
  const RequestFacts& facts = draft.request;
  fed::TableQuestion question;
  question.set_agreement_id(facts.agreement_id);
  question.set_agreement_digest(facts.agreement_digest);
  question.set_purpose(std::string(Name(facts.purpose)));
  question.set_basis(std::string(Name(facts.basis)));
  question.set_role(std::string(Name(facts.role)));
  question.set_period(request.period());
  *question.mutable_dimensions() = request.dimensions();
  *question.mutable_filters() = request.filters();
  question.set_measure(request.measure());
  question.set_officer_pseudonym(
      OfficerPseudonym(node.officer_key, facts.holder, draft.officer));
  AddApprovers(node.officer_key, facts.holder, approval,
               question.mutable_approver_pseudonyms());
  if (draft.round.has_value()) *question.mutable_sum_round() = *draft.round;
  return question.SerializeAsString();
}

// Asks, once those who must have approved. Where no answer came, the approval
// is good for another question.
absl::StatusOr<Answered> AskApproved(OperatorCall& call, const Draft& draft,
                                     const pb::RequestTableRequest& request) {
  NodeContext& node = call.node();
  RETURN_IF_ERROR(CheckCanBeAsked(node, draft.request.holder));
  // The call itself goes on, with what other members are asked.
  const auto commit = [&node](const CommitBody& body) {
    return node.writer.Commit(body).status();
  };
  ASSIGN_OR_RETURN(const FoundApproval approval,
                   ClearAtHome(node, call.engine().policy(), draft.Binding(),
                               draft.message, call.now(), commit));
  absl::StatusOr<Answered> answered = Ask(
      node,
      {MessageKind::kTableQuestion, MessageKind::kTableAnswer,
       "comity.federation.v1.TableQuestion", "comity.federation.v1.TableAnswer",
       draft.request.holder, draft.message,
       PayloadOf(node, draft, request, approval),
       [&call](Peer& peer, const Message& message) {
         return peer.AskTable(message, call.PartnerTimeout(kFanOutDeadline));
       },
       [&](CommitScope& scope) {
         return TakeApproval(draft.Binding(), approval, draft.message, scope);
       }});
  if (!answered.ok() && approval.has_value() &&
      NoAnswerCame(answered.status())) {
    RETURN_IF_ERROR(commit([&](CommitScope& scope) {
      return ReturnApproval(draft.Binding(), draft.message, scope.now(),
                            scope.store());
    }));
  }
  return answered;
}

// One member. Every outcome is a row of the answer.
struct Member {
  pb::MemberOutcome outcome;
  std::optional<Answered> answered;
};

// Notes the head of the member's log. A log that forked is its own outcome: in
// the commit of all answers it would undo those of the others.
absl::Status Observe(OperatorCall& call, Member& member) {
  const absl::Status observed =
      call.node()
          .writer
          .Commit([&member](CommitScope& scope) {
            return ObserveOutcome(*member.answered, scope);
          })
          .status();
  if (!observed.ok()) member.answered.reset();
  return observed;
}

absl::Status AskInto(OperatorCall& call, const pb::RequestTableRequest& request,
                     const TableQuestion& table,
                     const std::optional<MaskRound>& round, Member& member) {
  ASSIGN_OR_RETURN(Draft draft, DraftFor(call, request.agreement_id(), table,
                                         member.outcome.participant()));
  if (round.has_value()) {
    draft.round = FormatRound(*round, request.left_out_reason());
  }
  ASSIGN_OR_RETURN(member.answered, AskApproved(call, draft, request));
  RETURN_IF_ERROR(Observe(call, member));
  fed::TableAnswer answer;
  if (!answer.ParseFromString(member.answered->answer.message.payload)) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the answer does not parse");
  }
  // A build that knows no measures answers counts of persons.
  if (answer.has_table() && answer.table().measure() != request.measure()) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the answer tells another measure than was asked for");
  }
  if (answer.has_table() &&
      (answer.table().masked_words_size() > 0) != round.has_value()) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the answer is under masks, or not, as was not asked");
  }
  if (answer.has_table()) {
    RETURN_IF_ERROR(CheckCells(answer.table(), table));
    *member.outcome.mutable_table() = std::move(*answer.mutable_table());
    return absl::OkStatus();
  }
  return ReasonError(ReasonFromName(answer.refusal().reason()),
                     answer.refusal().message());
}

Member AskMember(OperatorCall& call, const pb::RequestTableRequest& request,
                 const TableQuestion& table,
                 const std::optional<MaskRound>& round,
                 const std::string& code) {
  Member member;
  member.outcome.set_participant(code);
  const absl::Status status = AskInto(call, request, table, round, member);
  if (!status.ok()) {
    member.outcome.set_reason(std::string(ReasonName(ReasonOf(status))));
    member.outcome.set_message(std::string(status.message()));
  }
  return member;
}

// All at once, each in a thread of its own; one after the other where there is
// none to be had.
std::vector<Member> AskMembers(OperatorCall& call,
                               const pb::RequestTableRequest& request,
                               const TableQuestion& question,
                               const std::optional<MaskRound>& round,
                               const std::vector<std::string>& codes) {
  FanOuts::Running running(*call.node().fan_outs, call.caller().OperatorName(),
                           request.request_id(),
                           static_cast<uint32_t>(codes.size()));
  std::vector<std::future<Member>> asked;
  asked.reserve(codes.size());
  for (const std::string& code : codes) {
    asked.push_back(
        RunAside([&call, &request, &question, &round, &running, code] {
          Member member = AskMember(call, request, question, round, code);
          running.Came(member.outcome.has_table());
          return member;
        }));
  }
  std::vector<Member> members;
  members.reserve(asked.size());
  for (auto& each : asked) members.push_back(each.get());
  return members;
}

// Adds each member's outcome; returns the tables among them.
std::vector<ReleasedCells> TakeTables(OperatorCall& call,
                                      const std::vector<Member>& members,
                                      pb::RequestTableResponse& response) {
  std::vector<ReleasedCells> tables;
  for (const Member& member : members) {
    *response.add_members() = member.outcome;
    if (!member.outcome.has_table()) continue;
    tables.push_back(ParseCells(member.outcome.table()));
    call.AddNote({member.answered->answer.leaf.sender, false, "RECEIVED",
                  NoticesOf(member.outcome.table().terms())});
  }
  return tables;
}

void AddSum(Measure measure, const std::vector<ReleasedCells>& tables,
            pb::RequestTableResponse& response) {
  for (const RegionalCell& cell : SumTables(tables)) {
    auto* added = response.add_cells();
    for (const std::string& code : cell.codes) added->add_codes(code);
    // Each member has a quantile of its own.
    added->set_sum(QuantileOf(measure).has_value() ? 0 : cell.sum);
    added->set_members(cell.members);
    added->set_suppressed_members(cell.suppressed_members);
  }
}

}  // namespace

absl::Status HandleRequestTable(OperatorCall& call,
                                const pb::RequestTableRequest& asked_for,
                                pb::RequestTableResponse& response) {
  ASSIGN_OR_RETURN(const pb::RequestTableRequest request, SpellOut(asked_for));
  ASSIGN_OR_RETURN(
      const TableQuestion question,
      TableQuestion::Create(
          request.period(),
          {request.dimensions().begin(), request.dimensions().end()},
          ParseFilters(request.filters()), MeasureNamed(request.measure())));
  RETURN_IF_ERROR(question.CheckMayLeave());
  ASSIGN_OR_RETURN(const std::vector<std::string> codes,
                   MembersOf(call, request, question.LastMoment()));
  ASSIGN_OR_RETURN(const std::optional<MaskRound> round,
                   RoundFor(call, request, question, codes));
  RETURN_IF_ERROR(
      CheckMayBeTold(question, codes, round.has_value(), call.node().store));
  if (round.has_value()) RETURN_IF_ERROR(CheckAllAreThere(call, *round));
  const std::vector<Member> members =
      AskMembers(call, request, question, round, codes);
  const std::vector<ReleasedCells> tables = TakeTables(call, members, response);
  for (const std::string& dimension : question.dimensions()) {
    response.add_dimensions(dimension);
  }
  if (round.has_value()) {
    AddMaskedSum(*round, response);
  } else {
    AddSum(question.measure(), tables, response);
  }
  RETURN_IF_ERROR(DescribeAnswer(request, question, response));
  AddReadingNotes(response);
  call.SetDetail(absl::StrCat(question.period(), " ", tables.size(), " of ",
                              members.size(), " members answered"));
  Saving saving{call.node().self.text(), call.caller().OperatorName(),
                request.request_id()};
  if (request.save()) {
    ASSIGN_OR_RETURN(saving.held_against,
                     HeldAgainst(question, response, call.node().store));
  }
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(NoteTold(question, scope, response));
        if (!request.save()) return absl::OkStatus();
        return SaveRelease(saving, question, scope, response);
      })
      .status();
}

}  // namespace comity
