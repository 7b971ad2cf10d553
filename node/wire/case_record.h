#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "comity/record/v1/case_record.pb.h"
#include "node/domain/case_facts.h"
#include "node/policy/decision.h"
#include "node/tabulation/coded_case.h"

namespace comity {

// Keeps the fields whose group is in `keep`, made coarser as `redact` says, and
// removes all others: the one function that every release goes through, for
// every record type. A field without a group is removed.
void RedactRecord(FieldGroups keep, const Redactions& redact,
                  google::protobuf::Message& record);

// The groups that have at least one field set.
FieldGroups GroupsPresent(const google::protobuf::Message& record);

// One fault of a record, for people.
struct RecordFault {
  std::string field;  // HTCDS name
  std::string value;
  std::string reason;
  std::string allowed;
};

// Checks codes, dates and numbers, and puts codes into their own spelling.
std::vector<RecordFault> CheckRecord(google::protobuf::Message& record);

// What decisions and the store need to know of a record: age class, countries,
// risks; the case's id, owner and consents are the caller's to fill in.
CaseFacts RecordFactsOf(const record::v1::CaseRecord& record);

// The columns that tables count.
CodedCase CodedCaseOf(const record::v1::CaseRecord& record);

// A name as the blind index knows it: upper case, outer spaces removed.
std::string FoldedName(absl::string_view name);

absl::StatusOr<record::v1::CaseRecord> ParseRecord(absl::string_view body);
// The same into a message that is there.
absl::Status ParseRecord(absl::string_view body,
                         record::v1::CaseRecord& record);

}  // namespace comity
