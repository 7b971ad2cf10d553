#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "node/identity/node_layout.h"
#include "node/identity/own_certificate.h"
#include "node/identity/partner_table.h"
#include "node/service/node_context.h"

namespace comity {

// Keeps what a running node trusts as the own card and the partner table in
// force say: own people and the own certificate by the own card's anchors, and
// for gRPC those and all partners' as files. So a root that comity node
// rotate-root ended is trusted no more. Thread-safe. Borrows its parts.
class OwnAnchors {
 public:
  OwnAnchors(const NodeContext& node, const NodeLayout& layout,
             NationalTrust& national, OwnCertificate& certificate)
      : node_(node),
        layout_(layout),
        national_(national),
        certificate_(certificate) {}

  // To be called when a card in force is another. What is not written is in the
  // status, and logged once, until it is.
  absl::Status Renew();

  // To be called at least once a second: tries again what Renew could not
  // write. True if it is written now.
  bool RenewIfBehind();

 private:
  absl::Status RenewLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Write() const;

  const NodeContext& node_;
  const NodeLayout& layout_;
  NationalTrust& national_;
  OwnCertificate& certificate_;
  // Of two at once the later one writes what is in force.
  absl::Mutex mutex_;
  absl::Status written_ ABSL_GUARDED_BY(mutex_);  // how it went last
};

}  // namespace comity
