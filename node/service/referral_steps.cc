#include "node/service/referral_steps.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/attachment_view.h"
#include "node/service/consent_view.h"
#include "node/service/dossier_event.h"
#include "node/service/dossier_step.h"
#include "node/service/page_size.h"
#include "node/service/referral_view.h"
#include "node/service/withheld.h"
#include "node/wire/case_record.h"
#include "node/wire/enum_code.h"
#include "node/wire/service_code.h"

namespace comity {
namespace {

namespace pb = operators::v1;

using Payload = federation::v1::ReferralEventPayload;

absl::Status FillReferral(OperatorCall& call, const StoreReader& store,
                          const std::string& referral_id,
                          pb::GetReferralResponse& response) {
  ASSIGN_OR_RETURN(const ReferralRow row,
                   FindReferral(call, store, referral_id));
  ASSIGN_OR_RETURN(const Dossier dossier, ReadDossier(store, row.referral_id));
  const auto withdrawal = WithdrawalStandingOf(dossier, call.now());
  if (withdrawal.has_value()) *response.mutable_withdrawal() = *withdrawal;
  ASSIGN_OR_RETURN(*response.mutable_referral(),
                   ReferralViewOf(call, store, dossier));
  ASSIGN_OR_RETURN(*response.mutable_progress(), ProgressOf(dossier));
  ASSIGN_OR_RETURN(std::vector<pb::ReferralHistoryEntry> history,
                   HistoryOf(dossier));
  RETURN_IF_ERROR(DescribeOffers(store, dossier, history));
  for (const pb::ReferralHistoryEntry& entry : history) {
    *response.add_history() = entry;
  }
  std::vector<pb::WithheldGroups> withheld;
  if (!row.case_id.IsNil()) {
    ASSIGN_OR_RETURN(withheld, WithheldFrom(store, row.referral_id));
  } else if (row.PacketReadable(call.now())) {
    ASSIGN_OR_RETURN(const Permit permit, call.PermitAll());
    ASSIGN_OR_RETURN(*response.mutable_packet(),
                     ReadTold(store, permit, dossier));
    ASSIGN_OR_RETURN(withheld, MissingIn(store, permit, dossier));
  }
  response.mutable_withheld()->Assign(withheld.begin(), withheld.end());
  return absl::OkStatus();
}

// Whether a text that names who manages a case begins with the organisation.
bool Names(absl::string_view manager, absl::string_view organisation) {
  if (!absl::ConsumePrefix(&manager, organisation)) return false;
  if (manager.empty()) return true;
  // A hyphen goes on with the name of another one.
  const auto next = static_cast<unsigned char>(manager.front());
  return !absl::ascii_isalnum(next) && next != '-';
}

bool IsManagedBy(absl::string_view organisation, const ReferralRow& row,
                 const StoreReader& store) {
  const auto events = store.ReadEvents(row.referral_id);
  if (!events.ok()) return false;
  return std::any_of(
      events->begin(), events->end(), [&](const EventRow& event) {
        return event.event.kind == ReferralEventKind::kAccepted &&
               Names(StoredPayload(event).acceptance().case_manager(),
                     organisation);
      });
}

bool ReachesACaseOf(const OperatorCall& call, const StoreReader& store,
                    const ReferralRow& row) {
  const auto cases = store.ListCasesFrom(row.referral_id);
  if (!cases.ok()) return false;
  return std::any_of(cases->begin(), cases->end(), [&](const Uuid& case_id) {
    const auto facts = store.ReadFacts(case_id);
    return facts.ok() && call.PermitOn(*facts).ok();
  });
}

// At the receiver everybody who reads referrals may find her a place. Once she
// has one, she is that organisation's, and of those who see all.
bool SeesReceived(const OperatorCall& call, const StoreReader& store,
                  const ReferralRow& row) {
  if (StageOf(row.state) == DossierStage::kSent) return true;
  const auto permit = call.PermitAll();
  if (!permit.ok()) return false;
  if (permit->scope() == CaseScope::kAll || ReachesACaseOf(call, store, row)) {
    return true;
  }
  return permit->scope() == CaseScope::kOrganisation &&
         IsManagedBy(call.caller().organisation, row, store);
}

}  // namespace

absl::Status HandleAcceptReferral(OperatorCall& call,
                                  const pb::AcceptReferralRequest& request,
                                  pb::AcceptReferralResponse& response) {
  Payload payload;
  payload.set_kind(federation::v1::REFERRAL_EVENT_KIND_ACCEPTED);
  auto* acceptance = payload.mutable_acceptance();
  acceptance->set_case_manager(request.case_manager().empty()
                                   ? call.caller().organisation
                                   : request.case_manager());
  for (const std::string& service : request.services_offered()) {
    ASSIGN_OR_RETURN(*acceptance->add_services_offered(), ServiceCode(service));
  }
  ASSIGN_OR_RETURN(const int reception,
                   ParseEnumCode(*federation::v1::PlaceKind_descriptor(),
                                 request.reception()));
  acceptance->set_reception(static_cast<federation::v1::PlaceKind>(reception));
  if (request.has_capacity_from()) {
    *acceptance->mutable_capacity_from() = request.capacity_from();
  }
  return TakeStep(call, request.request_id(), request.referral_id(),
                  std::move(payload), *response.mutable_referral());
}

absl::Status HandleDeclineReferral(OperatorCall& call,
                                   const pb::DeclineReferralRequest& request,
                                   pb::DeclineReferralResponse& response) {
  ASSIGN_OR_RETURN(const int reason,
                   ParseEnumCode(*federation::v1::DeclineReason_descriptor(),
                                 request.reason()));
  Payload payload;
  payload.set_kind(federation::v1::REFERRAL_EVENT_KIND_DECLINED);
  payload.mutable_decline()->set_reason(
      static_cast<federation::v1::DeclineReason>(reason));
  return TakeStep(call, request.request_id(), request.referral_id(),
                  std::move(payload), *response.mutable_referral());
}

absl::Status HandleGetReferral(OperatorCall& call,
                               const pb::GetReferralRequest& request,
                               pb::GetReferralResponse& response) {
  // One state of the store: an erasure that comes between two of these reads is
  // seen whole by the next look, and by this one not at all.
  return call.node().store.ReadAtOnce([&](const StoreReader& store) {
    return FillReferral(call, store, request.referral_id(), response);
  });
}

absl::Status HandleListReferrals(OperatorCall& call,
                                 const pb::ListReferralsRequest& request,
                                 pb::ListReferralsResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  ReferralPage page{.limit = size, .open_only = request.waiting_only()};
  if (!request.page_token().empty() &&
      !absl::SimpleAtoi(request.page_token(), &page.before)) {
    return ReasonError(ErrorReason::kFieldInvalid, "the page token is broken");
  }
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows,
                   node.store.ListReferrals(page));
  for (const ReferralRow& row : rows) {
    if (!SeesReferral(call, node.store, row)) continue;
    ASSIGN_OR_RETURN(pb::Referral view, ReferralViewOf(call, node.store, row));
    if (request.waiting_only() && !IsUnderWay(view)) continue;
    *response.add_referrals() = std::move(view);
  }
  if (static_cast<int>(rows.size()) == size) {
    response.set_next_page_token(absl::StrCat(rows.back().place));
  }
  return absl::OkStatus();
}

absl::StatusOr<ReferralRow> FindReferral(OperatorCall& call,
                                         const std::string& referral_id) {
  return FindReferral(call, call.node().store, referral_id);
}

absl::StatusOr<ReferralRow> FindReferral(OperatorCall& call,
                                         const StoreReader& store,
                                         const std::string& referral_id) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(referral_id));
  ASSIGN_OR_RETURN(ReferralRow row, store.ReadReferral(id));
  if (!SeesReferral(call, store, row)) {
    return ReasonError(ErrorReason::kNotFound, "there is no such referral");
  }
  call.AddAbout(row.referral_id);
  if (!row.case_id.IsNil()) call.SetSubject(row.case_id);
  return row;
}

bool SeesReferral(const OperatorCall& call, const StoreReader& store,
                  const ReferralRow& row) {
  if (row.case_id.IsNil()) return SeesReceived(call, store, row);
  // At the holder a referral is as visible as its case; what is left of one
  // whose case is erased, to those who see every case.
  const auto facts = store.ReadFacts(row.case_id);
  if (facts.ok()) return call.PermitOn(*facts).ok();
  const auto permit = call.PermitAll();
  return permit.ok() && permit->scope() == CaseScope::kAll;
}

absl::StatusOr<record::v1::CaseRecord> ReadTold(const ReferralReader& store,
                                                const Permit& permit,
                                                const Dossier& dossier) {
  record::v1::CaseRecord told;
  for (const ReferralEvent& event : dossier.ordered) {
    const bool corrects = event.kind == ReferralEventKind::kCorrected;
    if (event.kind != ReferralEventKind::kSent &&
        event.kind != ReferralEventKind::kInfoAnswered && !corrects) {
      continue;
    }
    ASSIGN_OR_RETURN(const EventRow full,
                     store.ReadEventOpenings(permit, event.event_id));
    ASSIGN_OR_RETURN(const std::vector<FieldOpening> openings,
                     ParseOpenings(full.openings));
    for (const FieldOpening& opening : openings) {
      if (corrects) {
        // It takes the place of what was told of the group before.
        RedactRecord(kShareableGroups.Minus({opening.group}), Redactions(),
                     told);
      }
      ASSIGN_OR_RETURN(const record::v1::CaseRecord part,
                       ParseRecord(opening.value));
      told.MergeFrom(part);
    }
  }
  return told;
}

}  // namespace comity
