#include "node/wire/required_fields.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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

// The fields that name a thing by its UUID; cases have references of their own
// beside it, and agreements and policies only those.
constexpr std::array<absl::string_view, 9> kIdentifiers = {
    "request_id", "referral_id", "consent_id",   "offer_id", "attachment_id",
    "import_id",  "approval_id", "emergency_id", "review_id"};

absl::Status CheckIdentifier(const google::protobuf::Message& message,
                             const FieldDescriptor* field) {
  if (std::find(kIdentifiers.begin(), kIdentifiers.end(), field->name()) ==
          kIdentifiers.end() ||
      field->is_repeated() ||
      field->cpp_type() != FieldDescriptor::CPPTYPE_STRING ||
      field->type() == FieldDescriptor::TYPE_BYTES ||
      Uuid::Parse(message.GetReflection()->GetString(message, field)).ok()) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("the field ", field->name(), " of ",
                                  field->containing_type()->name(),
                                  " must be a UUID of 36 characters"));
}

}  // namespace

absl::Status CheckRequiredFields(const google::protobuf::Message& message) {
  const auto* reflection = message.GetReflection();
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const int count = CountOf(message, field);
    if (count == 0) RETURN_IF_ERROR(CheckMayBeEmpty(field));
    if (count > 0) RETURN_IF_ERROR(CheckIdentifier(message, field));
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
