#include "absl/strings/str_cat.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Cases = ops::CaseService;
using Referrals = ops::ReferralService;
using Subjects = ops::SubjectService;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// Niger refers to Nigeria; then she asks Niger to erase her.
class SubjectErasureTest : public BorderTest {
 protected:
  static constexpr auto kStatus = v1::RECORD_GROUP_STATUS;

  void SetUp() override { Open({}); }

  CommandContext& Coord(TestParticipant& node) {
    return Coordinator(node, "coord");
  }
  CommandContext& Dpo(TestParticipant& node) {
    return node.As("ORG", Role::kDataProtectionOfficer, "dpo");
  }

  absl::StatusOr<ops::EraseSubjectResponse> Erase(CommandContext& person,
                                                  const std::string& name,
                                                  bool confirm = true) {
    ops::EraseSubjectRequest request;
    request.set_case_id(name);
    request.set_ground("SUBJECT_REQUEST");
    request.set_confirm(confirm);
    return As<Subjects, ops::EraseSubjectResponse>(
        person, &Subjects::Stub::EraseSubject, request);
  }
  absl::StatusOr<ops::EraseSubjectResponse> Erase() {
    return Erase(Dpo(ne_), "C1");
  }
  ops::Erasure Erased(const std::string& name = "C1") {
    ops::ListErasuresRequest request;
    request.set_case_id(name);
    const auto shown = As<Subjects, ops::ListErasuresResponse>(
        Dpo(ne_), &Subjects::Stub::ListErasures, request);
    EXPECT_OK(shown);
    return shown.ok() ? shown->erasures(0) : ops::Erasure();
  }
  // "DOSSIER ERASED", of all partners.
  std::vector<std::string> Answers() {
    std::vector<std::string> answers;
    const ops::Erasure erased = Erased();
    for (const auto& each : erased.partners()) {
      for (const auto& copies : each.copies()) {
        answers.push_back(absl::StrCat(copies.copies(), " ", copies.outcome()));
      }
    }
    return answers;
  }
  absl::Status See(CommandContext& person, const std::string& name) {
    ops::GetCaseRequest request;
    request.set_case_id(name);
    return As<Cases, ops::GetCaseResponse>(person, &Cases::Stub::GetCase,
                                           request)
        .status();
  }
  absl::Status Create(CommandContext& person, const std::string& reference,
                      const std::string& referral = "") {
    ops::CreateCaseRequest create;
    create.set_referral_id(referral);
    create.mutable_record()->set_x_local_reference(reference);
    create.mutable_screening()->set_never_contact(false);
    return As<Cases, ops::CreateCaseResponse>(person, &Cases::Stub::CreateCase,
                                              create)
        .status();
  }
  ops::Referral Arrived(const std::string& reference = "C1") {
    const ops::Referral draft = MakeCase(reference, {kStatus});
    EXPECT_OK(Send("coord", draft));
    EXPECT_TRUE(Await([&] { return Show(ng_, draft.referral_id()).ok(); }));
    return draft;
  }
  absl::Status Accept(const ops::Referral& referral) {
    ops::AcceptReferralRequest accept;
    accept.set_referral_id(referral.referral_id());
    return As<Referrals, ops::AcceptReferralResponse>(
               Coord(ng_), &Referrals::Stub::AcceptReferral, accept)
        .status();
  }
  absl::StatusOr<ops::HoldCaseResponse> Hold(TestParticipant& node,
                                             const std::string& name,
                                             bool lift = false) {
    ops::HoldCaseRequest request;
    request.set_case_id(name);
    request.set_lift(lift);
    if (!lift) {
      request.set_ground("COURT_ORDER");
      request.mutable_until()->set_seconds(
          absl::ToUnixSeconds(clock_.Now() + absl::Hours(24 * 30)));
    }
    return As<ops::ConsentService, ops::HoldCaseResponse>(
        Dpo(node), &ops::ConsentService::Stub::HoldCase, request);
  }
  bool LogsHold() {
    const auto verified = As<ops::AdminService, ops::VerifyLogsResponse>(
        ne_.As("ORG", Role::kAuditor, "auditor"),
        &ops::AdminService::Stub::VerifyLogs, ops::VerifyLogsRequest());
    EXPECT_OK(verified);
    if (!verified.ok()) return false;
    for (const auto& log : verified->logs()) {
      if (!log.ok()) return false;
    }
    return true;
  }
};

TEST_F(SubjectErasureTest, Law5EveryPartnerIsAskedAndTheAnswersAreShown) {
  const ops::Referral referral = Arrived();
  ASSERT_OK(Accept(referral));
  ASSERT_OK(Create(Coord(ng_), "NG-1", referral.referral_id()));
  const auto erased = Erase();
  ASSERT_OK(erased);
  EXPECT_THAT(erased->reach().asked(), ElementsAre("NG"));
  EXPECT_EQ(erased->reach().dossiers(), 1u);
  EXPECT_EQ(erased->reach().consents(), 1u);
  ASSERT_EQ(erased->erasure().partners_size(), 1);
  EXPECT_TRUE(erased->erasure().partners(0).whole());
  ASSERT_TRUE(Await([&] { return Answers().size() == 2; }));
  EXPECT_THAT(Answers(), UnorderedElementsAre("DOSSIER ERASED", "CASE ERASED"));
  EXPECT_TRUE(Show(ng_, referral.referral_id())->referral().erased());
  EXPECT_THAT(See(Coord(ng_), "NG-1"), FailsWith(ErrorReason::kNotFound));
  EXPECT_TRUE(Show(ne_, referral.referral_id())->referral().erased());
  EXPECT_TRUE(LogsHold());
}

TEST_F(SubjectErasureTest, APartnerOfAReferralThatIsOverIsAskedToo) {
  const ops::Referral referral = Arrived();
  ops::DeclineReferralRequest decline;
  decline.set_referral_id(referral.referral_id());
  decline.set_reason("NO_CAPACITY");
  ASSERT_OK((As<Referrals, ops::DeclineReferralResponse>(
      Coord(ng_), &Referrals::Stub::DeclineReferral, decline)));
  ASSERT_TRUE(Await([&] {
    return Show(ne_, referral.referral_id())->referral().state() == "DECLINED";
  }));
  ASSERT_OK(Erase());
  EXPECT_TRUE(Await(
      [&] { return Show(ng_, referral.referral_id())->referral().erased(); }));
  EXPECT_TRUE(Await([&] { return !Answers().empty(); }));
}

TEST_F(SubjectErasureTest, WhoKeepsHerOnALegalGroundSaysSo) {
  const ops::Referral referral = Arrived();
  ASSERT_OK(Accept(referral));
  ASSERT_OK(Create(Coord(ng_), "NG-1", referral.referral_id()));
  ASSERT_OK(Hold(ng_, "NG-1"));
  ng_.Stop();
  ASSERT_OK(Erase());
  EXPECT_FALSE(Erased().partners(0).has_answered_at());
  clock_.Advance(absl::Hours(73));
  EXPECT_TRUE(Erased().partners(0).overdue());
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Await([&] { return Answers().size() == 2; }));
  EXPECT_THAT(Answers(), UnorderedElementsAre("DOSSIER ERASED", "CASE KEPT"));
}

TEST_F(SubjectErasureTest, WhatHadNotLeftDoesNotLeaveAndDraftsGo) {
  ng_.Stop();
  const ops::Referral sent = MakeCase("C1", {kStatus});
  ASSERT_OK(Send("coord", sent));
  ops::CreateReferralRequest second;
  second.set_case_id("C1");
  second.set_receiver("NG");
  second.set_purpose("SAFE_RETURN");
  const auto draft = As<Referrals, ops::CreateReferralResponse>(
      Coord(ne_), &Referrals::Stub::CreateReferral, second);
  ASSERT_OK(draft);
  const auto erased = Erase();
  ASSERT_OK(erased);
  EXPECT_EQ(erased->reach().waiting_events(), 1u);
  EXPECT_EQ(erased->reach().drafts(), 1u);
  EXPECT_THAT(Show(ne_, draft->referral().referral_id()),
              FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Await([&] { return Erased().partners(0).nothing_held(); }));
  EXPECT_THAT(Show(ng_, sent.referral_id()), FailsWith(ErrorReason::kNotFound));
}

TEST_F(SubjectErasureTest, AHoldRefusesWithItsGroundAndDate) {
  MakeCase("C1", {});
  ASSERT_OK(Hold(ne_, "C1"));
  const absl::Status refused = Erase().status();
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kReferralStateConflict);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("COURT_ORDER until 20"));
  EXPECT_THAT(Erase(Dpo(ne_), "C1", false),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(See(Coord(ne_), "C1"));
  ASSERT_OK(Hold(ne_, "C1", true));
  EXPECT_OK(Erase());
}

TEST_F(SubjectErasureTest, ATombstoneTellsWhatBecameOfHerAndKeepsTheReference) {
  MakeCase("C1", {});
  const auto erased = Erase();
  ASSERT_OK(erased);
  const absl::Status gone = See(Coord(ne_), "C1");
  EXPECT_EQ(ReasonOf(gone), ErrorReason::kNotFound);
  EXPECT_THAT(std::string(gone.message()),
              HasSubstr("by DATA_PROTECTION_OFFICER, ground SUBJECT_REQUEST"));
  EXPECT_THAT(
      std::string(See(Coord(ne_), erased->erasure().case_id()).message()),
      HasSubstr("was erased on 20"));
  // Nothing to whom her case was never shown.
  CommandContext& stranger = ne_.As("OTHER", Role::kCaseWorker, "w");
  EXPECT_THAT(std::string(See(stranger, "C1").message()),
              Not(HasSubstr("erased")));
  const absl::Status again = Create(Coord(ne_), "C1");
  EXPECT_EQ(ReasonOf(again), ErrorReason::kAlreadyExists);
  EXPECT_THAT(std::string(again.message()), HasSubstr("was erased on"));
  EXPECT_THAT(Erase(), FailsWith(ErrorReason::kNotFound));
}

TEST_F(SubjectErasureTest, ASecondImportOfHerReferenceIsToldSo) {
  MakeCase("C1", {});
  ASSERT_OK(Erase());
  const auto begun = As<Cases, ops::BeginImportResponse>(
      Coord(ne_), &Cases::Stub::BeginImport, ops::BeginImportRequest());
  ASSERT_OK(begun);
  ops::AppendImportRequest append;
  append.set_import_id(begun->import_id());
  append.set_sequence(1);
  append.set_content("x_local_reference,x_danger\nC1,none\n");
  append.set_last(true);
  const auto appended = As<Cases, ops::AppendImportResponse>(
      Coord(ne_), &Cases::Stub::AppendImport, append);
  ASSERT_OK(appended);
  ASSERT_EQ(appended->findings_size(), 1);
  EXPECT_THAT(appended->findings(0).reason(), HasSubstr("was erased on 20"));
}

TEST_F(SubjectErasureTest, WithoutConfirmNothingIsDone) {
  const ops::Referral referral = Arrived();
  const auto rehearsed = Erase(Dpo(ne_), "C1", false);
  ASSERT_OK(rehearsed);
  EXPECT_FALSE(rehearsed->has_erasure());
  EXPECT_EQ(rehearsed->reach().dossiers(), 1u);
  EXPECT_THAT(rehearsed->reach().asked(), ElementsAre("NG"));
  EXPECT_OK(See(Coord(ne_), "C1"));
  EXPECT_FALSE(Show(ne_, referral.referral_id())->referral().erased());
}

TEST_F(SubjectErasureTest, OnlyWhoWatchesOverTheDataErasesAndOwnCasesAlone) {
  const ops::Referral referral = Arrived();
  EXPECT_THAT(Erase(Coord(ne_), "C1"),
              FailsWith(ErrorReason::kLocalAccessDenied));
  ASSERT_OK(Accept(referral));
  ASSERT_OK(Create(Coord(ng_), "NG-1", referral.referral_id()));
  const absl::Status refused = Erase(Dpo(ng_), "NG-1").status();
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kReferralStateConflict);
  EXPECT_THAT(
      std::string(refused.message()),
      HasSubstr(absl::StrCat("referral withdraw ", referral.referral_id())));
  ops::EraseSubjectRequest request;
  request.set_case_id("C1");
  request.set_ground("RETENTION_ENDED");
  request.set_confirm(true);
  EXPECT_THAT((As<Subjects, ops::EraseSubjectResponse>(
                  Dpo(ne_), &Subjects::Stub::EraseSubject, request)),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(SubjectErasureTest, ARepeatHasNoSecondEffectAndTheProofIsTheEntry) {
  const ops::Referral referral = Arrived();
  ops::EraseSubjectRequest request;
  request.set_request_id(Dpo(ne_).NewRequestId());
  request.set_case_id("C1");
  request.set_ground("COURT_ORDER");
  request.set_confirm(true);
  const auto first = As<Subjects, ops::EraseSubjectResponse>(
      Dpo(ne_), &Subjects::Stub::EraseSubject, request);
  ASSERT_OK(first);
  const auto second = As<Subjects, ops::EraseSubjectResponse>(
      Dpo(ne_), &Subjects::Stub::EraseSubject, request);
  ASSERT_OK(second);
  EXPECT_EQ(second->audit_entry_id(), first->audit_entry_id());
  EXPECT_EQ(second->erasure().case_id(), first->erasure().case_id());
  EXPECT_EQ(Erased().leaf_hash().size(), 32u);
  EXPECT_EQ(Erased().log_entry_id(), first->audit_entry_id());
  EXPECT_THAT(LogDetail(first->audit_entry_id()),
              HasSubstr("SUBJECT_ERASE COURT_ORDER"));
  ASSERT_TRUE(Await([&] { return !Answers().empty(); }));
  EXPECT_EQ(Show(ne_, referral.referral_id())->history_size(), 3);
}

}  // namespace
}  // namespace comity
