#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "comity/operators/v1/retention_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "node/store/sqlite/database.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;

constexpr char kWithTogo[] = R"(schema: "comity.policy.v1"
agreement {
  id: "ng-tg" revision: 1 title: "Nigeria - Togo" party: ["NG", "TG"]
  valid_from: "2026-01-01T00:00:00Z" valid_until: "2030-12-31T00:00:00Z"
  grant {
    id: "referral" holder: ["NG"] asker: ["TG"] role: [COORDINATOR]
    operation: [REFERRAL_DELIVER] purpose: [SAFE_RETURN, PROTECTION]
    basis: [CONSENT] when { consent: [GIVEN] }
    release: [CASE_REF, STATUS, DEMOGRAPHIC, NEEDS]
  }
})";

constexpr char kTogosPeople[] = R"(schema: "comity.policy.v1"
local {
  node: "TG" revision: 1 title: "Roles"
  allow {
    id: "coordinators" role: [COORDINATOR] organisation: ["*"]
    operation: [REFERRAL_READ, REFERRAL_DECIDE] scope: ALL
  }
})";

// Niger refers to Nigeria, which would like to refer on to Togo.
class RetentionTest : public BorderTest {
 protected:
  void OpenBound(const std::string& duties) {
    Open({{"duties { redact { field: DEMOGRAPHIC how: AGE_BAND_5 } }",
           "duties { " + duties + " }"}});
    ASSERT_OK(ng_.Pair(tg_));
    ASSERT_OK(ng_.ActivateTexts({kWithTogo}));
  }
  // Sends, receives and accepts; returns the referral's id.
  std::string Refer() {
    const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
    EXPECT_OK(Send("coord", draft));
    EXPECT_TRUE(Await([&] { return Show(ng_, draft.referral_id()).ok(); }));
    ops::AcceptReferralRequest accept;
    accept.set_referral_id(draft.referral_id());
    EXPECT_OK((As<ops::ReferralService, ops::AcceptReferralResponse>(
        Coordinator(ng_, "coord"), &ops::ReferralService::Stub::AcceptReferral,
        accept)));
    return draft.referral_id();
  }
  absl::StatusOr<std::string> CaseOf(const std::string& referral) {
    ops::CreateCaseRequest create;
    create.set_referral_id(referral);
    create.mutable_record()->set_x_local_reference("NG-1");
    create.mutable_screening()->set_never_contact(false);
    create.mutable_screening()->add_never_share_with("ML");
    ASSIGN_OR_RETURN(const auto created,
                     (As<ops::CaseService, ops::CreateCaseResponse>(
                         Coordinator(ng_, "coord"),
                         &ops::CaseService::Stub::CreateCase, create)));
    return created.case_id();
  }
  bool OwnCaseIsThere() {
    ops::GetCaseRequest request;
    request.set_case_id("NG-1");
    return As<ops::CaseService, ops::GetCaseResponse>(
               Coordinator(ng_, "coord"), &ops::CaseService::Stub::GetCase,
               request)
        .ok();
  }
  absl::Status SendOn(const std::string& referral) {
    ops::ClearReferralRequest clear;
    clear.set_referral_id(referral);
    clear.set_risk("LOW");
    clear.set_reflection_waived(true);
    EXPECT_OK((As<ops::ReferralStepService, ops::ClearReferralResponse>(
        Coordinator(ng_, "clearer"),
        &ops::ReferralStepService::Stub::ClearReferral, clear)));
    ops::SendReferralRequest send;
    send.set_referral_id(referral);
    return As<ops::ReferralService, ops::SendReferralResponse>(
               Coordinator(ng_, "coord"),
               &ops::ReferralService::Stub::SendReferral, send)
        .status();
  }
  // What comes of referring Nigeria's case on to Togo: the draft's id.
  absl::StatusOr<std::string> ReferOn(const std::string& purpose) {
    ops::RecordConsentRequest consent;
    consent.set_case_id("NG-1");
    auto* act = consent.mutable_consent();
    act->set_recipient("TG");
    act->set_purpose(purpose);
    act->add_groups(v1::RECORD_GROUP_STATUS);
    act->set_state("GIVEN");
    act->set_language("en");
    act->set_withdrawal_channel("SHELTER");
    CommandContext& coordinator = Coordinator(ng_, "coord");
    EXPECT_OK((As<ops::CaseService, ops::RecordConsentResponse>(
        coordinator, &ops::CaseService::Stub::RecordConsent, consent)));
    ops::CreateReferralRequest draft;
    draft.set_case_id("NG-1");
    draft.set_receiver("TG");
    draft.set_purpose(purpose);
    ASSIGN_OR_RETURN(
        const auto drafted,
        (As<ops::ReferralService, ops::CreateReferralResponse>(
            coordinator, &ops::ReferralService::Stub::CreateReferral, draft)));
    return drafted.referral().referral_id();
  }
  // What is erased by time at a node: "PACKET RETENTION_DAYS ng-ne NE".
  static std::vector<std::string> Lines(
      const google::protobuf::RepeatedPtrField<ops::RetentionItem>& items) {
    std::vector<std::string> lines;
    for (const ops::RetentionItem& each : items) {
      lines.push_back(absl::StrCat(each.kind(), " ", each.cause(), " ",
                                   each.agreement_id(), " ", each.partner()));
    }
    return lines;
  }
  CommandContext& Dpo() {
    return ng_.As("ORG", Role::kDataProtectionOfficer, "dpo");
  }
  ops::GetRetentionResponse Due() {
    const auto due = As<ops::RetentionService, ops::GetRetentionResponse>(
        Dpo(), &ops::RetentionService::Stub::GetRetention,
        ops::GetRetentionRequest());
    EXPECT_OK(due);
    return due.ok() ? *due : ops::GetRetentionResponse();
  }
  std::vector<std::string> Purge() {
    const auto purged = As<ops::RetentionService, ops::PurgeDueResponse>(
        Dpo(), &ops::RetentionService::Stub::PurgeDue, ops::PurgeDueRequest());
    EXPECT_OK(purged);
    EXPECT_FALSE(purged->more());
    return Lines(purged->purged());
  }
  absl::Status PurgeBy(bool clock_is_right) {
    ops::PurgeDueRequest request;
    request.set_clock_is_right(clock_is_right);
    return As<ops::RetentionService, ops::PurgeDueResponse>(
               Dpo(), &ops::RetentionService::Stub::PurgeDue, request)
        .status();
  }
  bool StatusNames(const std::string& subject) {
    ops::GetStatusRequest request;
    const auto status = As<Admin, ops::GetStatusResponse>(
        ng_.As("ORG", Role::kAdmin, "admin-1"), &Admin::Stub::GetStatus,
        request);
    EXPECT_OK(status);
    if (!status.ok()) return false;
    for (const ops::StatusCheck& check : status->checks()) {
      if (check.subject() == subject) return !check.ok();
    }
    return false;
  }
  // All own logs of Nigeria's verify.
  bool LogsHold() {
    const auto verified = As<Admin, ops::VerifyLogsResponse>(
        ng_.As("ORG", Role::kAuditor, "auditor"), &Admin::Stub::VerifyLogs,
        ops::VerifyLogsRequest());
    EXPECT_OK(verified);
    for (const auto& log : verified->logs()) {
      EXPECT_TRUE(log.ok()) << log.log() << " " << log.detail();
      if (!log.ok()) return false;
    }
    return true;
  }

  TestParticipant tg_{"TG", clock_.Now()};
};

TEST_F(RetentionTest, APacketIsErasedWhenItsTimeEndsAndTheLogsStillVerify) {
  OpenBound("retention_days: 7");
  const std::string id = Refer();
  EXPECT_EQ(Show(ng_, id)->packet().cas_status(), "Active");
  clock_.Advance(absl::Hours(24 * 7) - absl::Seconds(60));
  ng_.Tick();
  EXPECT_EQ(Show(ng_, id)->packet().cas_status(), "Active");
  clock_.Advance(absl::Seconds(60));
  // Refused from that moment, erased by the next tick.
  EXPECT_FALSE(Show(ng_, id)->has_packet());
  EXPECT_THAT(CaseOf(id), FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_FALSE(Show(ng_, id)->referral().erased());
  ASSERT_TRUE(Await([&] {
    ng_.Tick();
    return Show(ng_, id)->referral().erased();
  }));
  const auto shown = Show(ng_, id);
  EXPECT_FALSE(shown->has_packet());
  EXPECT_EQ(shown->history_size(), 2);
  EXPECT_EQ(shown->referral().state(), "ACCEPTED");
  EXPECT_TRUE(LogsHold());
  // The holder's own record is not touched.
  ne_.Tick();
  EXPECT_FALSE(Show(ne_, id)->referral().erased());
}

TEST_F(RetentionTest, WhatMayNotBePassedOnIsNotPassedOn) {
  OpenBound("no_onward_transfer: true");
  const std::string id = Refer();
  EXPECT_TRUE(Show(ng_, id)->referral().no_onward_transfer());
  EXPECT_OK(CaseOf(id));
  const absl::Status refused = ReferOn("SAFE_RETURN").status();
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kNotAvailable);
  EXPECT_THAT(std::string(refused.message()),
              testing::HasSubstr("onward transfer"));
}

TEST_F(RetentionTest, WhatWasReceivedForOnePurposeIsUsedForNoOther) {
  OpenBound("retention_days: 30");
  EXPECT_OK(CaseOf(Refer()));
  const absl::Status refused = ReferOn("PROTECTION").status();
  EXPECT_THAT(std::string(refused.message()),
              testing::HasSubstr("another purpose"));
  EXPECT_OK(ReferOn("SAFE_RETURN"));
}

TEST_F(RetentionTest, ACaseMadeOfThePacketIsErasedWithIt) {
  OpenBound("retention_days: 7");
  const std::string id = Refer();
  ASSERT_OK(CaseOf(id));
  clock_.Advance(absl::Hours(24 * 7) - absl::Seconds(60));
  ng_.Tick();
  EXPECT_TRUE(OwnCaseIsThere());
  clock_.Advance(absl::Seconds(60));
  EXPECT_TRUE(Await([&] {
    ng_.Tick();
    return !OwnCaseIsThere();
  }));
  EXPECT_TRUE(LogsHold());
  // Its reference is free again.
  ops::CreateCaseRequest again;
  again.mutable_record()->set_x_local_reference("NG-1");
  EXPECT_OK((As<ops::CaseService, ops::CreateCaseResponse>(
      Coordinator(ng_, "coord"), &ops::CaseService::Stub::CreateCase, again)));
}

// What she withdrew from Nigeria, Togo must not keep either.
TEST_F(RetentionTest, AWithdrawalIsPassedOnToWhoeverTheCaseWasReferredTo) {
  OpenBound("retention_days: 30");
  ASSERT_OK(tg_.Start(clock_));
  ASSERT_OK(tg_.Pair(ng_));
  ASSERT_OK(tg_.ActivateTexts({kWithTogo, kTogosPeople}));
  tg_.Stop();
  ng_.Stop();
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_OK(tg_.Start(clock_));
  const std::string id = Refer();
  ASSERT_OK(CaseOf(id));
  const auto onward = ReferOn("SAFE_RETURN");
  ASSERT_OK(onward);
  ASSERT_OK(SendOn(*onward));
  ASSERT_TRUE(Await([&] { return Show(tg_, *onward).ok(); }));
  EXPECT_TRUE(Show(tg_, *onward)->has_packet());
  ops::WithdrawConsentRequest withdraw;
  withdraw.set_case_id("C1");
  withdraw.set_channel("SHELTER");
  ASSERT_OK((As<ops::ConsentService, ops::WithdrawConsentResponse>(
      Coordinator(ne_, "coord"), &ops::ConsentService::Stub::WithdrawConsent,
      withdraw)));
  ASSERT_TRUE(Await([&] { return Show(tg_, *onward)->referral().erased(); }));
  EXPECT_EQ(Show(tg_, *onward)->referral().state(), "WITHDRAWN");
  // Nigeria's people still see who answered, though their case is erased.
  EXPECT_TRUE(Await(
      [&] { return Show(ng_, *onward)->withdrawal().copies_size() == 2; }));
}

TEST_F(RetentionTest, PeopleSeeWhatIsDueWhenAndWhyAndHastenIt) {
  OpenBound("retention_days: 7");
  const std::string id = Refer();
  const auto made = CaseOf(id);
  ASSERT_OK(made);
  const ops::GetRetentionResponse due = Due();
  EXPECT_THAT(Lines(due.items()),
              testing::UnorderedElementsAre(
                  "PACKET RETENTION_DAYS ng-ne-bilateral NE",
                  "RECEIVED_CASE RETENTION_DAYS ng-ne-bilateral NE"));
  for (const ops::RetentionItem& each : due.items()) {
    EXPECT_EQ(each.id(), each.kind() == "PACKET" ? id : *made);
    EXPECT_NEAR(
        static_cast<double>(each.due_at().seconds()),
        static_cast<double>(absl::ToUnixSeconds(clock_.Now())) + 7 * 24 * 3600,
        60);
  }
  EXPECT_THAT(Purge(), testing::IsEmpty());
  clock_.Advance(absl::Hours(24 * 7));
  EXPECT_EQ(Purge().size(), 2u);
  EXPECT_TRUE(Show(ng_, id)->referral().erased());
  EXPECT_FALSE(OwnCaseIsThere());
  EXPECT_THAT(Lines(Due().items()), testing::IsEmpty());
  EXPECT_TRUE(LogsHold());
}

// Sixty days that nobody lived through; certificates hold for ninety.
TEST_F(RetentionTest, AClockThatJumpsAheadErasesNothingUntilPeopleConfirmIt) {
  OpenBound("retention_days: 7");
  const std::string id = Refer();
  EXPECT_THAT(Purge(), testing::IsEmpty());
  clock_.Advance(absl::Hours(24 * 60));
  ng_.Tick();
  // Commits are in order: what the tick would have erased is gone by then.
  EXPECT_THAT(PurgeBy(false), FailsWith(ErrorReason::kQuestionExpired));
  EXPECT_FALSE(Show(ng_, id)->referral().erased());
  EXPECT_TRUE(StatusNames("time"));
  EXPECT_OK(PurgeBy(true));
  EXPECT_TRUE(Show(ng_, id)->referral().erased());
  EXPECT_FALSE(StatusNames("time"));
}

// A disk damaged her facts: the packet goes on its date all the same.
TEST_F(RetentionTest, ACaseThatDoesNotReadKeepsNobodyElseAndIsNamed) {
  OpenBound("retention_days: 7");
  const auto made = CaseOf(Refer());
  ASSERT_OK(made);
  const auto editor =
      SqliteDatabase::Open(NodeLayout{ng_.directory()}.StoreFile(), false);
  ASSERT_OK(editor);
  ASSERT_OK((*editor)->Execute(
      absl::StrCat("UPDATE cases SET sealed_facts = x'00' WHERE id = x'",
                   absl::StrReplaceAll(*made, {{"-", ""}}), "'")
          .c_str()));
  clock_.Advance(absl::Hours(24 * 7));
  EXPECT_THAT(Purge(),
              testing::ElementsAre("PACKET RETENTION_DAYS ng-ne-bilateral NE"));
  EXPECT_TRUE(StatusNames("retention"));
}

TEST_F(RetentionTest, DraftsAreDueAfterTheirPeriodAndPeopleOfACaseSeeNoneOfIt) {
  OpenBound("retention_days: 30");
  ASSERT_OK(CaseOf(Refer()));
  ASSERT_OK(ReferOn("SAFE_RETURN"));
  EXPECT_THAT(Lines(Due().items()), testing::Contains("DRAFT DRAFT_DAYS  TG"));
  EXPECT_THAT(
      (As<ops::RetentionService, ops::GetRetentionResponse>(
          Coordinator(ng_, "coord"), &ops::RetentionService::Stub::GetRetention,
          ops::GetRetentionRequest())),
      FailsWith(ErrorReason::kLocalAccessDenied));
}

}  // namespace
}  // namespace comity
