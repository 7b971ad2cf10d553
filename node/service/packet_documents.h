#pragma once

#include "absl/status/status.h"
#include "node/service/node_context.h"

namespace comity {

// Gives a case that is made of a packet the documents that were fetched whole
// in its dossier, as many as a case may have. Their chunks are there once; the
// dossier's and the case's end each with its owner.
absl::Status ShareDocuments(NodeContext& node, const Uuid& referral_id,
                            const Uuid& case_id, CommitScope& scope);

// The same of one that became whole after cases were made of the packet: those
// get it that end no later than their dossier and may go no further, are not
// kept by a hold alone and have room for it. To the others people attach it.
absl::Status ShareLateDocument(NodeContext& node, const AttachmentRow& document,
                               CommitScope& scope);

}  // namespace comity
