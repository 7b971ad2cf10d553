#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace comity {

// ` (did you mean "role"?)` of the nearest name; empty if none is near.
std::string MeantName(absl::string_view wrong,
                      const std::vector<std::string>& names);

// What is said of a name that is none of the schema's, with the one that was
// probably meant: `there is no field "rolle" here (did you mean "role"?)`.
std::string NoSuchField(absl::string_view name,
                        const google::protobuf::Descriptor& block);

// `"CURIOSITY" is not a value of this list`, with the one that was probably
// meant or, where none is near, with all there are.
std::string NoSuchValue(absl::string_view name,
                        const google::protobuf::EnumDescriptor& list);

}  // namespace comity
