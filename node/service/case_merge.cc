#include "node/service/case_merge.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/audit/own_log.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/case_merge.h"
#include "node/service/case_change.h"
#include "node/service/case_view.h"
#include "node/service/closed_revisions.h"
#include "node/service/correction.h"
#include "node/service/federation_gate.h"
#include "node/service/taken_in.h"
#include "node/service/withdrawal.h"
#include "node/wire/case_record.h"
#include "node/wire/record_merge.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using record::v1::CaseRecord;

constexpr int kPage = 500;

// What the caller decided, and under which id, when and by whom.
struct Wishes {
  FieldChoices choices;
  bool adult_confirmed = false;
  GroupsWithdrawn how;
};

struct CasePair {
  Uuid kept;
  Uuid other;
};

struct MergePlan {
  NewCase merged;
  std::vector<Consent> withdrawn;
  RecordFields changed;            // of the case that stays
  RecordFields changed_for_other;  // of the other one
};

template <typename Request>
absl::StatusOr<Wishes> WishesOf(const OperatorCall& call,
                                const Request& request) {
  Wishes wishes;
  for (const pb::FieldChoice& choice : request.choices()) {
    RETURN_IF_ERROR(AddChoice(choice.field(), choice.take(), wishes.choices));
  }
  wishes.how.at = call.now();
  wishes.how.recorded_by = call.caller().OperatorName();
  return wishes;
}

// Who merges sees, changes and gives away both.
absl::Status CheckReaches(const OperatorCall& call, const CaseFacts& facts) {
  for (const LocalOperation needed :
       {LocalOperation::kCaseRead, LocalOperation::kCaseEdit,
        LocalOperation::kCaseAssign, LocalOperation::kDangerScreen,
        LocalOperation::kReferralStep}) {
    RETURN_IF_ERROR(call.engine()
                        .DecideLocal(call.caller(), needed, &facts, call.now())
                        .status());
  }
  return absl::OkStatus();
}

template <typename Request>
absl::StatusOr<CasePair> FindPair(OperatorCall& call, const Request& request) {
  ASSIGN_OR_RETURN(
      const Permit all,
      call.engine().DecideLocal(call.caller(), LocalOperation::kCaseEdit,
                                nullptr, call.now()));
  if (all.scope() != CaseScope::kAll) {
    return ReasonError(ErrorReason::kLocalAccessDenied,
                       "cases are merged by those who may change every case; "
                       "ask a coordinator");
  }
  ASSIGN_OR_RETURN(const Permit kept, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(const CaseFacts first,
                   call.node().store.ReadFacts(*kept.case_id()));
  ASSIGN_OR_RETURN(const CaseFacts other,
                   call.FindCase(request.other_case_id()));
  RETURN_IF_ERROR(call.PermitOn(other).status());
  if (first.case_id == other.case_id) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "both names lead to one case; comity case show says "
                       "whether and when two were merged");
  }
  RETURN_IF_ERROR(CheckReaches(call, first));
  RETURN_IF_ERROR(CheckReaches(call, other));
  return CasePair{first.case_id, other.case_id};
}

absl::StatusOr<MergePlan> PlanMerge(const StoredCase& kept,
                                    const StoredCase& other,
                                    const Wishes& wishes) {
  ASSIGN_OR_RETURN(const CaseRecord first, ParseRecord(kept.body));
  ASSIGN_OR_RETURN(const CaseRecord second, ParseRecord(other.body));
  ASSIGN_OR_RETURN(MergedFacts facts,
                   MergeFacts(kept.facts, other.facts, wishes.how));
  ASSIGN_OR_RETURN(const CaseRecord record,
                   MergeRecords(first, second, wishes.choices));
  MergePlan plan;
  plan.merged = WithRecord(facts.facts, record);
  if (!wishes.adult_confirmed &&
      LosesAChild(kept.facts, other.facts, plan.merged.facts)) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "one record says that she is, or may be, a child: "
                       "choose the fields that say so, or add "
                       "--adult-confirmed once a person established that she "
                       "is not");
  }
  plan.merged.facts.merged.push_back({other.facts.case_id,
                                      second.x_local_reference(), wishes.how.at,
                                      wishes.how.recorded_by});
  plan.withdrawn = std::move(facts.withdrawn);
  plan.changed = DifferentFields(first, record);
  plan.changed_for_other = DifferentFields(second, record);
  return plan;
}

// What partners call the person by this case alone.
absl::StatusOr<std::vector<Uuid>> OwnPseudonyms(const StoreReader& store,
                                                const CaseFacts& facts) {
  ASSIGN_OR_RETURN(std::vector<Uuid> names,
                   store.ListPseudonyms(facts.case_id));
  std::erase_if(
      names, [&](const Uuid& name) { return facts.KnownBy(name) != nullptr; });
  return names;
}

// Lets answers to partners be found by the pseudonym that was asked about, as
// those that are given from now on can be. Until here the case was enough.
absl::Status LinkAnswers(NodeContext& node, const CaseFacts& facts,
                         CommitScope& scope) {
  if (!facts.merged.empty()) return absl::OkStatus();
  const std::string log = OwnLogOrigin(node.self);
  uint64_t from = 0;
  while (true) {
    ASSIGN_OR_RETURN(
        const std::vector<LeafRow> rows,
        scope.store().ReadLeavesAbout(log, {facts.case_id}, from, kPage));
    for (const LeafRow& row : rows) {
      ASSIGN_OR_RETURN(const OwnEntry entry,
                       OpenOwnEntry(row.leaf, row.opening));
      const auto partner = ParticipantCode::Create(entry.peer);
      if (entry.kind != OwnKind::kAnswered || !partner.ok()) continue;
      const auto name = scope.store().ReadPseudonym(facts.case_id, *partner);
      if (!name.ok()) continue;
      RETURN_IF_ERROR(scope.store().LinkLeaf(log, row.index, *name));
    }
    if (static_cast<int>(rows.size()) < kPage) return absl::OkStatus();
    from = rows.back().index + 1;
  }
}

// The entry that names the other case; the call's own names the one that stays.
absl::Status LogMerged(OperatorCall& call, const CasePair& pair,
                       const Uuid& request_id, CommitScope& scope) {
  OwnEntry own;
  own.kind = OwnKind::kOperatorAction;
  own.time = scope.now();
  own.request_id = request_id;
  own.subject = pair.other.ToString();
  own.policy_digest = PolicyDigestOf(call.engine());
  own.actor = absl::StrCat(call.caller().OperatorName(), " (",
                           Name(call.caller().role), ")");
  own.detail = absl::StrCat(Name(call.operation()), " MERGED into another");
  return AppendOwn(call.node().self, own, call.node().random, scope).status();
}

// A risk that was judged by one record is judged anew by both.
absl::Status UnclearDrafts(const Uuid& case_id, StoreTransaction& store,
                           pb::MergeCasesResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows,
                   store.ListReferralsOf(case_id));
  for (const ReferralRow& row : rows) {
    if (StageOf(row.state) != DossierStage::kDrafted ||
        !row.clearance.has_value()) {
      continue;
    }
    RETURN_IF_ERROR(store.PutClearance(row.referral_id, RiskClearance()));
    response.add_uncleared_referral_ids(row.referral_id.ToString());
  }
  return absl::OkStatus();
}

// Tells whoever was told what is different now, each by what it was told of.
// What needs approvals is asked for as by a correction of the case that stays.
absl::Status TellDifference(OperatorCall& call, const CasePair& pair,
                            const MergePlan& plan, CommitScope& scope,
                            pb::MergeCasesResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<ToldInDossier> all,
                   ToldOf(call.node(), pair.kept, scope.store()));
  ASSIGN_OR_RETURN(const CaseRecord record, ParseRecord(plan.merged.body));
  const ContentDigests content =
      DigestsOf(record, GroupsOfFields(plan.changed)
                            .Union(GroupsOfFields(plan.changed_for_other)));
  for (const ToldInDossier& told : all) {
    const auto& moved = response.moved_referral_ids();
    const bool by_other =
        std::find(moved.begin(), moved.end(),
                  told.row.referral_id.ToString()) != moved.end();
    const FieldGroups groups = told.groups.Intersect(
        GroupsOfFields(by_other ? plan.changed_for_other : plan.changed));
    if (groups.empty()) continue;
    ASSIGN_OR_RETURN(*response.add_outcomes(),
                     TellAnew(call, told, groups, content, scope));
  }
  return absl::OkStatus();
}

// Where the holder of a packet and the people here differ, in either case, is
// open still, unless it was decided now.
absl::Status UniteConflicts(const CasePair& pair, const FieldChoices& choices,
                            StoreTransaction& store) {
  RecordFields decided;
  for (const auto& [field, taken] : choices) decided.push_back(field);
  RETURN_IF_ERROR(MoveConflicts(pair.other, pair.kept, store));
  return SettleConflicts(pair.kept, decided, store);
}

// What follows from the merge for partners and people.
absl::Status FollowUp(OperatorCall& call, const CasePair& pair,
                      const MergePlan& plan, CommitScope& scope,
                      pb::MergeCasesResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(
      const std::vector<Uuid> told,
      WithdrawFromDossiers(node, plan.withdrawn, call.caller().role, scope));
  for (const Uuid& id : told) {
    response.add_withdrawn_referral_ids(id.ToString());
  }
  RETURN_IF_ERROR(HoldBackOutbox(node, pair.kept, scope));
  RETURN_IF_ERROR(UnclearDrafts(pair.kept, scope.store(), response));
  return TellDifference(call, pair, plan, scope, response);
}

template <typename Response>
void AddWithdrawn(const MergePlan& plan, Response& response) {
  for (const Consent& act : plan.withdrawn) {
    response.add_withdrawn_consent_ids(act.id.ToString());
  }
}

template <typename Response>
absl::Status AddMoved(const StoreReader& store, const Uuid& other,
                      Response& response) {
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows,
                   store.ListReferralsOf(other));
  for (const ReferralRow& row : rows) {
    response.add_moved_referral_ids(row.referral_id.ToString());
  }
  return absl::OkStatus();
}

absl::Status MergeNow(OperatorCall& call, const CasePair& pair,
                      const pb::MergeCasesRequest& request, Wishes wishes,
                      CommitScope& scope, pb::MergeCasesResponse& response) {
  StoreTransaction& store = scope.store();
  wishes.how.at = scope.now();
  ASSIGN_OR_RETURN(const CaseFacts kept, store.ReadFacts(pair.kept));
  ASSIGN_OR_RETURN(const CaseFacts other, store.ReadFacts(pair.other));
  RETURN_IF_ERROR(CheckVersion(kept, request.version()));
  RETURN_IF_ERROR(CheckVersion(other, request.other_version()));
  RETURN_IF_ERROR(CheckReaches(call, kept));
  RETURN_IF_ERROR(CheckReaches(call, other));
  RETURN_IF_ERROR(LinkAnswers(call.node(), kept, scope));
  RETURN_IF_ERROR(LinkAnswers(call.node(), other, scope));
  RETURN_IF_ERROR(AddMoved(store, pair.other, response));
  ASSIGN_OR_RETURN(const std::vector<Uuid> names, OwnPseudonyms(store, other));
  MergePlan plan;
  RETURN_IF_ERROR(store.MergeCases(
      pair.kept, pair.other,
      [&](const StoredCase& first,
          const StoredCase& second) -> absl::StatusOr<NewCase> {
        ASSIGN_OR_RETURN(plan, PlanMerge(first, second, wishes));
        plan.merged.facts.merged.back().pseudonyms = names;
        return plan.merged;
      }));
  RETURN_IF_ERROR(UniteConflicts(pair, wishes.choices, store));
  AddWithdrawn(plan, response);
  for (const RecordField* field : plan.changed) {
    response.add_changed(FieldNameOf(field));
  }
  // Names of fields, not what stands in them.
  call.SetDetail(
      absl::StrCat("MERGED ", absl::StrJoin(response.changed(), ",")));
  RETURN_IF_ERROR(LogMerged(call, pair, wishes.how.id, scope));
  RETURN_IF_ERROR(FollowUp(call, pair, plan, scope, response));
  RETURN_IF_ERROR(CloseIfOutOfCounts(call.node(), pair.kept, scope));
  ASSIGN_OR_RETURN(const CaseFacts after, store.ReadFacts(pair.kept));
  response.set_version(after.version);
  return absl::OkStatus();
}

void AddComparisons(const std::vector<FieldComparison>& all,
                    const CaseRecord& kept, const CaseRecord& other,
                    const FieldChoices& choices,
                    pb::PreviewMergeResponse& response) {
  for (const FieldComparison& compared : all) {
    const RecordField* field = compared.field;
    pb::FieldComparison& shown = *response.add_fields();
    shown.set_field(FieldNameOf(field));
    shown.set_verdict(std::string(Name(compared.verdict)));
    shown.set_kept(FieldText(field, kept));
    shown.set_other(FieldText(field, other));
    shown.set_is_list(field->is_repeated());
    shown.set_undecided(NeedsChoice(compared) && !choices.contains(field));
  }
}

absl::StatusOr<StoredCase> ReadFor(const OperatorCall& call,
                                   const Uuid& case_id) {
  const StoreReader& store = call.node().store;
  ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(case_id));
  ASSIGN_OR_RETURN(
      const Permit reading,
      call.engine().DecideLocal(call.caller(), LocalOperation::kCaseRead,
                                &facts, call.now()));
  return store.ReadCase(reading, case_id);
}

// The same refusals as the merge's own; what nobody chose yet is shown.
absl::Status Preview(OperatorCall& call, const CasePair& pair, Wishes wishes,
                     pb::PreviewMergeResponse& response) {
  ASSIGN_OR_RETURN(const StoredCase kept, ReadFor(call, pair.kept));
  ASSIGN_OR_RETURN(const StoredCase other, ReadFor(call, pair.other));
  ASSIGN_OR_RETURN(const CaseRecord first, ParseRecord(kept.body));
  ASSIGN_OR_RETURN(const CaseRecord second, ParseRecord(other.body));
  const std::vector<FieldComparison> all = CompareRecords(first, second);
  AddComparisons(all, first, second, wishes.choices, response);
  for (const FieldComparison& each : all) {
    if (NeedsChoice(each)) {
      wishes.choices.emplace(each.field, FieldTaken::kKeep);
    }
  }
  wishes.adult_confirmed = true;
  ASSIGN_OR_RETURN(const MergePlan plan, PlanMerge(kept, other, wishes));
  const CaseFacts& facts = plan.merged.facts;
  response.set_needs_adult_confirmed(
      LosesAChild(kept.facts, other.facts, facts));
  response.set_version(kept.facts.version);
  response.set_other_version(other.facts.version);
  if (facts.screening.has_value()) {
    *response.mutable_screening() = ScreeningView(*facts.screening);
  }
  AddWithdrawn(plan, response);
  return AddMoved(call.node().store, pair.other, response);
}

// The keys of both are destroyed; the housekeeper tries again what has to wait.
void EmptyJournal(NodeContext& node) {
  node.store.ForgetDeleted().IgnoreError();
}

}  // namespace

absl::Status HandlePreviewMerge(OperatorCall& call,
                                const pb::PreviewMergeRequest& request,
                                pb::PreviewMergeResponse& response) {
  ASSIGN_OR_RETURN(const Wishes wishes, WishesOf(call, request));
  ASSIGN_OR_RETURN(const CasePair pair, FindPair(call, request));
  call.AddAbout(pair.other);
  return Preview(call, pair, wishes, response);
}

absl::Status HandleMergeCases(OperatorCall& call,
                              const pb::MergeCasesRequest& request,
                              pb::MergeCasesResponse& response) {
  ASSIGN_OR_RETURN(Wishes wishes, WishesOf(call, request));
  ASSIGN_OR_RETURN(wishes.how.id, Uuid::Parse(request.request_id()));
  wishes.adult_confirmed = request.adult_confirmed();
  ASSIGN_OR_RETURN(const CasePair pair, FindPair(call, request));
  response.set_case_id(pair.kept.ToString());
  call.SetRequestId(wishes.how.id);
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) {
                        return MergeNow(call, pair, request, wishes, scope,
                                        response);
                      })
                      .status());
  EmptyJournal(call.node());
  return absl::OkStatus();
}

}  // namespace comity
