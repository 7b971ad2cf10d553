#pragma once

#include "absl/status/statusor.h"
#include "comity/operators/v1/subject_service.pb.h"
#include "node/audit/commit_writer.h"
#include "node/domain/tombstone.h"
#include "node/service/node_context.h"

namespace comity {

// How an own case is erased: the person's data key and everything that names
// her here, so that a tombstone stays and every partner that was told of her is
// asked to erase.

// Whether partners are asked to erase what they were told.
enum class Partners : uint8_t { kAsked, kLeft };

// Erases the case of `left` in the scope's transaction and says what went.
// REFERRAL_STATE_CONFLICT for a received case, and for one under a hold, with
// its ground and end. The caller logs it and empties the store's journal.
absl::StatusOr<operators::v1::ErasureReach> EraseOwnCase(NodeContext& node,
                                                         const Tombstone& left,
                                                         Partners partners,
                                                         CommitScope& scope);

// Asks the other side of a dossier to erase what it turns out to hold of a
// person who was erased meanwhile: a danger flag hid that her packet arrived.
// Does nothing if it holds nothing, was asked, or a local period ended her
// case.
absl::Status AskWhoHoldsHerStill(NodeContext& node, const ReferralRow& referral,
                                 CommitScope& scope);

// What that would reach now, approvals and reviews aside, or the same refusals.
absl::StatusOr<operators::v1::ErasureReach> ReachOfErasure(
    const NodeContext& node, const StoreReader& store, const Uuid& case_id,
    absl::Time now);

// What is left of an erased case, with the own log's entry of its erasure and
// the answers of partners.
absl::StatusOr<operators::v1::Erasure> ErasureViewOf(const NodeContext& node,
                                                     const StoreReader& store,
                                                     const Tombstone& left,
                                                     absl::Time now);

}  // namespace comity
