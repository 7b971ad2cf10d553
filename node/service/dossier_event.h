#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/federation/v1/referral.pb.h"
#include "comity/record/v1/case_record.pb.h"
#include "node/delivery/dossier.h"
#include "node/service/node_context.h"

namespace comity {

// Whether an event goes ahead of all else, and also to whom a danger flag
// excludes: it ends what the other side may keep, or what it may tell.
bool EndsDisclosure(ReferralEventKind kind);

// The payload of an event, which this node checked when it stored it.
federation::v1::ReferralEventPayload StoredPayload(const EventRow& row);
// The same of the dossier's event with that id; empty if it has none.
federation::v1::ReferralEventPayload StoredPayload(const Dossier& dossier,
                                                   const Uuid& event_id);

// An event that this node is about to write to a dossier.
struct NewEvent {
  ReferralEvent event;
  federation::v1::ReferralEventPayload payload;
  std::vector<FieldOpening> openings;
};

// Law 3 for what one side of a dossier tells the other: NOT_AVAILABLE if a flag
// excludes that side, of the holder's case or of a case that the receiver made
// of the packet.
absl::Status CheckDanger(const NodeContext& node, const Dossier& dossier,
                         const StoreReader& store);

// Begins the next event of a dossier by this node, of the kind and with the
// content of `payload`; sequence and parents follow from the events held.
// `role` is that of the person behind it, kUnset the node itself.
// REFERRAL_STATE_CONFLICT if the moment is not right.
absl::StatusOr<NewEvent> BeginEvent(
    const NodeContext& node, const Dossier& dossier, const Uuid& event_id,
    federation::v1::ReferralEventPayload payload, Role role, absl::Time now);

// Puts what `permit` releases of `record` into an event: for each group a
// commitment that is signed, and its opening that is not.
void AddFields(
    const Permit& permit, const record::v1::CaseRecord& record,
    RandomSource& random,
    google::protobuf::RepeatedPtrField<federation::v1::FieldCommitment>* fields,
    std::vector<FieldOpening>& openings);

// Logs the event for the other party, stores it, and queues its delivery, all
// in the scope's transaction. NOT_AVAILABLE if a danger flag of the case keeps
// it from that party; withdrawals and answers to them go all the same, ahead of
// everything else.
absl::Status WriteEvent(NodeContext& node, const Dossier& dossier,
                        const NewEvent& event, CommitScope& scope);

}  // namespace comity
