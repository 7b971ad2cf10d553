#include "tests/support/attachment_story.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "node/crypto/hash.h"

namespace comity {

namespace ops = operators::v1;
namespace fed = federation::v1;

std::string AttachmentStory::Pdf(size_t size) {
  std::string content = "%PDF-1.7\n";
  for (uint64_t line = 0; content.size() < size; ++line) {
    absl::StrAppend(&content, "Zubaidatu needs insulin twice a day, line ",
                    line, "\n");
  }
  content.resize(size);
  return content;
}

ops::BeginAttachmentRequest AttachmentStory::Report(size_t size) {
  ops::BeginAttachmentRequest begin;
  begin.set_case_id("C1");
  begin.set_kind("MEDICAL_REPORT");
  begin.set_media_type("PDF");
  begin.set_group(kMedical);
  begin.set_size(size);
  return begin;
}

absl::Status AttachmentStory::Append(const std::string& id, uint32_t first,
                                     const std::string& piece) {
  ops::AppendAttachmentRequest append;
  append.set_attachment_id(id);
  append.set_first_chunk(first);
  append.set_content(piece);
  return As<Attachments, ops::AppendAttachmentResponse>(
             Drafter(), &Attachments::Stub::AppendAttachment, append)
      .status();
}

absl::StatusOr<std::string> AttachmentStory::Attach(
    const std::string& content, const ops::BeginAttachmentRequest& about) {
  ASSIGN_OR_RETURN(const auto begun,
                   (As<Attachments, ops::BeginAttachmentResponse>(
                       Drafter(), &Attachments::Stub::BeginAttachment, about)));
  for (size_t at = 0; at < content.size(); at += 32 * kChunk) {
    RETURN_IF_ERROR(Append(begun.attachment_id(),
                           static_cast<uint32_t>(at / kChunk),
                           content.substr(at, 32 * kChunk)));
  }
  ops::FinishAttachmentRequest finish;
  finish.set_attachment_id(begun.attachment_id());
  finish.set_digest(Sha256(content));
  RETURN_IF_ERROR((As<Attachments, ops::FinishAttachmentResponse>(
                       Drafter(), &Attachments::Stub::FinishAttachment, finish)
                       .status()));
  return begun.attachment_id();
}

ops::ListAttachmentsResponse AttachmentStory::DocumentsOfCase() {
  ops::ListAttachmentsRequest request;
  request.set_case_id("C1");
  const auto listed = As<Attachments, ops::ListAttachmentsResponse>(
      Drafter(), &Attachments::Stub::ListAttachments, request);
  EXPECT_OK(listed);
  return listed.ok() ? *listed : ops::ListAttachmentsResponse();
}

std::string AttachmentStory::ReferAccepted(
    const std::vector<v1::RecordGroup>& groups) {
  std::string id = Refer("C1");
  if (!groups.empty()) {
    EXPECT_OK(Consent(groups));
  }
  EXPECT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  return id;
}

absl::Status AttachmentStory::Consent(
    const std::vector<v1::RecordGroup>& groups) {
  ops::RecordConsentRequest consent;
  consent.set_case_id("C1");
  auto* act = consent.mutable_consent();
  act->set_recipient("NG");
  act->set_purpose("SAFE_RETURN");
  for (const auto group : groups) act->add_groups(group);
  act->set_state("GIVEN");
  act->set_language("ha");
  act->set_withdrawal_channel("SHELTER");
  return As<ops::CaseService, ops::RecordConsentResponse>(
             Drafter(), &ops::CaseService::Stub::RecordConsent, consent)
      .status();
}

absl::Status AttachmentStory::Withdraw(
    const std::vector<v1::RecordGroup>& groups) {
  ops::WithdrawConsentRequest request;
  request.set_case_id("C1");
  request.set_channel("CASE_WORKER");
  for (const auto group : groups) request.add_groups(group);
  return As<ops::ConsentService, ops::WithdrawConsentResponse>(
             Holder(), &ops::ConsentService::Stub::WithdrawConsent, request)
      .status();
}

absl::Status AttachmentStory::Exclude(bool excluded) {
  ops::RecordScreeningRequest screen;
  screen.set_case_id("C1");
  screen.mutable_screening()->add_never_share_with(excluded ? "NG" : "TG");
  return As<ops::CaseService, ops::RecordScreeningResponse>(
             Drafter(), &ops::CaseService::Stub::RecordScreening, screen)
      .status();
}

absl::StatusOr<std::string> AttachmentStory::Offer(
    const std::string& referral, const std::string& document) {
  ops::OfferAttachmentRequest request;
  request.set_request_id(Drafter().NewRequestId());
  request.set_referral_id(referral);
  request.set_attachment_id(document);
  RETURN_IF_ERROR((As<Attachments, ops::OfferAttachmentResponse>(
                       Drafter(), &Attachments::Stub::OfferAttachment, request)
                       .status()));
  return request.request_id();
}

std::string AttachmentStory::Offered(const std::string& referral,
                                     const std::string& content) {
  const auto document = Attach(content);
  EXPECT_OK(document);
  if (!document.ok()) return "";
  const auto offer = Offer(referral, *document);
  EXPECT_OK(offer);
  if (!offer.ok()) return "";
  EXPECT_TRUE(Await([&] {
    const auto offers = OffersAt(ng_, referral);
    return std::any_of(offers.begin(), offers.end(), [&](const auto& each) {
      return each.offer_id() == *offer;
    });
  }));
  return *offer;
}

std::vector<ops::Offer> AttachmentStory::OffersAt(TestParticipant& node,
                                                  const std::string& referral) {
  ops::ListOffersRequest request;
  request.set_referral_id(referral);
  const auto listed = As<Attachments, ops::ListOffersResponse>(
      Coordinator(node, "coord"), &Attachments::Stub::ListOffers, request);
  EXPECT_OK(listed);
  if (!listed.ok()) return {};
  return {listed->offers().begin(), listed->offers().end()};
}

absl::StatusOr<ops::FetchAttachmentResponse> AttachmentStory::Fetch(
    const std::string& referral, const std::string& offer, uint32_t chunks) {
  ops::FetchAttachmentRequest request;
  request.set_referral_id(referral);
  request.set_offer_id(offer);
  request.set_chunks(chunks);
  return As<Attachments, ops::FetchAttachmentResponse>(
      Receiver(), &Attachments::Stub::FetchAttachment, request);
}

absl::Status AttachmentStory::FetchWhole(const std::string& referral,
                                         const std::string& offer,
                                         uint32_t chunks) {
  while (true) {
    ASSIGN_OR_RETURN(const auto fetched, Fetch(referral, offer, chunks));
    if (fetched.whole()) return absl::OkStatus();
  }
}

absl::StatusOr<std::string> AttachmentStory::ReadOffer(
    const std::string& referral, const std::string& offer) {
  std::string content;
  while (true) {
    ops::ReadOfferRequest request;
    request.set_referral_id(referral);
    request.set_offer_id(offer);
    request.set_first_chunk(static_cast<uint32_t>(content.size() / kChunk));
    ASSIGN_OR_RETURN(const auto piece,
                     (As<Attachments, ops::ReadOfferResponse>(
                         Receiver(), &Attachments::Stub::ReadOffer, request)));
    content += piece.content();
    if (piece.content().empty() || content.size() >= piece.size()) {
      return content;
    }
  }
}

}  // namespace comity
