#include "absl/strings/str_cat.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/wire/proto_time.h"
#include "tests/support/faulty_opener.h"
#include "tests/support/merge_story.h"
#include "tests/support/published_cases.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// What a merge does at home.
class CaseMergeTest : public MergeStory {
 protected:
  void SetUp() override { Open({}); }

  static void Plain(record::v1::CaseRecord& record) {
    record.set_cas_status("Active");
  }
  void MakeBoth() {
    Make("C1", Plain);
    Make("C2", Plain);
  }
  absl::StatusOr<ops::PreviewMergeResponse> Preview(CommandContext& person) {
    return As<Cases, ops::PreviewMergeResponse>(
        person, &Cases::Stub::PreviewMerge,
        RequestOf<ops::PreviewMergeRequest>({}));
  }
  absl::StatusOr<ops::EraseSubjectResponse> Erase(const std::string& name) {
    ops::EraseSubjectRequest request;
    request.set_case_id(name);
    request.set_ground("SUBJECT_REQUEST");
    request.set_confirm(true);
    return As<ops::SubjectService, ops::EraseSubjectResponse>(
        ne_.As("ORG", Role::kDataProtectionOfficer, "dpo"),
        &ops::SubjectService::Stub::EraseSubject, request);
  }
  // Imports rows and discards nothing: what became of them.
  ops::AppendImportResponse Import(const std::string& content) {
    const auto begun = As<Cases, ops::BeginImportResponse>(
        Drafter(), &Cases::Stub::BeginImport, ops::BeginImportRequest());
    EXPECT_OK(begun);
    ops::AppendImportRequest append;
    append.set_import_id(begun->import_id());
    append.set_sequence(1);
    append.set_last(true);
    append.set_content(content);
    const auto appended = As<Cases, ops::AppendImportResponse>(
        Drafter(), &Cases::Stub::AppendImport, append);
    EXPECT_OK(appended);
    ops::CommitImportRequest commit;
    commit.set_import_id(begun->import_id());
    EXPECT_OK((As<Cases, ops::CommitImportResponse>(
        Drafter(), &Cases::Stub::CommitImport, commit)));
    return *appended;
  }
};

TEST_F(CaseMergeTest, TheOthersReferenceLeadsToTheCaseThatStays) {
  Make("C1", Plain);
  Make("C2", [](record::v1::CaseRecord& record) {
    Plain(record);
    record.set_prs_second_name("Bello");
  });
  const std::string gone = See("C2")->case_id();
  const auto merged = Merge();
  ASSERT_OK(merged);
  EXPECT_THAT(merged->changed(), ElementsAre("prs_SecondName"));
  const auto shown = See("C2");
  ASSERT_OK(shown);
  EXPECT_EQ(shown->record().x_local_reference(), "C1");
  EXPECT_EQ(shown->record().prs_second_name(), "Bello");
  EXPECT_EQ(shown->version(), merged->version());
  ASSERT_EQ(shown->merged_size(), 1);
  EXPECT_EQ(shown->merged(0).case_id(), gone);
  EXPECT_EQ(shown->merged(0).local_reference(), "C2");
  EXPECT_EQ(shown->merged(0).merged_by(), "ORG/coord");
  EXPECT_EQ(See(gone)->case_id(), merged->case_id());
  ops::FindCasesRequest find;
  find.set_local_reference("C2");
  const auto found = As<Cases, ops::FindCasesResponse>(
      Drafter(), &Cases::Stub::FindCases, find);
  ASSERT_OK(found);
  ASSERT_EQ(found->cases_size(), 1);
  EXPECT_EQ(found->cases(0).case_id(), merged->case_id());
  EXPECT_THAT(LogDetail(merged->audit_entry_id()),
              HasSubstr("CASE_EDIT MERGED prs_SecondName"));
  EXPECT_THAT(LogDetail(merged->audit_entry_id()), Not(HasSubstr("Bello")));
}

TEST_F(CaseMergeTest, WhatDiffersIsChosenAndNobodyMergesWhatSheHasNotSeen) {
  Make("C1", Plain);
  Make("C2", [](record::v1::CaseRecord& record) {
    record.set_cas_status("FollowUp");
  });
  const auto undecided = Merge();
  EXPECT_THAT(undecided, FailsWith(ErrorReason::kFieldMissing));
  EXPECT_THAT(std::string(undecided.status().message()),
              HasSubstr("--field cas_Status=keep|other"));
  auto request = MergeOf({{"cas_Status", "other"}});
  Edit("C2", [](record::v1::CaseRecord& record) {
    record.set_prs_gender("Feminine");
  });
  EXPECT_THAT(Merge(Drafter(), request),
              FailsWith(ErrorReason::kVersionConflict));
  EXPECT_EQ(See("C2")->record().x_local_reference(), "C2");
  ASSERT_OK(Merge({{"cas_Status", "other"}}));
  EXPECT_EQ(See("C1")->record().cas_status(), "FollowUp");
}

TEST_F(CaseMergeTest, ThePreviewShowsBothAndChangesNothing) {
  Make("C1", Plain);
  Make("C2", [](record::v1::CaseRecord& record) {
    record.set_cas_status("FollowUp");
    record.set_prs_gender("Feminine");
  });
  const auto preview = Preview(Drafter());
  ASSERT_OK(preview);
  ASSERT_EQ(preview->fields_size(), 2);
  EXPECT_EQ(preview->fields(0).field(), "prs_Gender");
  EXPECT_EQ(preview->fields(0).verdict(), "ONLY_OTHER");
  EXPECT_EQ(preview->fields(1).verdict(), "DIFFERING");
  EXPECT_TRUE(preview->fields(1).undecided());
  EXPECT_EQ(preview->fields(1).kept(), "\"Active\"");
  EXPECT_EQ(preview->fields(1).other(), "\"FollowUp\"");
  EXPECT_EQ(See("C1")->version(), preview->version());
  EXPECT_EQ(See("C2")->version(), preview->other_version());
  EXPECT_EQ(See("C1")->record().prs_gender(), "");
}

TEST_F(CaseMergeTest, OnlyWhoMayChangeEveryCaseMerges) {
  MakeBoth();
  CommandContext& worker = ne_.As("ORG", Role::kCaseWorker, "worker");
  EXPECT_OK(See(worker, "C1"));
  EXPECT_THAT(Merge(worker, MergeOf()),
              FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_THAT(Preview(worker), FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_THAT(
      Merge(ne_.As("ORG", Role::kDataProtectionOfficer, "dpo"), MergeOf()),
      FailsWith(ErrorReason::kLocalAccessDenied));
  // A coordinator who may give no case away.
  ASSERT_OK(ne_.ActivateTexts({PolicyText(
      "local/ne.textproto", {{"revision: 1", "revision: 2"},
                             {"CASE_EDIT, CASE_ASSIGN,", "CASE_EDIT,"}})}));
  EXPECT_THAT(Merge(), FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_EQ(See("C2")->record().x_local_reference(), "C2");
}

TEST_F(CaseMergeTest, Law3NobodyMergesPastAScreening) {
  Make("C1", Plain);
  ops::CreateCaseRequest create;
  create.mutable_record()->set_x_local_reference("C2");
  ASSERT_OK((As<Cases, ops::CreateCaseResponse>(
      Drafter(), &Cases::Stub::CreateCase, create)));
  EXPECT_THAT(Merge(), FailsWith(ErrorReason::kScreeningMissing));
  EXPECT_THAT(Preview(Drafter()), FailsWith(ErrorReason::kScreeningMissing));
  ASSERT_OK(Screen("C2", "TG"));
  ASSERT_OK(Merge());
  EXPECT_THAT(See("C1")->screening().never_share_with(), ElementsAre("TG"));
}

TEST_F(CaseMergeTest, AChildStaysOneUntilAPersonSaysOtherwise) {
  Make("C1",
       [](record::v1::CaseRecord& record) { record.set_x_age_class("Adult"); });
  Make("C2",
       [](record::v1::CaseRecord& record) { record.set_x_age_class("Child"); });
  auto request = MergeOf({{"x_age_class", "keep"}});
  EXPECT_THAT(Merge(Drafter(), request), FailsWith(ErrorReason::kFieldMissing));
  request.set_adult_confirmed(true);
  ASSERT_OK(Merge(Drafter(), request));
  EXPECT_EQ(See("C1")->record().x_age_class(), "Adult");
}

TEST_F(CaseMergeTest, ACommitThatFailsLeavesBothAsTheyWere) {
  MakeBoth();
  FaultInjectingStore* store = nullptr;
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_, FaultyOpener(store)));
  auto request = MergeOf();
  request.set_request_id(Drafter().NewRequestId());
  const auto before = See("C2");
  store->FailNextCommits(1000000);
  EXPECT_THAT(Merge(Drafter(), request),
              FailsWith(ErrorReason::kLogUnwritable));
  store->FailNextCommits(0);
  EXPECT_EQ(See("C2")->DebugString(), before->DebugString());
  EXPECT_THAT(See("C1")->merged(), IsEmpty());
  // Law 7: the same request does it once.
  const auto merged = Merge(Drafter(), request);
  ASSERT_OK(merged);
  EXPECT_EQ(Merge(Drafter(), request)->DebugString(), merged->DebugString());
  EXPECT_EQ(See("C1")->merged_size(), 1);
  request.set_request_id(Drafter().NewRequestId());
  EXPECT_THAT(Merge(Drafter(), request),
              FailsWith(ErrorReason::kReferralStateConflict));
}

TEST_F(CaseMergeTest, TheSameFilesChangeNothingAndAnotherRowIsAConflict) {
  const std::string header = "x_local_reference,x_danger,cas_Status\n";
  const std::string both = header + "C1,none,Active\nC2,none,Active\n";
  ASSERT_EQ(Import(both).counts().accepted(), 2u);
  ASSERT_OK(Merge());
  const uint64_t version = See("C1")->version();
  EXPECT_EQ(Import(both).counts().unchanged(), 2u);
  EXPECT_EQ(See("C1")->version(), version);
  const auto other = Import(header + "C2,none,FollowUp\n");
  EXPECT_EQ(other.counts().conflicts(), 1u);
  ASSERT_EQ(other.findings_size(), 1);
  EXPECT_THAT(other.findings(0).reason(),
              HasSubstr("was merged into another case on 20"));
  EXPECT_THAT(other.findings(0).reason(), HasSubstr("by ORG/coord"));
}

TEST_F(CaseMergeTest, SheIsToldWhatWasDoneWithBoth) {
  MakeBoth();
  Edit("C2", [](record::v1::CaseRecord& record) {
    record.set_prs_gender("Feminine");
  });
  ASSERT_OK(Merge());
  ops::GetSubjectReportRequest request;
  request.set_case_id("C2");
  const auto report = As<ops::SubjectService, ops::GetSubjectReportResponse>(
      Drafter(), &ops::SubjectService::Stub::GetSubjectReport, request);
  ASSERT_OK(report);
  int made = 0;
  int edited = 0;
  for (const auto& line : report->lines()) {
    made += line.operation() == "CASE_CREATE" ? 1 : 0;
    edited += line.operation() == "CASE_EDIT" ? 1 : 0;
  }
  EXPECT_EQ(made, 2);
  // The edit, and the merge with an entry about each.
  EXPECT_EQ(edited, 3);
}

TEST_F(CaseMergeTest, AHoldOfEitherKeepsHer) {
  MakeBoth();
  ops::HoldCaseRequest hold;
  hold.set_case_id("C2");
  hold.set_ground("COURT_ORDER");
  *hold.mutable_until() = ToProtoTime(clock_.Now() + absl::Hours(24));
  ASSERT_OK((As<ops::ConsentService, ops::HoldCaseResponse>(
      ne_.As("ORG", Role::kDataProtectionOfficer, "dpo"),
      &ops::ConsentService::Stub::HoldCase, hold)));
  ASSERT_OK(Merge());
  EXPECT_THAT(Erase("C1"), FailsWith(ErrorReason::kReferralStateConflict));
  clock_.Advance(absl::Hours(25));
  EXPECT_OK(Erase("C1"));
}

// Her row was published when it was the other record's.
TEST_F(CaseMergeTest, ErasingHerErasesBothAndClosesWhatHeldEither) {
  Make("C1", [](record::v1::CaseRecord& record) {
    record.set_x_registered_on("2019-03-04");
  });
  Make("C2", [](record::v1::CaseRecord& record) {
    record.set_x_registered_on("2018-03-04");
  });
  PublishPeriod(ne_, "2018");
  ASSERT_OK(Merge({{"x_registered_on", "keep"}}));
  const auto erased = Erase("C2");
  ASSERT_OK(erased);
  EXPECT_THAT(erased->reach().revisions(), ElementsAre("2018 revision 1"));
  for (const char* name : {"C1", "C2"}) {
    EXPECT_THAT(std::string(See(name).status().message()),
                HasSubstr("was erased on 20"))
        << name;
  }
  const auto again = Import("x_local_reference,x_danger\nC2,none\n");
  ASSERT_EQ(again.findings_size(), 1);
  EXPECT_THAT(again.findings(0).reason(), HasSubstr("was erased on 20"));
}

}  // namespace
}  // namespace comity
