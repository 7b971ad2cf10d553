#include "node/base/status_macros.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Cases = ops::CaseService;
using testing::HasSubstr;

// Rows of a piece are staged while the next one is read: what is told of them,
// and when.
class ImportPiecesTest : public BorderTest {
 protected:
  void SetUp() override { Open({}); }

  CommandContext& Coord() { return Coordinator(ne_, "coord"); }
  std::string Begin() {
    const auto begun = As<Cases, ops::BeginImportResponse>(
        Coord(), &Cases::Stub::BeginImport, ops::BeginImportRequest());
    EXPECT_OK(begun);
    return begun.ok() ? begun->import_id() : "";
  }
  absl::StatusOr<ops::AppendImportResponse> Append(const std::string& import_id,
                                                   uint32_t sequence,
                                                   const std::string& content,
                                                   bool last = false) {
    ops::AppendImportRequest append;
    append.set_import_id(import_id);
    append.set_sequence(sequence);
    append.set_content(content);
    append.set_last(last);
    return As<Cases, ops::AppendImportResponse>(
        Coord(), &Cases::Stub::AppendImport, append);
  }
  absl::StatusOr<ops::CommitImportResponse> Commit(const std::string& import_id,
                                                   bool valid_rows = false) {
    ops::CommitImportRequest commit;
    commit.set_import_id(import_id);
    commit.set_accept_valid_rows(valid_rows);
    return As<Cases, ops::CommitImportResponse>(
        Coord(), &Cases::Stub::CommitImport, commit);
  }
  absl::Status See(const std::string& reference) {
    ops::GetCaseRequest request;
    request.set_case_id(reference);
    return As<Cases, ops::GetCaseResponse>(Coord(), &Cases::Stub::GetCase,
                                           request)
        .status();
  }

  const std::string kHeader = "x_local_reference,x_danger,prs_Gender\n";
};

TEST_F(ImportPiecesTest, ARowThatComesTwiceIsToldByItsLineWithThePieceAfter) {
  const std::string import = Begin();
  ASSERT_OK(Append(import, 1, kHeader + "C1,none,Feminine\n"));
  const auto second = Append(import, 2, "C2,none,\nC1,none,Masculine\n");
  ASSERT_OK(second);
  EXPECT_EQ(second->counts().rows(), 3u);
  EXPECT_EQ(second->counts().accepted(), 1u);
  EXPECT_EQ(second->findings_size(), 0);
  const auto last = Append(import, 3, "C3,none,\n", true);
  ASSERT_OK(last);
  EXPECT_EQ(last->counts().rows(), 4u);
  EXPECT_EQ(last->counts().accepted(), 3u);
  EXPECT_EQ(last->counts().conflicts(), 1u);
  EXPECT_EQ(last->counts().rejected(), 1u);
  ASSERT_EQ(last->findings_size(), 1);
  EXPECT_EQ(last->findings(0).line(), 4u);
  EXPECT_THAT(last->findings(0).reason(), HasSubstr("with other content"));
  const auto done = Commit(import, true);
  ASSERT_OK(done);
  EXPECT_EQ(done->imported(), 3u);
  for (const char* reference : {"C1", "C2", "C3"}) {
    EXPECT_OK(See(reference)) << reference;
  }
}

TEST_F(ImportPiecesTest, WhatIsWrongWithARowIsToldWithItsPiece) {
  const std::string import = Begin();
  const auto first = Append(import, 1, kHeader + "C1,none,Martian\n");
  ASSERT_OK(first);
  ASSERT_EQ(first->findings_size(), 1);
  EXPECT_EQ(first->findings(0).line(), 2u);
  EXPECT_EQ(first->counts().rejected(), 1u);
  const auto last = Append(import, 2, "C2,none,\n", true);
  ASSERT_OK(last);
  EXPECT_EQ(last->findings_size(), 0);
  EXPECT_EQ(last->counts().rejected(), 1u);
  EXPECT_EQ(last->counts().accepted(), 1u);
}

TEST_F(ImportPiecesTest, ALostAnswerIsGivenAgainAndNothingIsStagedTwice) {
  const std::string import = Begin();
  ASSERT_OK(Append(import, 1, kHeader + "C1,none,Feminine\n"));
  ASSERT_OK(Append(import, 1, kHeader + "C1,none,Feminine\n"));
  const auto last = Append(import, 2, "C2,none,\n", true);
  ASSERT_OK(last);
  const auto again = Append(import, 2, "C2,none,\n", true);
  ASSERT_OK(again);
  EXPECT_EQ(again->counts().accepted(), 2u);
  EXPECT_EQ(Commit(import)->imported(), 2u);
}

TEST_F(ImportPiecesTest, ANodeThatDiesBetweenPiecesKeepsNothing) {
  const std::string import = Begin();
  ASSERT_OK(Append(import, 1, kHeader + "C1,none,Feminine\n"));
  ASSERT_OK(Append(import, 2, "C2,none,\n"));
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_THAT(Append(import, 3, "C3,none,\n", true),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(See("C1"), FailsWith(ErrorReason::kNotFound));
  const std::string anew = Begin();
  ASSERT_OK(Append(anew, 1, kHeader + "C1,none,Masculine\nC2,none,\n", true));
  EXPECT_EQ(Commit(anew)->imported(), 2u);
}

TEST_F(ImportPiecesTest, ABrokenPieceTakesWhatWaitedWithIt) {
  const std::string import = Begin();
  ASSERT_OK(Append(import, 1, kHeader + "C1,none,Feminine\n"));
  EXPECT_THAT(Append(import, 2, "C2,none,\"Femi", true),
              FailsWith(ErrorReason::kImportRejected));
  EXPECT_THAT(Commit(import), FailsWith(ErrorReason::kNotFound));
  const std::string anew = Begin();
  ASSERT_OK(Append(anew, 1, kHeader + "C1,none,Masculine\n", true));
  EXPECT_EQ(Commit(anew)->imported(), 1u);
}

}  // namespace
}  // namespace comity
