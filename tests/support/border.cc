#include "tests/support/border.h"

#include "absl/strings/str_replace.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"

namespace comity {

namespace fed = federation::v1;
namespace ops = operators::v1;

std::string BorderTest::PolicyText(const std::string& path,
                                   const Edits& edits) {
  std::string text = ReadyPolicy(path);
  for (const auto& [from, to] : edits) {
    EXPECT_NE(text.find(from), std::string::npos) << from;
    text = absl::StrReplaceAll(text, {{from, to}});
  }
  return text;
}

void BorderTest::Open(const Edits& agreement_edits,
                      const std::string& ne_national) {
  OpenWith(PolicyText("agreements/ng-ne-bilateral.textproto", agreement_edits),
           ne_national);
}

void BorderTest::OpenWith(const std::string& agreement,
                          const std::string& ne_national) {
  for (TestParticipant* each : {&ne_, &ng_}) {
    const bool niger = each == &ne_;
    ASSERT_OK(each->Start(clock_));
    ASSERT_OK(each->Pair(niger ? ng_ : ne_));
    std::vector<std::string> texts = {
        agreement,
        ReadyPolicy(niger ? "local/ne.textproto" : "local/ng.textproto")};
    if (niger && !ne_national.empty()) texts.push_back(ne_national);
    ASSERT_OK(each->ActivateTexts(texts));
  }
  // gRPC reads changed anchors once a second; a restart reads them now.
  for (TestParticipant* each : {&ne_, &ng_}) {
    each->Stop();
    ASSERT_OK(each->Start(clock_));
  }
}

ops::Referral BorderTest::MakeCase(const std::string& reference,
                                   const std::vector<v1::RecordGroup>& groups) {
  CommandContext& coordinator = Coordinator(ne_, "coord");
  ops::CreateCaseRequest create;
  create.mutable_record()->set_x_local_reference(reference);
  create.mutable_record()->set_cas_status("Active");
  create.mutable_screening()->set_never_contact(false);
  create.mutable_screening()->add_never_share_with("TG");
  EXPECT_OK((As<ops::CaseService, ops::CreateCaseResponse>(
      coordinator, &ops::CaseService::Stub::CreateCase, create)));
  if (groups.empty()) return {};
  ops::RecordConsentRequest consent;
  consent.set_case_id(reference);
  auto* act = consent.mutable_consent();
  act->set_recipient("NG");
  act->set_purpose("SAFE_RETURN");
  for (const v1::RecordGroup group : groups) act->add_groups(group);
  act->set_state("GIVEN");
  act->set_language("ha");
  act->set_withdrawal_channel("SHELTER");
  EXPECT_OK((As<ops::CaseService, ops::RecordConsentResponse>(
      coordinator, &ops::CaseService::Stub::RecordConsent, consent)));
  ops::CreateReferralRequest draft;
  draft.set_case_id(reference);
  draft.set_receiver("NG");
  draft.set_purpose("SAFE_RETURN");
  const auto drafted = As<ops::ReferralService, ops::CreateReferralResponse>(
      coordinator, &ops::ReferralService::Stub::CreateReferral, draft);
  EXPECT_OK(drafted);
  if (!drafted.ok()) return {};
  ops::ClearReferralRequest clear;
  clear.set_referral_id(drafted->referral().referral_id());
  clear.set_risk("LOW");
  clear.set_reflection_waived(true);
  EXPECT_OK((As<ops::ReferralStepService, ops::ClearReferralResponse>(
      Coordinator(ne_, "clearer"),
      &ops::ReferralStepService::Stub::ClearReferral, clear)));
  return drafted->referral();
}

ops::RequestCaseRequest BorderTest::StatusQuestion(const ops::Referral& draft) {
  ops::RequestCaseRequest request;
  request.set_holder("NE");
  request.set_pseudonym(draft.pseudonym());
  request.set_purpose("SAFE_RETURN");
  request.add_wanted(v1::RECORD_GROUP_STATUS);
  return request;
}

absl::StatusOr<fed::CaseAnswer> BorderTest::Ask(
    const std::string& officer, const ops::RequestCaseRequest& request) {
  // After the clock moved the partner's heads are late, until the couriers
  // have proved them.
  const absl::Time limit = absl::Now() + absl::Seconds(20);
  while (true) {
    const auto response = As<ops::ReferralService, ops::RequestCaseResponse>(
        Coordinator(ng_, officer), &ops::ReferralService::Stub::RequestCase,
        request);
    if (response.ok()) return response->answer();
    if (ReasonOf(response.status()) != ErrorReason::kConsistencyUnproved ||
        absl::Now() > limit) {
      return response.status();
    }
  }
}

ops::ListInboxResponse BorderTest::Inbox(CommandContext& person) {
  const auto inbox = As<ops::OversightService, ops::ListInboxResponse>(
      person, &ops::OversightService::Stub::ListInbox, ops::ListInboxRequest());
  EXPECT_OK(inbox);
  return inbox.ok() ? *inbox : ops::ListInboxResponse();
}

absl::Status BorderTest::Approve(CommandContext& person,
                                 const std::string& approval_id, bool decline) {
  ops::DecideApprovalRequest request;
  request.set_approval_id(approval_id);
  request.set_decline(decline);
  return As<ops::OversightService, ops::DecideApprovalResponse>(
             person, &ops::OversightService::Stub::DecideApproval, request)
      .status();
}

absl::Status BorderTest::Send(const std::string& person,
                              const ops::Referral& draft) {
  ops::SendReferralRequest send;
  send.set_referral_id(draft.referral_id());
  return As<ops::ReferralService, ops::SendReferralResponse>(
             Coordinator(ne_, person),
             &ops::ReferralService::Stub::SendReferral, send)
      .status();
}

absl::StatusOr<ops::GetReferralResponse> BorderTest::Show(
    TestParticipant& node, const std::string& referral_id) {
  ops::GetReferralRequest request;
  request.set_referral_id(referral_id);
  return As<ops::ReferralService, ops::GetReferralResponse>(
      Coordinator(node, "coord"), &ops::ReferralService::Stub::GetReferral,
      request);
}

std::string BorderTest::LogDetail(const std::string& entry_id) {
  const auto entries = As<ops::AdminService, ops::ListLogEntriesResponse>(
      ne_.As("ORG", Role::kAuditor, "auditor"),
      &ops::AdminService::Stub::ListLogEntries, ops::ListLogEntriesRequest());
  EXPECT_OK(entries);
  for (const auto& entry : entries->entries()) {
    if (absl::StrCat("comity/NE#", entry.index()) == entry_id) {
      return entry.detail();
    }
  }
  return "";
}

bool BorderTest::Await(const std::function<bool()>& done) {
  const absl::Time limit = absl::Now() + absl::Seconds(10);
  while (!done()) {
    if (absl::Now() > limit) return false;
  }
  return true;
}

std::string BorderTest::OutcomeOf(
    const absl::StatusOr<fed::CaseAnswer>& answer) {
  if (!answer.ok()) return std::string(ReasonName(ReasonOf(answer.status())));
  return answer->has_refusal() ? answer->refusal().reason() : "RELEASED";
}

std::string BorderTest::OutcomeOnceReached(const std::string& officer,
                                           const ops::Referral& draft) {
  std::string outcome;
  Await([&] {
    outcome = OutcomeOf(AskStatus(officer, draft));
    return outcome != ReasonName(ErrorReason::kPeerUnreachable);
  });
  return outcome;
}

}  // namespace comity
