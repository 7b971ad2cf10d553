#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "comity/operators/v1/admin_service.pb.h"
#include "node/domain/participant.h"
#include "node/service/operator_gate.h"
#include "node/store/store.h"

namespace comity {

// That a partner's node may not call, while what this one sends to it still
// goes: withdrawals above all. By an administrator, or by the node itself after
// three floods (daemon/flood_record.h); an administrator ends it.
struct Suspension {
  absl::Time since;
  std::string why;
};

// nullopt if it is not suspended. INTEGRITY_FAILURE for a damaged value.
absl::StatusOr<std::optional<Suspension>> ReadSuspension(
    const StateReader& store, const ParticipantCode& partner);

// Suspends it on the node's own account, with an entry in the own log, unless
// it is suspended; LoadPartners makes it take effect. Waits for the commit.
absl::Status SuspendByNode(NodeContext& node, const ParticipantCode& partner,
                           const std::string& why);

absl::Status HandleSuspendPartner(
    OperatorCall& call, const operators::v1::SuspendPartnerRequest& request,
    operators::v1::SuspendPartnerResponse& response);
absl::Status HandleResumePartner(
    OperatorCall& call, const operators::v1::ResumePartnerRequest& request,
    operators::v1::ResumePartnerResponse& response);

}  // namespace comity
