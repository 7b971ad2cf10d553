#pragma once

#include <string>
#include <vector>

#include "comity/operators/v1/attachment_service.grpc.pb.h"
#include "tests/support/referral_story.h"

namespace comity {

// Niger attaches documents to a case and offers them in its referral, and
// Nigeria fetches them, over real connections; time is the test's.
class AttachmentStory : public ReferralStory {
 protected:
  using Attachments = operators::v1::AttachmentService;
  static constexpr auto kMedical = v1::RECORD_GROUP_MEDICAL;
  static constexpr auto kIdentity = v1::RECORD_GROUP_IDENTITY;
  static constexpr size_t kChunk = 16 << 10;

  // A document that begins as a PDF does, of so many bytes, no chunk of which
  // is like another.
  static std::string Pdf(size_t size);
  // What is told of one before it is written: of a medical report that names
  // her.
  static operators::v1::BeginAttachmentRequest Report(size_t size);
  // Writes a document of C1 piece by piece; returns its id.
  absl::StatusOr<std::string> Attach(
      const std::string& content,
      const operators::v1::BeginAttachmentRequest& about);
  absl::StatusOr<std::string> Attach(const std::string& content) {
    return Attach(content, Report(content.size()));
  }
  absl::Status Append(const std::string& id, uint32_t first,
                      const std::string& piece);
  operators::v1::ListAttachmentsResponse DocumentsOfCase();

  // C1 is referred and accepted, with consent to these groups.
  std::string ReferAccepted(const std::vector<v1::RecordGroup>& groups = {
                                kMedical, kIdentity});
  absl::Status Consent(const std::vector<v1::RecordGroup>& groups);
  absl::Status Withdraw(const std::vector<v1::RecordGroup>& groups);
  // A flag against Nigeria, or none.
  absl::Status Exclude(bool excluded);

  // Offers a document; returns the offer's id.
  absl::StatusOr<std::string> Offer(const std::string& referral,
                                    const std::string& document);
  // Attaches and offers, and waits for it at Nigeria.
  std::string Offered(const std::string& referral, const std::string& content);
  std::vector<operators::v1::Offer> OffersAt(TestParticipant& node,
                                             const std::string& referral);
  absl::StatusOr<operators::v1::FetchAttachmentResponse> Fetch(
      const std::string& referral, const std::string& offer,
      uint32_t chunks = 0);
  // Fetches to the end, or to the first failure.
  absl::Status FetchWhole(const std::string& referral, const std::string& offer,
                          uint32_t chunks = 0);
  // What Nigeria holds of it, once it is whole.
  absl::StatusOr<std::string> ReadOffer(const std::string& referral,
                                        const std::string& offer);
};

}  // namespace comity
