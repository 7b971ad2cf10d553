#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "node/base/error_reason.h"

namespace comity {

inline google::protobuf::Timestamp ToProtoTime(absl::Time time) {
  google::protobuf::Timestamp proto;
  const int64_t nanos = absl::ToUnixNanos(time);
  proto.set_seconds(nanos / 1000000000);
  proto.set_nanos(static_cast<int32_t>(nanos % 1000000000));
  return proto;
}

// FIELD_INVALID outside the years 1970 to 2200.
inline absl::StatusOr<absl::Time> FromProtoTime(
    const google::protobuf::Timestamp& proto) {
  if (proto.seconds() < 0 || proto.seconds() > 7258118400 ||
      proto.nanos() < 0 || proto.nanos() > 999999999) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "a time lies outside the years 1970 to 2200");
  }
  return absl::FromUnixSeconds(proto.seconds()) +
         absl::Nanoseconds(proto.nanos());
}

}  // namespace comity
