#pragma once

#include <string>
#include <vector>

#include "comity/record/v1/case_record.pb.h"
#include "google/protobuf/descriptor.h"
#include "node/domain/vocabulary.h"

namespace comity {

// The fields of a case record by the names that people write.

using RecordField = google::protobuf::FieldDescriptor;

// As HTCDS names it; "events", as the schema does, where HTCDS has no name.
std::string FieldNameOf(const RecordField* field);

// The field of that name, in whichever case; nullptr: there is none.
const RecordField* FindRecordField(const std::string& name);

// The groups that have a part in the fields.
FieldGroups GroupsOfFields(const std::vector<const RecordField*>& fields);

// Whether a field says the same in both; a list in whichever order.
bool SaysTheSame(const RecordField* field, const record::v1::CaseRecord& a,
                 const record::v1::CaseRecord& b);

}  // namespace comity
