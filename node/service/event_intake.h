#pragma once

#include "node/delivery/dossier.h"
#include "node/service/federation_gate.h"

namespace comity {

// Takes in events that partners deliver: decides about the packet, stores event
// and receipt in one transaction, and gives the receipt out. Thread-safe.
class EventIntake {
 public:
  EventIntake(NodeContext& node, FederationGate& gate)
      : node_(node), gate_(gate) {}

  // `done` gets the receipt (or a refusal as a receipt), or the error of an
  // event whose evidence does not hold. A repeated event gets the same receipt.
  void Take(const Caller& caller, Message message, MessageDone done,
            Carriage how = Carriage::kOnline);

 private:
  struct Pending;
  absl::Status Commit(Pending& pending, CommitScope& scope);
  absl::Status Store(Pending& pending, CommitScope& scope);
  absl::StatusOr<ReferralStanding> StandingWith(const Pending& pending,
                                                ReferralEvent event,
                                                const Dossier& dossier) const;
  absl::Status CarryOut(Pending& pending, const ReferralRow& referral,
                        CommitScope& scope);
  absl::Status TakeTold(Pending& pending, const Dossier& dossier,
                        CommitScope& scope);
  absl::Status Refuse(Pending& pending, const absl::Status& why,
                      CommitScope& scope);
  absl::StatusOr<uint64_t> AppendReceipt(Pending& pending, std::string payload,
                                         absl::string_view detail,
                                         CommitScope& scope);

  NodeContext& node_;
  FederationGate& gate_;
};

}  // namespace comity
