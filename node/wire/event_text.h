#pragma once

#include <string>

#include "comity/federation/v1/referral.pb.h"

namespace comity {

// What an event carries, in one line of codes and times for people: "version 2:
// Health by NG until 2026-12-01". Nothing of what its openings hold.
std::string EventText(const federation::v1::ReferralEventPayload& payload);

// Likewise what an offer says of its document: "MEDICAL_REPORT, PDF, MEDICAL".
std::string OfferText(const federation::v1::AttachmentOffer& offer);

}  // namespace comity
