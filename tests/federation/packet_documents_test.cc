#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "node/crypto/hash.h"
#include "tests/support/attachment_story.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using testing::IsEmpty;
using testing::SizeIs;

// A case that Nigeria makes of a packet, with the documents that it fetched.
class PacketDocumentsTest : public AttachmentStory {
 protected:
  void SetUp() override {
    Open({});
    referral_ = ReferAccepted();
  }

  absl::Status MakeCaseOfPacket() {
    ops::CreateCaseRequest create;
    create.set_referral_id(referral_);
    create.mutable_record()->set_x_local_reference("NG-1");
    return As<ops::CaseService, ops::CreateCaseResponse>(
               Receiver(), &ops::CaseService::Stub::CreateCase, create)
        .status();
  }
  std::vector<ops::Attachment> Documents() {
    ops::ListAttachmentsRequest request;
    request.set_case_id("NG-1");
    const auto listed = As<Attachments, ops::ListAttachmentsResponse>(
        Receiver(), &Attachments::Stub::ListAttachments, request);
    if (!listed.ok()) return {};
    return {listed->attachments().begin(), listed->attachments().end()};
  }
  absl::StatusOr<std::string> Read(const std::string& id) {
    ops::ReadAttachmentRequest request;
    request.set_case_id("NG-1");
    request.set_attachment_id(id);
    ASSIGN_OR_RETURN(
        const auto read,
        (As<Attachments, ops::ReadAttachmentResponse>(
            Receiver(), &Attachments::Stub::ReadAttachment, request)));
    return read.content();
  }
  // The case has one document, the report that was offered.
  void ExpectReport(const std::string& content) {
    const auto documents = Documents();
    ASSERT_THAT(documents, SizeIs(1));
    EXPECT_EQ(documents[0].kind(), fed::ATTACHMENT_KIND_MEDICAL_REPORT);
    EXPECT_EQ(documents[0].size(), content.size());
    EXPECT_TRUE(documents[0].names_person());
    const auto read = Read(documents[0].attachment_id());
    ASSERT_OK(read);
    EXPECT_EQ(Sha256(*read), Sha256(content));
  }

  std::string referral_;
};

TEST_F(PacketDocumentsTest, WhatWasFetchedWholeIsInTheCase) {
  const std::string content = Pdf(5 * kChunk + 7);
  const std::string whole = Offered(referral_, content);
  const std::string begun = Offered(referral_, Pdf(6 * kChunk));
  ASSERT_OK(FetchWhole(referral_, whole));
  ASSERT_OK(Fetch(referral_, begun, 2));
  ASSERT_OK(MakeCaseOfPacket());
  ExpectReport(content);
  // The dossier has it as before.
  EXPECT_EQ(*ReadOffer(referral_, whole), content);
}

// Nothing of it before all of it is there and checked, and it once.
TEST_F(PacketDocumentsTest, WhatIsFetchedLaterComesIntoTheCaseToo) {
  ASSERT_OK(MakeCaseOfPacket());
  const std::string content = Pdf(5 * kChunk + 7);
  const std::string offer = Offered(referral_, content);
  ASSERT_OK(Fetch(referral_, offer, 2));
  EXPECT_THAT(Documents(), IsEmpty());
  ASSERT_OK(FetchWhole(referral_, offer));
  ASSERT_OK(FetchWhole(referral_, offer));
  ExpectReport(content);
  EXPECT_EQ(*ReadOffer(referral_, offer), content);
}

// Law 5: and it goes as the others do.
TEST_F(PacketDocumentsTest, Law5AWithdrawalErasesWhatCameLater) {
  ASSERT_OK(MakeCaseOfPacket());
  const std::string offer = Offered(referral_, Pdf(100));
  ASSERT_OK(FetchWhole(referral_, offer));
  const auto documents = Documents();
  ASSERT_THAT(documents, SizeIs(1));
  ASSERT_OK(Withdraw({kMedical}));
  EXPECT_TRUE(Await([&] { return Documents().empty(); }));
  EXPECT_THAT(Read(documents[0].attachment_id()),
              FailsWith(ErrorReason::kNotFound));
}

// Nothing is added to what is kept on a legal ground.
TEST_F(PacketDocumentsTest, ACaseUnderAHoldTakesNothingInLater) {
  ASSERT_OK(MakeCaseOfPacket());
  ops::HoldCaseRequest hold;
  hold.set_case_id("NG-1");
  hold.set_ground("COURT_ORDER");
  hold.mutable_until()->set_seconds(
      absl::ToUnixSeconds(clock_.Now() + absl::Hours(24)));
  ASSERT_OK((As<ops::ConsentService, ops::HoldCaseResponse>(
      ng_.As("ORG", Role::kDataProtectionOfficer, "dpo"),
      &ops::ConsentService::Stub::HoldCase, hold)));
  const std::string offer = Offered(referral_, Pdf(100));
  ASSERT_OK(FetchWhole(referral_, offer));
  EXPECT_THAT(Documents(), IsEmpty());
}

// Documents come with a date at which they are to be erased, and packets do
// not.
class BoundDocumentsTest : public PacketDocumentsTest {
 protected:
  void SetUp() override {
    Open({{"duties { max_per_day: 20 }",
           "duties { max_per_day: 20 retention_days: 30 }"}});
    referral_ = ReferAccepted();
  }
};

TEST_F(BoundDocumentsTest, ACaseThatWouldKeepItLongerDoesNotGetIt) {
  ASSERT_OK(MakeCaseOfPacket());
  const std::string offer = Offered(referral_, Pdf(100));
  ASSERT_OK(FetchWhole(referral_, offer));
  EXPECT_THAT(Documents(), IsEmpty());
  EXPECT_EQ(*ReadOffer(referral_, offer), Pdf(100));
}

// Law 5: each copy of it goes.
TEST_F(PacketDocumentsTest, Law5AWithdrawalErasesTheCasesDocumentToo) {
  const std::string offer = Offered(referral_, Pdf(100));
  ASSERT_OK(FetchWhole(referral_, offer));
  ASSERT_OK(MakeCaseOfPacket());
  const auto documents = Documents();
  ASSERT_THAT(documents, SizeIs(1));
  ASSERT_OK(Withdraw({kMedical}));
  EXPECT_TRUE(Await([&] { return Documents().empty(); }));
  EXPECT_THAT(Read(documents[0].attachment_id()),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(ReadOffer(referral_, offer), FailsWith(ErrorReason::kNotFound));
}

// People destroy theirs; what the dossier has ends with the dossier.
TEST_F(PacketDocumentsTest, DetachingItLeavesTheDossiersOne) {
  const std::string content = Pdf(100);
  const std::string offer = Offered(referral_, content);
  ASSERT_OK(FetchWhole(referral_, offer));
  ASSERT_OK(MakeCaseOfPacket());
  const auto documents = Documents();
  ASSERT_THAT(documents, SizeIs(1));
  ops::DeleteAttachmentRequest detach;
  detach.set_case_id("NG-1");
  detach.set_attachment_id(documents[0].attachment_id());
  ASSERT_OK((As<Attachments, ops::DeleteAttachmentResponse>(
      Receiver(), &Attachments::Stub::DeleteAttachment, detach)));
  EXPECT_THAT(Documents(), IsEmpty());
  EXPECT_EQ(*ReadOffer(referral_, offer), content);
}

}  // namespace
}  // namespace comity
