#pragma once

#include "absl/status/status.h"
#include "comity/operators/v1/case_service.pb.h"
#include "node/delivery/dossier.h"
#include "node/policy/policy_engine.h"
#include "node/service/node_context.h"
#include "node/wire/record_fields.h"

namespace comity {

// What a case that was made of a packet does with the holder's corrections.

// Stores a correction that arrived on what `dossier` told until then, and takes
// it into the cases that were made of the packet. A field that still holds what
// the holder told follows it. One that people here made another one stays as it
// is, and both values are shown until a person decides; so does every field of
// a case under a hold, and one whose new value is no value of the record. The
// own log says which, and by which event.
absl::Status InsertCorrection(NodeContext& node, const PolicyEngine& engine,
                              const Dossier& dossier, const EventRow& row,
                              const ReferralStanding& standing,
                              CommitScope& scope);

// A person decided about these fields of a case: whatever they hold now stands.
absl::Status SettleConflicts(const Uuid& case_id, const RecordFields& fields,
                             StoreTransaction& store);

// What is open in a case that is merged is open in the one that stays.
absl::Status MoveConflicts(const Uuid& from, const Uuid& to,
                           StoreTransaction& store);

// Forgets what was open, with the case.
absl::Status ForgetConflicts(const Uuid& case_id, StoreTransaction& store);

// What is open in a case of `record`, and what the holder told of it.
absl::Status AddConflicts(const NodeContext& node, const PolicyEngine& engine,
                          const CaseFacts& facts,
                          const record::v1::CaseRecord& record, absl::Time now,
                          operators::v1::GetCaseResponse& response);

}  // namespace comity
