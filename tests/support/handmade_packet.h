#pragma once

#include <string>
#include <vector>

#include "comity/federation/v1/referral.pb.h"
#include "node/domain/referral_terms.h"
#include "node/wire/event_wire.h"
#include "node/wire/message_leaf.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {

// What a test says of a packet that it makes by hand; the rest is as the ready
// agreement of Nigeria and Niger allows it.
struct HandmadePacket {
  std::string agreement_digest;
  ReferralDeadlines deadlines;
  std::vector<std::string> approvers;  // pseudonyms
};

// Sends it as a referral of `sender`'s own; returns the reason by which the
// other side refuses it, empty if it takes it.
inline std::string RefusalOfPacket(HandmadePartner& partner,
                                   const ParticipantCode& sender,
                                   absl::Time now, const HandmadePacket& made) {
  namespace fed = federation::v1;
  RandomSource& random = partner.random();
  ReferralEvent event{NewUuid(random), NewUuid(random), sender};
  event.sequence = 1;
  event.kind = ReferralEventKind::kSent;
  event.occurred_at = now;
  event.role = Role::kCoordinator;
  fed::ReferralEventPayload payload;
  FormatEvent(event, payload);
  fed::ReferralPacket& packet = *payload.mutable_packet();
  FormatTerms({.deadlines = made.deadlines}, packet);
  packet.set_agreement_id("ng-ne-bilateral");
  packet.set_agreement_digest(made.agreement_digest);
  packet.set_purpose("SAFE_RETURN");
  packet.set_basis("CONSENT");
  packet.set_pseudonym(random.Bytes(16));
  packet.set_officer_pseudonym(std::string(16, 'a'));
  for (const auto& each : made.approvers) packet.add_approver_pseudonyms(each);
  const FieldOpening opening{FieldGroup::kStatus, random.Bytes(32), ""};
  auto* field = packet.add_fields();
  field->set_group(v1::RECORD_GROUP_STATUS);
  field->set_commitment(CommitField(
      opening.salt, static_cast<uint8_t>(opening.group), opening.value));
  const auto receipts = partner.peer().Deliver(
      {partner.Send(MessageKind::kEvent, event.event_id, kEventType,
                    payload.SerializeAsString(), {opening})},
      absl::Seconds(5));
  EXPECT_OK(receipts);
  fed::EventReceipt receipt;
  EXPECT_TRUE(receipt.ParseFromString(receipts->at(0).payload));
  return receipt.refusal().reason();
}

}  // namespace comity
