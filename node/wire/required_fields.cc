#include "node/wire/required_fields.h"

#include "absl/strings/str_cat.h"
#include "comity/v1/annotations.pb.h"
#include "google/protobuf/descriptor.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/base/uuid.h"

namespace comity {

using google::protobuf::FieldDescriptor;

absl::Status CheckRequiredFields(const google::protobuf::Message& message) {
  const auto* reflection = message.GetReflection();
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const int count = field->is_repeated()
                          ? reflection->FieldSize(message, field)
                          : (reflection->HasField(message, field) ? 1 : 0);
    if (count == 0) {
      if (field->options().GetExtension(v1::behavior) ==
          v1::BEHAVIOR_REQUIRED) {
        return ReasonError(ErrorReason::kFieldMissing,
                           absl::StrCat("the field ", field->name(), " of ",
                                        type->name(), " must be set"));
      }
      continue;
    }
    if (field->name() == "request_id") {
      RETURN_IF_ERROR(
          Uuid::Parse(reflection->GetString(message, field)).status());
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    for (int j = 0; j < count; ++j) {
      RETURN_IF_ERROR(CheckRequiredFields(
          field->is_repeated()
              ? reflection->GetRepeatedMessage(message, field, j)
              : reflection->GetMessage(message, field)));
    }
  }
  return absl::OkStatus();
}

}  // namespace comity
