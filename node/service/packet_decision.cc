#include "node/service/packet_decision.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/approvals.h"
#include "node/service/packet_revision.h"

namespace comity {
namespace {

namespace pb = federation::v1;

// Both sides run the clocks of the agreement that the packet cites.
absl::Status CheckDeadlines(const PolicyEngine& engine,
                            const PolicyReader& store, const ParsedEvent& event,
                            const RequestFacts& packet) {
  const auto agreement = CitedAgreement(store, engine, packet);
  const auto* terms = std::get_if<ReferralTerms>(&event.event.content);
  if (agreement.has_value() && terms != nullptr &&
      terms->deadlines == agreement->deadlines) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "the packet names other deadlines than the agreement that "
                     "it cites");
}

}  // namespace

absl::StatusOr<Duties> DecidePacket(const NodeContext& node,
                                    const PolicyEngine& engine,
                                    const PolicyReader& store,
                                    const FederationCall& call,
                                    const ParsedEvent& event,
                                    const ReferralRow& row) {
  const pb::ReferralPacket& packet = event.payload.packet();
  StateFacts state;
  ASSIGN_OR_RETURN(
      state.approvals,
      CountApprovers(packet.officer_pseudonym(), packet.approver_pseudonyms()));
  ASSIGN_OR_RETURN(const FieldGroups groups,
                   CheckOpenings(event.payload, call.message.message.openings));
  const RequestFacts request{call.now,
                             node.self,
                             call.caller.participant,
                             row.parties.holder,
                             row.parties.receiver,
                             event.event.role,
                             "",
                             Operation::kReferralDeliver,
                             row.purpose,
                             row.basis,
                             row.agreement_id,
                             row.agreement_digest,
                             groups};
  RequestFacts decided = request;
  // It may have waited while the revision that it cites was renewed.
  const std::string revision = RevisionInForce(store, engine, request);
  if (!revision.empty()) decided.agreement_digest = revision;
  const Ruling ruling =
      engine.Decide(call.caller, decided, RecordFacts(), state);
  if (ruling.permit.has_value() && ruling.permit->groups() == groups) {
    RETURN_IF_ERROR(CheckDeadlines(engine, store, event, request));
    return ruling.permit->duties();
  }
  const ErrorReason reason = ruling.permit.has_value() ? ErrorReason::kNoGrant
                                                       : ruling.decision.reason;
  return ReasonError(reason,
                     "the agreement does not allow this packet; compare role, "
                     "purpose, basis, approvals and groups with it");
}

}  // namespace comity
