#pragma once

#include <functional>
#include <map>
#include <memory>

#include "node/daemon/listener.h"
#include "node/daemon/own_trust_watch.h"
#include "node/identity/own_certificate.h"
#include "node/identity/revoked_operators.h"
#include "node/peer/grpc_peers.h"
#include "node/service/node_context.h"

namespace comity {

// Keeps a running node's trust as its files and its partner table say: takes a
// renewed certificate into use, tells partners of a renewed issuing CA and of
// what was revoked, and cuts the connections of whom it does not admit any
// more. Thread-safe, Tick aside. Borrows its parts; a listener may not be there
// yet, and an outbound-only node has none for partners.
class TrustWatch {
 public:
  TrustWatch(NodeContext& node, OwnCertificate& certificate,
             RevokedOperators& revoked, OwnTrustWatch& own_trust,
             const RevokedCertificatesHolder& own_revoked, GrpcPeers& peers,
             const std::unique_ptr<Listener>& federation,
             const std::unique_ptr<Listener>& operators,
             std::function<void()> partners_changed)
      : node_(node),
        certificate_(certificate),
        revoked_(revoked),
        own_trust_(own_trust),
        own_revoked_(own_revoked),
        peers_(peers),
        federation_(federation),
        operators_(operators),
        partners_changed_(std::move(partners_changed)) {}

  // To be called at least once a second, while the listeners are there.
  void Tick();

  // The partner table in force was replaced.
  void CutWhoMayNotCall();

 private:
  void TakeRenewedCertificate();
  void CutRevokedOperators();
  void FollowOwnTrust();
  // A table that came by news of a partner.
  void FollowPartners();

  NodeContext& node_;
  OwnCertificate& certificate_;
  RevokedOperators& revoked_;
  OwnTrustWatch& own_trust_;
  const RevokedCertificatesHolder& own_revoked_;
  GrpcPeers& peers_;
  const std::unique_ptr<Listener>& federation_;
  const std::unique_ptr<Listener>& operators_;
  const std::function<void()> partners_changed_;
  std::shared_ptr<const PartnerTable> followed_;
  // Of each partner's list in it.
  std::map<ParticipantCode, uint64_t> sequences_;
};

}  // namespace comity
