#pragma once

#include <map>
#include <string>
#include <vector>

#include "node/crypto/verify_keys.h"
#include "node/domain/referral_status.h"
#include "node/wire/dossier_file.h"

namespace comity {

// Something in a dossier that does not hold.
struct DossierFinding {
  size_t event = 0;  // its place in the file, from 1
  std::string what;
};

// What verifying a dossier found. State and order follow from the events that
// hold.
struct DossierVerdict {
  std::vector<DossierFinding> findings;
  std::vector<ReferralEvent> ordered;  // those that have effect
  ReferralStatus status;
  size_t refused = 0;     // by their receiver: without effect
  size_t unanswered = 0;  // without a receipt

  bool Holds() const { return findings.empty(); }
};

// Verifies a dossier from the file and the parties' log keys alone: that its
// author logged each event and the other party each receipt, that openings are
// what was committed to, that both chains are whole and that every event was
// allowed by what its author had seen; and recomputes the referral's state. It
// cannot tell of newer events that the file leaves out. Pure.
DossierVerdict VerifyDossier(const DossierFile& file,
                             const std::map<ParticipantCode, VerifyKeys>& keys);

}  // namespace comity
