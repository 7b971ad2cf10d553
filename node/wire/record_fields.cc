#include "node/wire/record_fields.h"

#include "absl/strings/match.h"
#include "comity/v1/annotations.pb.h"
#include "google/protobuf/util/message_differencer.h"

namespace comity {
namespace {

using google::protobuf::util::MessageDifferencer;

FieldGroup GroupOf(const RecordField* field) {
  return static_cast<FieldGroup>(field->options().GetExtension(v1::group));
}

FieldGroups GroupsOf(const RecordField* field) {
  if (field->cpp_type() != RecordField::CPPTYPE_MESSAGE) {
    return {GroupOf(field)};
  }
  FieldGroups groups;
  for (int i = 0; i < field->message_type()->field_count(); ++i) {
    groups = groups.With(GroupOf(field->message_type()->field(i)));
  }
  return groups;
}

}  // namespace

std::string FieldNameOf(const RecordField* field) {
  const std::string name = field->options().GetExtension(v1::htcds);
  return name.empty() ? field->name() : name;
}

const RecordField* FindRecordField(const std::string& name) {
  const auto* type = record::v1::CaseRecord::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (absl::EqualsIgnoreCase(FieldNameOf(type->field(i)), name)) {
      return type->field(i);
    }
  }
  return type->FindFieldByName(name);
}

FieldGroups GroupsOfFields(const std::vector<const RecordField*>& fields) {
  FieldGroups groups;
  for (const RecordField* field : fields) {
    groups = groups.Union(GroupsOf(field));
  }
  return groups;
}

bool SaysTheSame(const RecordField* field, const record::v1::CaseRecord& a,
                 const record::v1::CaseRecord& b) {
  MessageDifferencer differencer;
  differencer.set_repeated_field_comparison(MessageDifferencer::AS_SET);
  return differencer.CompareWithFields(a, b, {field}, {field});
}

}  // namespace comity
