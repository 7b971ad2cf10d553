#pragma once

#include "absl/status/statusor.h"
#include "comity/operators/v1/case_service.pb.h"
#include "node/domain/case_facts.h"
#include "node/store/case_store.h"

namespace comity {

// Between the operator API's messages about cases and domain values.

absl::StatusOr<operators::v1::Case> CaseViewOf(const StoredCase& stored);

operators::v1::Screening ScreeningView(const DangerScreening& screening);

// FIELD_INVALID for an unknown participant or a screening in the future.
absl::StatusOr<DangerScreening> ParseScreening(
    const operators::v1::Screening& screening, absl::string_view screened_by,
    absl::Time now);

FieldGroups ParseGroups(const google::protobuf::RepeatedField<int>& groups);
void AddGroups(FieldGroups groups, google::protobuf::RepeatedField<int>* out);

}  // namespace comity
