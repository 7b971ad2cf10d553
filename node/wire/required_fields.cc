#include "node/wire/required_fields.h"

#include "absl/strings/str_cat.h"
#include "comity/v1/annotations.pb.h"
#include "google/protobuf/descriptor.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/base/uuid.h"

namespace comity {

using google::protobuf::FieldDescriptor;

namespace {

int CountOf(const google::protobuf::Message& message,
            const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  if (field->is_repeated()) return reflection->FieldSize(message, field);
  return reflection->HasField(message, field) ? 1 : 0;
}

absl::Status CheckMayBeEmpty(const FieldDescriptor* field) {
  if (field->options().GetExtension(v1::behavior) != v1::BEHAVIOR_REQUIRED) {
    return absl::OkStatus();
  }
  return ReasonError(
      ErrorReason::kFieldMissing,
      absl::StrCat("the field ", field->name(), " of ",
                   field->containing_type()->name(), " must be set"));
}

}  // namespace

absl::Status CheckRequiredFields(const google::protobuf::Message& message) {
  const auto* reflection = message.GetReflection();
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const int count = CountOf(message, field);
    if (count == 0) RETURN_IF_ERROR(CheckMayBeEmpty(field));
    if (count > 0 && field->name() == "request_id" &&
        !Uuid::Parse(reflection->GetString(message, field)).ok()) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         absl::StrCat("the field request_id of ", type->name(),
                                      " must be a UUID of 36 characters"));
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
