#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace comity {

// FIELD_MISSING naming the field unless every field marked BEHAVIOR_REQUIRED is
// set, here and in messages inside; and FIELD_INVALID naming the field if one
// that holds a UUID (request_id, referral_id and their like) is there and holds
// something else.
absl::Status CheckRequiredFields(const google::protobuf::Message& message);

}  // namespace comity
