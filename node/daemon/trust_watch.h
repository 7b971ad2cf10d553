#pragma once

#include <memory>

#include "node/daemon/listener.h"
#include "node/identity/own_certificate.h"
#include "node/identity/revoked_operators.h"
#include "node/peer/grpc_peers.h"
#include "node/service/node_context.h"

namespace comity {

// Keeps a running node's trust as its files and its partner table say: takes a
// renewed certificate into use, and cuts the connections of whom it does not
// admit any more. Thread-safe. Borrows its parts; a listener may not be there
// yet, and an outbound-only node has none for partners.
class TrustWatch {
 public:
  TrustWatch(NodeContext& node, OwnCertificate& certificate,
             RevokedOperators& revoked, GrpcPeers& peers,
             const std::unique_ptr<Listener>& federation,
             const std::unique_ptr<Listener>& operators)
      : node_(node),
        certificate_(certificate),
        revoked_(revoked),
        peers_(peers),
        federation_(federation),
        operators_(operators) {}

  // To be called at least once a second, while the listeners are there.
  void Tick();

  // The partner table in force was replaced.
  void CutWhoMayNotCall();

 private:
  void TakeRenewedCertificate();
  void CutRevokedOperators();

  NodeContext& node_;
  OwnCertificate& certificate_;
  RevokedOperators& revoked_;
  GrpcPeers& peers_;
  const std::unique_ptr<Listener>& federation_;
  const std::unique_ptr<Listener>& operators_;
};

}  // namespace comity
