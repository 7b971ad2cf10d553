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
  if (type == policy::v1::PartyName::descriptor()) {
    key = type->FindFieldByName("party");
  }
  return key == nullptr ? "" : LeafText(message, key, -1);
}

// False is what a flag is when it is not written.
bool IsDefault(const Message& message, const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL &&
         !message.GetReflection()->GetBool(message, field);
}

void Flatten(const Message& message, const std::string& path,
             std::vector<std::string>& lines);

// The messages of a field, one after the other.
void FlattenMessages(const Message& message, const FieldDescriptor* field,
                     const std::string& name, std::vector<std::string>& lines) {
  const Reflection* reflection = message.GetReflection();
  if (!field->is_repeated()) {
    Flatten(reflection->GetMessage(message, field), name, lines);
    return;
  }
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    const Message& child = reflection->GetRepeatedMessage(message, field, i);
    const std::string key = KeyOf(child);
    Flatten(child, key.empty() ? name : absl::StrCat(name, "[", key, "]"),
            lines);
  }
}

// What a field holds, in the order of its texts if it is a set.
std::vector<std::string> LeavesOf(const Message& message,
                                  const FieldDescriptor* field) {
  if (!field->is_repeated()) return {LeafText(message, field, -1)};
  std::vector<std::string> leaves;
  const int count = message.GetReflection()->FieldSize(message, field);
  leaves.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) leaves.push_back(LeafText(message, field, i));
  if (field->options().GetExtension(policy::v1::set)) {
    std::sort(leaves.begin(), leaves.end());
    leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());
  }
  return leaves;
}

void Flatten(const Message& message, const std::string& path,
             std::vector<std::string>& lines) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsDefault(message, field)) continue;
    const std::string name =
        path.empty() ? field->name() : absl::StrCat(path, ".", field->name());
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FlattenMessages(message, field, name, lines);
    } else {
      lines.push_back(absl::StrCat(
          name, " = ", absl::StrJoin(LeavesOf(message, field), ", ")));
    }
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
