#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "comity/operators/v1/case_service.pb.h"
#include "comity/record/v1/case_record.pb.h"
#include "node/service/operator_gate.h"
#include "node/service/told.h"

namespace comity {

// A correction at home, on its way to those who were told of the record.

// Digests of groups of a record, to which an approval to tell them is bound.
using ContentDigests = std::map<FieldGroup, std::string>;
ContentDigests DigestsOf(const record::v1::CaseRecord& record,
                         FieldGroups groups);

// Tells `groups`, which the receiver was told, anew as the case has them now:
// each group that consent, flags and policy release to a question of the
// receiver's coordinator at this instant. What they do not is in the outcome
// with its reason, for the own people; what needs approvals is asked for, and
// told when the same person corrects the same content again. `content` has a
// digest of each group.
absl::StatusOr<operators::v1::CorrectionOutcome> TellAnew(
    OperatorCall& call, const ToldInDossier& told, FieldGroups groups,
    const ContentDigests& content, CommitScope& scope);

}  // namespace comity
