#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "comity/federation/v1/table.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/wire/policy_file.h"
#include "tests/support/border.h"
#include "tests/support/ctdc_terms.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using Cases = ops::CaseService;
using testing::HasSubstr;

// Niger's node reads public data of persons whom nobody screened.
class CtdcImportTest : public BorderTest {
 protected:
  void SetUp() override {
    const std::string counts =
        ReadyPolicy("agreements/ecowas-counts.textproto");
    digest_ = LoadPolicyFile("a", counts).body->digest;
    Open({});
    ASSERT_OK(ne_.Pair(ecowas_));
    ASSERT_OK(ne_.ActivateTexts({counts}));
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
    // A girl of 2016 and a man of 2017, as often as no noise can hide.
    const std::string fixture =
        TextOfFile(COMITY_SOURCE_DIR "/tests/unit/wire/ctdc/synthetic.csv");
    const std::vector<std::string> lines =
        absl::StrSplit(fixture, '\n', absl::SkipEmpty());
    text_ = absl::StrCat(lines[0], "\n");
    for (int i = 0; i < 40; ++i) absl::StrAppend(&text_, lines[1], "\n");
    for (int i = 0; i < 30; ++i) absl::StrAppend(&text_, lines[2], "\n");
  }

  CommandContext& Coord() { return Coordinator(ne_, "coord"); }

  ops::BeginImportRequest Terms() const {
    ops::BeginImportRequest begin;
    begin.set_reference_prefix("CTDC-");
    begin.set_file_sha256(Sha256(text_));
    begin.set_screening_none_recorded(true);
    return begin;
  }
  absl::StatusOr<ops::AppendImportResponse> Append(const std::string& import_id,
                                                   uint32_t sequence,
                                                   absl::string_view piece,
                                                   bool last) {
    ops::AppendImportRequest append;
    append.set_import_id(import_id);
    append.set_sequence(sequence);
    append.set_content(std::string(piece));
    append.set_last(last);
    return As<Cases, ops::AppendImportResponse>(
        Coord(), &Cases::Stub::AppendImport, append);
  }
  // Imports the text in two pieces; what was left out is in unplaced_.
  absl::StatusOr<ops::CommitImportResponse> Import(
      const ops::BeginImportRequest& terms) {
    ASSIGN_OR_RETURN(const auto begun,
                     (As<Cases, ops::BeginImportResponse>(
                         Coord(), &Cases::Stub::BeginImport, terms)));
    const absl::string_view text = text_;
    const size_t half = text.size() / 2;
    RETURN_IF_ERROR(
        Append(begun.import_id(), 1, text.substr(0, half), false).status());
    ASSIGN_OR_RETURN(const auto last,
                     Append(begun.import_id(), 2, text.substr(half), true));
    unplaced_ = {last.unplaced().begin(), last.unplaced().end()};
    ops::CommitImportRequest commit;
    commit.set_import_id(begun.import_id());
    return As<Cases, ops::CommitImportResponse>(
        Coord(), &Cases::Stub::CommitImport, commit);
  }

  std::string ReferenceOf(int row) const {
    return absl::StrCat("CTDC-",
                        absl::BytesToHexString(Sha256(text_)).substr(0, 12),
                        absl::StrFormat("-%06d", row));
  }
  absl::Status Refer(const std::string& reference) {
    ops::CreateReferralRequest draft;
    draft.set_case_id(reference);
    draft.set_receiver("NG");
    draft.set_purpose("SAFE_RETURN");
    return As<ops::ReferralService, ops::CreateReferralResponse>(
               Coord(), &ops::ReferralService::Stub::CreateReferral, draft)
        .status();
  }

  // The commission's figure of everybody in a year.
  uint64_t TotalOf(const std::string& year) {
    ops::PublishPeriodRequest publish;
    publish.set_period(year);
    EXPECT_OK((As<ops::TableService, ops::PublishPeriodResponse>(
        ne_.As("ORG", Role::kStatistician, "stat"),
        &ops::TableService::Stub::PublishPeriod, publish)));
    HandmadePartner commission(ecowas_, ne_, clock_);
    fed::TableQuestion question;
    question.set_agreement_id("ecowas-counts");
    question.set_agreement_digest(digest_);
    question.set_purpose("STATISTICS");
    question.set_basis("PUBLIC_TASK");
    question.set_role("COMMISSION");
    question.set_period(year);
    question.add_dimensions("age_group");
    const auto received = commission.peer().AskTable(
        commission.Send(MessageKind::kTableQuestion, NewUuid(random_),
                        "comity.federation.v1.TableQuestion",
                        question.SerializeAsString()),
        absl::Seconds(5));
    EXPECT_OK(received);
    if (!received.ok()) return 0;
    const auto verified =
        commission.Verify(*received, MessageKind::kTableAnswer);
    EXPECT_OK(verified);
    fed::TableAnswer answer;
    if (verified.ok()) answer.ParseFromString(verified->message.payload);
    for (const auto& cell : answer.table().cells()) {
      if (cell.codes(0) == "total") return cell.value();
    }
    return 0;
  }

  SystemRandom random_;
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
  std::string digest_;
  std::string text_;
  std::vector<ops::UnplacedValues> unplaced_;
};

TEST_F(CtdcImportTest, ItsPersonsAreCounted) {
  const auto done = Import(Terms());
  ASSERT_OK(done);
  EXPECT_EQ(done->dialect(), "ctdc-synthetic");
  EXPECT_EQ(done->imported(), 70u);
  EXPECT_EQ(done->counts().unscreened(), 70u);
  EXPECT_EQ(done->counts().undated(), 0u);
  EXPECT_NEAR(static_cast<double>(TotalOf("2016")), 40, 8);
}

// Nobody looked whether she is in danger, and no import says that somebody did.
TEST_F(CtdcImportTest, Law3NobodyOfThemLeavesBeforeSheIsScreened) {
  ASSERT_OK(Import(Terms()));
  EXPECT_THAT(Refer(ReferenceOf(1)), FailsWith(ErrorReason::kScreeningMissing));
  ops::GetCaseRequest get;
  get.set_case_id(ReferenceOf(1));
  const auto found =
      As<Cases, ops::GetCaseResponse>(Coord(), &Cases::Stub::GetCase, get);
  ASSERT_OK(found);
  // `case` is a word of C++, so protoc writes an underscore behind it.
  EXPECT_FALSE(found->case_().has_screening());
}

TEST_F(CtdcImportTest, ASecondImportOfTheFileChangesNothing) {
  ASSERT_OK(Import(Terms()));
  const auto again = Import(Terms());
  ASSERT_OK(again);
  EXPECT_EQ(again->imported(), 0u);
  EXPECT_EQ(again->counts().unchanged(), 70u);
  EXPECT_EQ(again->counts().unscreened(), 70u);
}

TEST_F(CtdcImportTest, WhatHasNoPlaceIsCountedOverAllPieces) {
  // The citizenship of each man, of a country that became several.
  text_ = absl::StrReplaceAll(text_, {{",IDN,", ",ANT,"}});
  ASSERT_OK(Import(Terms()));
  ASSERT_EQ(unplaced_.size(), 1u);
  EXPECT_EQ(unplaced_[0].column(), "citizenship");
  EXPECT_EQ(unplaced_[0].value(), "ANT");
  EXPECT_EQ(unplaced_[0].count(), 30u);
}

TEST_F(CtdcImportTest, AnotherFileThanTheOneThatWasDigestedLeavesNothing) {
  ops::BeginImportRequest terms = Terms();
  terms.set_file_sha256(Sha256("another file"));
  const auto done = Import(terms);
  EXPECT_THAT(done, FailsWith(ErrorReason::kImportRejected));
  EXPECT_THAT(std::string(done.status().message()), HasSubstr("file changed"));
  const auto again = Import(Terms());
  ASSERT_OK(again);
  EXPECT_EQ(again->imported(), 70u);
}

TEST_F(CtdcImportTest, TermsThatCannotBeAreRefusedAtOnce) {
  ops::BeginImportRequest terms = Terms();
  terms.set_dialect("ctdc-martian");
  const auto unknown = Import(terms);
  EXPECT_THAT(unknown, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(unknown.status().message()),
              HasSubstr("there are htcds, ctdc-kanon"));
  terms = Terms();
  terms.set_reference_prefix("with a space");
  EXPECT_THAT(Import(terms), FailsWith(ErrorReason::kFieldInvalid));
  terms = Terms();
  terms.clear_file_sha256();
  EXPECT_THAT(Import(terms), FailsWith(ErrorReason::kFieldInvalid));
  terms = Terms();
  terms.set_year(12);
  EXPECT_THAT(Import(terms), FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
