#include "absl/strings/match.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "comity/operators/v1/dossier_service.grpc.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/audit/dossier_verifier.h"
#include "node/wire/proto_time.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using Cases = ops::CaseService;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr auto kStatus = v1::RECORD_GROUP_STATUS;
constexpr auto kIdentity = v1::RECORD_GROUP_IDENTITY;

// A correction at home travels to whoever received the field, and nowhere else.
class CorrectionTest : public ReferralStory {
 protected:
  using Fill = std::function<void(record::v1::CaseRecord&)>;

  template <typename Request>
  Request ChangeOf(const Fill& fill) {
    ops::GetCaseRequest get;
    get.set_case_id("C1");
    const auto shown =
        As<Cases, ops::GetCaseResponse>(Drafter(), &Cases::Stub::GetCase, get);
    EXPECT_OK(shown);
    Request request;
    request.set_case_id("C1");
    request.set_version(shown->case_().version());
    fill(*request.mutable_record());
    return request;
  }
  ops::CorrectCaseResponse Correct(const Fill& fill) {
    const auto corrected = As<Cases, ops::CorrectCaseResponse>(
        Drafter(), &Cases::Stub::CorrectCase,
        ChangeOf<ops::CorrectCaseRequest>(fill));
    EXPECT_OK(corrected);
    return corrected.ok() ? *corrected : ops::CorrectCaseResponse();
  }
  static void FollowedUp(record::v1::CaseRecord& record) {
    record.set_cas_status("FollowUp");
  }
  // "told STATUS", "STATUS refused NEVER_CONTACT": of each dossier.
  static std::vector<std::string> Words(const ops::CorrectCaseResponse& made) {
    std::vector<std::string> words;
    for (const ops::CorrectionOutcome& outcome : made.outcomes()) {
      for (const int group : outcome.told()) {
        words.push_back("told " +
                        std::string(Name(static_cast<FieldGroup>(group))));
      }
      for (const ops::RefusedGroup& refused : outcome.refused()) {
        words.push_back(
            std::string(Name(static_cast<FieldGroup>(refused.group()))) +
            " refused " + refused.reason());
      }
    }
    return words;
  }
  std::string StatusAtReceiver(const std::string& id) {
    const auto shown = Show(ng_, id);
    return shown.ok() ? shown->packet().cas_status() : "";
  }
  void ExpectNoCorrection(const std::string& id) {
    EXPECT_THAT(KindsAt(ne_, id), Not(Contains("NE CORRECTED")));
    EXPECT_EQ(StatusAtReceiver(id), "Active");
  }
  absl::Status Consent(const std::vector<v1::RecordGroup>& groups,
                       int days = 90) {
    ops::RecordConsentRequest consent;
    consent.set_case_id("C1");
    auto* act = consent.mutable_consent();
    act->set_recipient("NG");
    act->set_purpose("SAFE_RETURN");
    for (const auto group : groups) act->add_groups(group);
    act->set_state("GIVEN");
    *act->mutable_expires_at() =
        ToProtoTime(clock_.Now() + absl::Hours(24) * days);
    act->set_language("ha");
    act->set_withdrawal_channel("SHELTER");
    return As<Cases, ops::RecordConsentResponse>(
               Drafter(), &Cases::Stub::RecordConsent, consent)
        .status();
  }
  absl::Status Withdraw(const std::vector<v1::RecordGroup>& groups) {
    ops::WithdrawConsentRequest request;
    request.set_case_id("C1");
    request.set_channel("CASE_WORKER");
    for (const auto group : groups) request.add_groups(group);
    return As<ops::ConsentService, ops::WithdrawConsentResponse>(
               Holder(), &ops::ConsentService::Stub::WithdrawConsent, request)
        .status();
  }
};

TEST_F(CorrectionTest, ItReachesWhoWasToldAndTakesThePlaceOfTheOldValue) {
  Open({});
  const std::string id = Refer("C1");
  ASSERT_EQ(StatusAtReceiver(id), "Active");
  ASSERT_EQ(Show(ng_, id)->packet().plans_size(), 1);
  const auto made = Correct([](record::v1::CaseRecord& record) {
    record.set_cas_status("FollowUp");
    record.add_plans()->set_spl_type("Legal");
  });
  EXPECT_THAT(Words(made), ElementsAre("told STATUS", "told NEEDS"));
  EXPECT_EQ(made.outcomes(0).participant(), "NG");
  ASSERT_TRUE(Await([&] { return StatusAtReceiver(id) == "FollowUp"; }));
  const auto shown = Show(ng_, id);
  ASSERT_EQ(shown->packet().plans_size(), 1);
  EXPECT_EQ(shown->packet().plans(0).spl_type(), "Legal");
  ASSERT_EQ(shown->progress().corrections_size(), 1);
  EXPECT_THAT(shown->progress().corrections(0).groups(),
              ElementsAre(kStatus, v1::RECORD_GROUP_NEEDS));
  ExpectBoth(id, "RECEIVED");
  EXPECT_EQ(KindsAt(ne_, id), KindsAt(ng_, id));
  EXPECT_TRUE(Await([&] {
    const auto inbox = Inbox(Receiver());
    return std::any_of(
        inbox.notices().begin(), inbox.notices().end(),
        [](const auto& notice) { return notice.kind() == "CORRECTED"; });
  }));
}

TEST_F(CorrectionTest, WhatNobodyWasToldGoesNowhere) {
  Open({});
  const std::string id = Refer("C1");
  const auto made = Correct([](record::v1::CaseRecord& record) {
    record.set_x_health_summary("needs nothing");
    record.set_prs_second_name("Bello");
  });
  EXPECT_EQ(made.changed_size(), 2);
  EXPECT_THAT(Words(made), IsEmpty());
  ExpectNoCorrection(id);
}

// Consent ran out: home is corrected, the partner is not told, and she who
// corrects learns it.
TEST_F(CorrectionTest, Law4ItNeedsLiveConsentAtThatInstant) {
  Open({});
  const std::string id = Refer("C1");
  // A newer act, which ends sooner.
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK(Consent({kStatus}, 2));
  clock_.Advance(absl::Hours(24 * 3));
  const auto made = Correct(FollowedUp);
  EXPECT_THAT(made.changed(), ElementsAre("cas_Status"));
  EXPECT_THAT(Words(made),
              ElementsAre("STATUS refused no grant's conditions hold"));
  ExpectNoCorrection(id);
}

TEST_F(CorrectionTest, Law3DangerKeepsItFromWhoItExcludes) {
  Open({});
  const std::string id = Refer("C1");
  ops::RecordScreeningRequest screen;
  screen.set_case_id("C1");
  screen.mutable_screening()->add_never_share_with("NG");
  ASSERT_OK((As<Cases, ops::RecordScreeningResponse>(
      Drafter(), &Cases::Stub::RecordScreening, screen)));
  EXPECT_THAT(Words(Correct(FollowedUp)),
              ElementsAre("STATUS refused NEVER_SHARE_WITH"));
  ExpectNoCorrection(id);
}

// Her name was told in answer to a question, which is kept nowhere: the log
// knows.
TEST_F(CorrectionTest, WhatAnAnswerToldIsCorrectedToo) {
  Open({});
  const std::string id = Refer("C1");
  ASSERT_OK(Consent({kIdentity}));
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  const auto named = [](record::v1::CaseRecord& record) {
    record.set_prs_second_name("Bello");
  };
  EXPECT_THAT(Words(Correct(named)), IsEmpty());
  ops::RequestCaseRequest question;
  question.set_holder("NE");
  question.set_referral_id(id);
  question.set_purpose("SAFE_RETURN");
  question.add_wanted(kIdentity);
  EXPECT_EQ(OutcomeOf(BorderTest::Ask("officer", question)), "RELEASED");
  EXPECT_THAT(Words(Correct([](record::v1::CaseRecord& record) {
                record.set_prs_second_name("Belo");
              })),
              ElementsAre("told IDENTITY"));
  EXPECT_TRUE(Await(
      [&] { return Show(ng_, id)->packet().prs_second_name() == "Belo"; }));
}

TEST_F(CorrectionTest, AnEditStaysAtHomeAndSaysWhoHoldsAnOlderValue) {
  Open({});
  const std::string id = Refer("C1");
  const auto edited = As<Cases, ops::UpdateCaseResponse>(
      Drafter(), &Cases::Stub::UpdateCase,
      ChangeOf<ops::UpdateCaseRequest>([](record::v1::CaseRecord& record) {
        record.set_cas_status("FollowUp");
        record.set_prs_second_name("Bello");
      }));
  ASSERT_OK(edited);
  ASSERT_EQ(edited->outdated_size(), 1);
  EXPECT_EQ(edited->outdated(0).participant(), "NG");
  EXPECT_EQ(edited->outdated(0).referral_id(), id);
  EXPECT_THAT(edited->outdated(0).groups(), ElementsAre(kStatus));
  ExpectNoCorrection(id);
  // Nothing changes any more, and it is told all the same.
  const auto made = Correct(FollowedUp);
  EXPECT_THAT(made.changed(), IsEmpty());
  EXPECT_THAT(Words(made), ElementsAre("told STATUS"));
  EXPECT_TRUE(Await([&] { return StatusAtReceiver(id) == "FollowUp"; }));
}

TEST_F(CorrectionTest, Law5AWithdrawalTakesTheCorrectedValueToo) {
  Open({});
  const std::string id = Refer("C1");
  Correct(FollowedUp);
  ASSERT_TRUE(Await([&] { return StatusAtReceiver(id) == "FollowUp"; }));
  ASSERT_OK(Withdraw({kStatus}));
  ASSERT_TRUE(Await([&] { return StatusAtReceiver(id).empty(); }));
  // Nobody holds it any more.
  EXPECT_THAT(Words(Correct([](record::v1::CaseRecord& record) {
                record.set_cas_status("Closed");
              })),
              IsEmpty());
}

TEST_F(CorrectionTest, WhoMayTakeNoStepOfAReferralCorrectsNothing) {
  Open({});
  const std::string id = Refer("C1");
  ASSERT_OK(ne_.ActivateTexts({PolicyText(
      "local/ne.textproto",
      {{"revision: 1", "revision: 2"},
       {"REFERRAL_DRAFT, REFERRAL_READ, REFERRAL_STEP,", "REFERRAL_READ,"}})}));
  CommandContext& worker = ne_.As("ORG", Role::kCaseWorker, "worker");
  const auto refused = As<Cases, ops::CorrectCaseResponse>(
      worker, &Cases::Stub::CorrectCase,
      ChangeOf<ops::CorrectCaseRequest>(FollowedUp));
  EXPECT_THAT(refused, FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_OK((As<Cases, ops::UpdateCaseResponse>(
      worker, &Cases::Stub::UpdateCase,
      ChangeOf<ops::UpdateCaseRequest>(FollowedUp))));
  ExpectNoCorrection(id);
}

// Each is written while the other is away. The receiver keeps the event and
// nothing of what it tells: a refusal would end the holder's chain.
TEST_F(CorrectionTest, Law5ACorrectionThatCrossesAWithdrawalLeavesNothing) {
  Open({});
  const std::string id = Refer("C1");
  ng_.Stop();
  EXPECT_THAT(Words(Correct(FollowedUp)), ElementsAre("told STATUS"));
  ne_.Stop();
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK(ng_.Start(clock_));
  ops::WithdrawReferralRequest withdraw;
  withdraw.set_referral_id(id);
  withdraw.set_channel("SHELTER");
  ASSERT_OK((As<ops::ConsentService, ops::WithdrawReferralResponse>(
      Receiver(), &ops::ConsentService::Stub::WithdrawReferral, withdraw)));
  ASSERT_OK(ne_.Start(clock_));
  ExpectBoth(id, "WITHDRAWN");
  EXPECT_EQ(StatusAtReceiver(id), "");
  EXPECT_TRUE(Show(ng_, id)->referral().erased());
  EXPECT_THAT(KindsAt(ng_, id), Contains("NE CORRECTED"));
  EXPECT_EQ(KindsAt(ng_, id), KindsAt(ne_, id));
}

// Niger's own rules, or the agreement, demand a second person for an answer.
constexpr char kFourEyes[] = R"(schema: "comity.policy.v1"
national {
  node: "NE" revision: 1 title: "Four eyes"
  require { id: "four-eyes" operation: [CASE_QUERY] duties { approvals: 1 } }
})";

class CorrectionApprovalTest : public CorrectionTest {
 protected:
  // The approval that all groups of the only outcome wait for; empty if one
  // does not, or something was told.
  static std::string WaitsFor(const ops::CorrectCaseResponse& made) {
    if (made.outcomes_size() != 1 || made.outcomes(0).told_size() > 0)
      return "";
    std::string id;
    for (const ops::RefusedGroup& each : made.outcomes(0).refused()) {
      if (each.approval_id().empty()) return "";
      id = each.approval_id();
    }
    return id;
  }
  static void ClosedNow(record::v1::CaseRecord& record) {
    record.set_cas_status("Closed");
  }
  std::vector<std::string> OpenApprovals(CommandContext& person) {
    std::vector<std::string> ids;
    const ops::ListInboxResponse inbox = Inbox(person);
    for (const ops::ApprovalRequest& each : inbox.approvals()) {
      EXPECT_EQ(each.matter(), "TELL_CORRECTION");
      EXPECT_THAT(each.groups(), ElementsAre(kStatus));
      ids.push_back(each.approval_id());
    }
    return ids;
  }
};

TEST_F(CorrectionApprovalTest, ItIsHeldUntilAnotherPersonApproved) {
  Open({}, kFourEyes);
  const std::string id = Refer("C1");
  const auto made = Correct(FollowedUp);
  EXPECT_THAT(made.changed(), ElementsAre("cas_Status"));
  const std::string approval = WaitsFor(made);
  ASSERT_FALSE(approval.empty());
  ExpectNoCorrection(id);
  // Not for its author.
  EXPECT_THAT(OpenApprovals(Drafter()), IsEmpty());
  EXPECT_THAT(BorderTest::Approve(Drafter(), approval),
              FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_THAT(OpenApprovals(Holder()), ElementsAre(approval));
  // Nobody approved yet: the same matter waits.
  EXPECT_EQ(WaitsFor(Correct(FollowedUp)), approval);
  ASSERT_OK(BorderTest::Approve(Holder(), approval));
  EXPECT_THAT(Words(Correct(FollowedUp)), ElementsAre("told STATUS"));
  ASSERT_TRUE(Await([&] { return StatusAtReceiver(id) == "FollowUp"; }));
  // It was good for one correction.
  const std::string second = WaitsFor(Correct(FollowedUp));
  EXPECT_FALSE(second.empty());
  EXPECT_NE(second, approval);
}

TEST_F(CorrectionApprovalTest, ItIsGoodForWhatWasApprovedAlone) {
  Open({}, kFourEyes);
  const std::string id = Refer("C1");
  const std::string first = WaitsFor(Correct(FollowedUp));
  ASSERT_OK(BorderTest::Approve(Holder(), first));
  // Corrected again meanwhile: what was approved is over.
  const std::string second = WaitsFor(Correct(ClosedNow));
  EXPECT_NE(second, first);
  EXPECT_THAT(OpenApprovals(Holder()), ElementsAre(second));
  // Also if the record comes back to it.
  const std::string third = WaitsFor(Correct(FollowedUp));
  EXPECT_NE(third, first);
  EXPECT_THAT(OpenApprovals(Holder()), ElementsAre(third));
  EXPECT_THAT(BorderTest::Approve(Holder(), second),
              FailsWith(ErrorReason::kReferralStateConflict));
  ExpectNoCorrection(id);
}

// Her name is told by another operation, which does not tell her status.
TEST_F(CorrectionApprovalTest, WhatWaitsIsNotRefusedByAnotherOperation) {
  Open({}, kFourEyes);
  const std::string id = Refer("C1");
  ASSERT_OK(Consent({kIdentity}));
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  ops::RequestCaseRequest question;
  question.set_holder("NE");
  question.set_referral_id(id);
  question.set_purpose("SAFE_RETURN");
  question.add_wanted(kIdentity);
  ASSERT_EQ(OutcomeOf(BorderTest::Ask("officer", question)), "RELEASED");
  EXPECT_FALSE(WaitsFor(Correct(FollowedUp)).empty());
}

// An edit that tells nobody ends it too.
TEST_F(CorrectionApprovalTest, AnEditOfTheSameFieldEndsIt) {
  Open({}, kFourEyes);
  Refer("C1");
  const std::string approval = WaitsFor(Correct(FollowedUp));
  ASSERT_FALSE(approval.empty());
  ASSERT_OK((As<Cases, ops::UpdateCaseResponse>(
      Drafter(), &Cases::Stub::UpdateCase,
      ChangeOf<ops::UpdateCaseRequest>([](record::v1::CaseRecord& record) {
        record.set_prs_second_name("Bello");
      }))));
  EXPECT_THAT(OpenApprovals(Holder()), ElementsAre(approval));
  ASSERT_OK((As<Cases, ops::UpdateCaseResponse>(
      Drafter(), &Cases::Stub::UpdateCase,
      ChangeOf<ops::UpdateCaseRequest>(ClosedNow))));
  EXPECT_THAT(OpenApprovals(Holder()), IsEmpty());
}

// What the agreement demands the receiver checks: the correction names who
// approved.
TEST_F(CorrectionApprovalTest, WhatTheAgreementDemandsTheReceiverCounts) {
  Open({{"max_per_day: 200", "approvals: 1"}});
  const std::string id = Refer("C1");
  const std::string approval = WaitsFor(Correct(FollowedUp));
  ASSERT_FALSE(approval.empty());
  ASSERT_OK(BorderTest::Approve(Holder(), approval));
  EXPECT_THAT(Words(Correct(FollowedUp)), ElementsAre("told STATUS"));
  EXPECT_TRUE(Await([&] { return StatusAtReceiver(id) == "FollowUp"; }));
  ExpectBoth(id, "RECEIVED");
}

// Nigeria made a case of the packet.
class CorrectedCaseTest : public CorrectionTest {
 protected:
  void SetUp() override {
    Open({});
    id_ = Refer("C1");
    ASSERT_OK(Accept(id_));
    ExpectBoth(id_, "ACCEPTED");
    ops::CreateCaseRequest create;
    create.set_referral_id(id_);
    create.mutable_record()->set_x_local_reference("NG-1");
    ASSERT_OK((As<Cases, ops::CreateCaseResponse>(
        Receiver(), &Cases::Stub::CreateCase, create)));
    ASSERT_EQ(Made().case_().record().cas_status(), "Active");
  }

  ops::GetCaseResponse Made() {
    ops::GetCaseRequest get;
    get.set_case_id("NG-1");
    const auto shown =
        As<Cases, ops::GetCaseResponse>(Receiver(), &Cases::Stub::GetCase, get);
    EXPECT_OK(shown);
    return shown.ok() ? *shown : ops::GetCaseResponse();
  }
  void EditMade(const std::string& status) {
    ops::UpdateCaseRequest edit;
    edit.set_case_id("NG-1");
    edit.set_version(Made().case_().version());
    edit.mutable_record()->set_cas_status(status);
    EXPECT_OK((As<Cases, ops::UpdateCaseResponse>(
        Receiver(), &Cases::Stub::UpdateCase, edit)));
  }
  // Corrected by Niger, and taken note of by Nigeria.
  void CorrectTo(const std::string& status) {
    Correct(
        [&](record::v1::CaseRecord& record) { record.set_cas_status(status); });
    ASSERT_TRUE(Await([&] { return StatusAtReceiver(id_) == status; }));
  }
  // Of a correction that was taken in.
  bool LogSays(const std::string& text) {
    CommandContext& auditor = ng_.As("ORG", Role::kAuditor, "auditor");
    ops::ListLogEntriesRequest request;
    request.set_page_size(500);
    bool says = false;
    do {
      const auto page =
          auditor.Call<ops::AdminService, ops::ListLogEntriesResponse>(
              &ops::AdminService::Stub::ListLogEntries, request);
      EXPECT_OK(page);
      if (!page.ok()) return false;
      for (const ops::LogEntry& entry : page->entries()) {
        says |= absl::StrContains(entry.detail(), ": TAKEN_IN ") &&
                absl::StrContains(entry.detail(), text + " case ");
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return says;
  }
  void ExpectStatus(const std::string& here, const std::string& told) {
    const ops::GetCaseResponse made = Made();
    EXPECT_EQ(made.case_().record().cas_status(), here);
    EXPECT_EQ(made.told().cas_status(), told);
    EXPECT_EQ(made.conflicts_size(), told.empty() ? 0 : 1);
  }

  std::string id_;
};

TEST_F(CorrectedCaseTest, WhatNobodyChangedHereFollowsTheHolder) {
  CorrectTo("FollowUp");
  ExpectStatus("FollowUp", "");
  EXPECT_TRUE(LogSays(" CHANGED cas_Status"));
}

TEST_F(CorrectedCaseTest, WhatPeopleChangedHereStaysUntilAPersonDecides) {
  EditMade("Closed");
  CorrectTo("FollowUp");
  ExpectStatus("Closed", "FollowUp");
  const ops::FieldConflict conflict = Made().conflicts(0);
  EXPECT_EQ(conflict.field(), "cas_Status");
  EXPECT_EQ(conflict.participant(), "NE");
  EXPECT_EQ(conflict.referral_id(), id_);
  EXPECT_TRUE(LogSays(" OPEN cas_Status"));
  // The value that stands.
  EditMade("Closed");
  ExpectStatus("Closed", "");
  // It is decided about each correction anew.
  CorrectTo("Active");
  ExpectStatus("Closed", "Active");
  // The holder's value; from then on it follows again.
  EditMade("Active");
  ExpectStatus("Active", "");
  CorrectTo("FollowUp");
  ExpectStatus("FollowUp", "");
}

// Whoever keeps it on a legal ground keeps it as it is.
TEST_F(CorrectedCaseTest, ACaseUnderAHoldIsNotChanged) {
  ops::HoldCaseRequest hold;
  hold.set_case_id("NG-1");
  hold.set_ground("COURT_ORDER");
  *hold.mutable_until() = ToProtoTime(clock_.Now() + absl::Hours(24));
  ASSERT_OK((As<ops::ConsentService, ops::HoldCaseResponse>(
      ng_.As("ORG", Role::kDataProtectionOfficer, "dpo"),
      &ops::ConsentService::Stub::HoldCase, hold)));
  CorrectTo("FollowUp");
  ExpectStatus("Active", "FollowUp");
}

// What is shown of both goes with the packet.
TEST_F(CorrectedCaseTest, Law5AWithdrawalTakesBothValues) {
  EditMade("Closed");
  CorrectTo("FollowUp");
  ExpectStatus("Closed", "FollowUp");
  ASSERT_OK(Withdraw({kStatus}));
  ASSERT_TRUE(Await([&] { return StatusAtReceiver(id_).empty(); }));
  ExpectStatus("", "");
}

TEST_F(CorrectionTest, TheDossierVerifiesOfflineWithAndWithoutIt) {
  Open({});
  const std::string id = Refer("C1");
  Correct(FollowedUp);
  ASSERT_TRUE(Await([&] { return StatusAtReceiver(id) == "FollowUp"; }));
  ExpectBoth(id, "RECEIVED");
  for (const bool openings : {false, true}) {
    ops::ExportDossierRequest request;
    request.set_referral_id(id);
    request.set_with_openings(openings);
    const auto exported = As<ops::DossierService, ops::ExportDossierResponse>(
        Drafter(), &ops::DossierService::Stub::ExportDossier, request);
    ASSERT_OK(exported);
    ASSERT_OK_AND_ASSIGN(DossierFile file, ParseDossierFile(exported->file()));
    const std::map<ParticipantCode, VerifyKeys> keys = {
        {ne_.code(), ne_.card().log_key}, {ng_.code(), ng_.card().log_key}};
    EXPECT_TRUE(VerifyDossier(file, keys).Holds());
    Message& correction = file.entries.back().event;
    EXPECT_EQ(correction.openings.empty(), !openings);
    if (!openings) continue;
    // Another value is not what was signed.
    record::v1::CaseRecord other;
    other.set_cas_status("Closed");
    correction.openings[0].value = other.SerializeAsString();
    EXPECT_FALSE(VerifyDossier(file, keys).Holds());
  }
}

TEST_F(CorrectionTest, SheIsToldOfIt) {
  Open({});
  Refer("C1");
  Correct(FollowedUp);
  ops::GetSubjectReportRequest request;
  request.set_case_id("C1");
  const auto report = As<ops::SubjectService, ops::GetSubjectReportResponse>(
      Drafter(), &ops::SubjectService::Stub::GetSubjectReport, request);
  ASSERT_OK(report);
  EXPECT_TRUE(std::any_of(
      report->lines().begin(), report->lines().end(),
      [](const fed::SubjectLine& line) {
        return line.operation() == "CORRECTED" && line.participant() == "NG" &&
               line.act() == fed::SUBJECT_ACT_TOLD_TO_OTHER &&
               line.groups_size() == 1 && line.groups(0) == kStatus;
      }));
}

}  // namespace
}  // namespace comity
