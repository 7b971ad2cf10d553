#include "node/service/table_desk.h"

#include <algorithm>
#include <future>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/disclosure/cell_key.h"
#include "node/disclosure/regional_sum.h"
#include "node/policy/judge.h"
#include "node/service/dialogue.h"
#include "node/service/officers.h"
#include "node/service/table_budgets.h"
#include "node/service/table_notes.h"
#include "node/service/table_protection.h"
#include "node/tabulation/column_table.h"
#include "node/wire/case_record.h"
#include "node/wire/proto_time.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;

constexpr size_t kMaxMembers = 64;
constexpr absl::Duration kFanOutDeadline = absl::Seconds(8);

uint32_t NextRevision(const std::vector<SnapshotRow>& snapshots,
                      const std::string& period) {
  uint32_t revision = 1;
  for (const SnapshotRow& row : snapshots) {
    if (row.period == period) revision = std::max(revision, row.revision + 1);
  }
  return revision;
}

// What a period is published from.
struct CountedPeriod {
  PeriodColumns columns;
  uint64_t left_out = 0;  // by national rules
};

absl::StatusOr<CountedPeriod> CountPeriod(OperatorCall& call, int year) {
  const Permit permit =
      call.engine().PermitTabulation(call.node().self, call.now());
  const CompiledPolicy& policy = call.engine().policy();
  std::vector<CodedCase> cases;
  uint64_t left_out = 0;
  RETURN_IF_ERROR(call.node().store.ScanCases(
      permit, [&](const StoredCase& stored) -> absl::Status {
        // Who took her consent back is counted no more.
        if (stored.facts.ShutOff()) return absl::OkStatus();
        ASSIGN_OR_RETURN(const record::v1::CaseRecord record,
                         ParseRecord(stored.body));
        CodedCase coded = CodedCaseOf(record);
        coded.case_id = stored.facts.case_id;
        if (coded.year != year) return absl::OkStatus();
        if (LeftOutOfCounts(
                policy,
                ProjectForCounts(stored.facts, call.node().self, call.now()))) {
          ++left_out;
        } else {
          cases.push_back(std::move(coded));
        }
        return absl::OkStatus();
      }));
  const SecretBytes secret = RecordKeySecret(call.node());
  const auto record_key = [&secret](const Uuid& case_id) {
    return RecordKey(secret, case_id);
  };
  return CountedPeriod{PeriodColumns::Of(cases, year, record_key), left_out};
}

absl::Status HandlePublish(OperatorCall& call,
                           const pb::PublishPeriodRequest& request,
                           pb::PublishPeriodResponse& response) {
  ASSIGN_OR_RETURN(const TableQuestion period,
                   TableQuestion::Create(request.period(), {}, {}));
  const absl::CivilYear now(absl::ToCivilYear(call.now(), absl::UTCTimeZone()));
  if (period.year() >= now.year()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "only a year that has ended can be published");
  }
  ASSIGN_OR_RETURN(const CountedPeriod counted,
                   CountPeriod(call, period.year()));
  response.set_left_out(counted.left_out);
  SnapshotRow row{request.period(), 0, call.now(), call.caller().OperatorName(),
                  counted.columns.Serialize()};
  auto* published = response.mutable_published();
  published->set_period(row.period);
  *published->mutable_published_at() = ToProtoTime(row.published_at);
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(const auto snapshots, scope.store().ListSnapshots());
        row.revision = NextRevision(snapshots, row.period);
        published->set_revision(row.revision);
        return scope.store().InsertSnapshot(row);
      })
      .status();
}

absl::Status HandleListPeriods(OperatorCall& call,
                               const pb::ListPeriodsRequest&,
                               pb::ListPeriodsResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> snapshots,
                   call.node().store.ListSnapshots());
  for (const SnapshotRow& row : snapshots) {
    auto* period = response.add_periods();
    period->set_period(row.period);
    period->set_revision(row.revision);
    *period->mutable_published_at() = ToProtoTime(row.published_at);
  }
  return absl::OkStatus();
}

// nullptr if the agreement has no group of this id.
const ParticipantGroup* FindGroup(const Agreement& agreement,
                                  const std::string& id) {
  for (const ParticipantGroup& group : agreement.groups) {
    if (group.id == id) return &group;
  }
  return nullptr;
}

fed::TableQuestion QuestionOf(const Agreement& agreement,
                              const pb::RequestTableRequest& request,
                              const OperatorCall& call,
                              const ParticipantCode& holder) {
  fed::TableQuestion question;
  question.set_agreement_id(agreement.id);
  question.set_agreement_digest(agreement.digest);
  question.set_purpose(std::string(Name(Purpose::kStatistics)));
  question.set_basis(std::string(Name(LegalBasis::kPublicTask)));
  question.set_role(std::string(Name(call.caller().role)));
  question.set_period(request.period());
  *question.mutable_dimensions() = request.dimensions();
  *question.mutable_filters() = request.filters();
  question.set_officer_pseudonym(OfficerPseudonym(
      call.node().officer_key, holder, call.caller().OperatorName()));
  return question;
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

// Asks one member. Every outcome is a row of the answer.
struct Member {
  pb::MemberOutcome outcome;
  std::optional<Answered> answered;
};

Member AskMember(OperatorCall& call, const pb::RequestTableRequest& request,
                 absl::Time last_moment, const std::string& code) {
  Member member;
  member.outcome.set_participant(code);
  const absl::Status status = [&]() -> absl::Status {
    NodeContext& node = call.node();
    ASSIGN_OR_RETURN(const ParticipantCode holder,
                     ParticipantCode::Create(code));
    ASSIGN_OR_RETURN(
        const Agreement* agreement,
        ChooseAgreement(call.engine(), request.agreement_id(), holder,
                        node.self, Operation::kAggregateCount, last_moment));
    ASSIGN_OR_RETURN(
        member.answered,
        Ask(node,
            {MessageKind::kTableQuestion, MessageKind::kTableAnswer,
             "comity.federation.v1.TableQuestion",
             "comity.federation.v1.TableAnswer", holder, NewUuid(node.random),
             QuestionOf(*agreement, request, call, holder).SerializeAsString(),
             [&call](Peer& peer, const Message& message) {
               return peer.AskTable(message,
                                    call.PartnerTimeout(kFanOutDeadline));
             }}));
    fed::TableAnswer answer;
    if (!answer.ParseFromString(member.answered->answer.message.payload)) {
      return ReasonError(ErrorReason::kEvidenceInvalid,
                         "the answer does not parse");
    }
    if (answer.has_table()) {
      *member.outcome.mutable_table() = std::move(*answer.mutable_table());
      return absl::OkStatus();
    }
    return ReasonError(ReasonFromName(answer.refusal().reason()),
                       answer.refusal().message());
  }();
  if (!status.ok()) {
    member.outcome.set_reason(std::string(ReasonName(ReasonOf(status))));
    member.outcome.set_message(std::string(status.message()));
  }
  return member;
}

absl::Status HandleRequestTable(OperatorCall& call,
                                const pb::RequestTableRequest& request,
                                pb::RequestTableResponse& response) {
  ASSIGN_OR_RETURN(const TableQuestion question,
                   TableQuestion::Create(request.period(),
                                         {request.dimensions().begin(),
                                          request.dimensions().end()},
                                         ParseFilters(request.filters())));
  RETURN_IF_ERROR(question.CheckMayLeave());
  ASSIGN_OR_RETURN(const std::vector<std::string> codes,
                   MembersOf(call, request, question.LastMoment()));
  std::vector<std::future<Member>> asked;
  for (const std::string& code : codes) {
    asked.push_back(
        std::async(std::launch::async, [&call, &request, &question, code] {
          return AskMember(call, request, question.LastMoment(), code);
        }));
  }
  std::vector<Member> members;
  for (auto& each : asked) members.push_back(each.get());
  std::vector<ReleasedCells> tables;
  for (const Member& member : members) {
    *response.add_members() = member.outcome;
    if (member.outcome.has_table()) {
      tables.push_back(ParseCells(member.outcome.table()));
      call.AddNote({member.answered->answer.leaf.sender, false, "RECEIVED",
                    NoticesOf(member.outcome.table().terms())});
    }
  }
  for (const std::string& dimension : question.dimensions()) {
    response.add_dimensions(dimension);
  }
  for (const RegionalCell& cell : SumTables(tables)) {
    auto* added = response.add_cells();
    for (const std::string& code : cell.codes) added->add_codes(code);
    added->set_sum(cell.sum);
    added->set_members(cell.members);
    added->set_suppressed_members(cell.suppressed_members);
  }
  AddReadingNotes(response);
  call.SetDetail(absl::StrCat(question.period(), " ", tables.size(), " of ",
                              members.size(), " members answered"));
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        for (const Member& member : members) {
          if (!member.answered.has_value()) continue;
          RETURN_IF_ERROR(ObserveOutcome(*member.answered, scope));
        }
        return absl::OkStatus();
      })
      .status();
}

class TableServiceImpl : public pb::TableService::CallbackService {
 public:
  explicit TableServiceImpl(OperatorGate& gate) : gate_(gate) {}

  grpc::ServerUnaryReactor* PublishPeriod(
      grpc::CallbackServerContext* context,
      const pb::PublishPeriodRequest* request,
      pb::PublishPeriodResponse* response) override {
    return gate_.Run(context, LocalOperation::kTablePublish, request, response,
                     HandlePublish);
  }
  grpc::ServerUnaryReactor* ListPeriods(
      grpc::CallbackServerContext* context,
      const pb::ListPeriodsRequest* request,
      pb::ListPeriodsResponse* response) override {
    return gate_.Run(context, LocalOperation::kStatusRead, request, response,
                     HandleListPeriods);
  }
  grpc::ServerUnaryReactor* RequestTable(
      grpc::CallbackServerContext* context,
      const pb::RequestTableRequest* request,
      pb::RequestTableResponse* response) override {
    return gate_.Run(context, LocalOperation::kTableAsk, request, response,
                     HandleRequestTable);
  }
  grpc::ServerUnaryReactor* ListBudgets(
      grpc::CallbackServerContext* context,
      const pb::ListBudgetsRequest* request,
      pb::ListBudgetsResponse* response) override {
    return gate_.Run(context, LocalOperation::kStatusRead, request, response,
                     HandleListBudgets);
  }

 private:
  OperatorGate& gate_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTableService(OperatorGate& gate) {
  return std::make_unique<TableServiceImpl>(gate);
}

}  // namespace comity
