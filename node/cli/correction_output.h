#pragma once

#include "comity/operators/v1/case_service.pb.h"

namespace comity {

// Prints who is told anew, and who is not and keeps an older value.
void PrintCorrections(
    const google::protobuf::RepeatedPtrField<operators::v1::CorrectionOutcome>&
        outcomes);

}  // namespace comity
