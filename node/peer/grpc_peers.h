#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "node/base/clock.h"
#include "node/identity/partner_table.h"
#include "node/peer/peer.h"
#include "node/peer/tls_credentials.h"

namespace comity {

// Partners' nodes over gRPC and mTLS, over connections that are made at first
// use and again when the partner's card changes. Borrows the table and the
// clock.
class GrpcPeers : public Peers {
 public:
  GrpcPeers(TlsFiles files, const PartnerTableHolder& partners,
            const Clock& clock);

  absl::StatusOr<std::shared_ptr<Peer>> Find(
      const ParticipantCode& code) override;

  // The own certificate changed: whoever is found from now on is called over a
  // connection that presents it. Calls that run end on the one before.
  void Reconnect();

 private:
  class Arrivals;
  struct Entry {
    // In which the card was seen last.
    std::shared_ptr<const PartnerTable> table;
    uint32_t serial = 0;
    std::string root;  // fingerprint
    std::shared_ptr<Peer> peer;
  };

  const TlsFiles files_;
  const PartnerTableHolder& partners_;
  const Clock& clock_;
  const std::shared_ptr<Arrivals> arrivals_;
  absl::Mutex mutex_;
  std::map<ParticipantCode, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
