#pragma once

#include <string>
#include <vector>

#include "google/protobuf/struct.pb.h"
#include "node/policy/fact_axes.h"
#include "node/policy/holder_policies.h"

namespace comity {

// Objects that --json prints, of stable names (policy.md section 6).

google::protobuf::Value& JsonField(google::protobuf::Struct& object,
                                   const std::string& name);
google::protobuf::Struct& AddJsonObject(google::protobuf::Struct& object,
                                        const std::string& list);
void SetJsonNames(const std::vector<std::string>& names,
                  google::protobuf::Struct& object, const std::string& field);

// For each axis that a box restricts, the names of its values.
google::protobuf::Struct BoxJson(const FactAxes& axes, const FactBox& box);
// One request with the facts of its record.
google::protobuf::Struct PointJson(const FactPoint& point);
google::protobuf::Struct AnswerJson(const Answer& answer);

}  // namespace comity
