#pragma once

#include <string>

#include "comity/federation/v1/referral.pb.h"

namespace comity {

// "2026-12-01 14:30 UTC" and "2026-12-01": how times of events are written in
// every language.
std::string EventMinute(const google::protobuf::Timestamp& time);
std::string EventDay(const google::protobuf::Timestamp& time);

// What an event carries, in one line of codes and times for people: "version 2:
// Health by NG until 2026-12-01". Nothing of what its openings hold.
std::string EventText(const federation::v1::ReferralEventPayload& payload);

// Likewise what an offer says of its document: "MEDICAL_REPORT, PDF, MEDICAL".
std::string OfferText(const federation::v1::AttachmentOffer& offer);

}  // namespace comity
