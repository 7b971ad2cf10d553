#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace comity {

// The values of proto enums as people write them: "NO_CAPACITY" for
// DECLINE_REASON_NO_CAPACITY.

// Empty for zero and for a number that the enum does not know.
std::string EnumCode(const google::protobuf::EnumDescriptor& type, int number);

// FIELD_INVALID, naming what is allowed, for anything but a code; zero for an
// empty text.
absl::StatusOr<int> ParseEnumCode(const google::protobuf::EnumDescriptor& type,
                                  absl::string_view code);

// "NO_CAPACITY, UNSAFE": all of them.
std::string EnumCodes(const google::protobuf::EnumDescriptor& type);

}  // namespace comity
