#pragma once

#include <string>
#include <vector>

#include "comity/operators/v1/bundle_service.pb.h"
#include "node/delivery/receipts.h"
#include "node/service/event_intake.h"
#include "node/service/operator_gate.h"
#include "node/wire/bundle_file.h"

namespace comity {

// Takes in what partners sent by courier: events through the intake that the
// federation listener uses, receipts as the couriers take them. Thread-safe.
// Borrows the node.
class BundleIntake {
 public:
  explicit BundleIntake(NodeContext& node)
      : node_(node), gate_(node), intake_(node, gate_) {}

  // WRONG_AUDIENCE, PARTNER_UNKNOWN, FIELD_INVALID, INTEGRITY_FAILURE or
  // LOG_FORKED, with nothing taken in, if the bundle as a whole is not to be
  // read. What single messages are to blame for stands in the response.
  absl::Status Read(OperatorCall& call,
                    const operators::v1::ReadBundleRequest& request,
                    operators::v1::ReadBundleResponse& response);

 private:
  using Response = operators::v1::ReadBundleResponse;

  // The pinned card of the sender, if the bundle is for this node.
  absl::StatusOr<ParticipantCard> FindSender(const BundleLabel& label) const;
  // Whether it is one that this node can open.
  absl::Status CheckReceiver(const BundleLabel& label) const;
  // Its content, once the news in it was taken, which may bring the very card
  // that the bundle was written under.
  absl::StatusOr<BundleContent> Open(const std::string& file,
                                     const BundleLabel& label,
                                     Response& response);
  // The receipt that an event got before; nothing for one that is new.
  absl::StatusOr<std::optional<Message>> ReceiptGiven(
      const ParticipantCode& sender, const Message& event,
      const std::vector<Message>& owed) const;
  // Receipts of events that are known go to `known`; the others stay.
  absl::Status SetKnownApart(const ParticipantCode& sender,
                             BundleContent& content,
                             std::vector<Message>& known) const;
  void TakeReceipts(const ParticipantCode& sender,
                    std::vector<Message> receipts, Response& response);
  // Returns the receipts that were given.
  std::vector<Message> TakeEvents(const ParticipantCode& sender,
                                  std::vector<Message> events,
                                  Response& response);

  NodeContext& node_;
  FederationGate gate_;
  EventIntake intake_;
};

}  // namespace comity
