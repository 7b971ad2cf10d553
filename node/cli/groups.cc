#include "node/cli/groups.h"

#include "absl/strings/str_cat.h"
#include "comity/v1/annotations.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "node/base/error_reason.h"
#include "node/cli/output.h"
#include "node/domain/vocabulary.h"

namespace comity {

absl::Status ParseGroupNames(const std::vector<std::string>& names,
                             google::protobuf::RepeatedField<int>* out) {
  for (const std::string& name : names) {
    const auto group = FromName<FieldGroup>(name);
    if (group == FieldGroup::kUnset) {
      return ReasonError(
          ErrorReason::kFieldInvalid,
          absl::StrCat("\"", name,
                       "\" is no field group; groups are CASE_REF, STATUS, "
                       "DEMOGRAPHIC, EXPLOITATION, NEEDS, CONTACT_POINT, "
                       "IDENTITY, LOCATION, MEDICAL, FAMILY_LINKS, ..."));
    }
    out->Add(static_cast<int>(group));
  }
  return absl::OkStatus();
}

std::string GroupNames(const google::protobuf::RepeatedField<int>& groups) {
  std::string names;
  for (const int group : groups) {
    absl::StrAppend(&names, names.empty() ? "" : " ",
                    Name(static_cast<FieldGroup>(group)));
  }
  return names;
}

void PrintRecord(const google::protobuf::Message& record,
                 const std::string& indent) {
  const auto* reflection = record.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(record, &fields);
  for (const auto* field : fields) {
    const int count =
        field->is_repeated() ? reflection->FieldSize(record, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->message_type() != nullptr) {
        PrintRecord(reflection->GetRepeatedMessage(record, field, i), indent);
        continue;
      }
      // Names are read in their own letters.
      google::protobuf::TextFormat::Printer printer;
      printer.SetUseUtf8StringEscaping(true);
      std::string value;
      printer.PrintFieldValueToString(record, field,
                                      field->is_repeated() ? i : -1, &value);
      printf("%s%s: %s\n", indent.c_str(),
             field->options().GetExtension(v1::htcds).c_str(),
             OnOneLine(value).c_str());
    }
  }
}

}  // namespace comity
