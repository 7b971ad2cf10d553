#pragma once

#include <string>
#include <vector>

#include "comity/record/v1/case_record.pb.h"
#include "google/protobuf/descriptor.h"
#include "node/domain/vocabulary.h"

namespace comity {

// The fields of a case record, as people and changes name them.
using RecordFields = std::vector<const google::protobuf::FieldDescriptor*>;

// As HTCDS names it.
std::string NameOf(const google::protobuf::FieldDescriptor* field);
// By either name; null for no field of a case.
const google::protobuf::FieldDescriptor* FindField(const std::string& name);

// The groups that have a part in one of the fields.
FieldGroups GroupsOf(const RecordFields& fields);

// Whether the field holds the same in both.
bool SameIn(const record::v1::CaseRecord& a, const record::v1::CaseRecord& b,
            const google::protobuf::FieldDescriptor* field);
// Puts what `from` holds in the field in place of what `to` does.
void CopyField(const record::v1::CaseRecord& from,
               const google::protobuf::FieldDescriptor* field,
               record::v1::CaseRecord& to);

}  // namespace comity
