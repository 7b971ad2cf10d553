#pragma once

#include <string>

#include "comity/operators/v1/subject_service.pb.h"
#include "node/policy/phrasebook.h"

namespace comity {

// What a person is told of her data, in her language. Codes of the response
// become words; what was left out is named as left out.
std::string SubjectReportText(
    const operators::v1::GetSubjectReportResponse& report,
    const Phrasebook& words);

// The same for what another party answered.
std::string SubjectAccountText(
    const operators::v1::RequestSubjectAccountResponse& answer,
    const Phrasebook& words);

}  // namespace comity
