#include "node/wire/policy_flat_form.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/policy/v1/policy.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"

namespace comity {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string LeafText(const Message& message, const FieldDescriptor* field,
                     int index) {
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, field, index,
                                                        &text);
  return text;
}

std::string KeyOf(const Message& message) {
  const auto* type = message.GetDescriptor();
  if (type == policy::v1::Member::descriptor()) {
    const auto& member = static_cast<const policy::v1::Member&>(message);
    return absl::StrCat(member.participant(), " ", member.from());
  }
  const FieldDescriptor* key = type->FindFieldByName("id");
  if (key == nullptr) key = type->FindFieldByName("field");
  return key == nullptr ? "" : LeafText(message, key, -1);
}

// False is what a flag is when it is not written.
bool IsDefault(const Message& message, const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL &&
         !message.GetReflection()->GetBool(message, field);
}

void Flatten(const Message& message, const std::string& path,
             std::vector<std::string>& lines) {
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsDefault(message, field)) continue;
    const std::string name =
        path.empty() ? field->name() : absl::StrCat(path, ".", field->name());
    const int count =
        field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    std::vector<std::string> leaves;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
        leaves.push_back(
            LeafText(message, field, field->is_repeated() ? i : -1));
        continue;
      }
      const Message& child =
          field->is_repeated()
              ? reflection->GetRepeatedMessage(message, field, i)
              : reflection->GetMessage(message, field);
      const std::string key = field->is_repeated() ? KeyOf(child) : "";
      Flatten(child, key.empty() ? name : absl::StrCat(name, "[", key, "]"),
              lines);
    }
    if (leaves.empty()) continue;
    if (field->options().GetExtension(policy::v1::set)) {
      std::sort(leaves.begin(), leaves.end());
      leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());
    }
    lines.push_back(absl::StrCat(name, " = ", absl::StrJoin(leaves, ", ")));
  }
}

}  // namespace

std::string FlattenMessage(const Message& message) {
  std::vector<std::string> lines;
  Flatten(message, "", lines);
  std::sort(lines.begin(), lines.end());
  return absl::StrCat(absl::StrJoin(lines, "\n"), "\n");
}

}  // namespace comity
