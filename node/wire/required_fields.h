#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace comity {

// FIELD_MISSING naming the field unless every field marked BEHAVIOR_REQUIRED is
// set, here and in messages inside; and FIELD_INVALID if `request_id` is there
// and is no UUID.
absl::Status CheckRequiredFields(const google::protobuf::Message& message);

}  // namespace comity
