#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"

namespace comity {

// Reads field groups as people write them, "IDENTITY,CONTACT_POINT".
absl::Status ParseGroupNames(const std::vector<std::string>& names,
                             google::protobuf::RepeatedField<int>* out);

// "CASE_REF STATUS".
std::string GroupNames(const google::protobuf::RepeatedField<int>& groups);

// Prints the fields of a record that are set, by their HTCDS names.
void PrintRecord(const google::protobuf::Message& record,
                 const std::string& indent);

}  // namespace comity
