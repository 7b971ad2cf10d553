#pragma once

#include <array>
#include <cstdint>

namespace comity {

// How long each step of a referral may take, as the agreement says that it
// rests on. A holder puts them into the packet, so that both sides run the same
// clocks and an exported dossier shows them; a receiver takes no others. What
// an agreement does not say is as here; working days are Monday to Friday in
// UTC.
struct ReferralDeadlines {
  uint32_t acknowledge_hours = 24;        // S3 to the receipt
  uint32_t triage_working_days = 3;       // from S4
  uint32_t decide_working_days = 10;      // from S3 to S6 or S7
  uint32_t answer_info_working_days = 5;  // from S5
  uint32_t plan_working_days = 15;        // from S6 to S8
  uint32_t travel_notice_hours = 72;      // from S9 to the departure
  uint32_t handover_hours = 24;           // from the planned arrival to S11
  uint32_t erasure_hours = 72;            // from S14 to its confirmation
  uint32_t expiry_days = 180;             // from S3 to S15
  std::array<uint32_t, 4> follow_up_days = {30, 90, 180, 365};  // from S12

  friend bool operator==(const ReferralDeadlines&,
                         const ReferralDeadlines&) = default;
};

// What the holder fixes for the whole referral when it sends it.
struct ReferralTerms {
  bool travels = false;         // she goes to the receiver; else services move
  bool child = false;           // guardians of both sides sign
  bool vital_interest = false;  // sent to save a life, ahead of consent
  ReferralDeadlines deadlines;

  friend bool operator==(const ReferralTerms&, const ReferralTerms&) = default;
};

}  // namespace comity
