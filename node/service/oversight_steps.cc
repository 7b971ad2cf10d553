#include "node/service/oversight_steps.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/agreement_standing.h"
#include "node/service/approvals.h"
#include "node/service/case_view.h"
#include "node/service/referral_view.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr int kMostListed = 100;
constexpr absl::Duration kNoticesShown = absl::Hours(24 * 7);

bool Admitted(const OperatorCall& call, LocalOperation operation,
              const CaseFacts* facts = nullptr) {
  return call.engine()
      .DecideLocal(call.caller(), operation, facts, call.now())
      .ok();
}

// Whether the caller may do `operation` on the case; on none, if it is nil.
bool AdmittedOn(const OperatorCall& call, LocalOperation operation,
                const Uuid& case_id) {
  if (case_id.IsNil()) return Admitted(call, operation);
  const auto facts = call.node().store.ReadFacts(case_id);
  return facts.ok() && Admitted(call, operation, &*facts);
}

// The own case that an approval is about; nil for a question to a partner, and
// for counts.
absl::StatusOr<Uuid> CaseOf(const OperatorCall& call,
                            const ApprovalRequest& request) {
  switch (request.matter) {
    case ApprovalMatter::kUnset:
    case ApprovalMatter::kAskCase:
    case ApprovalMatter::kAskTable:
    case ApprovalMatter::kAnswerTable:
      return Uuid();
    case ApprovalMatter::kAnswerPartner:
    case ApprovalMatter::kTellCorrection:
      return request.subject;
    case ApprovalMatter::kSendReferral:
      break;
  }
  ASSIGN_OR_RETURN(const ReferralRow row,
                   call.node().store.ReadReferral(request.subject));
  return row.case_id;
}

bool HasApproved(const ApprovalRequest& request, const std::string& person) {
  return std::any_of(
      request.approvals.begin(), request.approvals.end(),
      [&](const Approval& approval) { return approval.by == person; });
}

// Whether the request waits for this very person.
bool WaitsFor(const OperatorCall& call, const ApprovalRequest& request) {
  const std::string person = call.caller().OperatorName();
  if (request.requested_by == person || HasApproved(request, person)) {
    return false;
  }
  const auto case_id = CaseOf(call, request);
  return case_id.ok() && AdmittedOn(call, LocalOperation::kApprove, *case_id);
}

pb::ApprovalRequest ViewOf(const ApprovalRequest& request) {
  pb::ApprovalRequest view;
  view.set_approval_id(request.id.ToString());
  view.set_matter(std::string(Name(request.matter)));
  view.set_partner(request.partner.text());
  view.set_subject(request.subject.ToString());
  view.set_agreement_id(request.agreement_id);
  view.set_purpose(std::string(Name(request.purpose)));
  view.set_basis(std::string(Name(request.basis)));
  AddGroups(request.groups, view.mutable_groups());
  view.set_requested_by(request.requested_by);
  view.set_about(request.about);
  view.set_needed(request.needed);
  for (const Approval& approval : request.approvals) {
    view.add_approved_by(approval.by);
  }
  *view.mutable_created_at() = ToProtoTime(request.created_at);
  *view.mutable_expires_at() = ToProtoTime(request.expires_at);
  return view;
}

pb::EmergencyReview ViewOf(const EmergencyReview& review, absl::Time now) {
  pb::EmergencyReview view;
  view.set_review_id(review.id.ToString());
  view.set_partner(review.partner.text());
  view.set_as_holder(review.as_holder);
  view.set_agreement_id(review.agreement_id);
  view.set_subject(review.subject.ToString());
  view.set_entry_id(review.entry_id);
  *view.mutable_opened_at() = ToProtoTime(review.opened_at);
  *view.mutable_due_at() = ToProtoTime(review.due_at);
  view.set_overdue(now > review.due_at);
  return view;
}

bool IsFor(const Notice& notice, const Caller& caller) {
  switch (notice.target) {
    case NoticeTarget::kUnset:
      return false;
    case NoticeTarget::kCaseOwner:
      return notice.person == caller.OperatorName();
    case NoticeTarget::kCoordinatorAtHolder:
    case NoticeTarget::kCoordinatorAtAsker:
      return caller.role == Role::kCoordinator;
    case NoticeTarget::kDpoAtHolder:
    case NoticeTarget::kDpoAtAsker:
      return caller.role == Role::kDataProtectionOfficer;
    case NoticeTarget::kAuditorAtHolder:
    case NoticeTarget::kAuditorAtAsker:
      return caller.role == Role::kAuditor;
  }
  return false;
}

absl::Status AddReferrals(const OperatorCall& call,
                          pb::ListInboxResponse& response) {
  if (!Admitted(call, LocalOperation::kReferralRead)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows,
                   call.node().store.ListReferrals({.open_only = true}));
  for (const ReferralRow& row : rows) {
    if (!AdmittedOn(call, LocalOperation::kReferralRead, row.case_id)) continue;
    ASSIGN_OR_RETURN(pb::Referral view,
                     ReferralViewOf(call, call.node().store, row));
    if (!IsUnderWay(view)) continue;
    *response.add_referrals() = std::move(view);
  }
  return absl::OkStatus();
}

absl::Status AddNotices(const OperatorCall& call,
                        pb::ListInboxResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<Notice> notices,
                   call.node().store.ListNotices(call.now() - kNoticesShown,
                                                 10 * kMostListed));
  for (const Notice& notice : notices) {
    if (!IsFor(notice, call.caller()) ||
        response.notices_size() >= kMostListed) {
      continue;
    }
    auto* view = response.add_notices();
    view->set_target(std::string(Name(notice.target)));
    view->set_kind(notice.kind);
    view->set_partner(notice.partner.text());
    view->set_entry_id(notice.entry_id);
    *view->mutable_noted_at() = ToProtoTime(notice.at);
  }
  return absl::OkStatus();
}

absl::Status AddEmergencies(const OperatorCall& call,
                            pb::ListInboxResponse& response) {
  const bool confirms = Admitted(call, LocalOperation::kEmergencyDeclare);
  const bool reviews = Admitted(call, LocalOperation::kEmergencyReview);
  if (!confirms && !reviews) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<pb::Emergency> emergencies,
                   ReadEmergencies(call));
  for (const pb::Emergency& each : emergencies) {
    const bool waits = each.state() == "DECLARED";
    const bool own = each.declared_by() == call.caller().OperatorName();
    if ((confirms && waits && !own) ||
        (reviews && (waits || each.state() == "IN_FORCE"))) {
      *response.add_emergencies() = each;
    }
  }
  return absl::OkStatus();
}

void AddDifferences(const OperatorCall& call, pb::ListInboxResponse& response) {
  if (!Admitted(call, LocalOperation::kPolicyActivate)) return;
  for (const AgreementDifference& each : KnownDifferences(call.node())) {
    auto* view = response.add_differences();
    view->set_partner(each.partner.text());
    view->set_agreement_id(each.agreement_id);
    view->set_detail(each.detail);
    *view->mutable_seen_at() = ToProtoTime(each.seen);
    view->set_fix(each.fix);
  }
}

}  // namespace

absl::Status HandleListEmergencies(OperatorCall& call,
                                   const pb::ListEmergenciesRequest&,
                                   pb::ListEmergenciesResponse& response) {
  // Who may declare one sees them, and who reviews what was told in them.
  if (!Admitted(call, LocalOperation::kEmergencyReview)) {
    RETURN_IF_ERROR(call.engine()
                        .DecideLocal(call.caller(),
                                     LocalOperation::kEmergencyDeclare, nullptr,
                                     call.now())
                        .status());
  }
  ASSIGN_OR_RETURN(const std::vector<pb::Emergency> emergencies,
                   ReadEmergencies(call));
  for (const pb::Emergency& each : emergencies) {
    *response.add_emergencies() = each;
  }
  return absl::OkStatus();
}

absl::Status HandleListInbox(OperatorCall& call, const pb::ListInboxRequest&,
                             pb::ListInboxResponse& response) {
  NodeContext& node = call.node();
  RETURN_IF_ERROR(AddReferrals(call, response));
  ASSIGN_OR_RETURN(
      const std::vector<ApprovalRequest> requests,
      node.store.ListApprovalRequests(call.now(), 10 * kMostListed));
  for (const ApprovalRequest& request : requests) {
    if (WaitsFor(call, request) && response.approvals_size() < kMostListed) {
      *response.add_approvals() = ViewOf(request);
    }
  }
  if (Admitted(call, LocalOperation::kEmergencyReview)) {
    ASSIGN_OR_RETURN(const std::vector<EmergencyReview> reviews,
                     node.store.ListOpenReviews(kMostListed));
    for (const EmergencyReview& review : reviews) {
      *response.add_reviews() = ViewOf(review, call.now());
    }
  }
  RETURN_IF_ERROR(AddEmergencies(call, response));
  AddDifferences(call, response);
  return AddNotices(call, response);
}

absl::Status HandleDecideApproval(OperatorCall& call,
                                  const pb::DecideApprovalRequest& request,
                                  pb::DecideApprovalResponse& response) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(request.approval_id()));
  const std::string person = call.caller().OperatorName();
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        StoreTransaction& store = scope.store();
        ASSIGN_OR_RETURN(ApprovalRequest row, store.ReadApprovalRequest(id));
        if (row.requested_by == person) {
          return ReasonError(ErrorReason::kLocalAccessDenied,
                             "nobody approves what she asked for herself");
        }
        if (scope.now() >= row.expires_at || !row.used_by.IsNil() ||
            !row.declined_by.empty()) {
          return ReasonError(ErrorReason::kReferralStateConflict,
                             "this matter is over: used, declined or lapsed");
        }
        if (!WaitsFor(call, row)) {
          return ReasonError(ErrorReason::kNotFound,
                             "nothing of this id waits for you");
        }
        call.SetPeer(row.partner);
        call.AddAbout(row.subject);
        call.SetDetail(absl::StrCat(request.decline() ? "DECLINE " : "GIVE ",
                                    Name(row.matter), " ", id.ToString()));
        if (request.decline()) {
          row.declined_by = person;
          return store.UpdateApprovalRequest(row);
        }
        const auto given = static_cast<uint32_t>(row.approvals.size()) + 1;
        response.set_missing(row.needed - std::min(row.needed, given));
        return store.InsertApproval(id, {person, scope.now()});
      })
      .status();
}

}  // namespace comity
