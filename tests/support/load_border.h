#pragma once

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "tests/support/border.h"
#include "tests/support/node_config.h"

namespace comity {

// Two nodes that are called much more than a partner that behaves would call
// them, while something of theirs is replaced.
class LoadBorderTest : public BorderTest {
 protected:
  // Starts the node once more, with no limit that such a load reaches.
  void AllowMuch(TestParticipant& node) {
    node.Stop();
    ASSERT_OK(ChangeConfig(node, [](NodeConfig& config) {
      config.max_connections_per_host = 10000;
      config.max_calls_per_second_per_partner = 1000000;
    }));
    ASSERT_OK(node.Start(clock_));
  }

  // Renews the certificate of a node that serves. Takes two ticks: the files
  // have to stay as they are for one.
  static void Renew(TestParticipant& node, absl::Time now) {
    SystemRandom random;
    ASSERT_OK(RenewNode(node.directory(), now, random));
    node.Tick();
    node.Tick();
  }

  // What a node says when an administrator lets it call its partner.
  static absl::Status ProbeBy(CommandContext& admin) {
    operators::v1::GetStatusRequest request;
    request.set_probe(true);
    ASSIGN_OR_RETURN(
        const auto status,
        (admin.Call<operators::v1::AdminService,
                    operators::v1::GetStatusResponse>(
            &operators::v1::AdminService::Stub::GetStatus, request)));
    for (const auto& check : status.partners(0).checks()) {
      if (check.subject() == "reachable" && check.ok()) return absl::OkStatus();
    }
    return absl::UnknownError(status.partners(0).ShortDebugString());
  }
  // The same over a connection of her own.
  static absl::Status Probe(TestParticipant& node) {
    CommandContext admin;
    admin.profile = NodeLayout{node.directory()}.Operators() + "/admin-1";
    return ProbeBy(admin);
  }
  // What an administrator reads of a node, over a connection of her own.
  static absl::StatusOr<operators::v1::GetStatusResponse> StatusOf(
      TestParticipant& node) {
    CommandContext admin;
    admin.profile = NodeLayout{node.directory()}.Operators() + "/admin-1";
    return admin
        .Call<operators::v1::AdminService, operators::v1::GetStatusResponse>(
            &operators::v1::AdminService::Stub::GetStatus,
            operators::v1::GetStatusRequest());
  }
  // Whether the card that `node` has pinned has this fingerprint.
  static bool HasPinned(TestParticipant& node, const std::string& fingerprint) {
    const auto status = StatusOf(node);
    return status.ok() && status->partners(0).fingerprint() == fingerprint;
  }
};

}  // namespace comity
