#include "node/domain/attachment.h"
#include "node/wire/event_wire.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
using Payload = fed::ReferralEventPayload;

Payload GoodOffer() {
  Payload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_ATTACHMENT_OFFERED);
  fed::AttachmentOffer& offer = *payload.mutable_attachment();
  offer.set_kind(fed::ATTACHMENT_KIND_MEDICAL_REPORT);
  offer.set_media_type(fed::MEDIA_TYPE_PDF);
  offer.set_group(v1::RECORD_GROUP_MEDICAL);
  offer.set_chunks(1280);
  offer.set_commitment(std::string(32, 'c'));
  return payload;
}

TEST(AttachmentOfferTest, ItIsAboutItsGroupsAndTellsNoneOfThem) {
  Payload payload = GoodOffer();
  EXPECT_OK(ContentOf(payload));
  EXPECT_EQ(ConcernedGroups(payload), FieldGroups({FieldGroup::kMedical}));
  EXPECT_TRUE(CarriedGroups(payload).empty());
  payload.mutable_attachment()->set_names_person(true);
  EXPECT_EQ(ConcernedGroups(payload),
            FieldGroups({FieldGroup::kMedical, FieldGroup::kIdentity}));
}

TEST(AttachmentOfferTest, WhatCannotBeADocumentIsRefused) {
  using Spoil = void (*)(fed::AttachmentOffer&);
  const Spoil spoils[] = {
      [](auto& offer) { offer.set_chunks(0); },
      [](auto& offer) { offer.set_chunks(1281); },
      [](auto& offer) { offer.set_commitment("short"); },
      [](auto& offer) { offer.set_kind(static_cast<fed::AttachmentKind>(99)); },
      [](auto& offer) {
        offer.set_media_type(static_cast<fed::MediaType>(99));
      },
      [](auto& offer) { offer.set_group(v1::RECORD_GROUP_NATIONAL); },
      [](auto& offer) { offer.set_group(static_cast<v1::RecordGroup>(99)); },
      [](auto& offer) { offer.set_kind(fed::ATTACHMENT_KIND_PHOTO); }};
  for (const Spoil spoil : spoils) {
    Payload payload = GoodOffer();
    spoil(*payload.mutable_attachment());
    EXPECT_THAT(ContentOf(payload), FailsWith(ErrorReason::kFieldInvalid));
  }
}

// The domain's numbers are those of the wire.
TEST(AttachmentOfferTest, KindsAndFormatsCountAsOnTheWire) {
  EXPECT_EQ(static_cast<int>(AttachmentKind::kMedicalReport),
            fed::ATTACHMENT_KIND_MEDICAL_REPORT);
  EXPECT_EQ(static_cast<int>(AttachmentKind::kPhoto),
            fed::ATTACHMENT_KIND_PHOTO);
  EXPECT_EQ(static_cast<int>(AttachmentKind::kOther),
            fed::ATTACHMENT_KIND_OTHER);
  EXPECT_EQ(fed::AttachmentKind_descriptor()->value_count(), 11);
  EXPECT_EQ(static_cast<int>(MediaType::kPdf), fed::MEDIA_TYPE_PDF);
  EXPECT_EQ(static_cast<int>(MediaType::kPng), fed::MEDIA_TYPE_PNG);
}

TEST(AttachmentOfferTest, ACommitmentIsBoundToSaltAndContent) {
  const std::string made = CommitAttachment("salt", std::string(32, 'd'));
  EXPECT_EQ(made.size(), 32u);
  EXPECT_NE(made, CommitAttachment("other", std::string(32, 'd')));
  EXPECT_NE(made, CommitAttachment("salt", std::string(32, 'e')));
}

}  // namespace
}  // namespace comity
