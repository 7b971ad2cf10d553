#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/crypto/hash.h"
#include "tests/support/attachment_story.h"
#include "tests/support/faulty_opener.h"
#include "tests/support/node_config.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::IsEmpty;
using testing::SizeIs;

// Documents of a case at home: who keeps them, within which bounds, and how
// they end.
class AttachmentHomeTest : public AttachmentStory {
 protected:
  void SetUp() override {
    Open({});
    Restart();
    MakePerson("C1");
  }
  // Over the same files.
  void Restart() {
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_, FaultyOpener(store_)));
  }
  absl::StatusOr<std::string> Begin(const ops::BeginAttachmentRequest& about) {
    ASSIGN_OR_RETURN(
        const auto begun,
        (As<Attachments, ops::BeginAttachmentResponse>(
            Drafter(), &Attachments::Stub::BeginAttachment, about)));
    return begun.attachment_id();
  }
  absl::Status Finish(const std::string& id, const std::string& digest) {
    ops::FinishAttachmentRequest finish;
    finish.set_attachment_id(id);
    finish.set_digest(digest);
    return As<Attachments, ops::FinishAttachmentResponse>(
               Drafter(), &Attachments::Stub::FinishAttachment, finish)
        .status();
  }
  absl::StatusOr<ops::ReadAttachmentResponse> Read(CommandContext& person,
                                                   const std::string& id,
                                                   uint32_t first = 0) {
    ops::ReadAttachmentRequest request;
    request.set_case_id("C1");
    request.set_attachment_id(id);
    request.set_first_chunk(first);
    return As<Attachments, ops::ReadAttachmentResponse>(
        person, &Attachments::Stub::ReadAttachment, request);
  }

  FaultInjectingStore* store_ = nullptr;
};

TEST_F(AttachmentHomeTest, WhatIsAttachedIsListedAndReadByWhoReachesTheCase) {
  const std::string content = Pdf(33 * kChunk);
  const auto id = Attach(content);
  ASSERT_OK(id);
  const auto listed = DocumentsOfCase();
  ASSERT_THAT(listed.attachments(), SizeIs(1));
  EXPECT_EQ(listed.attachments(0).attachment_id(), *id);
  EXPECT_EQ(listed.attachments(0).size(), content.size());
  EXPECT_EQ(listed.attachments(0).digest(), Sha256(content));
  EXPECT_TRUE(listed.attachments(0).names_person());
  const auto begin = Read(Drafter(), *id);
  ASSERT_OK(begin);
  EXPECT_EQ(begin->content(), content.substr(0, 32 * kChunk));
  EXPECT_EQ(Read(Drafter(), *id, 32)->content(), content.substr(32 * kChunk));
  CommandContext& stranger = ne_.As("OTHER", Role::kCaseWorker, "stranger");
  EXPECT_THAT(Read(stranger, *id), FailsWith(ErrorReason::kNotFound));
  CommandContext& auditor = ne_.As("ORG", Role::kAuditor, "auditor");
  EXPECT_THAT(Read(auditor, *id), FailsWith(ErrorReason::kLocalAccessDenied));
}

TEST_F(AttachmentHomeTest, WhatCannotBeADocumentIsRefusedAtOnce) {
  auto about = Report((20 << 20) + 1);
  EXPECT_THAT(Begin(about), FailsWith(ErrorReason::kMessageTooLarge));
  about = Report(0);
  EXPECT_THAT(Begin(about), FailsWith(ErrorReason::kFieldMissing));
  about = Report(10);
  about.set_media_type("DOCX");
  EXPECT_THAT(Begin(about), FailsWith(ErrorReason::kFieldInvalid));
  about = Report(10);
  about.set_kind("PHOTO");
  about.set_without_name(true);
  EXPECT_THAT(Begin(about), FailsWith(ErrorReason::kFieldInvalid));
  about = Report(10);
  about.set_case_id("nobody");
  EXPECT_THAT(Begin(about), FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(*store_->AttachmentBytes(), 0u);
}

TEST_F(AttachmentHomeTest, PiecesComeInOrderAndFitTheWhole) {
  const std::string content = Pdf(3 * kChunk + 1);
  const auto id = Begin(Report(content.size()));
  ASSERT_OK(id);
  for (const auto& [first, piece] :
       std::vector<std::pair<uint32_t, std::string>>{
           {1, content.substr(kChunk, kChunk)},
           {0, content.substr(0, 100)},
           {0, content + "more"},
           {0, std::string(kChunk, 'x')}}) {
    EXPECT_THAT(Append(*id, first, piece),
                FailsWith(ErrorReason::kFieldInvalid));
  }
  ASSERT_OK(Append(*id, 0, content.substr(0, 2 * kChunk)));
  EXPECT_THAT(Append(*id, 0, content.substr(0, 2 * kChunk)),
              FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK(Append(*id, 2, content.substr(2 * kChunk)));
  EXPECT_THAT(DocumentsOfCase().attachments(), IsEmpty());
  ASSERT_OK(Finish(*id, Sha256(content)));
  EXPECT_THAT(DocumentsOfCase().attachments(), SizeIs(1));
}

// What arrived is not what was read, or not all of it.
TEST_F(AttachmentHomeTest, WhatIsNotWholeIsDropped) {
  const std::string content = Pdf(2 * kChunk);
  for (const size_t sent : {2 * kChunk, kChunk}) {
    const auto id = Begin(Report(content.size()));
    ASSERT_OK(id);
    ASSERT_OK(Append(*id, 0, content.substr(0, sent)));
    EXPECT_THAT(
        Finish(*id, sent == kChunk ? Sha256(content) : std::string(32, 'd')),
        FailsWith(ErrorReason::kIntegrityFailure));
    EXPECT_THAT(Finish(*id, Sha256(content)),
                FailsWith(ErrorReason::kNotFound));
  }
  EXPECT_EQ(*store_->AttachmentBytes(), 0u);
}

TEST_F(AttachmentHomeTest, WhatIsNotFinishedWithinAnHourIsDropped) {
  ASSERT_OK(Begin(Report(5 * kChunk)));
  clock_.Advance(absl::Minutes(61));
  ASSERT_OK(Begin(Report(100)));
  EXPECT_EQ(*store_->AttachmentBytes(), 100u);
  clock_.Advance(absl::Hours(24));
  EXPECT_TRUE(Await([&] {
    ne_.Tick();
    return *store_->AttachmentBytes() == 0;
  }));
}

TEST_F(AttachmentHomeTest, AFullDiskLeavesNothingHalf) {
  const std::string content = Pdf(2 * kChunk);
  const auto id = Begin(Report(content.size()));
  ASSERT_OK(id);
  store_->FailNextCommits(1000000);
  EXPECT_THAT(Append(*id, 0, content), FailsWith(ErrorReason::kLogUnwritable));
  store_->FailNextCommits(0);
  EXPECT_EQ(store_->ReadAttachment(*Uuid::Parse(*id))->held, 0u);
  ASSERT_OK(Append(*id, 0, content));
  EXPECT_OK(Finish(*id, Sha256(content)));
}

TEST_F(AttachmentHomeTest, ACaseHoldsFiftyDocuments) {
  for (int i = 0; i < 50; ++i) ASSERT_OK(Begin(Report(10)));
  const auto more = Begin(Report(10));
  EXPECT_THAT(more, FailsWith(ErrorReason::kLimitReached));
  EXPECT_THAT(std::string(more.status().message()),
              testing::HasSubstr("50 documents"));
}

TEST_F(AttachmentHomeTest, DocumentsTakeTheirPartOfTheStoreAndNoMore) {
  ASSERT_OK(ChangeConfig(
      ne_, [](NodeConfig& config) { config.attachment_store_mib = 1; }));
  Restart();
  ASSERT_OK(Begin(Report(1 << 20)));
  const auto more = Begin(Report(1));
  EXPECT_THAT(more, FailsWith(ErrorReason::kLimitReached));
  EXPECT_THAT(std::string(more.status().message()),
              testing::HasSubstr("attachment_store_mib"));
}

// Law 11: her documents go with her data key.
TEST_F(AttachmentHomeTest, Law11ErasingHerErasesHerDocuments) {
  const auto id = Attach(Pdf(100));
  ASSERT_OK(id);
  ops::EraseSubjectRequest erase;
  erase.set_case_id("C1");
  erase.set_ground("SUBJECT_REQUEST");
  erase.set_confirm(true);
  CommandContext& dpo = ne_.As("ORG", Role::kDataProtectionOfficer, "dpo");
  const auto erased = As<ops::SubjectService, ops::EraseSubjectResponse>(
      dpo, &ops::SubjectService::Stub::EraseSubject, erase);
  ASSERT_OK(erased);
  EXPECT_EQ(erased->reach().attachments(), 1u);
  EXPECT_EQ(*store_->AttachmentBytes(), 0u);
  EXPECT_THAT(store_->ReadAttachment(*Uuid::Parse(*id)),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Read(Drafter(), *id), FailsWith(ErrorReason::kNotFound));
}

}  // namespace
}  // namespace comity
