#pragma once

#include <string>

#include "comity/operators/v1/referral_service.pb.h"
#include "node/service/dossier_event.h"
#include "node/service/operator_gate.h"

namespace comity {

// The agreement that an open dossier rests on: the revision that it names while
// that stands here, else the last of its id; nullptr if there is none.
const Agreement* AgreementOf(const PolicyEngine& engine,
                             const ReferralRow& row);

// Whether this node may write an event that tells nothing of the record: a
// grant to refer, and at the holder no danger flag against the receiver
// (design.md law 3). A withdrawal is not asked for here. The reason is told in
// full: it is for the own people.
absl::Status CheckMayWrite(const NodeContext& node, const PolicyEngine& engine,
                           const ReferralRow& row, const StoreReader& store,
                           absl::Time now);

// Why `decision`, which permits nothing, does not; for the own people alone.
absl::Status RefusalInFull(const Decision& decision);

// The role in which the caller takes steps on a case (null: a received
// referral): her own, or a coordinator's while local access lets her, a deputy,
// decide as one does.
Role ActingRole(const OperatorCall& call, const CaseFacts* facts);

// "PLAN_PROPOSED", with " as COORDINATOR" for a deputy: what the own log says.
std::string StepDetail(const OperatorCall& call, absl::string_view what,
                       Role role);

// The facts of the own case behind a referral; nullopt at the receiver.
absl::StatusOr<std::optional<CaseFacts>> FactsOf(const ReferralRow& row,
                                                 const StoreReader& store);

// Begins the event of a step that the caller takes and names it in the own log;
// see BeginEvent for errors, and CheckMayWrite.
absl::StatusOr<NewEvent> BeginStep(OperatorCall& call, const Dossier& dossier,
                                   const Uuid& event_id,
                                   federation::v1::ReferralEventPayload payload,
                                   CommitScope& scope);

// Takes one whole step: writes its event, in its own commit, under the
// request's id and shows the referral after it.
absl::Status TakeStep(OperatorCall& call, const std::string& request_id,
                      const std::string& referral_id,
                      federation::v1::ReferralEventPayload payload,
                      operators::v1::Referral& view);

}  // namespace comity
