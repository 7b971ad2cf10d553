#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "comity/federation/v1/subject.pb.h"
#include "comity/operators/v1/subject_service.pb.h"
#include "node/service/node_context.h"

namespace comity {

// What the own log holds about a person, in words that she may be told:
// participants, organisations and roles, but no officer, no reason and no flag.

// One person as the own log names her: by cases, dossiers and pseudonyms.
using SubjectIds = std::vector<Uuid>;

// Adds what names the person behind a referral in the log of its receiver: the
// dossier, its pseudonym, the cases made of it, and what those led to.
absl::Status AddReceived(const StoreReader& store, const ReferralRow& row,
                         SubjectIds& ids);

// The line of one entry of the own log.
absl::StatusOr<federation::v1::SubjectLine> SubjectLineOf(
    const NodeContext& node, const StoreReader& store, const LeafRow& row);

// Whether a report leaves the entry out: it is about a piece of something of
// which another line tells.
absl::StatusOr<bool> IsPiece(const LeafRow& row);

// Takes out of a line what is to be left out; false if nothing is left of it.
bool Redact(const operators::v1::SubjectRedaction& redact,
            federation::v1::SubjectLine& line);

}  // namespace comity
