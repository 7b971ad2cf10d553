#pragma once

#include "absl/status/statusor.h"
#include "node/audit/commit_writer.h"
#include "node/wire/own_leaf.h"

namespace comity {

// Appends an entry to the own log of `self` and links it to what it is about
// (LogReader::ReadLeavesAbout finds it by that). Returns its index.
absl::StatusOr<uint64_t> AppendOwn(const ParticipantCode& self,
                                   const OwnEntry& entry, RandomSource& random,
                                   CommitScope& scope);

}  // namespace comity
