#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/participant.h"
#include "node/domain/vocabulary.h"

namespace comity {

// One act of consent by a person or her guardian: what may be told to whom,
// for what, until when. A refusal is an act too. Immutable value; withdrawal
// sets `withdrawn_at` in a new version of the same act.
struct Consent {
  Uuid id;
  Uuid case_id;
  ParticipantCode recipient;
  std::string recipient_organisation;  // empty: the whole recipient state
  Purpose purpose = Purpose::kUnset;
  FieldGroups groups;
  ConsentState state = ConsentState::kUnset;  // given, by guardian, refused
  std::string language;  // ISO 639 code of the text that was shown
  bool interpreter = false;
  absl::Time given_at;
  absl::Time expires_at;
  std::optional<absl::Time> withdrawn_at;
  std::string recorded_by;  // operator name
};

}  // namespace comity
