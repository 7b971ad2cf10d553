#pragma once

#include <string>

#include "absl/status/status.h"
#include "comity/operators/v1/table_service.pb.h"
#include "node/audit/commit_writer.h"
#include "node/domain/table_question.h"
#include "node/service/operator_gate.h"
#include "node/store/store.h"

namespace comity {

// Who keeps an answer, and by which call.
struct Saving {
  std::string publisher;  // the own participant's code
  std::string saved_by;   // "ECOWAS/analyst"
  std::string request_id;
  uint32_t held_against = 0;  // what HeldAgainst() said
};

// Against how many of the releases, from the first, the answer may be kept:
// read before a commit, so that everybody's next commit does not wait while
// years of releases are looked through.
absl::StatusOr<uint32_t> HeldAgainst(
    const TableQuestion& question,
    const operators::v1::RequestTableResponse& response,
    const StoreReader& store);

// Keeps an answer as the next release, sealed like stored answers, and says in
// the answer which it is. An answer that nobody gave, or a sum that there is
// not, is not kept, and a note says so; a repeat of the call keeps no second
// one. It is held against every earlier release of the period and measure, not
// the newest of its question alone, but for those before: errors as
// CheckDifference.
absl::Status SaveRelease(const Saving& saving, const TableQuestion& question,
                         CommitScope& scope,
                         operators::v1::RequestTableResponse& response);

absl::Status HandleListReleases(
    OperatorCall& call, const operators::v1::ListReleasesRequest& request,
    operators::v1::ListReleasesResponse& response);

// NOT_FOUND if there is no release of this number.
absl::Status HandleGetRelease(OperatorCall& call,
                              const operators::v1::GetReleaseRequest& request,
                              operators::v1::GetReleaseResponse& response);

}  // namespace comity
