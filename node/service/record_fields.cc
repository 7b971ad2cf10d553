#include "node/service/record_fields.h"

#include "absl/strings/match.h"
#include "comity/v1/annotations.pb.h"
#include "google/protobuf/util/message_differencer.h"

namespace comity {

using google::protobuf::FieldDescriptor;
using record::v1::CaseRecord;

std::string NameOf(const FieldDescriptor* field) {
  const std::string name = field->options().GetExtension(v1::htcds);
  return name.empty() ? field->name() : name;
}

const FieldDescriptor* FindField(const std::string& name) {
  const auto* type = CaseRecord::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (absl::EqualsIgnoreCase(NameOf(type->field(i)), name)) {
      return type->field(i);
    }
  }
  return type->FindFieldByName(name);
}

FieldGroups GroupsOf(const RecordFields& fields) {
  const auto group_of = [](const FieldDescriptor* each) {
    return static_cast<FieldGroup>(each->options().GetExtension(v1::group));
  };
  FieldGroups groups;
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      groups = groups.With(group_of(field));
      continue;
    }
    for (int i = 0; i < field->message_type()->field_count(); ++i) {
      groups = groups.With(group_of(field->message_type()->field(i)));
    }
  }
  return groups;
}

bool SameIn(const CaseRecord& a, const CaseRecord& b,
            const FieldDescriptor* field) {
  google::protobuf::util::MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, {field}, {field});
}

void CopyField(const CaseRecord& from, const FieldDescriptor* field,
               CaseRecord& to) {
  CaseRecord alone = from;
  RecordFields set;
  const auto* reflection = alone.GetReflection();
  reflection->ListFields(alone, &set);
  for (const FieldDescriptor* each : set) {
    if (each != field) reflection->ClearField(&alone, each);
  }
  to.GetReflection()->ClearField(&to, field);
  to.MergeFrom(alone);
}

}  // namespace comity
