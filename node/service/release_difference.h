#pragma once

#include "absl/status/status.h"
#include "comity/operators/v1/table_service.pb.h"
#include "node/domain/table_question.h"

namespace comity {

// Holds an answer that is to be kept, and its question, against a release that
// was kept earlier: whoever has both can subtract them, whatever came between
// them. Only what one member told of one period in one measure can be told
// apart. INTEGRITY_FAILURE if a member answered otherwise about the same
// revision: the same question, or a cell that both tables show and that has one
// figure by the member's method. NOT_AVAILABLE if it gave figures without error
// of two revisions: the difference is who came and went. The same holds of a
// sum that alone is told, whose members' own figures nobody has.
absl::Status CheckDifference(const operators::v1::GetReleaseResponse& earlier,
                             const TableQuestion& question,
                             const operators::v1::RequestTableResponse& now);

}  // namespace comity
