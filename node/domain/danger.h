#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "node/domain/participant.h"

namespace comity {

// The dated danger screening of a case and the built-in flags it set (design.md
// law 3). The engine asks them ahead of every policy file; none can name them.
struct DangerScreening {
  absl::Time screened_at;
  std::string screened_by;     // operator name
  bool never_contact = false;  // nothing about this person leaves the country
  std::vector<ParticipantCode> never_share_with;
  bool official_involvement = false;  // not to the states concerned
};

}  // namespace comity
