#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "node/domain/case_facts.h"
#include "node/domain/participant.h"
#include "node/domain/vocabulary.h"

namespace comity {

// One operation as a decision sees it. Facts about the caller come from the
// certificate, never from the message. Plain values; no clock, no I/O.
struct RequestFacts {
  absl::Time now;
  ParticipantCode self;    // this node
  ParticipantCode peer;    // the certificate's participant, or the one dialled
  ParticipantCode holder;  // who discloses
  ParticipantCode asker;   // who receives
  Role role = Role::kUnset;
  std::string organisation;  // of the asking operator; empty when not known
  Operation operation = Operation::kUnset;
  Purpose purpose = Purpose::kUnset;
  LegalBasis basis = LegalBasis::kUnset;
  std::string agreement_id;
  std::string agreement_digest;  // 32 bytes
  FieldGroups wanted;            // empty for operations without fields
};

// What the decision needs of the case. `facts` null means that no record
// question is decided here (an asker's pre-flight, a receiver's packet check).
struct RecordFacts {
  const CaseFacts* facts = nullptr;
  DossierStage stage = DossierStage::kUnset;  // of the dossier named, or kNone
};

// What has been used so far; the writer charges in the committing transaction.
struct UsageFacts {
  uint32_t used_today = 0;  // per asker and grant: calls since 00:00 UTC
  uint32_t cells_used_this_year = 0;  // per asker and agreement
  uint32_t new_cells = 0;             // that this answer would deliver first
  uint32_t approvals = 0;             // persons besides the asker who approved
};

}  // namespace comity
