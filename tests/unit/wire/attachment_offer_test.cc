#include "node/domain/attachment.h"
#include "node/wire/event_text.h"
#include "node/wire/event_wire.h"
#include "node/wire/offer_opening.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
using Payload = fed::ReferralEventPayload;

// An event that offers a document, and what opens it.
class AttachmentOfferTest : public testing::Test {
 protected:
  AttachmentOfferTest() {
    offer_.set_kind(fed::ATTACHMENT_KIND_MEDICAL_REPORT);
    offer_.set_media_type(fed::MEDIA_TYPE_PDF);
    offer_.set_group(v1::RECORD_GROUP_MEDICAL);
    offer_.set_chunks(1280);
    offer_.set_commitment(std::string(32, 'c'));
    payload_.set_kind(fed::REFERRAL_EVENT_KIND_ATTACHMENT_OFFERED);
    Seal();
  }
  void Seal() {
    opening_ = SealOffer(offer_, random_, *payload_.mutable_attachment());
  }

  SystemRandom random_;
  fed::AttachmentOffer offer_;
  Payload payload_;
  FieldOpening opening_;
};

TEST_F(AttachmentOfferTest, ItIsAboutItsGroupsAndTellsNoneOfThem) {
  EXPECT_OK(ContentOf(payload_));
  EXPECT_EQ(*CheckOpenings(payload_, {opening_}),
            FieldGroups({FieldGroup::kMedical}));
  EXPECT_TRUE(CarriedGroups(payload_).empty());
  offer_.set_names_person(true);
  Seal();
  EXPECT_EQ(*CheckOpenings(payload_, {opening_}),
            FieldGroups({FieldGroup::kMedical, FieldGroup::kIdentity}));
}

// The event itself is the same whatever is offered, but for random bytes.
TEST_F(AttachmentOfferTest, TheEventSaysNothingOfTheDocument) {
  const size_t size = payload_.ByteSizeLong();
  offer_.set_kind(fed::ATTACHMENT_KIND_PHOTO);
  offer_.set_names_person(true);
  offer_.set_group(v1::RECORD_GROUP_LOCATION);
  const std::string before = payload_.attachment().commitment();
  Seal();
  EXPECT_EQ(payload_.ByteSizeLong(), size);
  EXPECT_NE(payload_.attachment().commitment(), before);
  EXPECT_EQ(EventText(payload_), "");
  EXPECT_THAT(OfferText(offer_), testing::HasSubstr("PHOTO"));
}

TEST_F(AttachmentOfferTest, WithoutItsOpeningItOffersNothing) {
  EXPECT_TRUE(CheckOpenings(payload_, {})->empty());
  EXPECT_FALSE(OpenOffer(payload_.attachment(), {})->has_value());
  ASSERT_TRUE(OpenOffer(payload_.attachment(), {opening_})->has_value());
  EXPECT_EQ((*OpenOffer(payload_.attachment(), {opening_}))->chunks(), 1280u);
}

TEST_F(AttachmentOfferTest, AnOpeningOfSomethingElseIsRefused) {
  const auto refused = FailsWith(ErrorReason::kFieldInvalid);
  FieldOpening other = opening_;
  other.salt = std::string(32, 'x');
  EXPECT_THAT(CheckOpenings(payload_, {other}), refused);
  // A group of the record opens no offer, and an offer no record.
  other = opening_;
  other.group = FieldGroup::kMedical;
  EXPECT_THAT(CheckOpenings(payload_, {other}), refused);
  EXPECT_THAT(CheckOpenings(payload_, {opening_, opening_}), refused);
  Payload packet;
  packet.mutable_packet()->add_fields()->set_commitment(
      payload_.attachment().commitment());
  EXPECT_THAT(CheckOpenings(packet, {opening_}), refused);
  payload_.mutable_attachment()->set_commitment("short");
  EXPECT_THAT(ContentOf(payload_), refused);
}

// It is told whole or not at all: one group that is taken back closes it.
TEST_F(AttachmentOfferTest, AnyOfItsGroupsClosesIt) {
  offer_.set_names_person(true);
  Seal();
  EXPECT_THAT(WithoutGroups(payload_, {FieldGroup::kNeeds}, {opening_}),
              testing::SizeIs(1));
  for (const FieldGroup group : {FieldGroup::kMedical, FieldGroup::kIdentity}) {
    EXPECT_THAT(WithoutGroups(payload_, {group}, {opening_}),
                testing::IsEmpty());
  }
  // The opening of another event of the dossier stays.
  FieldOpening other = opening_;
  other.salt = std::string(32, 'o');
  EXPECT_THAT(WithoutGroups(payload_, {FieldGroup::kMedical}, {other}),
              testing::SizeIs(1));
}

TEST_F(AttachmentOfferTest, ItTravelsAndIsKeptWithoutAGroup) {
  const auto kept = ParseOpenings(SerializeOpenings({opening_}));
  ASSERT_OK(kept);
  ASSERT_THAT(*kept, testing::SizeIs(1));
  EXPECT_EQ(kept->front().group, FieldGroup::kUnset);
  EXPECT_OK(CheckOpenings(payload_, *kept));
}

TEST_F(AttachmentOfferTest, WhatCannotBeADocumentIsRefused) {
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
  const fed::AttachmentOffer good = offer_;
  for (const Spoil spoil : spoils) {
    offer_ = good;
    spoil(offer_);
    Seal();
    EXPECT_FALSE(CheckOpenings(payload_, {opening_}).ok());
  }
}

// The domain's numbers are those of the wire.
TEST_F(AttachmentOfferTest, KindsAndFormatsCountAsOnTheWire) {
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

TEST_F(AttachmentOfferTest, ACommitmentIsBoundToSaltAndContent) {
  const std::string made = CommitAttachment("salt", std::string(32, 'd'));
  EXPECT_EQ(made.size(), 32u);
  EXPECT_NE(made, CommitAttachment("other", std::string(32, 'd')));
  EXPECT_NE(made, CommitAttachment("salt", std::string(32, 'e')));
}

}  // namespace
}  // namespace comity
