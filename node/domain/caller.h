#pragma once

#include <string>

#include "node/domain/participant.h"
#include "node/domain/vocabulary.h"

namespace comity {

// Who makes a call, as read from the certificate of the connection and never
// from a message. Immutable value.
struct Caller {
  // The participant whose anchors the certificate was judged against.
  ParticipantCode participant;
  // True for another participant's node; then the fields below are empty.
  bool is_node = false;
  std::string organisation;  // "NAPTIP"
  Role role = Role::kUnset;
  std::string person;       // "amina.b", unique in the organisation
  std::string certificate;  // SHA-256 of the DER form, 32 bytes

  // "NAPTIP/amina.b": how cases and log entries name an operator.
  std::string OperatorName() const { return organisation + "/" + person; }
};

}  // namespace comity
