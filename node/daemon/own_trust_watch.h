#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "node/daemon/own_key_watch.h"
#include "node/delivery/trust_news.h"
#include "node/identity/node_layout.h"
#include "node/identity/participant_card.h"
#include "node/identity/revoked_certificates.h"
#include "node/service/node_context.h"

namespace comity {

// Keeps what a running node tells of its own certificates as its files say:
// card.txt, which comity node renew-ca and rotate-key write anew, and the list
// of comity node revoke. What is newer than what was told comes into force
// here, is told to partners and is an entry of the own log; what is older or
// does not read changes nothing. Used by one thread. Borrows its parts.
class OwnTrustWatch {
 public:
  OwnTrustWatch(NodeContext& node, RevokedCertificatesHolder& revoked,
                LogSigner& signer, const KeyFiles& files)
      : node_(node),
        revoked_(revoked),
        layout_(files.layout()),
        keys_(node, signer, files) {}

  // Looks at the files; true if something newer is in force. FIELD_INVALID and
  // the like, once for each state of the files, if they do not read.
  absl::StatusOr<bool> Refresh();

 private:
  // Whether its keys sign, so that the card that names them may be told. A list
  // of what was revoked waits for nothing.
  bool KeysAreSettled();
  absl::StatusOr<OwnTrust> Read(const OwnTrust& told, bool card_too) const;
  absl::Status ReadList(const ParticipantCard& card, OwnTrust& own) const;
  absl::Status Publish(const OwnTrust& told, const OwnTrust& own);

  NodeContext& node_;
  RevokedCertificatesHolder& revoked_;
  const NodeLayout layout_;
  OwnKeyWatch keys_;
  std::string mark_;  // the files' state when they were looked at
};

}  // namespace comity
