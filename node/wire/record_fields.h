#pragma once

#include <string>
#include <vector>

#include "comity/record/v1/case_record.pb.h"
#include "google/protobuf/descriptor.h"
#include "node/domain/vocabulary.h"

namespace comity {

// The fields of a case record by the names that people write.

using RecordField = google::protobuf::FieldDescriptor;
using RecordFields = std::vector<const RecordField*>;

// As HTCDS names it; "events", as the schema does, where HTCDS has no name.
std::string FieldNameOf(const RecordField* field);

// The field of that name, in whichever case; nullptr: there is none.
const RecordField* FindRecordField(const std::string& name);

// The groups that have a part in the fields.
FieldGroups GroupsOfFields(const RecordFields& fields);

// Whether a field says the same in both; a list in whichever order.
bool SaysTheSame(const RecordField* field, const record::v1::CaseRecord& a,
                 const record::v1::CaseRecord& b);

// Whether a field holds the same in both, a list also in the same order.
bool HoldsTheSame(const RecordField* field, const record::v1::CaseRecord& a,
                  const record::v1::CaseRecord& b);

// Puts what `from` holds in a field in place of what `to` does.
void CopyField(const RecordField* field, const record::v1::CaseRecord& from,
               record::v1::CaseRecord& to);

}  // namespace comity
